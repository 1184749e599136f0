package bddtest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// Expliquer is how the engine would run a statement, a line a step.
func Expliquer(t testing.TB, b *bdd.Base, requete string, args ...any) string {
	t.Helper()
	avant := "EXPLAIN QUERY PLAN "
	if b.Moteur() == bdd.PostgreSQL {
		avant = "EXPLAIN "
	}
	rows, err := b.Ecrivain(context.Background()).QueryContext(context.Background(), avant+requete, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, requete)
	}
	defer rows.Close()
	colonnes, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	for rows.Next() {
		v, cases := make([]any, len(colonnes)), make([]any, len(colonnes))
		for i := range v {
			cases[i] = &v[i]
		}
		if err := rows.Scan(cases...); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&plan, v[len(v)-1])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
