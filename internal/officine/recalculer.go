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
	e := &j.Accreditation.Etendue
	r, err := j.moteur.Calculer(e.Contrat(), f.Calcul(e), nil) // counters are of nobody here. hyp: OFFICINE-COMPTEURS
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

func ecarts(f *droits.FactureOfficine, r *calcul.Resultat) (l []droits.EcartLigne) {
	for i := range f.Lignes { // the engine answers every line, in order
		x, a := &f.Lignes[i], &r.Lignes[i]
		if d := x.AMC - a.MontantAMC; d > droits.Tolerance || d < -droits.Tolerance {
			l = append(l, droits.EcartLigne{Rang: x.Rang, Facture: x.AMC, Attendu: a.MontantAMC, Regle: a.Regle})
		}
	}
	return l
}
