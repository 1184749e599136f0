package store

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/tiers/tierstest"
)

func TestDepot(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		tierstest.Depot(t, New(b, "un"), New(b, "autre"))
	}, Migrations)
}
