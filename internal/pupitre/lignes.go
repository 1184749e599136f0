package pupitre

import (
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Lignes puts the lines of a question and of its answer together: who pays what
// of each, and why. A line that the answer does not speak of is left out.
func Lignes(q *roc.DemandeCalcul, r *roc.ReponseCalcul) []LigneParts {
	l := make([]LigneParts, 0, len(q.Lignes))
	for _, x := range q.Lignes {
		i := slices.IndexFunc(r.Lignes, func(y roc.LigneRepondue) bool { return y.Rang == x.Rang })
		if i < 0 {
			continue
		}
		y := r.Lignes[i]
		p := Parts{Depense: x.MontantDepense, AMO: x.MontantAMO, AutrePayeur: x.AutrePayeur, AMC: y.MontantAMC}
		p.Rangs = rangs(q, x.Rang)
		p.Patient = p.Depense - p.somme()
		if y.MontantPatient != nil {
			p.Patient = *y.MontantPatient
		}
		l = append(l, LigneParts{Rang: x.Rang, Libelle: libelle(&x), Parts: p, Regle: regle(y.Regle), Motif: y.Motif, Phrase: y.Explication})
	}
	return l
}

// regle tells a formula of the profile in words. ref: ROC §12
func regle(r string) string {
	if l := calcul.NumeroFormule(r).Libelle(); l != "" {
		return r + " : " + l
	}
	return r
}

// libelle names a line for a person: "Consultation (CS) × 2".
func libelle(x *roc.Ligne) string {
	s := x.Famille.Libelle()
	if s == "" {
		s = string(x.Famille)
	}
	s = majuscule(s)
	if x.CodePrestation != string(x.Famille) {
		s += " (" + x.CodePrestation + ")"
	}
	if x.CodeActe != "" {
		s += " " + x.CodeActe
	}
	if x.Quantite > 1 {
		s += fmt.Sprintf(" × %d", x.Quantite)
	}
	return s
}

func rangs(q *roc.DemandeCalcul, rang int) (l []Part) {
	for _, r := range q.RangsInferieurs {
		for _, m := range r.Montants {
			if m.Rang == rang {
				l = append(l, Part{AMC: r.NumeroAMC.String(), Rang: r.Rang, Montant: m.Montant})
			}
		}
	}
	return l
}

// Totaux are the totals that an answer gives, nil when it gives none. The shares
// of the ranks are told one by one when the question says them.
func Totaux(r *roc.ReponseCalcul, q *roc.DemandeCalcul) *Parts {
	if r.TotalDepense == nil {
		return nil
	}
	dit := func(m *sante.Montant) sante.Montant {
		if m == nil {
			return 0
		}
		return *m
	}
	p := &Parts{Depense: *r.TotalDepense, AMO: dit(r.TotalAMO), AutrePayeur: dit(r.TotalAutrePayeur), AMC: dit(r.TotalAMC), Patient: dit(r.TotalPatient)}
	for _, x := range q.RangsInferieurs {
		t := Part{AMC: x.NumeroAMC.String(), Rang: x.Rang}
		for _, m := range x.Montants {
			t.Montant += m.Montant
		}
		p.Rangs = append(p.Rangs, t)
	}
	if len(p.Rangs) == 0 && dit(r.TotalRangs) != 0 {
		p.Rangs = []Part{{AMC: "rangs inférieurs", Montant: *r.TotalRangs}}
	}
	return p
}

// Sources gives each line the source of its rule, from a computation made here:
// the wire carries the rule and the sentence only.
func Sources(lignes []LigneParts, r *calcul.Resultat) {
	for i := range lignes {
		for _, x := range r.Lignes {
			if x.Rang == lignes[i].Rang {
				lignes[i].Source = x.Etape.Source
			}
		}
	}
}
