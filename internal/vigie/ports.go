package vigie

import (
	"context"
	"time"
)

// Compteurs shares counters and blockages between the nodes. Its time is that of
// its caller: it never reads a clock.
type Compteurs interface {
	// Ajouter adds a batch and returns the totals after it, in the same order.
	// All or nothing; additions of two nodes to one counter both count.
	Ajouter(ctx context.Context, lot []Ajout) ([]int64, error)
	// Bloquer keeps blockages; of two on the same subject the later end wins.
	Bloquer(ctx context.Context, lot []Blocage) error
	// Blocages gives those kept since an instant and not over at another, by
	// order of Depuis, at most BlocagesLus of them.
	Blocages(ctx context.Context, depuis, encoreA time.Time) ([]Blocage, error)
	// Purger forgets the windows and the blockages that ended before an instant.
	Purger(ctx context.Context, avant time.Time) error
}

// BlocagesLus bounds one answer of Compteurs.Blocages.
const BlocagesLus = 10000

// Alertes receives security events. Signaler never blocks and may be called by
// any goroutine.
type Alertes interface {
	Signaler(Evenement)
}

// Genre is the kind of a counter. The values are kept in stores: never renumber.
type Genre uint8

// Kinds of counter.
const (
	Debit           Genre = iota + 1 // requests of a sealer, by minute
	Identifications                  // identifications asked by a sealer
	Suspectes                        // those answered I101, I102 or I103
	Echecs                           // failed attempts on one adherent, by all or by one sealer
	Jour                             // rights asked by one professional, by day
)

// Ajout adds N to one counter.
type Ajout struct {
	Tenant string
	Genre  Genre
	Sujet  string    // structure, structure and way, Pseudonyme in text, or Pseudonyme and structure, with a space between
	Debut  time.Time // start of the window
	Fin    time.Time // end of what the window weighs on: it can be forgotten then
	N      int64
}

// Blocage stops a subject until an instant. Genre is Suspectes for a sealer,
// Echecs for an adherent, or for one sealer on one adherent.
type Blocage struct {
	Tenant string
	Genre  Genre
	Sujet  string
	Depuis time.Time
	Jusqua time.Time
}
