package store

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc/annuaireamctest"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

func TestDepot(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		annuaireamctest.Depot(t, New(b, "un"), New(b, "autre"))
	}, Migrations)
}
