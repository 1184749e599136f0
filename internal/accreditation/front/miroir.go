package front

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Source is an issuer whose lists are given again.
type Source struct {
	Emetteur string
	Adresse  string // https base of its open door
}

// Miroir gives the signed lists of other issuers as they come, and leaves everything else
// to h: a reader believes their seals, not who hands them over. racine is where both
// sides publish. ref: VISIO §12
func Miroir(h http.Handler, racine string, sources []Source, t http.RoundTripper, log *slog.Logger) (http.Handler, error) {
	portes := map[string]http.Handler{}
	for _, s := range sources {
		u, err := url.Parse(s.Adresse)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("source %s : adresse https attendue, sans identifiant ni paramètre", s.Emetteur)
		}
		if !forme(s.Emetteur, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") || portes[s.Emetteur] != nil {
			return nil, fmt.Errorf("source %q : numéro d'émetteur attendu, une seule fois", s.Emetteur)
		}
		portes[s.Emetteur] = redonner(u, t, log)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := portes[emetteurDe(r, racine)]; p != nil {
			p.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	}), nil
}

// emetteurDe is the issuer whose list a request asks, "" when it asks something else.
func emetteurDe(r *http.Request, racine string) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	p, ok := strings.CutPrefix(r.URL.Path, racine+"/")
	l := strings.Split(p, "/")
	switch {
	case !ok || strings.Contains(p, ".."):
	case len(l) >= 4 && l[0] == "listes":
		return l[2]
	case len(l) >= 3 && l[0] == "lar":
		return l[1]
	}
	return ""
}

// redonner asks an issuer what was asked here, and tells nothing of who asks.
func redonner(u *url.URL, t http.RoundTripper, log *slog.Logger) http.Handler {
	return &httputil.ReverseProxy{
		Transport: t,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(u)
			garder := http.Header{}
			for _, nom := range []string{"If-None-Match", "If-Modified-Since", "Range", "If-Range", "Accept-Encoding"} {
				if v := r.In.Header.Values(nom); len(v) > 0 {
					garder[nom] = v
				}
			}
			r.Out.Header, r.Out.Body, r.Out.ContentLength = garder, nil, 0
			r.Out.URL.RawQuery = ""
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			log.Warn("liste d'un autre émetteur injoignable", "adresse", u.Host, "erreur", err)
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Retry-After", "60")
			http.Error(w, "émetteur injoignable", http.StatusBadGateway)
		},
	}
}
