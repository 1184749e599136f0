package tarif_test

import (
	"context"
	"errors"
	"maps"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/tarif"
	"github.com/ecluse-sante/ecluse/internal/tarif/tariftest"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// What is counted is written once, by lots and in the order of names; a lot that could not
// be written is written the next time.
func TestCumul(t *testing.T) {
	ecrit := &ordonnes{Memoire: new(tariftest.Memoire)}
	c := &tarif.Cumul{Compteurs: ecrit}
	a, b, jour := tariftest.Grille(t, "OPTIQUE-A"), tariftest.Grille(t, "OPTIQUE-B"), sante.JourDe(2026, 11, 23)
	for _, g := range []vd.IDGrille{b, a, b, a, a} {
		if err := c.Compter(t.Context(), jour, g, 1); err != nil {
			t.Fatal(err)
		}
	}
	panne := errors.New("panne")
	if err := c.Verser(t.Context(), func(context.Context, func(context.Context) error) error { return panne }); !errors.Is(err, panne) {
		t.Fatal(err)
	}
	if len(ecrit.ordre) != 0 {
		t.Fatalf("écrit avant d'être versé : %v", ecrit.ordre)
	}
	grouper := func(ctx context.Context, f func(context.Context) error) error { return f(ctx) }
	for range 2 {
		if err := c.Verser(t.Context(), grouper); err != nil {
			t.Fatal(err)
		}
	}
	if m, err := c.Comptes(t.Context(), jour); err != nil || !maps.Equal(m, map[vd.IDGrille]int64{a: 3, b: 2}) || len(ecrit.ordre) != 2 || ecrit.ordre[0] != a {
		t.Errorf("%v, %v, dans l'ordre %v", m, err, ecrit.ordre)
	}
}

// ordonnes remembers the order of writes.
type ordonnes struct {
	*tariftest.Memoire
	ordre []vd.IDGrille
}

func (o *ordonnes) Compter(ctx context.Context, jour sante.Jour, g vd.IDGrille, n int64) error {
	o.ordre = append(o.ordre, g)
	return o.Memoire.Compter(ctx, jour, g, n)
}
