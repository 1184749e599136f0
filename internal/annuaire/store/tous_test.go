package store

import (
	"context"
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
)

// Several records change together as they do one by one: numbers, history, refusal of
// what another version came before; all or none.
func TestAppliquerTous(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		tous := func(l ...annuaire.Remplacement) error {
			return s.Transaction(ctx, func(ctx context.Context) error {
				for _, r := range l {
					n, e := r.Apres.Entete()
					if _, err := s.Verrouiller(ctx, n, e.ID); err != nil {
						return err
					}
				}
				return s.AppliquerTous(ctx, l, "D", annuairetest.Instant)
			})
		}
		neuve := func(i int) annuaire.Remplacement { return annuaire.Remplacement{Apres: version(i, 1, 0, nil)} }
		suite := func(i int, v uint32) annuaire.Remplacement {
			return annuaire.Remplacement{Avant: version(i, v-1, 0, nil), Apres: version(i, v, 1, nil)}
		}
		if err := tous(); err != nil {
			t.Error(err)
		}
		if err := tous(neuve(1), neuve(2), neuve(3)); err != nil {
			t.Fatal(err)
		}
		if err := s.Verser(ctx, []annuaire.Remplacement{suite(3, 5)}, "course", annuairetest.Instant); err != nil {
			t.Fatal(err)
		}
		if err := tous(suite(1, 2), suite(2, 2)); err != nil {
			t.Fatal(err)
		}
		for _, l := range [][]annuaire.Remplacement{{neuve(4), suite(1, 2)}, {suite(2, 3), suite(3, 2)}} {
			if err := tous(l...); !errors.Is(err, annuaire.ErrAncienne) {
				t.Errorf("une version venue après une autre : %v", err)
			}
		}
		l, err := s.Depuis(ctx, 0)
		var seqs []int64
		for _, m := range l {
			seqs = append(seqs, m.Seq)
		}
		if err != nil || len(l) != 5 || seqs[4] != 6 || l[3].Fiche.Praticien.Version != 2 || l[3].Demande != "D" {
			t.Errorf("%v, %v", seqs, err)
		}
		if v, err := s.Versions(ctx, annuaire.Praticiens, annuairetest.Praticien(1).ID, 9, 9); err != nil || len(v) != 1 || v[0].Praticien.Version != 1 {
			t.Errorf("%d versions, %v", len(v), err)
		}
	})
}
