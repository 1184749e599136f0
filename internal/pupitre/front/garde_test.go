package front_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Who asks is checked before any page. ref: DEC 39
func TestGarde(t *testing.T) {
	b := nouveauBanc(t)
	formulaire := url.Values{"etablissement": {"sources"}, "patient": {"jeanne"}, "face": {"REST"}, "service": {"IDB"}, "passage": {"ACE"}}.Encode()
	entete := func(nom, valeur string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Del("Origin")
			if nom != "" {
				r.Header.Set(nom, valeur)
			}
		}
	}
	for _, c := range []struct {
		nom, methode string
		retoucher    func(*http.Request)
		etat         int
	}{
		{"adresse d'écoute", "GET", nil, 200},
		{"localhost", "GET", func(r *http.Request) { r.Host = "localhost:8088" }, 200},
		{"LOCALHOST", "GET", func(r *http.Request) { r.Host = "LOCALHOST:8088" }, 200},
		{"nom étranger qui mène ici (DNS rebinding)", "GET", func(r *http.Request) { r.Host = "pupitre.exemple.invalid:8088" }, 421},
		{"autre port", "GET", func(r *http.Request) { r.Host = "127.0.0.1:9999" }, 421},
		{"sans port", "GET", func(r *http.Request) { r.Host = "localhost" }, 421},
		{"autre machine", "GET", func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1234" }, 403},
		{"adresse illisible", "GET", func(r *http.Request) { r.RemoteAddr = "" }, 403},
		{"IPv6 de boucle", "GET", func(r *http.Request) { r.RemoteAddr = "[::1]:1234" }, 200},
		{"PUT", "PUT", nil, 405},
		{"TRACE", "TRACE", nil, 405},
		{"formulaire du pupitre", "POST", nil, 303},
		{"par Sec-Fetch-Site seul", "POST", entete("Sec-Fetch-Site", "same-origin"), 303},
		{"par Referer seul", "POST", entete("Referer", "http://"+hote+"/essayer"), 303},
		{"sans rien dire", "POST", entete("", ""), 403},
		{"d'un autre site", "POST", entete("Origin", "http://exemple.invalid"), 403},
		{"d'un autre port", "POST", entete("Origin", "http://127.0.0.1:9999"), 403},
		{"d'une page sans origine", "POST", entete("Origin", "null"), 403},
		{"en https", "POST", entete("Origin", "https://"+hote), 403},
		{"Sec-Fetch-Site contraire", "POST", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		{"Sec-Fetch-Site voisin", "POST", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		{"Referer contraire", "POST", func(r *http.Request) { r.Header.Set("Referer", "http://exemple.invalid/") }, 403},
		{"Origin du nom, demande par l'adresse", "POST", entete("Origin", "http://localhost:8088"), 403},
	} {
		t.Run(c.nom, func(t *testing.T) {
			chemin, avant := "/", len(b.envoyeur.Recus)
			if c.methode == "POST" {
				chemin = "/essayer"
			}
			w := b.demander(c.methode, chemin, formulaire, c.retoucher)
			if w.Code != c.etat {
				t.Errorf("état %d, attendu %d", w.Code, c.etat)
			}
			if envoye := len(b.envoyeur.Recus) > avant; envoye != (c.etat == 303) {
				t.Errorf("envoyé : %v", envoye)
			}
			if w.Code >= 400 && (strings.Contains(w.Body.String(), "Jeanne") || !strings.Contains(w.Body.String(), `lang="fr"`)) {
				t.Errorf("le refus montre l'histoire, ou n'est pas une page :\n%s", w.Body)
			}
		})
	}
}

// Every answer, refusals included, tells the browser what it may do.
func TestEntetes(t *testing.T) {
	b := nouveauBanc(t)
	for _, chemin := range []string{"/", "/etape/5", "/etape/5/question", "/essayer", "/nulle-part", "/statique/pupitre.css"} {
		h := b.demander(http.MethodGet, chemin, "", nil).Header()
		for nom, valeur := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
		} {
			if got := h.Get(nom); got != valeur {
				t.Errorf("%s : %s = %q, attendu %q", chemin, nom, got, valeur)
			}
		}
	}
}

func TestTropLong(t *testing.T) {
	b := nouveauBanc(t)
	long := url.Values{"brut": {strings.Repeat("x", 600<<10)}}
	if w := b.poster("/essayer/brut", long); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("600 Kio : état %d", w.Code)
	}
	long.Set("brut", strings.Repeat("x", 300<<10))
	if w := b.poster("/essayer/brut", long); w.Code != http.StatusUnprocessableEntity || len(b.envoyeur.Recus) != 0 {
		t.Errorf("300 Kio : état %d", w.Code)
	}
}
