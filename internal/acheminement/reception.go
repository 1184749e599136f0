package acheminement

import (
	"fmt"
	"time"
)

// Arrivee is a message received, by what makes it one.
type Arrivee struct {
	Expediteur string // as its certificate or its folder tells
	Cle        string // given by the sender
	Empreinte  [32]byte
	Instant    time.Time
}

// Verifier verifies what came from outside.
func (a *Arrivee) Verifier() error {
	if a.Expediteur == "" || len(a.Expediteur) > adresseMax || !motif.MatchString(a.Cle) || a.Instant.IsZero() {
		return fmt.Errorf("%w : expéditeur, clé ou instant illisible", ErrEnvoi)
	}
	return nil
}
