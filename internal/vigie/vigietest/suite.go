package vigietest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/google/go-cmp/cmp"
)

// Instant is the clock of the tests.
var Instant = time.Date(2026, 11, 22, 10, 30, 0, 0, time.UTC)

// Suite checks the promises of vigie.Compteurs on an empty implementation.
func Suite(t *testing.T, ouvrir func(t *testing.T) vigie.Compteurs) {
	for nom, f := range map[string]func(*testing.T, vigie.Compteurs){
		"ajouter": suiteAjouter, "ajouter à plusieurs": suiteConcurrence, "bloquer": suiteBloquer, "purger": suitePurger,
	} {
		t.Run(nom, func(t *testing.T) { f(t, ouvrir(t)) })
	}
}

func ajout(tenant, sujet string, genre vigie.Genre, minute int, n int64) vigie.Ajout {
	d := Instant.Add(time.Duration(minute) * time.Minute)
	return vigie.Ajout{Tenant: tenant, Genre: genre, Sujet: sujet, Debut: d, Fin: d.Add(2 * time.Minute), N: n}
}

func suiteAjouter(t *testing.T, c vigie.Compteurs) {
	ctx := context.Background()
	for i, etape := range []struct {
		lot  []vigie.Ajout
		want []int64
	}{
		{nil, []int64{}},
		{[]vigie.Ajout{ajout("t1", "b", vigie.Debit, 0, 3), ajout("t1", "a", vigie.Debit, 0, 1)}, []int64{3, 1}},
		{[]vigie.Ajout{ajout("t1", "a", vigie.Debit, 0, 2), ajout("t1", "b", vigie.Debit, 0, 10), ajout("t1", "a", vigie.Debit, 0, 5)}, []int64{3, 13, 8}},
		{[]vigie.Ajout{ajout("t2", "a", vigie.Debit, 0, 1), ajout("t1", "a", vigie.Echecs, 0, 1), ajout("t1", "a", vigie.Debit, 1, 1)}, []int64{1, 1, 1}},
	} {
		totaux, err := c.Ajouter(ctx, etape.lot)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(etape.want, append([]int64{}, totaux...)); d != "" {
			t.Errorf("étape %d: %s", i, d)
		}
	}
}

// Nodes add the same counters in opposite orders: none is lost, none is stuck.
func suiteConcurrence(t *testing.T, c vigie.Compteurs) {
	const noeuds, tours, sujets = 4, 10, 20
	var fini sync.WaitGroup
	erreurs := make(chan error, noeuds*tours)
	for n := range noeuds {
		fini.Go(func() {
			var lot []vigie.Ajout
			for s := range sujets {
				lot = append(lot, ajout("t", fmt.Sprint("s", s), vigie.Debit, 0, 1))
			}
			if n%2 == 1 {
				slices.Reverse(lot)
			}
			for range tours {
				_, err := c.Ajouter(context.Background(), lot)
				erreurs <- err
			}
		})
	}
	fini.Wait()
	close(erreurs)
	for err := range erreurs {
		if err != nil {
			t.Fatal(err)
		}
	}
	totaux, err := c.Ajouter(context.Background(), []vigie.Ajout{ajout("t", "s0", vigie.Debit, 0, 0), ajout("t", "s19", vigie.Debit, 0, 0)})
	if err != nil || totaux[0] != noeuds*tours || totaux[1] != noeuds*tours {
		t.Errorf("got %v, %v, want %d", totaux, err, noeuds*tours)
	}
}

func suiteBloquer(t *testing.T, c vigie.Compteurs) {
	ctx := context.Background()
	b := func(tenant, sujet string, genre vigie.Genre, depuis, jusqua int) vigie.Blocage {
		return vigie.Blocage{Tenant: tenant, Genre: genre, Sujet: sujet,
			Depuis: Instant.Add(time.Duration(depuis) * time.Minute), Jusqua: Instant.Add(time.Duration(jusqua) * time.Minute)}
	}
	for _, lot := range [][]vigie.Blocage{
		nil,
		{b("t1", "a", vigie.Suspectes, 0, 15), b("t1", "a", vigie.Echecs, 1, 60), b("t2", "a", vigie.Suspectes, 2, 3)},
		{b("t1", "a", vigie.Suspectes, 4, 10)}, // ends sooner: changes nothing
		{b("t1", "a", vigie.Echecs, 5, 90)},    // ends later: replaces
	} {
		if err := c.Bloquer(ctx, lot); err != nil {
			t.Fatal(err)
		}
	}
	for nom, cas := range map[string]struct {
		depuis, encoreA int
		want            []vigie.Blocage
	}{
		"tous":        {0, 0, []vigie.Blocage{b("t1", "a", vigie.Suspectes, 0, 15), b("t2", "a", vigie.Suspectes, 2, 3), b("t1", "a", vigie.Echecs, 5, 90)}},
		"depuis peu":  {2, 0, []vigie.Blocage{b("t2", "a", vigie.Suspectes, 2, 3), b("t1", "a", vigie.Echecs, 5, 90)}},
		"non finis":   {0, 3, []vigie.Blocage{b("t1", "a", vigie.Suspectes, 0, 15), b("t1", "a", vigie.Echecs, 5, 90)}},
		"bien après":  {0, 90, nil},
		"rien depuis": {6, 0, nil},
	} {
		lus, err := c.Blocages(ctx, Instant.Add(time.Duration(cas.depuis)*time.Minute), Instant.Add(time.Duration(cas.encoreA)*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(cas.want, lus); d != "" {
			t.Errorf("%s: %s", nom, d)
		}
	}
	if lus, err := c.Blocages(ctx, time.Time{}, Instant); err != nil || len(lus) != 3 {
		t.Errorf("depuis toujours: got %d, %v", len(lus), err)
	}
}

func suitePurger(t *testing.T, c vigie.Compteurs) {
	ctx := context.Background()
	lot := []vigie.Ajout{ajout("t", "a", vigie.Debit, 0, 7), ajout("t", "a", vigie.Debit, 30, 7)}
	if _, err := c.Ajouter(ctx, lot); err != nil {
		t.Fatal(err)
	}
	if err := c.Bloquer(ctx, []vigie.Blocage{{Tenant: "t", Genre: vigie.Suspectes, Sujet: "a", Depuis: Instant, Jusqua: Instant.Add(time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	if err := c.Purger(ctx, Instant.Add(10*time.Minute)); err != nil {
		t.Fatal(err)
	}
	totaux, err := c.Ajouter(ctx, lot)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{7, 14}, totaux); d != "" {
		t.Error("l’ancien compteur repart, le récent reste:", d)
	}
	if lus, err := c.Blocages(ctx, time.Time{}, Instant); err != nil || len(lus) != 0 {
		t.Errorf("blocage fini: got %v, %v", lus, err)
	}
}
