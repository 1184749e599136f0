package front_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/front"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
	"github.com/ecluse-sante/ecluse/preuve"
)

// A partner, with the public key and these addresses only, checks a leaf by the
// proof we hand out and by tiles alone, and then the growth of the log.
func TestPartenaire(t *testing.T) {
	ctx := context.Background()
	b := journaltest.Nouveau(t, bdd.SQLite)
	j := b.Journal(t, "amc-1")
	s := b.Sequenceur(t, "essai", j)
	serveur := httptest.NewServer(front.Front{Journal: j}.Routes())
	defer serveur.Close()
	lire := func(chemin string, want int) []byte {
		t.Helper()
		r, err := http.Get(serveur.URL + chemin)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		o, _ := io.ReadAll(r.Body)
		if r.StatusCode != want {
			t.Fatalf("%s: got %d (%s), want %d", chemin, r.StatusCode, o, want)
		}
		return o
	}
	ecrire := func(n int) (f journal.Feuille) {
		for i := range n {
			var err error
			if f, err = j.Ecrire(ctx, journaltest.Trace(i), journal.Contenu{}); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	sequencer := func() {
		for n := 1; n > 0; {
			var err error
			if n, err = s.Sequencer(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := ecrire(300)
	lire(front.Chemin(f.Hash), http.StatusAccepted)
	sequencer()
	cle, err := preuve.ParseCle(string(lire("/journal/cle", 200)))
	if err != nil {
		t.Fatal(err)
	}
	var i preuve.Inclusion
	if err := json.Unmarshal(lire(front.Chemin(f.Hash), 200), &i); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Verifier(cle); err != nil || i.Feuille != f.Hash {
		t.Errorf("proof: %v", err)
	}
	avant, err := preuve.OuvrirPointControle(lire("/journal/checkpoint", 200), cle)
	if err != nil || avant.Taille != 300 {
		t.Fatalf("got %+v, %v", avant, err)
	}
	chemin, err := preuve.ProuverInclusion(avant.Taille, i.Rang, func(niveau int, indice int64, largeur int) ([]byte, error) {
		return lire("/journal/"+preuve.CheminTuile(strconv.Itoa(niveau), indice, largeur), 200), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := preuve.VerifierInclusion(avant, i.Rang, f.Hash, chemin); err != nil {
		t.Errorf("proof from tiles: %v", err)
	}
	if o := lire("/journal/tile/entries/001.p/44", 200); len(o) != 44*34 {
		t.Errorf("entry bundle of %d octets", len(o))
	}
	ecrire(400)
	sequencer()
	var c front.Coherence
	if err := json.Unmarshal(lire("/journal/coherence/300", 200), &c); err != nil {
		t.Fatal(err)
	}
	apres, err := preuve.OuvrirPointControle([]byte(c.Point), cle)
	if err != nil {
		t.Fatal(err)
	}
	if err := preuve.VerifierCoherence(avant, apres, c.Chemin); err != nil {
		t.Error(err)
	}
	for chemin, want := range map[string]int{
		"/journal/preuve/" + strings.Repeat("0", 64): 404,
		"/journal/preuve/abc":                        400,
		"/journal/tile/0/003":                        404,
		"/journal/tile/0/000.p/256":                  404,
		"/journal/tile/0/000.p/0":                    404,
		"/journal/tile/9/000":                        404,
		"/journal/tile/0/x999/x999/x999/x999/999":    404,
		"/journal/tile/entries/900":                  404,
		"/journal/coherence/99999":                   400,
		"/journal/coherence/-1":                      400,
	} {
		lire(chemin, want)
	}
}
