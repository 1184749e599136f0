// Package annuaireamctest holds the suite that each store of the directory must
// pass, and entries for tests.
package annuaireamctest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Entree is a good entry of an insurer.
func Entree(id, numero string) annuaireamc.Entree {
	n, err := sante.ParseNumeroAMC(numero)
	if err != nil {
		panic(err)
	}
	debut := sante.JourDe(2025, 1, 1)
	return annuaireamc.Entree{ID: id, NumeroAMC: n, Debut: debut, Libelle: "MUTUELLE " + id, Structure: "2999123458", Validite: 3600,
		Points: []annuaireamc.Point{{Service: roc.IDB, Adresse: "https://amc.test:8443", Debut: debut}, {Service: roc.CLC, Adresse: "https://amc.test:8443", Debut: debut}}}
}

// Depot is the suite of a store: two empty ones of two tenants.
func Depot(t *testing.T, depot, autre annuaireamc.Depot) {
	ctx := context.Background()
	if n, err := depot.Version(ctx); err != nil || n != 0 {
		t.Fatalf("version d'un annuaire vide : %d, %v", n, err)
	}
	a, b := Entree("a", "99000001"), Entree("b", "99000002")
	a.Mandat = &annuaireamc.Mandat{ID: "OTP1", Libelle: "OPÉRATEUR", Structure: "2999123466", Debut: a.Debut}
	if err := depot.Publier(ctx, []annuaireamc.Entree{b, a}); err != nil {
		t.Fatal(err)
	}
	n := attendre(t, depot, 0, a, b)
	if l, n, err := autre.Entrees(ctx); err != nil || n != 0 || len(l) != 0 {
		t.Errorf("un autre locataire voit %d entrées, version %d, %v", len(l), n, err)
	}
	for nom, faire := range map[string]func() error{
		"publier ce qui y est": func() error { return depot.Publier(ctx, []annuaireamc.Entree{a, b}) },
		"retirer une absente": func() error {
			if err := depot.Retirer(ctx, "c"); !errors.Is(err, annuaireamc.ErrAbsente) {
				return fmt.Errorf("retirer une absente : %v", err)
			}
			return nil
		},
		"publier quand tout s'arrête": func() error {
			fini, finir := context.WithCancel(ctx)
			finir()
			if depot.Publier(fini, []annuaireamc.Entree{Entree("d", "99000004"), Entree("e", "99000005")}) == nil {
				return errors.New("publié")
			}
			return nil
		},
	} {
		if err := faire(); err != nil {
			t.Errorf("%s : %v", nom, err)
		}
		if m, err := depot.Version(ctx); err != nil || m != n {
			t.Errorf("%s : la version a bougé sans changement : %d, %v", nom, m, err)
		}
	}
	if err := depot.Retirer(ctx, "a"); err != nil {
		t.Error(err)
	}
	n = attendre(t, depot, n, b)
	if err := depot.Retirer(ctx, "a"); !errors.Is(err, annuaireamc.ErrAbsente) {
		t.Errorf("retirer deux fois : %v", err)
	}
	a.Libelle = "REVENUE"
	if err := depot.Publier(ctx, []annuaireamc.Entree{a}); err != nil {
		t.Error(err)
	}
	ensemble(t, depot, attendre(t, depot, n, a, b))
}

// attendre is the version of a store that holds these entries, later than another.
func attendre(t *testing.T, depot annuaireamc.Depot, apres int64, want ...annuaireamc.Entree) int64 {
	t.Helper()
	l, n, err := depot.Entrees(context.Background())
	if err != nil || n <= apres || !cmp.Equal(l, want, cmp.Comparer(func(x, y sante.NumeroAMC) bool { return x == y })) {
		t.Fatalf("entrées %+v, version %d, %v", l, n, err)
	}
	if m, err := depot.Version(context.Background()); err != nil || m != n {
		t.Errorf("version %d, %v, et celle des entrées est %d", m, err, n)
	}
	return n
}

// ensemble publishes from several places at once: each publication is whole, and the
// version moves.
func ensemble(t *testing.T, depot annuaireamc.Depot, n int64) {
	ctx := context.Background()
	var attente sync.WaitGroup
	for i := range 8 {
		attente.Go(func() {
			b, c := Entree("b", "99000002"), Entree("c", "99000002")
			b.Libelle, c.Libelle = fmt.Sprint("VOIE ", i), fmt.Sprint("VOIE ", i)
			c.TypeConvention = "RO"
			l := []annuaireamc.Entree{b, c}
			if i%2 == 0 {
				l[0], l[1] = c, b
			}
			if err := depot.Publier(ctx, l); err != nil {
				t.Error(err)
			}
		})
	}
	attente.Wait()
	l, m, err := depot.Entrees(ctx)
	if err != nil || m <= n || len(l) != 3 || l[1].Libelle != l[2].Libelle {
		t.Errorf("%+v, version %d, %v", l, m, err)
	}
}
