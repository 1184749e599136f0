package store

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
)

func TestSuite(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		etablissementtest.Suite(t, func(tenant string) etablissementtest.Magasin { return New(b, tenant) })
	}, Migrations())
}
