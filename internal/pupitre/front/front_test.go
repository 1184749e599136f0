package front_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
)

const hote = "127.0.0.1:8088"

// banc is a desk and what its visitor sends.
type banc struct {
	t        *testing.T
	monde    *pupitretest.Monde
	envoyeur *pupitretest.Envoyeur
	h        http.Handler
}

func nouveauBanc(t *testing.T) *banc {
	t.Helper()
	m := pupitretest.New(t)
	v := &pupitretest.Envoyeur{M: m}
	return &banc{t, m, v, front.New(m, v, front.Options{Adresses: []string{hote}, Appeler: []front.Rubrique{{
		Titre: "Avec curl", Paragraphes: []string{"Scellez, puis envoyez."}, Blocs: []front.Bloc{{Legende: "Un IDB", Texte: "curl --cert es.pem <b>"}}}}})}
}

func (b *banc) demander(methode, chemin, corps string, retoucher func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(methode, "http://"+hote+chemin, strings.NewReader(corps))
	r.RemoteAddr = "127.0.0.1:50000"
	if methode == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+hote)
	}
	if retoucher != nil {
		retoucher(r)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

func (b *banc) lire(chemin string, etat int) string {
	b.t.Helper()
	w := b.demander(http.MethodGet, chemin, "", nil)
	if w.Code != etat {
		b.t.Fatalf("%s : état %d, attendu %d\n%s", chemin, w.Code, etat, w.Body)
	}
	return w.Body.String()
}

func (b *banc) poster(chemin string, v url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.demander(http.MethodPost, chemin, v.Encode(), nil)
}

func TestPages(t *testing.T) {
	b := nouveauBanc(t)
	for _, chemin := range []string{"/", "/etape/1", "/etape/2", "/etape/2/recu", "/etape/4", "/etape/5", "/etape/6", "/etape/7", "/essayer", "/essayer?exemple=sejour", "/essayer/brut?etape=1", "/appeler", "/statique/pupitre.css"} {
		b.lire(chemin, http.StatusOK)
	}
}
