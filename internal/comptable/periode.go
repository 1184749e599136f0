package comptable

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Periode is what an export covers: from a day to another, both included, as known
// at a third; SansFin for what is known now.
type Periode struct {
	Du, Au sante.Jour
	Connu  sante.Jour
}

// Mouvements is what happened to a debt within a period:
// Cloture = Ouverture + Emis - Reduit - Paye - Perdu.
type Mouvements struct {
	Ouverture sante.Montant
	Emis      sante.Montant
	Reduit    sante.Montant
	Paye      sante.Montant
	Perdu     sante.Montant
	Cloture   sante.Montant
}

// Ajouter adds the figures of another.
func (m *Mouvements) Ajouter(x Mouvements) {
	m.Ouverture += x.Ouverture
	m.Emis += x.Emis
	m.Reduit += x.Reduit
	m.Paye += x.Paye
	m.Perdu += x.Perdu
	m.Cloture += x.Cloture
}

// Compter adds an entry to the figures.
func (m *Mouvements) Compter(e *Ecriture) {
	v := e.signe() * e.Montant
	switch e.Nature {
	case Emission:
		m.Emis += v
		m.Cloture += 2 * v
	case Reduction:
		m.Reduit += v
	case Paiement:
		m.Paye += v
	case NonValeur:
		m.Perdu += v
	default:
		return
	}
	m.Cloture -= v
}

// DebiteurPeriode is a line of the balance of a period.
type DebiteurPeriode struct {
	AMC     sante.NumeroAMC
	Libelle string
	Mouvements
}

// TitrePeriode is a titre with what happened to it within a period.
type TitrePeriode struct {
	Titre
	Mouvements
}

// MouvementPeriode is an entry on a titre, with its whole chain of evidence.
type MouvementPeriode struct {
	Piece       int64
	Rang        int
	Ecriture    Ecriture
	Motif       Motif
	Score       int
	Agent       string
	Raison      string
	Instant     time.Time
	Connu       sante.Jour
	Contrepasse int64
	Preuve      Preuve // of the fact, empty when no message told it
	Facture     CleFacture
	Ligne       *LigneReleve // nil when no money moved
	Annonce     *Annonce     // nil when nothing announced it; without its invoices
}

// PeriodeDe gives the balance of a period from those of its two ends.
func PeriodeDe(avant, apres *Balance) (l []DebiteurPeriode, total Mouvements) {
	debut := map[sante.NumeroAMC]LigneBalance{}
	for _, x := range avant.Debiteurs {
		debut[x.AMC] = x
	}
	for _, x := range apres.Debiteurs {
		d := debut[x.AMC]
		m := Mouvements{Ouverture: d.Reste, Emis: x.Emis - d.Emis, Reduit: x.Reduit - d.Reduit, Paye: x.Paye - d.Paye, Perdu: x.Perdu - d.Perdu, Cloture: x.Reste}
		if m != (Mouvements{}) {
			l = append(l, DebiteurPeriode{x.AMC, x.Libelle, m})
			total.Ajouter(m)
		}
	}
	return l, total
}
