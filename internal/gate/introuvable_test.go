package gate_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
)

// Who knocks at no door, or by the wrong method, is told in French which are there.
func TestEnFrancais(t *testing.T) {
	p := &gate.Portail{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	surveillance := http.NewServeMux()
	surveillance.HandleFunc("GET /vivant", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "vivant\n") })
	surveillance.HandleFunc("GET /absent", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Introuvable dans ce journal.", http.StatusNotFound)
	})
	gate.Publier(surveillance, roc.ROC, roc.Publication, "https://exemple.test")
	portes := http.NewServeMux()
	p.Routes(portes, roc.ROC, gate.Limites{}, roc.Publication)
	for _, x := range []struct {
		mux             http.Handler
		methode, chemin string
		statut          int
		allow, corps    string // corps of an answer that is not a problem
	}{
		{portes, "GET", "/v1/roc/idb", 405, "POST", ""},
		{portes, "DELETE", "/v1/roc/idb", 405, "POST", ""},
		{portes, "DELETE", "/v1/roc/soap", 405, "GET, HEAD, POST", ""},
		{portes, "GET", "/v1/roc/zut", 404, "", ""},
		{portes, "GET", "/v1/zut", 404, "", ""},
		{surveillance, "GET", "/zut", 404, "", ""},
		{surveillance, "POST", "/vivant", 405, "GET, HEAD", ""},
		{surveillance, "GET", "/vivant", 200, "", "vivant\n"},
		{surveillance, "GET", "/absent", 404, "", "Introuvable dans ce journal.\n"},
	} {
		w := httptest.NewRecorder()
		gate.EnFrancais(x.mux).ServeHTTP(w, httptest.NewRequest(x.methode, x.chemin, nil))
		if w.Code != x.statut || w.Header().Get("Allow") != x.allow {
			t.Errorf("%s %s : %d, Allow %q, want %d %q", x.methode, x.chemin, w.Code, w.Header().Get("Allow"), x.statut, x.allow)
		}
		if x.corps != "" {
			if w.Body.String() != x.corps {
				t.Errorf("%s %s : %q", x.methode, x.chemin, w.Body)
			}
			continue
		}
		var m map[string]any
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/problem+json" ||
			m["status"] != float64(x.statut) || m["detail"] == "" || m["quiAgit"] == "" || m["aFaire"] == "" {
			t.Errorf("%s %s : %s %v", x.methode, x.chemin, w.Body, err)
		}
	}
	for _, nom := range append(roc.Publication.Documents(), "", "soap?wsdl") {
		w := httptest.NewRecorder()
		gate.EnFrancais(surveillance).ServeHTTP(w, httptest.NewRequest("GET", "/v1/roc/"+nom, nil))
		if w.Code != 200 {
			t.Errorf("document %q : %d", nom, w.Code)
		}
	}
}

// A page that panics ends its connection and is told to the operator, without what was
// asked of it.
func TestPageEnPanique(t *testing.T) {
	var journal bytes.Buffer
	p := &gate.Portail{Log: slog.New(slog.NewTextHandler(&journal, nil))}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page/{nom}", func(http.ResponseWriter, *http.Request) { panic("bogue") })
	srv := httptest.NewServer(p.Serveur(gate.Limites{}, mux, nil).Handler)
	defer srv.Close()
	if rep, err := http.Get(srv.URL + "/page/secret"); err == nil {
		rep.Body.Close()
		t.Errorf("réponse %s", rep.Status)
	}
	srv.Close() // what was under way is over, and told
	if s := journal.String(); !strings.Contains(s, "bogue") || !strings.Contains(s, "TestPageEnPanique") || strings.Contains(s, "secret") {
		t.Errorf("journal : %s", s)
	}
}
