package store

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation/liquidationtest"
)

func TestSuite(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		liquidationtest.Suite(t, func(tenant string) liquidationtest.Livres { return New(b, tenant) })
	}, Migrations())
}
