package vigie

import (
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// Refus is a request that is not served, with the code of the answer.
type Refus struct {
	Code     roc.Code      // S506 or T030
	Raison   string        // for the operator, in French; names no one
	Attendre time.Duration // when to come back; whole seconds, at least one
}

// Error is the reason in French.
func (r *Refus) Error() string {
	return fmt.Sprintf("vigie: %s (%s, revenir dans %s)", r.Raison, r.Code, r.Attendre)
}

// Is says that two refusals with the same code are the same for errors.Is.
func (r *Refus) Is(cible error) bool {
	autre, ok := cible.(*Refus)
	return ok && autre.Code == r.Code
}

// Named refusals, for errors.Is.
var (
	ErrQuota      = &Refus{Code: roc.Quota, Raison: "quota dépassé"}
	ErrSaturation = &Refus{Code: roc.Saturation, Raison: "saturation"}
)

func refuser(code roc.Code, raison string, attendre time.Duration) *Refus {
	secondes := (attendre + time.Second - 1).Truncate(time.Second)
	return &Refus{Code: code, Raison: raison, Attendre: max(secondes, time.Second)}
}
