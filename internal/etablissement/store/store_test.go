package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/roc"
)

func TestSuite(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		etablissementtest.Suite(t, func(tenant string) etablissementtest.Magasin { return New(b, tenant) })
	}, Migrations())
}

// Messages leave at their term: the commitments late, the rest early.
// ref: ROC §16.4
func TestPurger(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		s := New(b, "750712184")
		for _, service := range []roc.Service{roc.IDB, roc.CLC, roc.DRE} {
			d := roc.Depart{Service: service, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), Dossier: "P-1", Instant: etablissementtest.Midi, Scelle: []byte("q")}
			if err := s.Question(ctx, &d); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Commencer(ctx, "k", "e", etablissementtest.Midi); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			apres time.Duration
			reste int
		}{{time.Hour, 3}, {366 * 24 * time.Hour, 2}, {11 * 365 * 24 * time.Hour, 0}} {
			if err := s.Purger(ctx, etablissementtest.Midi.Add(c.apres), Conservation{}); err != nil {
				t.Fatal(err)
			}
			if l, err := s.Messages(ctx, "P-1"); err != nil || len(l) != c.reste {
				t.Errorf("après %s : %d messages, %v, want %d", c.apres, len(l), err, c.reste)
			}
		}
		if k, err := s.Commencer(ctx, "k", "autre", etablissementtest.Midi); k != nil || err != nil {
			t.Errorf("clé oubliée : %v, %v", k, err)
		}
	}, Migrations())
}

// The last messages of every file, in the order they left, and how many there are.
func TestRecents(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		s, autre := New(b, "750712184"), New(b, "750712185")
		for i, dossier := range []string{"R-1", "R-2", "R-1", "R-3"} {
			d := roc.Depart{Service: roc.IDB, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(), Dossier: dossier,
				Instant: etablissementtest.Midi.Add(time.Duration(i) * time.Minute), Scelle: []byte("q")}
			if err := s.Question(ctx, &d); err != nil {
				t.Fatal(err)
			}
		}
		for max, want := range map[int]string{10: "R-1 R-2 R-1 R-3", 2: "R-1 R-3"} {
			l, total, err := s.Recents(ctx, max)
			var lus []string
			for _, m := range l {
				lus = append(lus, m.Dossier)
			}
			if got := strings.Join(lus, " "); err != nil || total != 4 || got != want {
				t.Errorf("%d au plus : %q sur %d, %v, want %q", max, got, total, err, want)
			}
		}
		if l, total, err := autre.Recents(ctx, 10); err != nil || total != 0 || len(l) != 0 {
			t.Errorf("autre établissement : %d sur %d, %v", len(l), total, err)
		}
	}, Migrations())
}
