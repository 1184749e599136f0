package certificat

import (
	"fmt"
	"strings"
	"time"
)

// Gamme is the level of a hierarchy; the zero value means "not said".
type Gamme uint8

// The three gammes of the sector. ref: PKI §2
const (
	GammeElementaire Gamme = iota + 1
	GammeStandard
	GammeFort
)

// String gives the label of the gamme.
func (g Gamme) String() string {
	return [...]string{"non dite", "ÉLÉMENTAIRE", "STANDARD", "FORT"}[min(int(g), 3)]
}

// MarshalText writes the label.
func (g Gamme) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads the label, with or without its accents.
func (g *Gamme) UnmarshalText(b []byte) error {
	switch strings.ToUpper(string(b)) {
	case "ÉLÉMENTAIRE", "ELEMENTAIRE":
		*g = GammeElementaire
	case "STANDARD":
		*g = GammeStandard
	case "FORT":
		*g = GammeFort
	case "", "NON DITE":
		*g = 0
	default:
		return fmt.Errorf("certificat: gamme %q inconnue", b)
	}
	return nil
}

// Milieu is the world a hierarchy belongs to; the zero value is production, so
// that a name which says nothing is never taken for a test.
type Milieu uint8

// The worlds. ref: PKI §2 (test chain), PKI header (LABO)
const (
	MilieuProduction Milieu = iota
	MilieuTest
	MilieuLabo
)

// String gives the name of the world.
func (m Milieu) String() string {
	return [...]string{"production", "TEST", "LABO"}[min(int(m), 2)]
}

// MarshalText writes the name.
func (m Milieu) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the name.
func (m *Milieu) UnmarshalText(b []byte) error {
	for _, c := range []Milieu{MilieuProduction, MilieuTest, MilieuLabo} {
		if strings.EqualFold(c.String(), string(b)) {
			*m = c
			return nil
		}
	}
	return fmt.Errorf("certificat: milieu %q inconnu", b)
}

// gammeDe reads gamme and world in the name of an authority, as the hierarchy
// writes them: "TEST AC RACINE IGC-SANTE FORT", OU "IGC-SANTE TEST", or the word
// LABO for ours. ref: PKI §2
func gammeDe(d DN) (Gamme, Milieu) {
	cn := strings.ToUpper(d.Premier(oidCN))
	var g Gamme
	switch {
	case strings.Contains(cn, "ELEMENTAIRE"):
		g = GammeElementaire
	case strings.Contains(cn, "STANDARD"):
		g = GammeStandard
	case strings.Contains(cn, "FORT"):
		g = GammeFort
	}
	mots := strings.Fields(cn)
	for _, ou := range d.Tous(oidOU) {
		mots = append(mots, strings.Fields(strings.ToUpper(ou))...)
	}
	for _, m := range mots {
		switch m {
		case "TEST":
			return g, MilieuTest
		case "LABO":
			return g, MilieuLabo
		}
	}
	return g, MilieuProduction
}

// Politique is what one service accepts beyond "a certificate we trust". The zero
// value accepts every gamme and authority of the store and fails hard when a list
// is stale.
type Politique struct {
	Milieux    []Milieu // accepted worlds; empty accepts those of the store
	Gammes     []Gamme  // accepted gammes; empty accepts all
	Emetteurs  []string // common names of accepted issuing authorities; empty accepts all
	Politiques []string // accepted certificate policies, dotted OIDs; empty accepts all

	// EchecSouple, when positive, lets a certificate pass for so long after its
	// revocation list went stale or missing its date; the verdict says so. A
	// missing list is let through too. Zero is hard failure.
	// ref: PKI §6.4 (2), ROC §16.3
	EchecSouple time.Duration
}
