package charger

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// Journal is what is remembered from one run to the next.
type Journal interface {
	// Noter records that a stage of a run is over. It may be told the same stage twice,
	// when a run that was interrupted is taken up.
	Noter(ctx context.Context, e Etape) error
	// DernieresLignes gives how many lines each kind of whole feed had in the last run
	// that was applied; empty when there was none.
	DernieresLignes(ctx context.Context) (map[string]int64, error)
}

// Etape is a stage of a run.
type Etape struct {
	Course  string // digest of the inputs
	Nom     NomEtape
	Instant time.Time
	Rapport *Rapport // as it stands
	Refus   string   // code of the refusal that ended the run, empty when none did
}

// NomEtape names a stage.
type NomEtape string

// The stages. ref: RASS §5.5
const (
	Lue       NomEtape = "LUE"       // the feeds are in drawers
	Comparee  NomEtape = "COMPAREE"  // the difference is known
	Refusee   NomEtape = "REFUSEE"   // nothing was changed
	Appliquee NomEtape = "APPLIQUEE" // served
)

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
