package comptable

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/sante"
)

// SansFin is a day after all others: "as it is known now".
var SansFin = sante.JourDe(9999, 12, 31)

// Cumul is what the entries of a nature add up to for a debtor; none for what is
// no debtor's.
type Cumul struct {
	AMC     sante.NumeroAMC
	Libelle string
	Nature  Nature
	Montant sante.Montant // of the entries
	Contre  sante.Montant // of their counter entries
}

// LigneBalance is the account of a debtor: Emis = Reduit + Paye + Perdu + Reste.
type LigneBalance struct {
	AMC     sante.NumeroAMC
	Libelle string
	Emis    sante.Montant
	Reduit  sante.Montant
	Paye    sante.Montant
	Perdu   sante.Montant
	Reste   sante.Montant
}

// SoldeCompte is an account of the whole book.
type SoldeCompte struct {
	Compte        Compte
	Debit, Credit sante.Montant
}

// Balance is the state of the books at a day.
type Balance struct {
	Jour      sante.Jour
	Connu     sante.Jour // what was known at that day; SansFin for now
	Debiteurs []LigneBalance
	Comptes   []SoldeCompte
	Total     LigneBalance
}

// Balance gives the state of the books at a day, as known at another: the same day
// for what was then believed, SansFin for what is known now.
func (s *Service) Balance(ctx context.Context, jour, connu sante.Jour) (*Balance, error) {
	l, err := s.Soldes.Balance(ctx, jour, connu)
	if err != nil {
		return nil, fmt.Errorf("comptable: balance: %w", err)
	}
	return balanceDe(l, jour, connu), nil
}

func balanceDe(l []Cumul, jour, connu sante.Jour) *Balance {
	b := &Balance{Jour: jour, Connu: connu}
	debiteurs, soldes := map[sante.NumeroAMC]*LigneBalance{}, map[Compte]*SoldeCompte{}
	for i := range l {
		c := &l[i]
		d, k := c.Nature.Comptes()
		for _, x := range []struct {
			compte        Compte
			debit, credit sante.Montant
		}{{d, c.Montant, c.Contre}, {k, c.Contre, c.Montant}} {
			if soldes[x.compte] == nil {
				soldes[x.compte] = &SoldeCompte{Compte: x.compte}
			}
			soldes[x.compte].Debit += x.debit
			soldes[x.compte].Credit += x.credit
		}
		if d == Redevables || k == Redevables {
			if debiteurs[c.AMC] == nil {
				debiteurs[c.AMC] = &LigneBalance{AMC: c.AMC, Libelle: c.Libelle}
			}
			debiteurs[c.AMC].ajouter(c.Nature, c.Montant-c.Contre)
			b.Total.ajouter(c.Nature, c.Montant-c.Contre)
		}
	}
	for _, x := range debiteurs {
		b.Debiteurs = append(b.Debiteurs, *x)
	}
	for _, x := range soldes {
		b.Comptes = append(b.Comptes, *x)
	}
	slices.SortFunc(b.Debiteurs, func(x, y LigneBalance) int { return cmp.Compare(x.AMC.String(), y.AMC.String()) })
	slices.SortFunc(b.Comptes, func(x, y SoldeCompte) int { return cmp.Compare(x.Compte, y.Compte) })
	return b
}

func (l *LigneBalance) ajouter(n Nature, m sante.Montant) {
	switch n {
	case Emission:
		l.Emis += m
		l.Reste += 2 * m
	case Reduction:
		l.Reduit += m
	case Paiement:
		l.Paye += m
	case NonValeur:
		l.Perdu += m
	}
	l.Reste -= m
}

// Tranche is an age of a debt, in days after its due date.
type Tranche int

// The ages. A titre that was not acknowledged is not due. hyp: ECHEANCE-SANS-ACCUSE
const (
	NonEchu Tranche = iota
	De1a30
	De31a60
	De61a90
	AuDela
	Tranches // how many there are
)

// Libelle names the age for a person.
func (t Tranche) Libelle() string {
	return [...]string{"non échu", "1 à 30 jours", "31 à 60 jours", "61 à 90 jours", "plus de 90 jours"}[t]
}

// LigneAgee is what a debtor owes, by age.
type LigneAgee struct {
	AMC      sante.NumeroAMC
	Libelle  string
	Nombre   [Tranches]int
	Montants [Tranches]sante.Montant
}

// Total is all that the debtor owes.
func (l *LigneAgee) Total() (m sante.Montant) {
	for _, x := range l.Montants {
		m += x
	}
	return m
}

// BalanceAgee gives what each debtor owes at a day, by age, as known at another.
func (s *Service) BalanceAgee(ctx context.Context, jour, connu sante.Jour) ([]LigneAgee, error) {
	l, err := s.Soldes.Agee(ctx, jour, connu)
	if err != nil {
		return nil, fmt.Errorf("comptable: balance âgée: %w", err)
	}
	return l, nil
}

// PlaceFile is a place in the queue of open lines; zero is its beginning.
type PlaceFile struct {
	Jour sante.Jour
	ID   IDLigne
}

// File gives the lines that wait, the oldest first, and where the next ones begin.
func (s *Service) File(ctx context.Context, apres PlaceFile, max int) ([]*LigneReleve, PlaceFile, error) {
	l, err := s.Soldes.File(ctx, apres, max)
	if err != nil {
		return nil, apres, fmt.Errorf("comptable: file: %w", err)
	}
	if len(l) > 0 {
		apres = PlaceFile{l[len(l)-1].Jour, l[len(l)-1].ID}
	}
	return l, apres, nil
}

// Anomalie is what the control of the whole book found unequal.
type Anomalie struct {
	Controle string
	Nombre   int
}

// Controler reads the whole book and says what does not balance: nothing, always.
func (s *Service) Controler(ctx context.Context) ([]Anomalie, error) {
	l, err := s.Soldes.Verifier(ctx)
	if err != nil {
		return nil, fmt.Errorf("comptable: contrôler: %w", err)
	}
	return l, nil
}
