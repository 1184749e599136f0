package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/store"
)

// What is asked for each batch and each return reads an index that knows it, however
// many invoices are held.
func TestPlansFactures(t *testing.T) {
	b := bddtest.Ouvrir(t, store.Migrations())
	for index, requete := range map[string]string{
		"etab_facture_lot":                `SELECT contenu FROM etab_facture WHERE tenant = $1 AND lot = $2 ORDER BY numero`,
		"etab_facture_attente":            `SELECT amc, voie FROM etab_facture WHERE tenant = $1 AND lot = '' ORDER BY instant, numero LIMIT 1`,
		"numero=?":                        `SELECT contenu FROM etab_facture WHERE tenant = $1 AND amc = $2 AND lot <> '' AND numero IN (?, ?) ORDER BY annee`,
		"sqlite_autoindex_etab_venue_1":   `SELECT contenu FROM etab_venue x WHERE x.tenant = $1 AND x.id IN (?, ?)`,
		"sqlite_autoindex_etab_ecriture_": `UPDATE etab_ecriture SET fin = $1 WHERE tenant = $2 AND rang = $3 AND poste = $4 AND fin = 0 AND venue IN (?, ?)`,
	} {
		if plan := expliquer(t, b, requete); !strings.Contains(plan, index) {
			t.Errorf("%s\n%s\nattendu %s", requete, plan, index)
		}
	}
}

func expliquer(t *testing.T, b *bdd.Base, requete string) string {
	t.Helper()
	rows, err := b.Lecteur(context.Background()).QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+requete, "t", "a", "b", "c", "d", "e")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, reste int
		var dit string
		if err := rows.Scan(&id, &parent, &reste, &dit); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(dit + "\n")
	}
	return plan.String()
}
