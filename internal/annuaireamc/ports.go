package annuaireamc

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// ErrAbsente says that there is no such entry.
var ErrAbsente = errors.New("annuaire: entrée inconnue")

// Depot keeps the entries and a version that grows with each change.
type Depot interface {
	// Version is 0 for an empty store.
	Version(ctx context.Context) (int64, error)
	// Entrees gives all entries and the version that they are of, in one picture.
	Entrees(ctx context.Context) ([]Entree, int64, error)
	// Publier adds or replaces entries by id, all or none. What is there already, as it
	// is, is no change.
	Publier(ctx context.Context, entrees []Entree) error
	// Retirer removes an entry; ErrAbsente when there is none.
	Retirer(ctx context.Context, id string) error
}

// Historique is a [Depot] that knows what it said before.
type Historique interface {
	// EntreesAu gives the entries that were true on a day, by what was known at an instant.
	EntreesAu(ctx context.Context, le sante.Jour, connu time.Time) ([]Entree, error)
}
