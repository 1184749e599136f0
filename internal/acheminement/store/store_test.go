package store_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

func TestSuite(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		acheminementtest.Suite(t, func(tenant string) acheminementtest.Magasin { return store.New(b, tenant) })
	}, store.Migrations())
}
