package gate

import (
	"net"
	"sync"
)

// Places bounds what those who show nothing do at once: all together, and one address. Its
// bounds do not change; the rest is ready at zero.
type Places struct {
	Tous, ParPair int

	mu      sync.Mutex
	prises  int
	parPair map[string]int
}

// Entrer takes a place for an address, as Pair gives it; false when there is none.
func (l *Places) Entrer(pair string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.prises >= l.Tous || l.parPair[pair] >= l.ParPair {
		return false
	}
	if l.parPair == nil {
		l.parPair = map[string]int{}
	}
	l.prises++
	l.parPair[pair]++
	return true
}

// Sortir gives it back.
func (l *Places) Sortir(pair string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prises--
	if l.parPair[pair]--; l.parPair[pair] == 0 {
		delete(l.parPair, pair)
	}
}

// Ecouter bounds the connections that l holds: who finds no place is cut at once, and those
// who come after him wait for nothing.
func (l *Places) Ecouter(sur net.Listener) net.Listener { return &guichets{sur, l} }

type guichets struct {
	net.Listener
	places *Places
}

// Accept gives the next connection that has a place.
func (g *guichets) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		qui := reseau(c.RemoteAddr().String())
		if g.places.Entrer(qui) {
			return &placee{Conn: c, rendre: sync.OnceFunc(func() { g.places.Sortir(qui) })}, nil
		}
		c.Close()
	}
}

// placee gives its place back once closed.
type placee struct {
	net.Conn
	rendre func()
}

// Close closes the connection.
func (c *placee) Close() error {
	defer c.rendre()
	return c.Conn.Close()
}
