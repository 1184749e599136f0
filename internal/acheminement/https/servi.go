package https

import (
	"net/http"
	"sync"
)

// servisMax bounds the files under way that a Retrait remembers.
const servisMax = 10_000

// servis remembers how far each file under way was served without a hole, from its
// first byte: a part of the end alone fetches nothing. What a stopped process knew is
// lost, and the file is told as not fetched.
type servis struct {
	mu     sync.Mutex
	jusque map[string]int64
}

// noter adds what an answer carried from an offset on, and tells whether all the bytes
// of the file have now been served.
func (s *servis) noter(cle string, debut, n, taille int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if debut > s.jusque[cle] {
		return false // a hole
	}
	fin := max(s.jusque[cle], debut+n)
	if fin >= taille {
		delete(s.jusque, cle)
		return true
	}
	if s.jusque == nil {
		s.jusque = map[string]int64{}
	}
	if _, connu := s.jusque[cle]; !connu && len(s.jusque) >= servisMax {
		for autre := range s.jusque { // any: it will be served again from its start
			delete(s.jusque, autre)
			break
		}
	}
	s.jusque[cle] = fin
	return false
}

// etendue is what an answer carried of a file: from where, and how much.
func (c *comptage) etendue() (debut, n int64, ok bool) {
	switch c.statut {
	case http.StatusOK:
		return 0, c.n, true
	case http.StatusPartialContent:
		debut, _, ok = plage(c.Header().Get("Content-Range"))
		return debut, c.n, ok
	}
	return 0, 0, false
}
