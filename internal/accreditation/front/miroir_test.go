package front

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
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

func discret() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
