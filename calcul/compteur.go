package calcul

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Compteur is what a guarantee has already paid in a window: the calendar year
// ("2026") or the stay ("SEJOUR 2026-02-24", by its day of entry).
type Compteur struct {
	Garantie string        `json:"garantie" fil:"garantie,max=20" doc:"Nom de la garantie."`
	Periode  string        `json:"periode" fil:"periode,max=20" doc:"Année, ou SEJOUR et jour d'entrée."`
	Montant  sante.Montant `json:"montant" fil:"montant" doc:"Montant consommé."`
	Unites   Quantite      `json:"unites,omitzero" fil:"unites,opt" doc:"Unités consommées."`
}

// Compteurs are the counters of a beneficiary. The calculation reads them and
// returns new ones; it never changes those it was given.
type Compteurs []Compteur

// At is a counter, zero when nothing was consumed.
func (c Compteurs) At(garantie, periode string) Compteur {
	for _, x := range c {
		if x.Garantie == garantie && x.Periode == periode {
			return x
		}
	}
	return Compteur{Garantie: garantie, Periode: periode}
}

// Plus are the counters after a consumption. A counter at zero is left out, so
// that what is added then taken away leaves the same counters.
func (c Compteurs) Plus(consommations ...Compteur) Compteurs {
	return c.avec(consommations, 1)
}

// Moins are the counters after a consumption is released, as a cancellation
// does once. ref: ROC §10
func (c Compteurs) Moins(consommations ...Compteur) Compteurs {
	return c.avec(consommations, -1)
}

func (c Compteurs) avec(consommations []Compteur, signe int) Compteurs {
	r := slices.Clone(c)
	for _, x := range consommations {
		i := slices.IndexFunc(r, func(y Compteur) bool { return y.Garantie == x.Garantie && y.Periode == x.Periode })
		if i < 0 {
			r = append(r, Compteur{Garantie: x.Garantie, Periode: x.Periode})
			i = len(r) - 1
		}
		r[i].Montant += x.Montant * sante.Montant(signe)
		r[i].Unites += x.Unites * Quantite(signe)
	}
	r = slices.DeleteFunc(r, func(y Compteur) bool { return y.Montant == 0 && y.Unites == 0 })
	slices.SortFunc(r, func(a, b Compteur) int {
		return cmp.Or(strings.Compare(a.Garantie, b.Garantie), strings.Compare(a.Periode, b.Periode))
	})
	return r
}

// Consommation is what a calculation takes from a counter, and what is left;
// Restant is nil when the limit is not in money.
type Consommation struct {
	Compteur
	Restant       *sante.Montant `json:"restant,omitempty" fil:"restant,opt" doc:"Montant restant après ce calcul."`
	RestantUnites *Quantite      `json:"restantUnites,omitempty" fil:"restantUnites,opt" doc:"Unités restantes après ce calcul."`
}
