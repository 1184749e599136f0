package national

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

// A source that fails is asked again soon, then less and less, and as usual once it is
// back.
func TestSuivre(t *testing.T) {
	p := &publication{}
	p.publier(t, midi.Add(-time.Hour), personne("99900112204", "FICTIF"))
	o := nouvelleOrigine(t, p.servir)
	dossier := t.TempDir()
	x := nouvelleTable(t, o.ouvrir(t, Extractions, dossier, "/zip"), dossier)
	o.fauter(reponse(404), reponse(404), reponse(404), nil, reponse(404))
	ctx, arreter := context.WithCancel(context.Background())
	var pauses []time.Duration
	var tours []string
	err := x.m.Suivre(ctx, Cadence{Chaque: 3 * time.Minute}, func() charger.Options { return x.o }, func(_ context.Context, d time.Duration) error {
		if pauses = append(pauses, d); len(pauses) == 6 {
			arreter()
		}
		return ctx.Err()
	}, func(r *charger.Rapport, err error) { tours = append(tours, fmt.Sprint(r != nil, err != nil)) })
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(pauses); got != "[1m0s 2m0s 3m0s 3m0s 1m0s 3m0s]" {
		t.Errorf("pauses %s", got)
	}
	if got := strings.Join(tours, ","); got != "false true,false true,false true,true false,false true,false false" {
		t.Errorf("tours %s", got)
	}
}

// What was exported to files is loaded without a network.
func TestFichiersNDJSON(t *testing.T) {
	x := nouvelleTable(t, nil, t.TempDir())
	r, err := charger.Charger(context.Background(), []charger.Flux{Fichiers([]string{filepath.Join("testdata", "ressources.ndjson")}, midi, true)}, x.d, x.o)
	if err != nil {
		t.Fatal(err)
	}
	if r.Mouvements[annuaire.Praticiens].Nouvelles != 1 || r.Mouvements[annuaire.Equipements].Nouvelles != 1 || r.Lignes() != 5 {
		t.Errorf("%+v", r.Mouvements)
	}
	if _, err := charger.Charger(context.Background(), []charger.Flux{Fichiers([]string{filepath.Join("testdata", "absent.ndjson")}, midi, true)}, x.d, x.o); err == nil {
		t.Error("un fichier absent est chargé")
	}
	if x.nombre(annuaire.Praticiens) != 1 {
		t.Error("un fichier absent a fini les fiches")
	}
}
