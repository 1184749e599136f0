package journal_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
)

// What messages share is filed once, and every message is given back whole.
func TestPartCommune(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		part := bytes.Repeat([]byte("certificat "), 100)
		var tailles []int
		for n := range 6 {
			q := append(append([]byte("avant"), part...), byte('0'+n))
			c := journal.Contenu{Question: q, Reponse: []byte("r"), PartQuestion: journal.Part{Debut: 5, Fin: 5 + len(part)}}
			if _, err := j.Deposer(ctx, []byte("chaîne")); err != nil { // as before each message
				t.Fatal(err)
			}
			f := ecrire(t, j, n, c)
			l, err := j.Trouver(ctx, journal.Critere{Feuille: &f.Hash})
			if err != nil || len(l) != 1 {
				t.Fatal(len(l), err)
			}
			lu, err := j.LireContenu(ctx, l[0])
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(journal.Contenu{Question: q, Reponse: []byte("r")}, lu); d != "" {
				t.Error(d)
			}
			chiffre, err := b.Store.Contenu(ctx, "amc-1", f.ID)
			if err != nil {
				t.Fatal(err)
			}
			tailles = append(tailles, len(chiffre))
		}
		if tailles[5] >= tailles[0]-len(part)+64 {
			t.Errorf("sixth content of %d octets, first of %d: the part of %d was not shared", tailles[5], tailles[0], len(part))
		}
	})
}

// A range that is not of the message, too small or too large, shares nothing.
func TestPartHorsDuMessage(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		q := bytes.Repeat([]byte("q"), 10_000)
		for n, p := range []journal.Part{{Debut: -1, Fin: 600}, {Fin: 10_001}, {Debut: 9000, Fin: 100}, {Fin: 10}, {Fin: 9999}} {
			for k := range 4 {
				if _, err := j.Deposer(ctx, []byte("chaîne")); err != nil {
					t.Fatal(err)
				}
				f := ecrire(t, j, 10*n+k, journal.Contenu{Question: q, PartQuestion: p})
				l, err := j.Trouver(ctx, journal.Critere{Feuille: &f.Hash})
				if err != nil || len(l) != 1 {
					t.Fatal(len(l), err)
				}
				if lu, err := j.LireContenu(ctx, l[0]); err != nil || !bytes.Equal(lu.Question, q) {
					t.Errorf("%v: %v", p, err)
				}
			}
		}
	})
}
