package laboratoire

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The desk of a laboratory finds people in the directory that it serves, opens their
// records through each kind of view, keeps the trace of the restricted ones, and the
// server writes nothing of a question in its log.
func TestBureauAnnuaireServi(t *testing.T) {
	t.Parallel()
	var journal bytes.Buffer
	var nom string
	avecServeurDisant(t, laboratoireSeul(t), &journal, func(v visiteur) {
		page := v.lire("/annuaire?q=infirmier", http.StatusOK)
		m := regexp.MustCompile(`<a href="(/annuaire/praticien/[^"?]+)">([^<]+)</a>`).FindStringSubmatch(page)
		if m == nil || !strings.Contains(page, "professionnels, ") {
			t.Fatalf("personne ne répond :\n%s", page)
		}
		fiche, titre := m[1], m[2]
		nom, _, _ = strings.Cut(titre, " ")
		if page := v.lire("/annuaire?q="+nom, http.StatusOK); !strings.Contains(page, titre) {
			t.Errorf("« %s » ne se retrouve pas par son nom", titre)
		}
		if public := v.lire(fiche, http.StatusOK); !strings.Contains(public, "exercice : ") || strings.Contains(public, "<dt>État civil</dt>") {
			t.Errorf("fiche publique :\n%s", public)
		}
		restreinte := v.lire(fiche+"?famille=ministere", http.StatusOK)
		if !strings.Contains(restreinte, "<dt>État civil</dt>") || !strings.Contains(restreinte, "/versions?famille=ministere") {
			t.Errorf("fiche restreinte :\n%s", restreinte)
		}
		if p := v.lire(fiche+"/versions?famille=ministere", http.StatusOK); !strings.Contains(p, "La plus ancienne qui soit gardée") {
			t.Errorf("versions :\n%s", p)
		}
		v.lire("/pourquoi/praticien/etat-civil", http.StatusOK)
	})
	if nom == "" || strings.Contains(strings.ToLower(journal.String()), strings.ToLower(nom)) || strings.Contains(journal.String(), "infirmier") {
		t.Errorf("le journal du serveur porte la question « %s »", nom)
	}
}
