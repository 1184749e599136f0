package laboratoire

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"
)

// laboratoireEntier starts every party of the world, each alone in its directory, until the
// end of the test. ref: DEC 3
func laboratoireEntier(t *testing.T) *Scene {
	t.Helper()
	if testing.Short() {
		t.Skip("laboratoire entier")
	}
	s, err := Monter(context.Background(), t.TempDir(), time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Demonter(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// taire makes a party fall silent: it answers nobody any more, and what it holds stays open.
func (s *Scene) taire(cle string) { s.arrets[cle]() }

// dit is what the supervision of a party says of it now, at an address of it.
func (s *Scene) dit(t *testing.T, cle, chemin string) (code int, corps string) {
	t.Helper()
	r, err := http.Get("http://" + s.parties[cle].Fichier.Surveillance.Adresse + chemin)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}
