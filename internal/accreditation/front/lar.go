package front

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// GenreLAR is the type of a list of revoked accreditations on the wire: a signed line,
// then its records.
const GenreLAR = "application/vnd.ecluse.lar"

// Revocations is what the door of the revoked accreditations asks. The error is
// visiodroits.ErrNonParue, or a failure.
type Revocations interface {
	// Courante is the last list, whole, and its number.
	Courante(ctx context.Context, emetteur string) (octets []byte, numero int64, err error)
	// Numero is a list by its number, whole, and as a change of the one before; the
	// change is empty when the list must be read whole.
	Numero(ctx context.Context, emetteur string, n int64) (complete, delta []byte, err error)
}

// ageLAR is for how long a cache may give the current list in our place.
const ageLAR = 5 * time.Minute

// RoutesLAR are the addresses of the lists of revoked accreditations. ref: VISIO §7, §12
func RoutesLAR(mux *http.ServeMux, prefixe string, p Revocations) {
	mux.HandleFunc("GET "+prefixe+"/lar/{emetteur}/courante", func(w http.ResponseWriter, r *http.Request) {
		b, n, err := p.Courante(r.Context(), r.PathValue("emetteur"))
		if err == nil {
			w.Header().Set("Ecluse-Numero", strconv.FormatInt(n, 10))
		}
		rendreLAR(w, r, b, err, "public, max-age="+strconv.Itoa(int(ageLAR/time.Second)))
	})
	numero := func(choisir func(complete, delta []byte) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			s := r.PathValue("numero")
			n, err := strconv.ParseInt(s, 10, 64)
			if err != nil || n < 1 || strconv.FormatInt(n, 10) != s { // one writing only, for caches
				rendreLAR(w, r, nil, visiodroits.ErrNonParue, "")
				return
			}
			complete, delta, err := p.Numero(r.Context(), r.PathValue("emetteur"), n)
			b := choisir(complete, delta)
			if err == nil && len(b) == 0 {
				err = visiodroits.ErrNonParue
			}
			rendreLAR(w, r, b, err, "public, max-age=31536000, immutable")
		}
	}
	mux.HandleFunc("GET "+prefixe+"/lar/{emetteur}/{numero}", numero(func(c, _ []byte) []byte { return c }))
	mux.HandleFunc("GET "+prefixe+"/lar/{emetteur}/{numero}/delta", numero(func(_, d []byte) []byte { return d }))
}

func rendreLAR(w http.ResponseWriter, r *http.Request, b []byte, err error, cache string) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	switch {
	case errors.Is(err, visiodroits.ErrNonParue):
		h.Set("Cache-Control", "no-store")
		http.Error(w, "liste non parue", http.StatusNotFound)
		return
	case err != nil:
		h.Set("Cache-Control", "no-store")
		h.Set("Retry-After", "60")
		http.Error(w, "liste indisponible", http.StatusServiceUnavailable)
		return
	}
	h.Set("Cache-Control", cache)
	h.Set("Content-Type", GenreLAR)
	h.Set("ETag", `"`+visiodroits.MarqueDe(b)+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b))
}
