package charger

import (
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Options set a run.
type Options struct {
	Repertoire string    // of work; needed: what is there may be taken up again
	Maintenant time.Time // of the run, as the records it changes are dated
	Lieu       *time.Location
	Ouvriers   int // drawers at once; 0: 2
	// Donnees are the controls, nil for none but those of the joining of files.
	Donnees   *annuaire.Donnees
	Journal   Journal   // nil: the run is not recorded, and no count is compared
	Historien Historien // nil: what changes is not kept
	Seuils    *Seuils   // nil: those of the program
	// AccepteePar names who accepts what the guard would refuse; empty for nobody.
	AccepteePar string
}

func (o *Options) ouvriers() int {
	if o.Ouvriers > 0 {
		return min(o.Ouvriers, 16)
	}
	return 2
}
