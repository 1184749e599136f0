package gate

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// EnFrancais serves h, and says in a French problem document what http.ServeMux
// says in English: no such address, or not by this method. ref: RFC 9457
func EnFrancais(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := &traducteur{ResponseWriter: w}
		h.ServeHTTP(t, r)
		t.rendre()
	})
}

// traducteur holds back a refusal of the mux until its text is known.
type traducteur struct {
	http.ResponseWriter
	retenu int // status not written yet, 0 when none is
}

// Unwrap is for http.ResponseController.
func (t *traducteur) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// WriteHeader holds back a 404 or a 405 in plain text.
func (t *traducteur) WriteHeader(statut int) {
	if (statut == http.StatusNotFound || statut == http.StatusMethodNotAllowed) && strings.HasPrefix(t.Header().Get("Content-Type"), "text/plain") {
		t.retenu = statut
		return
	}
	t.ResponseWriter.WriteHeader(statut)
}

// Write replaces the mux's own texts; any other goes as it is.
func (t *traducteur) Write(b []byte) (int, error) {
	statut := t.retenu
	if statut != 0 && (string(b) == "404 page not found\n" || string(b) == "Method Not Allowed\n") {
		t.retenu = 0
		t.dire(statut)
		return len(b), nil
	}
	t.rendre()
	return t.ResponseWriter.Write(b)
}

// rendre lets go of what was held back.
func (t *traducteur) rendre() {
	if t.retenu != 0 {
		t.ResponseWriter.WriteHeader(t.retenu)
		t.retenu = 0
	}
}

// problemeHTTP is what a caller reads who knocks at no door.
type problemeHTTP struct {
	Type    string `json:"type"`
	Titre   string `json:"title"`
	Statut  int    `json:"status"`
	Detail  string `json:"detail"`
	QuiAgit string `json:"quiAgit"`
	AFaire  string `json:"aFaire"`
}

func (t *traducteur) dire(statut int) {
	p := problemeHTTP{Type: "about:blank", Titre: "Adresse inconnue", Statut: statut, Detail: "Rien n'est servi à cette adresse.",
		QuiAgit: "l'éditeur du logiciel qui appelle", AFaire: "Corriger l'adresse : docs/reference/routes.md les liste toutes, GET /v1/roc/ décrit l'échange."}
	if statut == http.StatusMethodNotAllowed {
		admises := t.Header().Get("Allow")
		p.Titre, p.Detail, p.AFaire = "Méthode refusée", "Cette adresse n'admet pas cette méthode.", "Appeler cette adresse par "+strings.ReplaceAll(admises, ", ", " ou ")+"."
	}
	b, err := json.Marshal(p)
	if err != nil {
		b = []byte("{}") // strings and a number: it cannot fail
	}
	h := t.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	t.ResponseWriter.WriteHeader(statut)
	t.ResponseWriter.Write(b) // the caller has gone when it fails
}
