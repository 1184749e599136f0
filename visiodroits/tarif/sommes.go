package tarif

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// Incoherence tells why lines, or an answer, contradict themselves.
type Incoherence struct {
	Rang   int    // of the line, 0 when it is of the whole
	Detail string // French
}

// Error tells the line and why.
func (e *Incoherence) Error() string {
	if e.Rang == 0 {
		return "tarif: " + e.Detail
	}
	return fmt.Sprintf("tarif: ligne %d : %s", e.Rang, e.Detail)
}

// ControlerLignes checks that lines follow each other and that no share is negative
// or more than the expense. The error is an *Incoherence.
func ControlerLignes(l []Ligne) error {
	if len(l) == 0 || len(l) > LignesMax {
		return &Incoherence{0, "1 à 50 lignes attendues"}
	}
	var total sante.Montant
	for i := range l {
		x := &l[i]
		switch {
		case i > 0 && x.Rang <= l[i-1].Rang:
			return &Incoherence{x.Rang, "les rangs doivent être croissants"}
		case min(x.PrixUnitaire, x.MontantDepense, x.BaseAMO, x.MontantAMO) < 0:
			return &Incoherence{x.Rang, "montant négatif"}
		case x.TauxAMO < 0 || x.TauxAMO > sante.Pourcent(100):
			return &Incoherence{x.Rang, "taux AMO de 0 à 100 % attendu"}
		case x.MontantAMO > x.BaseAMO || x.MontantAMO > x.MontantDepense:
			return &Incoherence{x.Rang, "la part AMO dépasse sa base ou la dépense"}
		}
		if total += x.MontantDepense; total > sante.MontantMax {
			return &Incoherence{x.Rang, "dépense démesurée"}
		}
	}
	return nil
}

// Partage is who pays a delivery: Depense = AMO + AMC + Patient, to the cent.
// ref: VISIO §11
type Partage struct{ Depense, AMO, AMC, Patient sante.Montant }

// Partager adds up lines and the shares answered for them: each line once, in order,
// each share between zero and what the AMO leaves. The error is an *Incoherence.
func Partager(l []Ligne, parts []LigneTarifee) (p Partage, err error) {
	if err := ControlerLignes(l); err != nil {
		return Partage{}, err
	}
	if len(parts) != len(l) {
		return Partage{}, &Incoherence{0, "les parts ne répondent pas aux lignes"}
	}
	for i := range l {
		x, a := &l[i], parts[i].MontantAMC
		switch {
		case parts[i].Rang != x.Rang:
			return Partage{}, &Incoherence{x.Rang, "les parts ne suivent pas l'ordre des lignes"}
		case a < 0 || a > x.MontantDepense-x.MontantAMO:
			return Partage{}, &Incoherence{x.Rang, "la part de l'AMC est négative ou dépasse ce qui reste"}
		}
		p.Depense += x.MontantDepense
		p.AMO += x.MontantAMO
		p.AMC += a
	}
	p.Patient = p.Depense - p.AMO - p.AMC
	return p, nil
}

// ParFamille sums lines and their shares by family, in the order of the names: what
// the invoice says of them, and what the control compares. The shares must have passed
// Partager. ref: VISIO §10 rule 6
func ParFamille(l []Ligne, parts []LigneTarifee) []MontantFamille {
	somme := map[calcul.Famille]*MontantFamille{}
	var m []MontantFamille
	for i := range l {
		x := somme[l[i].Famille]
		if x == nil {
			x = &MontantFamille{Famille: l[i].Famille}
			somme[l[i].Famille] = x
		}
		x.Depense += l[i].MontantDepense
		x.AMO += l[i].MontantAMO
		x.AMC += parts[i].MontantAMC
	}
	for _, x := range somme {
		m = append(m, *x)
	}
	slices.SortFunc(m, func(a, b MontantFamille) int { return cmp.Compare(a.Famille, b.Famille) })
	return m
}
