// Package annuaireamctest holds the suite that each store of the directory must
// pass, and entries for tests.
package annuaireamctest

import (
	"context"
	"errors"
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

// Depot is the suite of a store; ouvrir gives an empty one, the same each time it
// is called in one test.
func Depot(t *testing.T, depot, autre annuaireamc.Depot) {
	ctx := context.Background()
	if n, err := depot.Version(ctx); err != nil || n != 0 {
		t.Fatalf("version d'un annuaire vide : %d, %v", n, err)
	}
	a, b := Entree("a", "99000001"), Entree("b", "99000002")
	a.Mandat = &annuaireamc.Mandat{ID: "OTP1", Libelle: "OPÉRATEUR", Structure: "2999123466", Debut: a.Debut}
	if err := depot.Publier(ctx, []annuaireamc.Entree{a, b}); err != nil {
		t.Fatal(err)
	}
	l, n, err := depot.Entrees(ctx)
	if err != nil || n != 1 || !cmp.Equal(l, []annuaireamc.Entree{a, b}, cmp.Comparer(func(x, y sante.NumeroAMC) bool { return x == y })) {
		t.Fatalf("entrées %+v, version %d, %v", l, n, err)
	}
	if l, n, err := autre.Entrees(ctx); err != nil || n != 0 || len(l) != 0 {
		t.Errorf("un autre locataire voit %d entrées, version %d, %v", len(l), n, err)
	}
	if err := depot.Retirer(ctx, "c"); !errors.Is(err, annuaireamc.ErrAbsente) {
		t.Errorf("retirer une absente : %v", err)
	}
	if n, _ := depot.Version(ctx); n != 1 {
		t.Errorf("la version a bougé sans changement : %d", n)
	}
	if err := depot.Retirer(ctx, "a"); err != nil {
		t.Error(err)
	}
	var attente sync.WaitGroup
	for range 8 {
		attente.Go(func() {
			if err := depot.Publier(ctx, []annuaireamc.Entree{b}); err != nil {
				t.Error(err)
			}
		})
	}
	attente.Wait()
	if l, n, err := depot.Entrees(ctx); err != nil || n != 10 || len(l) != 1 {
		t.Errorf("%d entrées, version %d, %v", len(l), n, err)
	}
}
