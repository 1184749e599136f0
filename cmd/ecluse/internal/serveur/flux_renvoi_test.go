package serveur

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	achstore "github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// A return given up leaves again, the same; one that waits, is acknowledged, or that
// nobody can read does not.
func TestRenvoyerRetour(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		livre, file := liqstore.New(b, "amc-1"), achstore.New(b, "amc-1")
		finess, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		poser := func(numero, lot string) string {
			d := &roc.DemandeRET{Numero: numero, Nature: roc.RetourRejet, Date: et.Jour(t, "2026-05-04"), Factures: []roc.RetourFacture{{Numero: "F-1", Lot: lot,
				Etat: roc.FactureRejetee, Code: roc.PiecesManquantes, MontantFacture: 100}}}
			id := roc.NouvelUUID()
			err := livre.Transaction(ctx, func(ctx context.Context) error {
				if err := livre.NoterRetour(ctx, finess, d, id, et.Midi); err != nil {
					return err
				}
				return poster(ctx, file, GenreRetour, finess.String(), &Pli{IDMessage: id, Numero: numero, Finess: finess.String(), Adresse: "https://es.test/",
					Corps: roc.EchangeRET.CorpsDemande.AppendJSON(nil, d)}, et.Midi)
			})
			if err != nil {
				t.Fatal(err)
			}
			return cleEnvoi(GenreRetour, finess.String(), numero)
		}
		abandonner := func(cle string) {
			if _, err := b.Ecrivain(ctx).ExecContext(ctx, `UPDATE ach_envoi SET etat = 'MORT' WHERE cle = $1`, cle); err != nil {
				t.Fatal(err)
			}
			if err := file.Abandonner(ctx, cle, acheminement.Geste{Auteur: "a", Motif: "m", Instant: et.Midi}); err != nil {
				t.Fatal(err)
			}
		}
		renvoyer := func(numero string) error {
			return RenvoyerRetour(ctx, livre, file, finess, numero, et.Midi.Add(time.Hour))
		}
		lire := func(cle string) (p Pli) {
			c, err := file.Contenu(ctx, cle)
			if err == nil {
				err = json.Unmarshal(c, &p)
			}
			if err != nil {
				t.Fatal(cle, err)
			}
			return p
		}
		cle := poser("R1", "L-1")
		if err := renvoyer("R1"); err == nil {
			t.Error("renvoyé alors qu'il attend")
		}
		avant := lire(cle)
		for _, suivante := range []string{cle + "~2", cle + "~3"} {
			abandonner(cle)
			if err := renvoyer("R1"); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(avant, lire(suivante)); d != "" {
				t.Error(d)
			}
			x, err := file.Regarder(ctx, suivante)
			if err != nil {
				t.Fatal(err)
			}
			if n, ok := numeroPli(&x.Envoi); !ok || n != "R1" {
				t.Errorf("acquitterait %q", n)
			}
			if err := renvoyer("R1"); err == nil {
				t.Error("renvoyé deux fois")
			}
			cle = suivante
		}
		abandonner(cle)
		if _, err := livre.Acquitter(ctx, "R1", roc.Accepte, "", et.Midi); err != nil {
			t.Fatal(err)
		}
		abandonner(poser("R2", "")) // without a batch, nobody reads it
		for _, numero := range []string{"R1", "R2", "R3"} {
			if err := renvoyer(numero); err == nil {
				t.Errorf("%s renvoyé", numero)
			}
		}
	}, achstore.Migrations(), liqstore.Migrations())
}
