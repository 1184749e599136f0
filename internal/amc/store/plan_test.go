package store

import (
	"context"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// Every step of the search goes by an index on more than the tenant: the cost
// does not depend on the size of the portfolio.
func TestChercherParIndex(t *testing.T) {
	b := bddtest.Ouvrir(t, Migrations)
	rows, err := b.Lecteur(context.Background()).QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+chercher, "x", "a", "b", "c", "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	etapes := 0
	err = lireTout(rows, func(r scanner) error {
		var id, parent, cout int
		var detail string
		if err := r.Scan(&id, &parent, &cout, &detail); err != nil {
			return err
		}
		if strings.HasPrefix(detail, "SCAN") || strings.HasPrefix(detail, "SEARCH") {
			etapes++
			if !strings.Contains(detail, "(tenant=? AND ") {
				t.Errorf("étape sans index: %s", detail)
			}
		}
		return nil
	})
	if err != nil || etapes != 9 {
		t.Errorf("%d étapes, 9 attendues; %v", etapes, err)
	}
}
