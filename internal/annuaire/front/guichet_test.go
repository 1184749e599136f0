package front

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
)

// listeEssai lists what a registry in memory was given.
type listeEssai struct {
	*annuairetest.Memoire
	l []string
}

func (m *listeEssai) Inscrire(ctx context.Context, d *annuaire.Demande) error {
	m.l = append(m.l, d.Numero)
	return m.Memoire.Inscrire(ctx, d)
}

func (m *listeEssai) suite(ctx context.Context, apres string, max int, f func(*annuaire.Demande) bool) (l []*annuaire.Demande, err error) {
	for _, n := range m.l {
		d, err := m.Demande(ctx, n)
		if err != nil {
			return nil, err
		}
		if n > apres && len(l) < max && f(d) {
			l = append(l, d)
		}
	}
	return l, nil
}

func (m *listeEssai) DeActeur(ctx context.Context, par, apres string, max int) ([]*annuaire.Demande, error) {
	return m.suite(ctx, apres, max, func(d *annuaire.Demande) bool { return d.Par == par })
}

func (m *listeEssai) EnAttente(ctx context.Context, apres *annuaire.Demande, max int) ([]*annuaire.Demande, error) {
	numero := ""
	if apres != nil {
		numero = apres.Numero
	}
	return m.suite(ctx, numero, max, func(d *annuaire.Demande) bool { return d.Etat == annuaire.Deposee })
}

// fichesEssai are the records of fiches.
type fichesEssai map[string]annuaire.Changement

func (f fichesEssai) Fiche(_ context.Context, _ annuaire.Nature, id string) (*annuaire.Changement, error) {
	k, ok := f[id]
	if !ok {
		return nil, annuaire.ErrInconnu
	}
	c := k.Cloner()
	return &c, nil
}

func guichet(t *testing.T) http.Handler {
	t.Helper()
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	f := fichesEssai{}
	for _, k := range fiches() {
		_, e := k.Entete()
		f[e.ID] = k
	}
	m := &listeEssai{Memoire: annuairetest.NouvelleMemoire()}
	n := 0
	g := &Guichet{Liste: m, Demandes: &annuaire.Demandes{Donnees: d, Fiches: f, Registre: m, Horloge: func() time.Time { return maintenant }, Numeroter: func() (string, error) {
		n++
		return fmt.Sprintf("R%03d", n), nil
	}}, Qui: func(r *http.Request) (*annuaire.Vision, error) { return vision(t, r.Header.Get("Essai-Vue")), nil }}
	mux := http.NewServeMux()
	g.Servir(mux, "/annuaire")
	return mux
}

func poster(t *testing.T, h http.Handler, qui, adresse, corps string) (int, demandeJSON, string) {
	t.Helper()
	methode := "POST"
	if corps == "" {
		methode = "GET"
	}
	r := httptest.NewRequest(methode, "/annuaire"+adresse, strings.NewReader(corps))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Essai-Vue", qui)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var j demandeJSON
	if w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), &j); err != nil {
			t.Fatalf("%v %s", err, w.Body)
		}
	} else if !bytes.Contains(w.Body.Bytes(), []byte(`"detail":"`)) || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("refus sans texte : %d %s", w.Code, w.Body)
	}
	return w.Code, j, w.Body.String()
}

// A professional changes his own address; another proposes it, with a proof, and he
// decides; nobody else reads the request. An operator writes his mailboxes.
func TestGuichet(t *testing.T) {
	h := guichet(t)
	moi := nomme("p1")[0]
	code, j, b := poster(t, h, "V1P", "/demandes", `{"nature":"praticien","fiche":"`+moi+`","modifications":[{"rubrique":"contact.telephone","nouveau":"0699000010"}]}`)
	if code != 201 || j.Etat != "APPLIQUEE" || j.Version != 3 || j.Groupe != "contact" || j.Modifications[0].Ancien != "0699000009" {
		t.Errorf("%d %s", code, b)
	}
	code, j, b = poster(t, h, "V2", "/demandes", `{"nature":"praticien","fiche":"`+moi+`","modifications":[{"rubrique":"bal.description","cle":"rouge@chu.mssante.example","nouveau":"Cardiologie"}]}`)
	if code != 201 || j.Groupe != "messagerie" {
		t.Errorf("%d %s", code, b)
	}
	code, j, b = poster(t, h, "V3", "/demandes", `{"nature":"praticien","fiche":"`+moi+`","preuve":"acte 12","modifications":[{"rubrique":"nom","nouveau":"LÉGER"}]}`)
	if code != 202 || j.Etat != "DEPOSEE" || j.Echeance == "" {
		t.Fatalf("%d %s", code, b)
	}
	numero := j.Numero
	for qui, attendu := range map[string]int{"V3": 200, "V4": 200, "V1": 404, "V1P": 404, "V5": 404} {
		if code, _, _ := poster(t, h, qui, "/demandes/"+numero, ""); code != attendu {
			t.Errorf("%s lit la demande : %d", qui, code)
		}
	}
	if _, _, b = poster(t, h, "V4", "/demandes/a-decider", ""); !strings.Contains(b, numero) {
		t.Errorf("%s", b)
	}
	if _, _, b = poster(t, h, "V1", "/demandes/a-decider", ""); strings.Contains(b, numero) {
		t.Errorf("un autre voit la demande : %s", b)
	}
	if _, _, b = poster(t, h, "V3", "/demandes", ""); !strings.Contains(b, numero) || strings.Contains(b, "0699000010") {
		t.Errorf("%s", b)
	}
	if code, _, _ := poster(t, h, "V3", "/demandes/"+numero+"/accepter", "{}"); code != 403 {
		t.Errorf("qui propose décide : %d", code)
	}
	if code, j, b = poster(t, h, "V4", "/demandes/"+numero+"/accepter", "{}"); code != 200 || j.Etat != "APPLIQUEE" {
		t.Errorf("%d %s", code, b)
	}
	if code, _, _ := poster(t, h, "V4", "/demandes/"+numero+"/refuser", `{"motif":"trop tard"}`); code != 409 {
		t.Errorf("décidée deux fois : %d", code)
	}
}

func TestGuichetRefuse(t *testing.T) {
	h := guichet(t)
	moi := nomme("p1")[0]
	for _, c := range []struct {
		cas, qui, adresse, corps string
		statut                   int
		dit                      string
	}{
		{"sans nom", "", "/demandes", `{}`, 401, "certificat"},
		{"pas du JSON", "V1P", "/demandes", `Secret`, 400, "JSON"},
		{"champ inconnu", "V1P", "/demandes", `{"nature":"praticien","Secret":1}`, 400, "JSON"},
		{"nature inconnue", "V1P", "/demandes", `{"nature":"chien","fiche":"x"}`, 422, "nature"},
		{"état choisi", "V1P", "/demandes", `{"nature":"praticien","fiche":"` + moi + `","etat":"APPLIQUEE","modifications":[{"rubrique":"nom","nouveau":"Secret"}]}`, 422, "elles seules"},
		{"fiche inconnue", "V1P", "/demandes", `{"nature":"praticien","fiche":"Secret","modifications":[{"rubrique":"nom","nouveau":"x"}]}`, 404, "identifiant"},
		{"rubrique inconnue", "V1P", "/demandes", `{"nature":"praticien","fiche":"` + moi + `","modifications":[{"rubrique":"Secret","nouveau":"x"}]}`, 422, "rubrique"},
		{"sans preuve", "V3", "/demandes", `{"nature":"praticien","fiche":"` + moi + `","modifications":[{"rubrique":"nom","nouveau":"X"}]}`, 422, "preuve"},
		{"champ caché", "V1", "/demandes", `{"nature":"praticien","fiche":"` + moi + `","preuve":"p","modifications":[{"rubrique":"contact.telephone","nouveau":"01"}]}`, 403, "regard"},
		{"fiche ancienne", "V1P", "/demandes", `{"nature":"praticien","fiche":"` + moi + `","modifications":[{"rubrique":"contact.telephone","ancien":"Secret","nouveau":"01"}]}`, 409, "changé"},
		{"demande inconnue", "V1P", "/demandes/R999", "", 404, "demande"},
		{"énorme", "V1P", "/demandes", `{"preuve":"` + strings.Repeat("a", 70_000) + `"}`, 413, "64 Ko"},
		{"nature sans rubriques", "V1P", "/rubriques/chien", "", 404, "praticien"},
	} {
		code, _, b := poster(t, h, c.qui, c.adresse, c.corps)
		if code != c.statut || !strings.Contains(b, c.dit) || strings.Contains(b, "Secret") {
			t.Errorf("%s : %d %s", c.cas, code, b)
		}
	}
	if code, _, b := poster(t, h, "V1P", "/rubriques/praticien", ""); code != 200 || !strings.Contains(b, "contact.telephone") {
		t.Errorf("%d %s", code, b)
	}
	routes := map[string]bool{}
	for _, r := range RoutesGuichet() {
		routes[r.Methode+" "+r.Chemin] = true
	}
	if len(routes) != 7 {
		t.Errorf("%v", routes)
	}
}
