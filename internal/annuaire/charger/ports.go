package charger

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// Journal is what is remembered from one run to the next. The store of the room is one.
type Journal interface {
	// Noter keeps where a run stands. It may be told the same stage twice, when a run that
	// was interrupted is taken up; ErrPassage when the run was applied already.
	Noter(ctx context.Context, p *annuaire.Passage) error
	// DernieresLignes gives how many lines each kind of whole feed had the last time that
	// it was applied; empty when none was.
	DernieresLignes(ctx context.Context) (map[string]int64, error)
}

// Historien keeps what a difference changes, before it is in service.
type Historien interface {
	// Verser may be told the same changes twice, by a run that is taken up. Nothing that
	// it is given lives after the call.
	Verser(ctx context.Context, l []annuaire.Remplacement, course string, le time.Time) error
	// Annuler forgets what a run was to change, since it did not.
	Annuler(ctx context.Context, course string) error
}

// Constructeur takes the records of a new image, in any order, from one goroutine; it
// keeps nothing of a record after the call.
type Constructeur interface {
	Ajouter(k *annuaire.Changement) error
}

// Depot is where images are served from.
type Depot interface {
	Vue() *image.Vue
	Nouvelle() string
	Installer(fichier string) error
	Superposer(ctx context.Context, l []annuaire.Changement) error
}
