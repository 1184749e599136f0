package store

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/annuaireamc/annuaireamctest"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// ancienne is a database that an earlier version left, with entries of two tenants,
// opened by this one.
func ancienne(t *testing.T, m bdd.Moteur, ids ...string) (adresse string) {
	adresse = bddtest.Adresse(t, m)
	texte, err := fs.ReadFile(fichiers, "migrations/0500_annuaire.sql")
	if err != nil {
		t.Fatal(err)
	}
	b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, bdd.Migrations{FS: fstest.MapFS{"0500_annuaire.sql": {Data: texte}}, Dir: "."})
	for _, id := range append(ids, "autre") {
		e := annuaireamctest.Entree(id, "99000001")
		contenu, err := json.Marshal(&e)
		if err != nil {
			t.Fatal(err)
		}
		tenant := "annuaire"
		if id == "autre" {
			tenant = id
		}
		if _, err := b.Ecrivain(t.Context()).ExecContext(t.Context(), `INSERT INTO annuaire_entree (tenant, id, contenu) VALUES ($1, $2, $3)`, tenant, id, contenu); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Ecrivain(t.Context()).ExecContext(t.Context(), `INSERT INTO annuaire_version (tenant, version) VALUES ('annuaire', 7)`); err != nil {
		t.Fatal(err)
	}
	return adresse
}

// What an earlier version kept is given once, in order, whatever the number of nodes that
// start; a refusal leaves it there, and other tenants keep theirs.
func TestVider(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			ctx, adresse := context.Background(), ancienne(t, m, "b", "a", "c")
			b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, Migrations)
			refus := errors.New("refus")
			if _, err := Anciennes(b, "annuaire").Vider(ctx, func(context.Context, []annuaireamc.Entree) error { return refus }); !errors.Is(err, refus) {
				t.Fatal(err)
			}
			var mu sync.Mutex
			var recues []string
			var attente sync.WaitGroup
			for range 4 {
				attente.Go(func() {
					_, err := Anciennes(b, "annuaire").Vider(ctx, func(_ context.Context, l []annuaireamc.Entree) error {
						mu.Lock()
						defer mu.Unlock()
						for _, e := range l {
							recues = append(recues, e.ID)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			attente.Wait()
			if len(recues) != 3 || recues[0] != "a" || recues[2] != "c" {
				t.Errorf("reçues : %v", recues)
			}
			if n, err := Anciennes(b, "annuaire").Vider(ctx, nil); n != 0 || err != nil {
				t.Errorf("encore %d, %v", n, err)
			}
			if n, err := Anciennes(b, "autre").Vider(ctx, func(context.Context, []annuaireamc.Entree) error { return nil }); n != 1 || err != nil {
				t.Errorf("un autre locataire : %d, %v", n, err)
			}
		})
	}
}
