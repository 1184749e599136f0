package national

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

// Cadence says when a source is asked.
type Cadence struct {
	Chaque time.Duration // between two rounds that went well; 0: one hour
	// Echec is before the first attempt after a failure; it doubles, up to Chaque. 0: one
	// minute.
	Echec time.Duration
}

// Suivre does rounds until the context ends, which is no error. options sets each round;
// dire is told of it, and may be nil: a refusal of the guard comes back at each round until
// someone accepts it.
func (m *Miroir) Suivre(ctx context.Context, c Cadence, options func() charger.Options, dormir func(context.Context, time.Duration) error,
	dire func(*charger.Rapport, error)) error {
	if c.Chaque <= 0 {
		c.Chaque = time.Hour
	}
	if c.Echec <= 0 {
		c.Echec = time.Minute
	}
	attente := c.Echec
	for {
		r, err := m.Tour(ctx, options())
		if ctx.Err() != nil {
			return nil
		}
		if dire != nil {
			dire(r, err)
		}
		pause := c.Chaque
		if err != nil {
			pause, attente = min(attente, c.Chaque), min(2*attente, c.Chaque)
		} else {
			attente = c.Echec
		}
		if err := dormir(ctx, pause); err != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return fmt.Errorf("annuaire national: attendre: %w", err)
		}
	}
}

// Fichiers is the feed of resources that were exported to files, one resource a line.
// When they are the whole of a directory, what they do not have has ended, of the records
// that the interface keeps.
func Fichiers(chemins []string, instant time.Time, entier bool) charger.Flux {
	f := charger.Flux{Nom: "fichiers NDJSON", Instant: instant, Fiches: fiches(chemins)}
	if entier {
		f.Entieres, f.Systemes = append([]annuaire.Nature(nil), toutesNatures...), append([]string(nil), systemesFHIR...)
	}
	return f
}
