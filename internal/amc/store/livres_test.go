package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/amc/amctest"
	"github.com/ecluse-sante/ecluse/internal/amc/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Past its term an engagement is nothing but its number, which never serves
// again, even on another node. ref: DEC 22
func TestEffacer(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			adresse := bddtest.Adresse(t, m)
			b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, store.Migrations)
			autre := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}) // a second node
			ctx := context.Background()
			e := store.New(b, "essai").Engagements
			n, err := roc.TirerNumeroEngagement(amctest.NumeroAMC, nil)
			if err != nil {
				t.Fatal(err)
			}
			garde := &amc.EngagementGarde{Numero: n, Genre: amc.GarantieCLC, Finess: amctest.Hopital, Dossier: "D1",
				Etat: amc.Paye, Beneficiaire: "essentiel", Instant: amctest.Instant}
			if err := e.Ouvrir(ctx, garde); err != nil {
				t.Fatal(err)
			}
			if n, err := e.Effacer(ctx, amctest.Instant, 10); n != 0 || err != nil {
				t.Errorf("avant le terme: %d effacés, %v", n, err)
			}
			if n, err := e.Effacer(ctx, amctest.Instant.Add(time.Second), 10); n != 1 || err != nil {
				t.Errorf("au terme: %d effacés, %v", n, err)
			}
			if n, err := e.Effacer(ctx, amctest.Instant.Add(time.Second), 10); n != 0 || err != nil {
				t.Errorf("deux fois: %d effacés, %v", n, err)
			}
			if _, err := e.Engagement(ctx, n); !errors.Is(err, amc.ErrEngagementInconnu) {
				t.Errorf("effacé mais lu: %v", err)
			}
			if err := store.New(autre, "essai").Engagements.Ouvrir(ctx, garde); !errors.Is(err, amc.ErrNumeroPris) {
				t.Errorf("numéro d'un engagement effacé: %v", err)
			}
			if err := store.New(b, "voisine").Engagements.Ouvrir(ctx, garde); err != nil {
				t.Errorf("même numéro chez une autre AMC: %v", err)
			}
		})
	}
}

func TestPurger(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		s := store.New(b, "essai")
		for i, id := range []string{"IAAAAAAAAAAAA", "IBBBBBBBBBBBB", "ICCCCCCCCCCCC"} {
			g := &amc.IDBGardee{ID: id, Finess: amctest.Hopital, Dossier: "D1", Instant: amctest.Instant.Add(time.Duration(i) * time.Hour)}
			if err := s.IDBs.Garder(ctx, g); err != nil {
				t.Fatal(err)
			}
			if err := s.Simulations.Garder(ctx, &amc.SimulationGardee{ID: id, Finess: g.Finess, Dossier: "D1", Instant: g.Instant}); err != nil {
				t.Fatal(err)
			}
		}
		terme := amctest.Instant.Add(90 * time.Minute)
		for nom, purger := range map[string]func(context.Context, time.Time, int) (int64, error){"IDB": s.IDBs.Purger, "SIM": s.Simulations.Purger} {
			for _, veut := range []int64{1, 1, 0} {
				if n, err := purger(ctx, terme, 1); n != veut || err != nil {
					t.Errorf("%s: %d purgées, %d attendues, %v", nom, n, veut, err)
				}
			}
		}
		if _, err := s.IDBs.IDB(ctx, amctest.Hopital, "D1", "ICCCCCCCCCCCC"); err != nil {
			t.Errorf("la réponse récente: %v", err)
		}
	}, store.Migrations)
}

// A contract may change from a day on; two versions never share one.
func TestVersionsDeContrat(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		p := store.New(b, "essai").Portefeuille
		ecrire := func(debut, fin string) (bool, error) {
			c := amctest.Contrats()[0]
			c.Debut, c.Fin = amctest.Jour(debut), 0
			if fin != "" {
				c.Fin = amctest.Jour(fin)
			}
			return p.EcrireContrat(ctx, &c)
		}
		for _, c := range []struct {
			debut, fin     string
			change, refuse bool
		}{
			{"2025-01-01", "", true, false}, {"2025-01-01", "", false, false}, {"2026-01-01", "", false, true},
			{"2025-01-01", "2025-12-31", true, false}, {"2026-01-01", "", true, false}, {"2025-12-31", "2026-02-01", false, true},
			{"2024-01-01", "2024-12-31", true, false}, {"2025-01-01", "", false, true},
		} {
			change, err := ecrire(c.debut, c.fin)
			var faute *amc.Faute
			if change != c.change || errors.As(err, &faute) != c.refuse || (err != nil) != c.refuse {
				t.Errorf("%s à %s: changé %v, %v", c.debut, c.fin, change, err)
			}
		}
		if _, err := p.EcrireBeneficiaires(ctx, []amc.Beneficiaire{amctest.Personne("p", "ESSENTIEL", 1)}); err != nil {
			t.Fatal(err)
		}
		var vues []string
		for _, le := range []string{"2024-06-01", "2025-12-31", "2026-01-01"} {
			l, err := p.Chercher(ctx, &amc.Critere{NumeroAdherent: amctest.Personne("p", "ESSENTIEL", 1).NumeroAdherent}, amctest.Jour(le))
			if err != nil || len(l) != 1 {
				t.Fatal(err)
			}
			vues = append(vues, l[0].Adhesions[0].Version.Debut.String())
		}
		if got := [3]string(vues); got != [3]string{"2024-01-01", "2025-01-01", "2026-01-01"} {
			t.Errorf("versions: %v", got)
		}
		if n, err := p.Retirer(ctx, []string{"p", "personne"}); n != 1 || err != nil {
			t.Errorf("%d retirés, %v", n, err)
		}
		if n, err := p.Compter(ctx); n != 0 || err != nil {
			t.Errorf("%d restent, %v", n, err)
		}
	}, store.Migrations)
}

// An engagement comes to a state of its invoice from those that the table says, and
// no other; what is in another state undoes the whole change.
func TestPasserTous(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		e := store.New(b, "essai").Engagements
		etats := []amc.EtatGarde{amc.Engage, amc.Annule, amc.Expire, amc.Facture, amc.FactureAnnulee, amc.Rejete, amc.PayeEnPartie, amc.Paye}
		for _, avant := range etats {
			for _, apres := range etats {
				n, err := roc.TirerNumeroEngagement(amctest.NumeroAMC, nil)
				if err != nil {
					t.Fatal(err)
				}
				max := sante.Montant(0)
				if err := e.Ouvrir(ctx, &amc.EngagementGarde{Numero: n, Genre: amc.GarantieCLC, Finess: amctest.Hopital, Dossier: "D1",
					Etat: avant, Patient: "p", Calcul: "c", Max: &max, Instant: amctest.Instant}); err != nil {
					t.Fatal(err)
				}
				veut := slices.Contains(amc.AvantFacturation(apres), avant)
				err = e.PasserTous(ctx, apres, []roc.NumeroEngagement{n})
				if veut != (err == nil) || !veut && !errors.Is(err, amc.ErrPassage) {
					t.Errorf("%s vers %s : %v", avant, apres, err)
				}
				lu, err := e.Engagement(ctx, n)
				if err != nil {
					t.Fatal(err)
				}
				if attendu := map[bool]amc.EtatGarde{true: apres, false: avant}[veut]; lu.Etat != attendu {
					t.Errorf("%s vers %s : %s", avant, apres, lu.Etat)
				}
				if lu.Patient != "p" || lu.Calcul != "c" || lu.Max == nil || *lu.Max != 0 {
					t.Errorf("relu %+v", lu)
				}
			}
		}
		for _, definitif := range []amc.EtatGarde{amc.Annule, amc.Expire, amc.Paye} {
			if x := slices.DeleteFunc(slices.Clone(etats), func(a amc.EtatGarde) bool { return !slices.Contains(amc.AvantFacturation(a), definitif) }); len(x) > 0 {
				t.Errorf("%s mène à %v", definitif, x)
			}
		}
	}, store.Migrations)
}
