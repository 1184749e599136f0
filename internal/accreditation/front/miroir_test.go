package front

import (
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A mirror gives the lists of the issuers that it knows, asks them nothing else, and says
// nothing of who asks.
func TestMiroir(t *testing.T) {
	var vues []*http.Request
	amont := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		vues = append(vues, r)
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Cache-Control", "public, max-age=60")
		if r.Header.Get("If-None-Match") == `"a"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, "liste")
	}))
	defer amont.Close()
	local := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ici") })
	log := discret()
	h, err := Miroir(local, "/v1/droits", []Source{{"99000001", amont.URL}, {"99000002", "https://127.0.0.1:1"}}, amont.Client().Transport, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	demander := func(methode, chemin string, entetes ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(methode, chemin, nil)
		r.Header.Set("Authorization", "Bearer secret")
		r.Header.Set("X-Forwarded-For", "192.0.2.7")
		r.Header.Set("Cookie", "a=b")
		for i := 0; i < len(entetes); i += 2 {
			r.Header.Set(entetes[i], entetes[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		methode, chemin string
		statut          int
		corps           string
	}{
		{"GET", "/v1/droits/listes/services/99000001/courante", 200, "liste"},
		{"GET", "/v1/droits/lar/99000001/3/delta", 200, "liste"},
		{"GET", "/v1/droits/lar/99000002/courante", 502, "injoignable"},
		{"GET", "/v1/droits/listes/services/99000003/courante", 200, "ici"},
		{"GET", "/v1/droits/lar/99000001", 200, "ici"},
		{"POST", "/v1/droits/lar/99000001/courante", 200, "ici"},
		{"GET", "/v1/droits/dld", 200, "ici"},
		{"GET", "/v1/autre/lar/99000001/courante", 200, "ici"},
		{"GET", "/v1/droits/lar/99000001/../../secret", 200, "ici"},
	} {
		if w := demander(c.methode, c.chemin); w.Code != c.statut || !strings.Contains(w.Body.String(), c.corps) {
			t.Errorf("%s %s : %d %q", c.methode, c.chemin, w.Code, w.Body)
		}
	}
	if w := demander("GET", "/v1/droits/lar/99000001/courante?x=secret", "If-None-Match", `"a"`); w.Code != http.StatusNotModified || w.Header().Get("Cache-Control") != "public, max-age=60" {
		t.Errorf("condition : %d %v", w.Code, w.Header())
	}
	if len(vues) != 3 {
		t.Fatalf("%d demandes à l'émetteur", len(vues))
	}
	for _, r := range vues {
		for _, nom := range []string{"Authorization", "Cookie", "X-Forwarded-For"} {
			if r.Header.Get(nom) != "" {
				t.Errorf("%s dit à l'émetteur : %q", nom, r.Header.Get(nom))
			}
		}
		if r.URL.RawQuery != "" {
			t.Errorf("paramètres dits à l'émetteur : %q", r.URL.RawQuery)
		}
	}
	for _, mauvaise := range []Source{{"99000001", "http://a"}, {"99000001", "https://u:p@a"}, {"a/b", "https://a"}, {"", "https://a"}} {
		if _, err := Miroir(local, "/v1/droits", []Source{mauvaise}, nil, log, time.Now); err == nil {
			t.Errorf("%+v acceptée", mauvaise)
		}
	}
}

// While an issuer is down, the copy that is held is given in its place, with its age and a
// warning, until the end that the list announces; then, and without a copy, 502. Readers do
// not wait for it each time.
func TestMiroirEmetteurEnPanne(t *testing.T) {
	a := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	terme := a.Add(time.Hour)
	liste := `{"entete":{"numero":3,"prochaineEmission":"` + terme.Format(time.RFC3339) + `"},"entrees":[]}`
	tete := base64.RawURLEncoding.EncodeToString([]byte(`{"numero":3,"prochaineEmission":"` + terme.Format("2006-01-02T15:04:05.000Z") + `"}`))
	lar := "eyJhbGciOiJFUzI1NiJ9." + tete + ".c2lnbmF0dXJl\nenregistrements"
	var enPanne, demandes atomic.Int64
	amont := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		demandes.Add(1)
		if n := enPanne.Load(); n != 0 {
			w.WriteHeader(int(n))
			return
		}
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Cache-Control", "public, max-age=300")
		switch {
		case r.Header.Get("If-None-Match") == `"a"`:
			w.WriteHeader(http.StatusNotModified)
		case strings.Contains(r.URL.Path, "/lar/"):
			io.WriteString(w, lar)
		default:
			io.WriteString(w, liste)
		}
	}))
	defer amont.Close()
	h, err := Miroir(http.NotFoundHandler(), "/v1", []Source{{"99000001", amont.URL}}, amont.Client().Transport, discret(), func() time.Time { return a })
	if err != nil {
		t.Fatal(err)
	}
	demander := func(quoi string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/"+quoi, nil))
		return w
	}
	tenues := map[string]string{"listes/services/99000001/courante": liste, "lar/99000001/courante": lar}
	for quoi, want := range tenues {
		if w := demander(quoi); w.Code != 200 || w.Body.String() != want || w.Header().Get("Warning") != "" {
			t.Errorf("%s : %d %q", quoi, w.Code, w.Body)
		}
	}
	enPanne.Store(http.StatusServiceUnavailable)
	a = a.Add(10 * time.Minute)
	for quoi, want := range tenues {
		demandes.Store(0)
		for range 5 {
			w := demander(quoi)
			if w.Code != 200 || w.Body.String() != want || w.Header().Get("Age") != "600" || !strings.HasPrefix(w.Header().Get("Warning"), "111 ") || w.Header().Get("Cache-Control") != "no-cache" {
				t.Errorf("%s, émetteur en panne : %d %v", quoi, w.Code, w.Header())
			}
		}
		if n := demandes.Load(); n != 1 {
			t.Errorf("%s : %d demandes à un émetteur en panne", quoi, n)
		}
	}
	if w := demander("listes/certificats/99000001/courante"); w.Code != http.StatusServiceUnavailable {
		t.Errorf("jamais lue : %d", w.Code)
	}
	enPanne.Store(0)
	a = a.Add(11 * time.Second)
	for quoi := range tenues {
		if w := demander(quoi); w.Code != 200 || w.Header().Get("Warning") != "" || w.Header().Get("Age") != "" || w.Header().Get("Cache-Control") != "public, max-age=300" {
			t.Errorf("%s, émetteur revenu : %d %v", quoi, w.Code, w.Header())
		}
	}
	enPanne.Store(http.StatusInternalServerError)
	a = terme.Add(-5 * time.Second)
	for quoi := range tenues {
		if w := demander(quoi); w.Code != 200 {
			t.Errorf("%s, juste avant son terme : %d", quoi, w.Code)
		}
	}
	a = terme
	for quoi := range tenues {
		if w := demander(quoi); w.Code != http.StatusBadGateway { // what it had is not given past it
			t.Errorf("%s, passé son terme : %d", quoi, w.Code)
		}
	}
}

func discret() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
