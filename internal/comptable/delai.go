package comptable

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// Reglement groups payments received the same day, of invoices acknowledged the
// same day.
type Reglement struct {
	AMC      sante.NumeroAMC
	Libelle  string
	Accuse   sante.Jour // zero when the invoice was not acknowledged
	Encaisse sante.Jour
	Nombre   int // payments, counter entries taken off
	Montant  sante.Montant
}

// Delais says how an insurer kept its promise, for the payments received within a
// period. Each payment counts, a titre paid in two parts twice. hyp: DELAI-MESURE
type Delais struct {
	AMC         sante.NumeroAMC
	Libelle     string
	Nombre      int
	Montant     sante.Montant
	SansAccuse  int // payments of invoices that were not acknowledged: no delay
	Mediane     int // days from the acknowledgement to the money
	P90         int
	Retards     int // payments after the promise
	MontantTard sante.Montant
	PartTard    sante.Taux // of the payments that have a delay
	Penalites   sante.Montant
}

// Delais measures the delays of the payments received between two days, both
// included. ref: DEC 30
func (s *Service) Delais(ctx context.Context, du, au sante.Jour) ([]Delais, error) {
	l, err := s.Soldes.Reglements(ctx, du, au)
	if err != nil {
		return nil, fmt.Errorf("comptable: délais: %w", err)
	}
	return DelaisDe(l, s.Parametres), nil
}

// DelaisDe measures delays, by debtor.
func DelaisDe(l []Reglement, p Parametres) []Delais {
	p = p.avecDefauts()
	par := map[sante.NumeroAMC][]Reglement{}
	for _, r := range l {
		if r.Nombre > 0 {
			par[r.AMC] = append(par[r.AMC], r)
		}
	}
	var d []Delais
	for _, x := range par {
		d = append(d, delais(x, p))
	}
	slices.SortFunc(d, func(a, b Delais) int { return cmp.Compare(a.AMC.String(), b.AMC.String()) })
	return d
}

func delais(l []Reglement, p Parametres) Delais {
	d := Delais{AMC: l[0].AMC, Libelle: l[0].Libelle}
	mesures := l[:0:0]
	for _, r := range l {
		d.Nombre += r.Nombre
		d.Montant += r.Montant
		if r.Accuse.IsZero() {
			d.SansAccuse += r.Nombre
			continue
		}
		mesures = append(mesures, r)
		if tard := r.delai() - p.DelaiPaiement; tard > 0 {
			d.Retards += r.Nombre
			d.MontantTard += r.Montant
			d.Penalites += penalite(r.Montant, p.Penalite, tard)
		}
	}
	n := d.Nombre - d.SansAccuse
	if n == 0 {
		return d
	}
	slices.SortFunc(mesures, func(a, b Reglement) int { return cmp.Compare(a.delai(), b.delai()) })
	d.Mediane, d.P90 = rang(mesures, (n+1)/2), rang(mesures, (9*n+9)/10)
	d.PartTard = sante.Taux((d.Retards*10000 + n/2) / n)
	return d
}

func (r *Reglement) delai() int { return max(0, int(r.Encaisse-r.Accuse)) }

// rang gives the delay of the k-th payment.
func rang(l []Reglement, k int) int {
	for i := range l {
		if k -= l[i].Nombre; k <= 0 {
			return l[i].delai()
		}
	}
	return l[len(l)-1].delai()
}

// penalite is the interest of an amount for days, at a yearly rate, rounded once,
// half-up. hyp: PENALITE-365
func penalite(m sante.Montant, t sante.Taux, jours int) sante.Montant {
	const an = 365 * 10000
	q, r := int64(m)/an, int64(m)%an // so that no product overflows
	f := int64(t) * int64(jours)
	return sante.Montant(q*f + (r*f+an/2)/an)
}
