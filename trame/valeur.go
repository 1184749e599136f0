package trame

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ecrire appends the text of a scalar, without the escapes of a face.
func (n *nature) ecrire(dst []byte, v reflect.Value) []byte {
	switch n.genre {
	case genreChaine:
		return append(dst, v.String()...)
	case genreTexte:
		d, err := v.Addr().Interface().(encoding.TextAppender).AppendText(dst)
		if err != nil {
			return dst
		}
		return d
	case genreBool:
		return strconv.AppendBool(dst, v.Bool())
	case genreEntier:
		return strconv.AppendInt(dst, v.Int(), 10)
	case genreInstant:
		return appendInstant(dst, instantDe(v))
	}
	return dst
}

func instantDe(v reflect.Value) time.Time { return *v.Addr().Interface().(*time.Time) }

// lire sets a scalar from its text, which both faces have unescaped. The error
// has no position yet.
func (n *nature) lire(b []byte, v reflect.Value) *Erreur {
	switch n.genre {
	case genreBool:
		vrai := string(b) == "true"
		if !vrai && string(b) != "false" {
			return refus(-1, "true ou false attendu")
		}
		v.SetBool(vrai)
		return nil
	case genreEntier:
		return n.lireEntier(b, v)
	case genreInstant:
		t, ok := parseInstant(b)
		if !ok {
			return refus(-1, "instant attendu, comme 2026-03-01T08:15:00.000Z")
		}
		*v.Addr().Interface().(*time.Time) = t
		return nil
	}
	return n.lireTexte(b, v)
}

func (n *nature) lireEntier(b []byte, v reflect.Value) *Erreur {
	i, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || !entierCanonique(b) {
		return refus(-1, "nombre entier attendu")
	}
	if i < n.min || i > n.max {
		return refus(-1, fmt.Sprintf("nombre entier de %d à %d attendu", n.min, n.max))
	}
	v.SetInt(i)
	return nil
}

// entierCanonique accepts one writing of each integer: 0|-?[1-9][0-9]*.
func entierCanonique(b []byte) bool {
	if len(b) > 1 && b[0] == '-' {
		return b[1] != '0'
	}
	return len(b) > 0 && b[0] != '+' && (b[0] != '0' || len(b) == 1)
}

func (n *nature) lireTexte(b []byte, v reflect.Value) *Erreur {
	s, code := n.ensemble[string(b)]
	switch {
	case n.ensemble != nil && !code:
		return refus(-1, n.motifCodes())
	case len(b) == 0 && n.min > 0:
		return refus(-1, "valeur vide")
	case !n.longueur(b):
		return refus(-1, n.motifLongueur())
	}
	if n.genre == genreTexte {
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText(b); err != nil {
			return refusDuType(b, err)
		}
		return nil
	}
	if n.regle != nil && !code && !n.regle.Match(b) {
		return refus(-1, "forme attendue : "+n.motif)
	}
	if !code {
		s = string(b)
	}
	v.SetString(s)
	return nil
}

// refusDuType keeps the words of the type, unless they quote what was read.
func refusDuType(b []byte, err error) *Erreur {
	if len(b) > 3 && strings.Contains(err.Error(), string(b)) {
		return refus(-1, "valeur refusée")
	}
	return &Erreur{Motif: err.Error(), position: -1, cause: err}
}

// longueur checks the number of characters, counting them only when the number
// of bytes does not tell.
func (n *nature) longueur(b []byte) bool {
	octets := int64(len(b))
	if octets <= n.max && octets >= 4*n.min {
		return true
	}
	c := int64(utf8.RuneCount(b))
	return c >= n.min && c <= n.max
}

func (n *nature) motifLongueur() string {
	if n.min == n.max {
		return fmt.Sprintf("texte de %d caractères attendu", n.min)
	}
	return fmt.Sprintf("texte de %d à %d caractères attendu", n.min, n.max)
}

func (n *nature) motifCodes() string {
	if len(n.codes) > 12 {
		return "code hors de la liste"
	}
	return "code attendu : " + strings.Join(n.codes, ", ")
}
