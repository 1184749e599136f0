package front

import (
	"context"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Historique gives the versions of a record that are past. The image has the last one.
type Historique interface {
	// Versions are those before a number, the latest first, at most max. None is no error.
	Versions(ctx context.Context, n annuaire.Nature, id string, avant uint32, max int) ([]annuaire.Changement, error)
}
