package cercle

import (
	"context"
	"errors"
	"time"
)

// ErrVersion: the store has facts that the caller had not read.
var ErrVersion = errors.New("cercle: le cercle a changé entre-temps")

// Depot keeps the facts, in order.
type Depot interface {
	// Ajouter adds facts, all or none, if the last number of the store still is
	// attendu; ErrVersion otherwise. No fact is no change. It numbers them from attendu+1 on. The order of
	// numbers is the order in which readers can see them.
	Ajouter(ctx context.Context, attendu int64, faits []Fait) error
	// Version is the last number, 0 for an empty store.
	Version(ctx context.Context) (int64, error)
	// Faits reads the facts numbered after apres, in order.
	Faits(ctx context.Context, apres int64) ([]Fait, error)
}

// Mandats is asked to the Annuaire: whether it says that an operator acts for an
// AMC at an instant. operateur is the identifier of the operator in the circle. It
// answers from memory, or asks within a few seconds what is not there yet. ref: DEC 14
type Mandats interface {
	Mandate(tenant, operateur, numeroAMC string, a time.Time) bool
}
