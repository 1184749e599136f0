package store

import (
	"context"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/liquidation"
)

// A list of the invoices of a hospital that stand in a state reads their index alone,
// however many are held.
func TestPlansLister(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		_, err := b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO liq_facture (tenant, finess, numero, annee, lot, etat, code, demande, paye, garantie, nature, corrige,
				recue, echeance, motif, lignes, debut, taille)
			WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 20000)
			SELECT 'T', CASE WHEN i % 3 = 0 THEN 'autre' ELSE '750712184' END, 'F' || i, 2026, 'L' || (i / 100),
				CASE i % 50 WHEN 0 THEN 'REJETE' WHEN 1 THEN 'LIQUIDE' WHEN 2 THEN 'PAYE_EN_PARTIE' ELSE 'PAYE' END, '000', 100, 0, '', 'INITIALE', '', i, '2026-05-16', '', '', 0, 10 FROM k`)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Ecrivain(ctx).ExecContext(ctx, `ANALYZE`); err != nil {
			t.Fatal(err)
		}
		for index, etats := range map[string][]liquidation.Etat{"liq_facture_travail": {liquidation.Liquidee, liquidation.PayeePartie},
			"liq_facture_payee": {liquidation.Payee}, "liq_facture_rejetee": {liquidation.Rejetee}} {
			plan := bddtest.Expliquer(t, b, lireFacture+listerFactures(etats), "T", "750712184", 1001)
			if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") || strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("%s attendu :\n%s", index, plan)
			}
		}
	}, Migrations())
}
