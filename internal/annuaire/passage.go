package annuaire

import (
	"errors"
	"time"
)

// EtatPassage is where a run of feeds stands. ref: RASS §5.5
type EtatPassage string

// The states of a run, in their order; the last two end it.
const (
	PassageRecu     EtatPassage = "RECU"
	PassageLu       EtatPassage = "LU"
	PassageControle EtatPassage = "CONTROLE"
	PassageCompare  EtatPassage = "COMPARE"
	PassageApplique EtatPassage = "APPLIQUE"
	PassageRefuse   EtatPassage = "REFUSE"
)

var rangsPassage = map[EtatPassage]int{PassageRecu: 1, PassageLu: 2, PassageControle: 3, PassageCompare: 4, PassageApplique: 5, PassageRefuse: 6}

// ErrPassage refuses a step of a run that cannot be.
var ErrPassage = errors.New("annuaire: un chargement appliqué ne change plus d'état")

// Passage is a run of feeds, known by the digest of what it reads: the same inputs are
// the same run, which is taken up where it was. It names no one.
type Passage struct {
	Course   string
	Etat     EtatPassage
	Commence time.Time
	Maj      time.Time
	Refus    string           // code of the refusal
	Flux     map[string]int64 // lines by kind of feed
	Constats map[string]int64 // by code
	Rapport  []byte           // as the loader writes it
}

// Duree is how long the run has taken.
func (p *Passage) Duree() time.Duration { return p.Maj.Sub(p.Commence) }

// PeutAller tells whether a run may go from a state to another. Any step may be taken
// again, and a refused run begun again with a leave; one that was applied is over.
func (e EtatPassage) PeutAller(vers EtatPassage) error {
	if rangsPassage[vers] == 0 || e == PassageApplique && vers != PassageApplique {
		return ErrPassage
	}
	return nil
}
