package etablissement

import (
	"cmp"
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Montants is how many invoices, and how much.
type Montants struct {
	Nombre  int64
	Montant sante.Montant
}

// Plus adds.
func (m Montants) Plus(x Montants) Montants {
	return Montants{m.Nombre + x.Nombre, m.Montant + x.Montant}
}

// Moins subtracts.
func (m Montants) Moins(x Montants) Montants {
	return Montants{m.Nombre - x.Nombre, m.Montant - x.Montant}
}

// CleCompteur names a counter: a post of an insurer, with the reason of a reject.
type CleCompteur struct {
	AMC   sante.NumeroAMC
	Poste Poste
	Motif roc.Code
}

// Comparer orders counters by insurer, then along the life of an invoice.
func (k CleCompteur) Comparer(x CleCompteur) int {
	return cmp.Or(cmp.Compare(k.AMC.String(), x.AMC.String()), cmp.Compare(k.Poste.rang(), x.Poste.rang()), cmp.Compare(k.Motif, x.Motif))
}

func (p Poste) rang() int { return slices.Index(p.Codes(), string(p)) }

// Flux is what a day adds to a counter.
type Flux struct {
	CleCompteur
	Jour           sante.Jour
	Entres, Sortis Montants
}

// Flux gives what a line adds to the counters, for insurers who promise to pay
// within delai days. Lateness is written ahead, on the day when it begins, and
// taken back when the payment comes before: a stock of a past day needs no other
// date. What moves between posts where payment is awaited stays as late as it was.
// ref: DEC 30
func (e *Ecriture) Flux(delai int) []Flux {
	m := Montants{int64(e.Nombre), e.Montant}
	l := []Flux{{CleCompteur: CleCompteur{e.AMC, e.Origine, e.OrigineMotif}, Jour: e.Jour, Sortis: m},
		{CleCompteur: CleCompteur{e.AMC, e.Poste, e.Motif}, Jour: e.Jour, Entres: m}}
	if e.Origine.Attend() && e.Poste.Attend() {
		return l
	}
	retard := Flux{CleCompteur: CleCompteur{AMC: e.AMC, Poste: PosteRetard}}
	debut := e.Accuse + sante.Jour(delai) + 1
	if e.Origine.Attend() {
		x := retard
		if x.Jour = e.Jour; e.Jour < debut {
			x.Jour, x.Entres = debut, Montants{}.Moins(m)
		} else {
			x.Sortis = m
		}
		l = append(l, x)
	}
	if e.Poste.Attend() {
		retard.Jour, retard.Entres = max(e.Jour, debut), m
		l = append(l, retard)
	}
	return l
}
