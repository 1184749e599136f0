package store_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/igc"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/internal/igc/store"
)

func TestRegistre(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			igctest.Registre(t, func(t *testing.T) igc.Registre {
				return store.Nouveau(bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{}, store.Migrations()))
			})
		})
	}
}
