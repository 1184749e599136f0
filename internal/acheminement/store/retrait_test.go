package store

import (
	"context"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// What a partner fetched is listed once, when he first had it, and to its owner only.
func TestRetraits(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		s, midi := New(b, "es-1"), time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)
		for i, r := range []acheminement.Retrait{{Partenaire: "99000909", Nom: "b", Taille: 7}, {Partenaire: "99000101", Nom: "a", Taille: 9}, {Partenaire: "99000909", Nom: "b", Taille: 7}} {
			r.Instant = midi.Add(time.Duration(i) * time.Hour)
			if err := s.NoterRetrait(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		l, err := s.Retraits(ctx)
		if err != nil || len(l) != 2 || l[0].Partenaire != "99000101" || l[1].Taille != 7 || !l[1].Instant.Equal(midi) {
			t.Errorf("%+v, %v", l, err)
		}
		if l, err := New(b, "es-2").Retraits(ctx); err != nil || len(l) != 0 {
			t.Errorf("vus par un autre : %+v, %v", l, err)
		}
	}, Migrations())
}
