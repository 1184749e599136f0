package laboratoire

import (
	"context"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// TestDemo plays the whole demonstration: every party on its own, joined by TLS
// only, and every step as expected.
func TestDemo(t *testing.T) {
	s := laboratoireEntier(t)
	r, err := Conter(s, func(e pupitre.Etape) {
		if !e.Tient() {
			t.Errorf("étape %d, %s, %s : attendu %s, constaté %s, %v", e.Numero, e.Histoire, e.Titre, e.Attendu, e.Constate, e.Coherente())
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Jouer(context.Background()); err != nil {
		t.Fatal(err)
	}
	vus := map[string]bool{}
	for _, e := range r.etapes {
		vus[string(e.Service)+" "+string(e.Code)], vus[e.Titre] = true, true
	}
	for _, attendu := range []string{"ANN 000", "IDB 000", "SIM 010", "CLC 000", "DEL 000", "IDB S502", "IDB S503", "IDB S504", "IDB S505", "ANN S501", "IDB I103",
		"Les livres des deux côtés sont égaux", "Le relevé de la banque est importé et rapproché", "Les trois livres sont égaux", "Pas de comptable public", "DLD 000", "DLD 001", "DLD 204", "DOS 000", "TAR 000", "FAO 000", "L'accréditation est révoquée : le poste le voit avant de facturer",
		"Qui a vu quoi, et ce qui reste dans les fichiers de chacun"} {
		if !vus[attendu] {
			t.Errorf("rien de tel dans la démonstration : %s", attendu)
		}
	}
	verifierConteneurs(t, s, r)
	verifierVies(t, s)
	verifierComptes(t, s)
	verifierPharmacie(t, s)
}
