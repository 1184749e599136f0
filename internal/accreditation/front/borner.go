package front

import (
	"net/http"

	"github.com/ecluse-sante/ecluse/internal/gate"
)

// hyp: VISIO-LECTURES so many lists are given at once, to all and to one address.
const (
	lecteursMax     = 256
	lecteursParPair = 32
)

// Borner bounds what is read at once through h by those who show nothing: a list may be of
// tens of megabytes, and who takes it slowly holds a connection and no reading. Questions,
// which the gate counts, pass.
func Borner(h http.Handler) http.Handler {
	l := &gate.Places{Tous: lecteursMax, ParPair: lecteursParPair}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.ServeHTTP(w, r)
			return
		}
		qui := gate.Pair(r)
		if !l.Entrer(qui) {
			refuserListe(w, errOccupe)
			return
		}
		defer l.Sortir(qui)
		h.ServeHTTP(w, r)
	})
}
