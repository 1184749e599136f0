package officine

import (
	"errors"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// montants is F707: the invoice adds up, and each line is what the accredited guarantees
// give, within the tolerance. What was priced on line is not computed here.
// ref: VISIO §13 (F707)
func (j *juge) montants() (string, bool) {
	f := j.Facture
	if err := f.Coherence(); err != nil {
		return err.Error(), true
	}
	if len(f.Lignes) == 0 {
		return "", false
	}
	q := question(f, j.Accreditation)
	r, err := j.moteur.Calculer(contrat(j.Accreditation), q, nil)
	var rejet *calcul.Rejet
	switch {
	case errors.As(err, &rejet):
		return rejet.Error(), true
	case err != nil:
		// The guarantees that were accredited cannot be computed: that is not the fault of
		// the professional, and a person must look.
		j.c.EnAttente, j.c.Precision = true, "les garanties accréditées ne permettent pas le calcul : l'AMC doit agir"
		return "", false
	}
	j.c.Ecarts = ecarts(f, &r)
	return "", len(j.c.Ecarts) > 0
}

// contrat is what was promised. Counters that a ceiling over a period would need are of
// nobody here: neither of the professional, who had only the accredited guarantees.
// hyp: OFFICINE-COMPTEURS
func contrat(a *Accreditation) calcul.Contrat { return a.Etendue.Contrat() }

// question is the invoice as the engine computes it. In degraded mode after the end of
// the rights, the old guarantees are those of their last day. ref: VISIO §8.3
// hyp: OFFICINE-JOUR-DEGRADE
func question(f *droits.FactureOfficine, a *Accreditation) calcul.Facture {
	jour := min(f.DateSoins, a.Etendue.Fin)
	q := calcul.Facture{Type: calcul.FactureDACE, PeriodeDebut: jour, PeriodeFin: jour, Nature: calcul.NatureMaladie, ExoTM: calcul.ExoAucune}
	for i := range f.Lignes {
		l := &f.Lignes[i]
		q.Lignes = append(q.Lignes, calcul.Ligne{Rang: l.Rang, Famille: l.Famille, CodePrestation: string(l.CodePrestation),
			DateDebut: jour, DateFin: jour, Quantite: l.Quantite, MontantDepense: l.Depense, BaseAMO: l.BaseAMO, TauxAMO: l.TauxAMO, MontantAMO: l.AMO})
	}
	return q
}

func ecarts(f *droits.FactureOfficine, r *calcul.Resultat) (l []droits.EcartLigne) {
	for i := range f.Lignes { // the engine answers every line, in order
		x, a := &f.Lignes[i], &r.Lignes[i]
		if d := x.AMC - a.MontantAMC; d > droits.Tolerance || d < -droits.Tolerance {
			l = append(l, droits.EcartLigne{Rang: x.Rang, Facture: x.AMC, Attendu: a.MontantAMC, Regle: a.Regle})
		}
	}
	return l
}
