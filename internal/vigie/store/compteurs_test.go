package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/store"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/ecluse-sante/ecluse/roc"
)

func TestSQLite(t *testing.T)     { suite(t, bdd.SQLite) }
func TestPostgreSQL(t *testing.T) { suite(t, bdd.PostgreSQL) }

func suite(t *testing.T, m bdd.Moteur) {
	vigietest.Suite(t, func(t *testing.T) vigie.Compteurs {
		return store.NewCompteurs(bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{}, store.Migrations()))
	})
}

// Two nodes on one database, opened twice: what one stops, the other refuses.
func TestDeuxNoeuds(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			adresse := bddtest.Adresse(t, m)
			var noeuds [2]*vigie.Garde
			for i := range noeuds {
				base := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, store.Migrations())
				noeuds[i] = vigie.NewGarde(vigie.Parametres{}, store.NewCompteurs(base), nil)
			}
			instant := vigietest.Instant
			for i := range 60 {
				n := noeuds[i%2]
				essai, err := n.Tenter("amc", "ES1", vigie.Questions, vigie.Pseudonyme{}, instant)
				if err != nil {
					t.Fatal(err)
				}
				essai.Conclure(roc.BeneficiaireInconnu, instant)
			}
			for _, n := range []*vigie.Garde{noeuds[0], noeuds[1], noeuds[0]} {
				if err := n.Vider(context.Background(), instant.Add(time.Second)); err != nil {
					t.Fatal(err)
				}
			}
			for i, n := range noeuds {
				if err := n.Admettre("amc", "ES1", vigie.Questions, instant.Add(2*time.Second)); !errors.Is(err, vigie.ErrQuota) {
					t.Errorf("nœud %d: got %v, want S506", i+1, err)
				}
			}
		})
	}
}

// Two nodes on one database let a professional ask his day's rights once, and a third one,
// started later, knows it.
func TestQuotaDuJourPartage(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			adresse := bddtest.Adresse(t, m)
			ouvrir := func() *vigie.Garde {
				return vigie.NewGarde(vigie.Parametres{}, store.NewCompteurs(bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, store.Migrations())), nil)
			}
			const limite, pas = 200, 20
			demander := func(g *vigie.Garde) bool {
				err := g.AdmettreDuJour("amc", "PS-752000012", limite, vigietest.Instant)
				if err != nil && !errors.Is(err, vigie.ErrQuota) {
					t.Fatal(err)
				}
				return err == nil
			}
			partager := func(g *vigie.Garde) {
				if err := g.Vider(context.Background(), vigietest.Instant); err != nil {
					t.Fatal(err)
				}
			}
			noeuds := []*vigie.Garde{ouvrir(), ouvrir()}
			servies := 0
			for i := range 4 * limite {
				if demander(noeuds[i%2]) {
					servies++
				}
				if i%pas == 0 {
					partager(noeuds[0])
					partager(noeuds[1])
				}
			}
			if servies < limite || servies > limite+3*pas {
				t.Errorf("%d servies par deux nœuds, want %d, à trois pas près", servies, limite)
			}
			tard, servies := ouvrir(), 0
			for range limite {
				if demander(tard) {
					servies++
				}
				partager(tard)
			}
			if servies > pas {
				t.Errorf("%d servies par un troisième nœud", servies)
			}
		})
	}
}
