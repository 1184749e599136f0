package visiodroits_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// publier publishes a list of three insurers, the second of which changes.
func publier(b *banc, k *visiodroits.Kiosque, n int64, effet time.Time) error {
	h := tete(n, lundi)
	h.Effet = effet
	return visiodroits.Publier(k, b.cachet, complete(b.t, h, entree(b.t, "99000001"), entree(b.t, "99000002", jours(int(n%300))), entree(b.t, "99000003")))
}

func TestKiosque(t *testing.T) {
	b, ctx := nouveau(t), context.Background()
	var k visiodroits.Kiosque
	for n := int64(1); n <= 40; n++ {
		if err := publier(b, &k, n, lundi); err != nil {
			t.Fatal(err)
		}
	}
	if err := publier(b, &k, 40, lundi); !errors.Is(err, visiodroits.ErrListe) {
		t.Errorf("deux fois le même numéro : %v", err)
	}
	if err := publier(b, &k, 41, lundi.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	un, deux := complete(t, tete(50, lundi), entree(t, "99000001")), complete(t, tete(51, lundi), entree(t, "99000001"))
	if err := visiodroits.Publier(&k, b.cachet, partielle(t, un, deux)); !errors.Is(err, visiodroits.ErrListe) {
		t.Errorf("une partielle : %v", err)
	}
	for nom, x := range map[string]struct {
		p    func() (visiodroits.Parution, error)
		want int64
		err  error
	}{
		"courante": {func() (visiodroits.Parution, error) {
			return k.Courante(ctx, visiodroits.GenreServices, operateur, lundi)
		}, 40, nil},
		"à son heure": {func() (visiodroits.Parution, error) {
			return k.Courante(ctx, visiodroits.GenreServices, operateur, lundi.Add(time.Hour))
		}, 41, nil},
		"suivante": {func() (visiodroits.Parution, error) {
			return k.Suivante(ctx, visiodroits.GenreServices, operateur, lundi)
		}, 41, nil},
		"plus de suivante": {func() (visiodroits.Parution, error) {
			return k.Suivante(ctx, visiodroits.GenreServices, operateur, lundi.Add(time.Hour))
		}, 0, visiodroits.ErrNonParue},
		"autre genre": {func() (visiodroits.Parution, error) { return k.Courante(ctx, visiodroits.GenreEtat, operateur, lundi) }, 0, visiodroits.ErrNonParue},
		"avant tout": {func() (visiodroits.Parution, error) {
			return k.Courante(ctx, visiodroits.GenreServices, operateur, lundi.Add(-1))
		}, 0, visiodroits.ErrNonParue},
		"par numéro":    {func() (visiodroits.Parution, error) { return k.Numero(ctx, visiodroits.GenreServices, operateur, 10) }, 10, nil},
		"numéro oublié": {func() (visiodroits.Parution, error) { return k.Numero(ctx, visiodroits.GenreServices, operateur, 9) }, 0, visiodroits.ErrNonParue},
		"depuis un vieux": {func() (visiodroits.Parution, error) {
			return k.Depuis(ctx, visiodroits.GenreServices, operateur, 10, lundi)
		}, 40, nil},
		"depuis un oublié": {func() (visiodroits.Parution, error) {
			return k.Depuis(ctx, visiodroits.GenreServices, operateur, 2, lundi)
		}, 0, visiodroits.ErrNonParue},
		"depuis la même": {func() (visiodroits.Parution, error) {
			return k.Depuis(ctx, visiodroits.GenreServices, operateur, 40, lundi)
		}, 40, visiodroits.ErrAJour},
		"depuis l'à venir": {func() (visiodroits.Parution, error) {
			return k.Depuis(ctx, visiodroits.GenreServices, operateur, 41, lundi)
		}, 0, visiodroits.ErrNonParue},
		"depuis, à l'heure": {func() (visiodroits.Parution, error) {
			return k.Depuis(ctx, visiodroits.GenreServices, operateur, 39, lundi.Add(time.Hour))
		}, 41, nil},
	} {
		if p, err := x.p(); p.Numero != x.want || !errors.Is(err, x.err) {
			t.Errorf("%s : %d, %v", nom, p.Numero, err)
		}
	}
}

// Whoever publishes again after a restart, under the same number, changes nothing
// for those who read; under the same number, another list is seen.
func TestRepublier(t *testing.T) {
	b, ctx := nouveau(t), context.Background()
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	for i := range 2 {
		var k visiodroits.Kiosque
		if err := publier(b, &k, 7, lundi); err != nil {
			t.Fatal(err)
		}
		p, err := k.Courante(ctx, visiodroits.GenreServices, operateur, lundi)
		if err != nil {
			t.Fatal(err)
		}
		if d := b.deposer(c, p.Octets, lundi); d.Inchangee != (i == 1) {
			t.Errorf("%d : %+v", i, d)
		}
	}
}

// Every edition remembered leads to the one in force, by its partial list.
func TestPartiellesDuKiosque(t *testing.T) {
	b, ctx := nouveau(t), context.Background()
	var k visiodroits.Kiosque
	var pieces [][]byte
	for n := int64(1); n <= 6; n++ {
		if err := publier(b, &k, n, lundi); err != nil {
			t.Fatal(err)
		}
		p, err := k.Courante(ctx, visiodroits.GenreServices, operateur, lundi)
		if err != nil {
			t.Fatal(err)
		}
		pieces = append(pieces, p.Octets)
	}
	for n := int64(1); n < 6; n++ {
		c := b.classeur(attendu(visiodroits.GenreServices, operateur))
		b.deposer(c, pieces[n-1], lundi)
		p, err := k.Depuis(ctx, visiodroits.GenreServices, operateur, n, lundi)
		if err != nil || len(p.Octets) >= len(pieces[5]) || p.Marque != visiodroits.MarqueDe(p.Octets) {
			t.Fatalf("depuis %d : %v", n, err)
		}
		b.deposer(c, p.Octets, lundi)
		if got := fmt.Sprint(c.Etats(lundi)[0].Numero, x(t, c, "99000002", lundi)); got != "6 6" {
			t.Errorf("depuis %d : %s", n, got)
		}
	}
}
