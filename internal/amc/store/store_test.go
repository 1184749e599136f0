package store_test

import (
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	"github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// remplir puts the portfolio of the tests in the books of a tenant.
func remplir(t testing.TB, b *bdd.Base, tenant string) *store.Store {
	t.Helper()
	s := store.New(b, tenant)
	ctx := context.Background()
	for _, c := range amctest.Contrats() {
		if _, err := s.Portefeuille.EcrireContrat(ctx, &c); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := s.Portefeuille.EcrireBeneficiaires(ctx, amctest.Personnes()); err != nil || n != len(amctest.Personnes()) {
		t.Fatalf("%d écrits, %v", n, err)
	}
	return s
}

func TestSuite(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			amctest.Suite(t, func(t *testing.T) amctest.Livres {
				b := bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{}, store.Migrations)
				remplir(t, b, "voisine") // what is hers is never seen
				return amctest.Livres{Ports: remplir(t, b, "essai").Ports(nil), Grouper: b.Grouper}
			})
		})
	}
}

func TestPortefeuille(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		amctest.Portefeuille(t, func(t *testing.T) (amc.Portefeuille, amc.Contrats) {
			remplir(t, b, "voisine")
			s := remplir(t, b, "essai")
			return s.Portefeuille, s.Contrats
		})
	}, store.Migrations)
}
