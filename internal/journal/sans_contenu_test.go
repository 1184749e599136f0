package journal_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
	"github.com/ecluse-sante/ecluse/preuve"
)

// A journal without content keeps neither messages nor what judged them, and its leaf
// proves the digests all the same: who holds the message shows it.
func TestSansContenu(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.SansContenu(t, "tiers")
		s := b.Sequenceur(t, "essai", j)
		h, err := j.Deposer(ctx, []byte("certificat"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Piece(ctx, h); !errors.Is(err, journal.ErrAbsent) {
			t.Errorf("une pièce est gardée : %v", err)
		}
		f := ecrire(t, j, 1, journal.Contenu{Question: []byte("question"), Reponse: []byte("12,34 euros"), ChaineQuestion: []preuve.Hash{h}})
		sequencerTout(t, s)
		l, err := j.Trouver(ctx, journal.Critere{ID: f.ID})
		if err != nil || len(l) != 1 {
			t.Fatal(l, err)
		}
		if _, err := j.LireContenu(ctx, l[0]); !errors.Is(err, journal.ErrAbsent) {
			t.Errorf("un contenu est gardé : %v", err)
		}
		x, err := j.Echange(ctx, l[0])
		if err != nil || x.Reponse != nil || x.ChaineQuestion != nil {
			t.Fatalf("%+v, %v", x, err)
		}
		c, err := x.Verifier(j.Cle(), nil)
		if err != nil || c.Trace.EmpreinteReponse != journaltest.Trace(1).EmpreinteReponse {
			t.Errorf("%+v, %v", c, err)
		}
	})
}
