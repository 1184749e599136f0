package main

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// TestDemo plays the whole demonstration: every party on its own, joined by TLS
// only, and every step as expected.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("démonstration entière")
	}
	s, err := monter(context.Background(), t.TempDir(), time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.demonter(); err != nil {
			t.Error(err)
		}
	}()
	r, err := conter(s, func(e pupitre.Etape) {
		if !e.Tient() {
			t.Errorf("étape %d, %s, %s : attendu %s, constaté %s, %v", e.Numero, e.Histoire, e.Titre, e.Attendu, e.Constate, e.Coherente())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.jouer(context.Background()); err != nil {
		t.Fatal(err)
	}
	vus := map[string]bool{}
	for _, e := range r.etapes {
		vus[string(e.Service)+" "+string(e.Code)] = true
	}
	for _, attendu := range []string{"ANN 000", "IDB 000", "SIM 010", "CLC 000", "DEL 000", "IDB S502", "IDB S503", "IDB S504", "IDB S505", "ANN S501", "IDB I103"} {
		if !vus[attendu] {
			t.Errorf("rien de tel dans la démonstration : %s", attendu)
		}
	}
	verifierConteneurs(t, s, r)
}
