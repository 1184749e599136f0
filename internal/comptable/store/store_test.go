package store_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/comptable/comptabletest"
	"github.com/ecluse-sante/ecluse/internal/comptable/store"
)

func TestSuite(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		comptabletest.Suite(t, func(tenant string) comptabletest.Livres { return store.New(b, tenant) })
	}, store.Migrations())
}
