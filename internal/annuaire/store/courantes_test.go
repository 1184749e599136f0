package store

import (
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
)

// Of a nature, the last version of each record of an owner; what a feed took back is not
// there, and the number says that something changed.
func TestCourantes(t *testing.T) {
	moteurs(t, func(t *testing.T, s *Store) {
		ctx := context.Background()
		if l, n, err := s.Courantes(ctx, annuaire.Praticiens); err != nil || n != 0 || len(l) != 0 {
			t.Fatalf("%d, %d, %v", len(l), n, err)
		}
		appliquer(t, s, nil, version(1, 1, 0, nil), "D1")
		appliquer(t, s, version(1, 1, 0, nil), version(1, 2, 0, nil), "D2")
		appliquer(t, s, nil, version(2, 1, 0, nil), "D3")
		appliquer(t, s, nil, version(3, 1, 0, nil), "D4")
		if err := s.Verser(ctx, []annuaire.Remplacement{{Avant: version(3, 1, 0, nil), Apres: version(3, 2, 0, nil)}}, "course", annuairetest.Instant); err != nil {
			t.Fatal(err)
		}
		versions := map[string]uint32{}
		l, n, err := s.Courantes(ctx, annuaire.Praticiens)
		for i := range l {
			versions[l[i].Fiche.Praticien.ID] = l[i].Fiche.Praticien.Version
		}
		if err != nil || n != 5 || len(l) != 2 || versions[annuairetest.Praticien(1).ID] != 2 || versions[annuairetest.Praticien(2).ID] != 1 {
			t.Errorf("%v, %d, %v", versions, n, err)
		}
		if n, err := s.DernierDe(ctx, annuaire.Structures); err != nil || n != 0 {
			t.Errorf("une autre nature : %d, %v", n, err)
		}
		if n, err := New(s.b, "autre", codec).DernierDe(ctx, annuaire.Praticiens); err != nil || n != 0 {
			t.Errorf("un autre locataire : %d, %v", n, err)
		}
	})
}
