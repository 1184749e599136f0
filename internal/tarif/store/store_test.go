package store

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/tarif/tariftest"
)

func TestCompteurs(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		tariftest.Compteurs(t, New(b, "un"), New(b, "autre"))
	}, Migrations)
}
