package national

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
)

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
