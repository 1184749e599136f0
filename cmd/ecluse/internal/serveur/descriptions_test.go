package serveur

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// Whoever writes software reads each profile without certificate, at its own address: what
// names a patient and what names a product are never in one description.
func TestDescriptions(t *testing.T) {
	f := &config.Fichier{Config: config.Config{Ecoute: config.Ecoute{Adresse: "127.0.0.1:8443", Ouverte: "127.0.0.1:8470"},
		Surveillance: config.Surveillance{Adresse: "127.0.0.1:8080"}, AMC: []config.AMC{{}}}}
	f.AMC[0].Droits.Tiers.Adresse = "https://tiers.test:8461"
	mux := http.NewServeMux()
	p := &Processus{Fichier: f}
	p.publierDescriptions(mux)
	lire := func(chemin string) string {
		t.Helper()
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, chemin, nil))
		if w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s : %d", chemin, w.Code)
		}
		return w.Body.String()
	}
	for _, x := range []struct {
		racine, nom, ou, porte, jamais string
	}{
		{"/v1/roc/", "roc", "https://127.0.0.1:8443", "numeroAdherent", "numeroTarification"},
		{"/v1/droits/", "droits", "https://127.0.0.1:8470", "numeroAdherent", "codeProduit"},
		{"/v1/tarif/", "tarif", "https://tiers.test:8461", "numeroDossier", "numeroAdherent"},
	} {
		for _, d := range []string{"soap?wsdl", "openapi.json", x.nom + ".xsd", "messages.md", ""} {
			s := lire(x.racine + d)
			if strings.Contains(s, x.jamais) {
				t.Errorf("%s%s parle de %s", x.racine, d, x.jamais)
			}
			if slices.Contains([]string{"soap?wsdl", "openapi.json"}, d) && (!strings.Contains(s, x.ou) || !strings.Contains(s, x.porte)) {
				t.Errorf("%s%s : ni %s, ni %s", x.racine, d, x.ou, x.porte)
			}
		}
	}
	liens := p.LiensDescriptions() // what the desk links is there
	if len(liens) != 15 {
		t.Errorf("%d liens", len(liens))
	}
	for _, l := range liens {
		chemin, ok := strings.CutPrefix(l.Adresse, "http://127.0.0.1:8080")
		if !ok {
			t.Errorf("%+v", l)
		}
		lire(chemin)
	}
}
