package front

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// formulaireMax bounds what a visitor may send, in bytes.
const formulaireMax = 512 << 10

// politique is what a page may load: the style sheet and the drawings of the
// desk, nothing else. ref: DEC 39
const politique = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// garder checks who asks, before any page. ref: DEC 39
func (p *pupitreWeb) garder(suite http.Handler) http.Handler {
	hotes := hotesDe(p.options.Adresses)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", politique)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		switch {
		case !locale(r.RemoteAddr):
			p.erreur(w, r, http.StatusForbidden, "Le pupitre ne répond qu'à la machine où il tourne.")
		case !hotes[strings.ToLower(r.Host)]:
			p.erreur(w, r, http.StatusMisdirectedRequest, "Le pupitre ne répond pas à ce nom : ouvrez-le par l'adresse qu'il a affichée au démarrage.")
		case r.Method == http.MethodPost && !memeOrigine(r):
			p.erreur(w, r, http.StatusForbidden, "Ce formulaire ne vient pas d'une page du pupitre.")
		case r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodPost:
			p.erreur(w, r, http.StatusMethodNotAllowed, "Le pupitre ne connaît que GET et POST.")
		default:
			r.Body = http.MaxBytesReader(w, r.Body, formulaireMax)
			suite.ServeHTTP(w, r)
		}
	})
}

// hotesDe lists the Host headers accepted.
func hotesDe(adresses []string) map[string]bool {
	hotes := make(map[string]bool)
	for _, a := range adresses {
		hotes[strings.ToLower(a)] = true
		hote, port, err := net.SplitHostPort(a)
		if err != nil {
			continue
		}
		if ip := net.ParseIP(hote); ip != nil && ip.IsLoopback() {
			hotes[net.JoinHostPort("localhost", port)] = true
		}
	}
	return hotes
}

// locale tells whether a peer is this machine.
func locale(adresse string) bool {
	hote, _, err := net.SplitHostPort(adresse)
	if err != nil {
		return false
	}
	ip := net.ParseIP(hote)
	return ip != nil && ip.IsLoopback()
}

// memeOrigine tells whether a form comes from a page of the desk. A browser says
// it in Sec-Fetch-Site, in Origin or in Referer; all that it says must agree, and
// a client that says nothing is refused.
func memeOrigine(r *http.Request) bool {
	dit := false
	if s := r.Header.Get("Sec-Fetch-Site"); s != "" {
		if s != "same-origin" {
			return false
		}
		dit = true
	}
	for _, nom := range []string{"Origin", "Referer"} {
		s := r.Header.Get(nom)
		if s == "" {
			continue
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != schema(r) || !strings.EqualFold(u.Host, r.Host) {
			return false
		}
		dit = true
	}
	return dit
}

func schema(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}
