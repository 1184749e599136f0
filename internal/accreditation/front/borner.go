package front

import (
	"net/http"
	"sync"

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
	l := &lecteurs{par: map[string]int{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.ServeHTTP(w, r)
			return
		}
		qui := gate.Pair(r)
		if !l.entrer(qui) {
			refuserListe(w, errOccupe)
			return
		}
		defer l.sortir(qui)
		h.ServeHTTP(w, r)
	})
}

// lecteurs counts who is reading.
type lecteurs struct {
	mu   sync.Mutex
	tous int
	par  map[string]int
}

func (l *lecteurs) entrer(qui string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.tous >= lecteursMax || l.par[qui] >= lecteursParPair {
		return false
	}
	l.tous++
	l.par[qui]++
	return true
}

func (l *lecteurs) sortir(qui string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tous--
	if l.par[qui]--; l.par[qui] == 0 {
		delete(l.par, qui)
	}
}
