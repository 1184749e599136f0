package annuaireamc

import (
	"context"
	"errors"
)

// ErrAbsente says that there is no such entry.
var ErrAbsente = errors.New("annuaire: entrée inconnue")

// Depot keeps the entries and a version that grows with each change.
type Depot interface {
	// Version is 0 for an empty store.
	Version(ctx context.Context) (int64, error)
	// Entrees gives all entries and the version that they are of, in one picture.
	Entrees(ctx context.Context) ([]Entree, int64, error)
	// Publier adds or replaces entries by id, all or none.
	Publier(ctx context.Context, entrees []Entree) error
	// Retirer removes an entry; ErrAbsente when there is none.
	Retirer(ctx context.Context, id string) error
}
