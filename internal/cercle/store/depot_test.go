package store_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/cercle/cercletest"
	"github.com/ecluse-sante/ecluse/internal/cercle/store"
)

func TestDepot(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			cercletest.Depot(t, func(t *testing.T) cercle.Depot {
				return store.Nouveau(bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{}, store.Migrations()))
			})
		})
	}
}

func TestMemoire(t *testing.T) {
	cercletest.Depot(t, func(*testing.T) cercle.Depot { return &cercletest.Memoire{} })
}
