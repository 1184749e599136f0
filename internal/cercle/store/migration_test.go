package store_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/cercle"
	"github.com/ecluse-sante/ecluse/internal/cercle/store"
)

// A circle written before professionals had a role keeps its facts.
func TestCercleDAvant(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			toutes := store.Migrations()
			avant := fstest.MapFS{}
			noms, err := fs.ReadDir(toutes.FS, toutes.Dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range noms {
				if strings.HasPrefix(n.Name(), "1400_") {
					b, err := fs.ReadFile(toutes.FS, toutes.Dir+"/"+n.Name())
					if err != nil {
						t.Fatal(err)
					}
					avant[n.Name()] = &fstest.MapFile{Data: b}
				}
			}
			b := bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{}, bdd.Migrations{FS: avant})
			d, debut := store.Nouveau(b), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
			fait := func(r cercle.Role, id string) cercle.Fait {
				return cercle.Fait{Lien: cercle.Lien{Tenant: "labo", Structure: "1990000127", Role: r, Identifiant: id}, Etat: cercle.EtatAdmis, Effet: debut, Par: "essai", Le: debut}
			}
			if err := d.Ajouter(t.Context(), 0, []cercle.Fait{fait(cercle.RoleEtablissement, "990000127")}); err != nil {
				t.Fatal(err)
			}
			l, err := bdd.Assembler(toutes)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Migrer(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if err := d.Ajouter(t.Context(), 1, []cercle.Fait{fait(cercle.RoleProfessionnel, "752000012")}); err != nil {
				t.Fatal(err)
			}
			if got, err := d.Faits(t.Context(), 0); err != nil || len(got) != 2 || got[0].Lien.Role != cercle.RoleEtablissement || got[1].Lien.Role != cercle.RoleProfessionnel {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}
