package relais

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// ErrRoute is wrapped by the errors of a route that cannot be used.
var ErrRoute = errors.New("relais: route refusée")

// Route says where the messages for some insurers go, before the directory is
// asked: the convention tables of old, or the way through a further relay.
type Route struct {
	Destinataire string   // number of an AMC, or of a third party of confidence; ? is one digit
	Adresse      string   // https base address of the next step
	Empreintes   []string // SHA-256 of its server's certificate, current and next; any trusted one when empty
	// Structures whose seal answers; those that the directory says when empty.
	Structures []string
	// Relais are the structures of the further relay at that address, if it is
	// one: it may only refuse, for technical reasons. ref: DEC 11
	Relais []string
}

const (
	structureMax = 20
	adresseMax   = 250
	routesMax    = 50_000
)

// Valider checks a route by itself.
func (r *Route) Valider() error {
	refus := func(motif string) error { return fmt.Errorf("%w : %s : %s", ErrRoute, r.Destinataire, motif) }
	if n := len(r.Destinataire); n < 8 || n > 10 || strings.Trim(r.Destinataire, "0123456789?") != "" {
		return refus("numéro d'AMC de 8 à 10 chiffres attendu, ? pour un chiffre quelconque")
	}
	u, err := url.Parse(r.Adresse)
	if err != nil || len(r.Adresse) > adresseMax || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return refus("adresse https attendue, sans identifiant ni paramètre")
	}
	if len(r.Empreintes) > 2 {
		return refus("deux empreintes au plus : le certificat courant et le suivant")
	}
	for _, e := range r.Empreintes {
		if b, err := hex.DecodeString(e); err != nil || len(b) != 32 || strings.ToLower(e) != e {
			return refus("empreinte SHA-256 en hexadécimal minuscule attendue")
		}
	}
	for _, s := range append(r.Structures[:len(r.Structures):len(r.Structures)], r.Relais...) {
		if s == "" || len(s) > structureMax {
			return refus("identifiant de structure de 1 à 20 caractères attendu")
		}
	}
	return nil
}

// litteral is the length of the literal beginning of a pattern.
func litteral(motif string) int {
	if i := strings.IndexByte(motif, '?'); i >= 0 {
		return i
	}
	return len(motif)
}

// accordes tells whether two patterns agree on some number.
func accordes(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && a[i] != '?' && b[i] != '?' {
			return false
		}
	}
	return true
}

// debut names the patterns of one rank that may agree on a number: the same
// length and the same literal beginning.
type debut struct {
	longueur int
	litteral string
}

// table is an immutable set of routes. The route with the longest literal
// beginning wins, as in the directory; two of equal rank for one number are
// refused when the table is made. ref: ROC §6.2
type table struct {
	routes map[debut][]*Route
	rangs  [11]bool // literal lengths in use
}

func newTable(routes []Route) (*table, error) {
	if len(routes) > routesMax {
		return nil, fmt.Errorf("%w : plus de %d routes", ErrRoute, routesMax)
	}
	t := &table{routes: make(map[debut][]*Route, len(routes))}
	for i := range routes {
		r := &routes[i]
		if err := r.Valider(); err != nil {
			return nil, err
		}
		n := litteral(r.Destinataire)
		d := debut{len(r.Destinataire), r.Destinataire[:n]}
		for _, autre := range t.routes[d] {
			if accordes(autre.Destinataire, r.Destinataire) {
				return nil, fmt.Errorf("%w : %s et %s valent pour les mêmes numéros, au même rang", ErrRoute, autre.Destinataire, r.Destinataire)
			}
		}
		t.routes[d], t.rangs[n] = append(t.routes[d], r), true
	}
	return t, nil
}

// trouver gives the route of an insurer, or nil.
func (t *table) trouver(numero string) *Route {
	for n := min(len(numero), len(t.rangs)-1); n >= 0; n-- {
		if !t.rangs[n] {
			continue
		}
		for _, r := range t.routes[debut{len(numero), numero[:n]}] {
			if accordes(r.Destinataire, numero) {
				return r
			}
		}
	}
	return nil
}
