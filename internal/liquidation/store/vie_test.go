package store

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/internal/liquidation/liquidationtest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// jusqua is the migrations up to a number.
func jusqua(t *testing.T, dernier string) bdd.Migrations {
	t.Helper()
	l, err := fs.Glob(fichiers, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	m := fstest.MapFS{}
	for _, nom := range l {
		if strings.TrimPrefix(nom, "migrations/")[:4] <= dernier {
			b, err := fs.ReadFile(fichiers, nom)
			if err != nil {
				t.Fatal(err)
			}
			m[nom] = &fstest.MapFile{Data: b}
		}
	}
	return bdd.Migrations{FS: m, Dir: "migrations"}
}

// The moves kept in a table of their own come into the rows of their invoices, in order.
func TestViesReprises(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		es, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		for _, requete := range []string{
			`INSERT INTO liq_facture (tenant, finess, numero, annee, lot, etat, code, demande, paye, garantie, nature, corrige, recue, echeance, motif, lignes, debut, taille)
				VALUES ('amc-1', '750712184', 'F1', 2026, 'L', 'PAYE', '000', 100, 100, '', 'INITIALE', '', 1, '2026-01-01', '', '', 0, 2),
				('amc-1', '750712184', 'F2', 2026, 'L', 'RECU', '000', 100, 0, '', 'INITIALE', '', 1, '2026-01-01', '', '', 0, 2)`,
			`INSERT INTO liq_moment (tenant, finess, numero, annee, instant, avant, evenement, apres, code, retour) VALUES
				('amc-1', '750712184', 'F1', 2026, 3000, 'LIQUIDE', 'PAYER', 'PAYE', '000', 'P1'),
				('amc-1', '750712184', 'F1', 2026, 1000, 'RECU', 'ACCEPTER', 'CONTROLE_OK', '000', ''),
				('amc-1', '750712184', 'F1', 2026, 1000, 'CONTROLE_OK', 'LIQUIDER', 'LIQUIDE', '000', '')`,
		} {
			if _, err := b.Ecrivain(ctx).ExecContext(ctx, requete); err != nil {
				t.Fatal(err)
			}
		}
		l, err := bdd.Assembler(Migrations())
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Migrer(ctx, l); err != nil {
			t.Fatal(err)
		}
		s := New(b, "amc-1")
		f := &liquidation.Facture{Finess: es, Annee: 2026, Numero: "F1", Etat: liquidation.Payee, Code: roc.Accepte}
		annuler := liquidation.Moment{Finess: es, Annee: 2026, Numero: "F1", Avant: liquidation.Payee, Evenement: "X", Apres: liquidation.Payee, Code: roc.Accepte, Instant: time.UnixMilli(4000).UTC()}
		if err := s.Ecrire(ctx, []*liquidation.Facture{f}, []liquidation.Moment{annuler}); err != nil {
			t.Fatal(err)
		}
		vie, err := s.Moments(ctx, f)
		if err != nil {
			t.Fatal(err)
		}
		var lus []string
		for _, m := range vie {
			lus = append(lus, string(m.Avant)+" "+string(m.Evenement)+" "+string(m.Apres)+" "+string(m.Code)+" "+m.Retour+" "+m.Instant.Format("05"))
		}
		if d := cmp.Diff([]string{"RECU ACCEPTER CONTROLE_OK 000  01", "CONTROLE_OK LIQUIDER LIQUIDE 000  01", "LIQUIDE PAYER PAYE 000 P1 03", "PAYE X PAYE 000  04"}, lus); d != "" {
			t.Error(d)
		}
		if vie, err := s.Moments(ctx, &liquidation.Facture{Finess: es, Annee: 2026, Numero: "F2"}); len(vie) != 0 || err != nil {
			t.Errorf("F2 : %v, %v", vie, err)
		}
		var bouge int64
		if err := b.Lecteur(ctx).QueryRowContext(ctx, `SELECT bouge FROM liq_facture WHERE numero = 'F1'`).Scan(&bouge); bouge != 4000 || err != nil {
			t.Errorf("bougé à %d, %v", bouge, err)
		}
	}, jusqua(t, "1131"))
}

// A move of an invoice that is not written, or that its line cannot hold, is refused.
func TestVieRefusee(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx, s := context.Background(), New(b, "amc-1")
		es, err := sante.ParseFINESS("750712184")
		if err != nil {
			t.Fatal(err)
		}
		bon := liquidation.Moment{Finess: es, Annee: 2026, Numero: "F1", Avant: liquidation.Recue, Apres: liquidation.Acceptee, Instant: liquidationtest.Midi}
		coupe := bon
		coupe.Retour = "a\tb"
		for nom, m := range map[string]liquidation.Moment{"d'une autre": bon, "coupé": coupe} {
			if err := s.Ecrire(ctx, nil, []liquidation.Moment{m}); err == nil {
				t.Errorf("mouvement %s écrit", nom)
			}
		}
	}, Migrations())
}
