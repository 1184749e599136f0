package vigie

import (
	"context"
	"time"
)

// Palier makes refusals take the same time: an answer that refuses leaves at the
// end of a step counted from the reception of the request, so that its duration
// does not tell an unknown beneficiary from a wrong birth date. The zero value
// waits for nothing. ref: DEC 23
type Palier struct{ Pas time.Duration }

// Reste is how long to wait at an instant for the end of the step.
func (p Palier) Reste(recu, instant time.Time) time.Duration {
	if p.Pas <= 0 {
		return 0
	}
	ecoule := max(instant.Sub(recu), 0)
	return (p.Pas - ecoule%p.Pas) % p.Pas
}

// Attendre waits for the end of the step, or the end of ctx.
func (p Palier) Attendre(ctx context.Context, recu, instant time.Time) error {
	reste := p.Reste(recu, instant)
	if reste == 0 {
		return ctx.Err()
	}
	minuteur := time.NewTimer(reste)
	defer minuteur.Stop()
	select {
	case <-minuteur.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
