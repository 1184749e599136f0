package front

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What is told of the addresses is what is served, under its pattern.
func TestListe(t *testing.T) {
	mux := http.NewServeMux()
	RoutesListes(mux, "/v1/droits", nil, time.Now)
	RoutesLAR(mux, "/v1/droits", nil)
	for _, x := range Liste() {
		chemin := "/v1/droits" + x.Chemin
		q := httptest.NewRequest(http.MethodGet, strings.NewReplacer("{genre}", "etat", "{emetteur}", "99000001", "{numero}", "1").Replace(chemin), nil)
		if _, motif := mux.Handler(q); motif != "GET "+chemin || x.Doc == "" {
			t.Errorf("%s : servie par %q", chemin, motif)
		}
	}
}
