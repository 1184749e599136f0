// Package tariftest holds the suite that each store of the pricing service must pass,
// and counts in memory for tests.
package tariftest

import (
	"context"
	"maps"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/tarif"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Grille reads the name of a grid, or fails.
func Grille(t testing.TB, s string) vd.IDGrille {
	t.Helper()
	g, err := vd.ParseIDGrille(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Compteurs is the suite of a store; autre is that of another tenant.
func Compteurs(t *testing.T, c, autre tarif.Compteurs) {
	ctx := context.Background()
	a, b, jour := Grille(t, "OPTIQUE-A"), Grille(t, "OPTIQUE-B"), sante.JourDe(2026, 11, 23)
	for _, x := range []struct {
		c      tarif.Compteurs
		jour   sante.Jour
		grille vd.IDGrille
	}{{c, jour, a}, {c, jour, b}, {c, jour, a}, {c, jour + 1, a}, {autre, jour, a}} {
		if err := x.c.Compter(ctx, x.jour, x.grille, 1); err != nil {
			t.Fatal(err)
		}
	}
	verifier := func(c tarif.Compteurs, jour sante.Jour, attendu map[vd.IDGrille]int64) {
		t.Helper()
		if m, err := c.Comptes(ctx, jour); err != nil || !maps.Equal(m, attendu) {
			t.Errorf("comptes du %s : %v, %v ; attendu %v", jour, m, err, attendu)
		}
	}
	verifier(c, jour, map[vd.IDGrille]int64{a: 2, b: 1})
	verifier(c, jour+1, map[vd.IDGrille]int64{a: 1})
	verifier(c, jour+2, map[vd.IDGrille]int64{})
	verifier(autre, jour, map[vd.IDGrille]int64{a: 1})
	var fin sync.WaitGroup
	for range 8 {
		fin.Go(func() {
			if err := c.Compter(ctx, jour, b, 2); err != nil {
				t.Error(err)
			}
		})
	}
	fin.Wait()
	verifier(c, jour, map[vd.IDGrille]int64{a: 2, b: 17})
	if err := c.Purger(ctx, jour+1); err != nil {
		t.Fatal(err)
	}
	verifier(c, jour, map[vd.IDGrille]int64{})
	verifier(c, jour+1, map[vd.IDGrille]int64{a: 1})
	verifier(autre, jour, map[vd.IDGrille]int64{a: 1})
}

// Memoire counts in memory.
type Memoire struct {
	mu sync.Mutex
	m  map[sante.Jour]map[vd.IDGrille]int64
}

// Compter is tarif.Compteurs.
func (m *Memoire) Compter(_ context.Context, jour sante.Jour, g vd.IDGrille, n int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.m == nil {
		m.m = map[sante.Jour]map[vd.IDGrille]int64{}
	}
	if m.m[jour] == nil {
		m.m[jour] = map[vd.IDGrille]int64{}
	}
	m.m[jour][g] += n
	return nil
}

// Comptes is tarif.Compteurs.
func (m *Memoire) Comptes(_ context.Context, jour sante.Jour) (map[vd.IDGrille]int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := maps.Clone(m.m[jour])
	if c == nil {
		c = map[vd.IDGrille]int64{}
	}
	return c, nil
}

// Purger is tarif.Compteurs.
func (m *Memoire) Purger(_ context.Context, avant sante.Jour) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.m, func(j sante.Jour, _ map[vd.IDGrille]int64) bool { return j < avant })
	return nil
}
