package store_test

import (
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/store"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
)

func TestSQLite(t *testing.T)     { suite(t, bdd.SQLite) }
func TestPostgreSQL(t *testing.T) { suite(t, bdd.PostgreSQL) }

func suite(t *testing.T, m bdd.Moteur) {
	vigietest.Suite(t, func(t *testing.T) vigie.Compteurs {
		return store.NewCompteurs(bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{}, store.Migrations()))
	})
}
