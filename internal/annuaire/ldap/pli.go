package ldap

import (
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// plier appends a value as its rule compares it. For names: what [lexique.Plier] gives,
// as the image folds them, so that who types "helene le gall" finds "Hélène Le-Gall".
// ok is false when the value is not UTF-8. LDAP's own rule keeps accents and punctuation.
// hyp: ANNUAIRE-LDAP-ACCENTS
func plier(dst []byte, v []byte, r regle) (_ []byte, ok bool) {
	return plierMots(dst, v, r, false, false)
}

// plierMots folds a piece of a value; the blanks at an edge that is inside the value
// count, as RFC 4518 §2.6.1 wants for substrings.
func plierMots(dst []byte, v []byte, r regle, avant, apres bool) (_ []byte, ok bool) {
	debut, blanc := len(dst), false
	for i := 0; i < len(v); {
		c := v[i]
		if c < utf8.RuneSelf {
			i++
			if separe(c, r) {
				blanc = true
				continue
			}
			dst = joindre(dst, debut, blanc, avant)
			blanc = false
			dst = append(dst, casse(c, r))
			continue
		}
		x, n := utf8.DecodeRune(v[i:])
		if x == utf8.RuneError && n == 1 {
			return dst, false
		}
		i += n
		lettre, efface := lettreDe(x, r)
		if lettre == "" {
			blanc = blanc || !efface
			continue
		}
		dst = joindre(dst, debut, blanc, avant)
		blanc = false
		dst = append(dst, lettre...)
	}
	if blanc && apres && (len(dst) > debut || avant) {
		dst = append(dst, ' ')
	}
	return dst, true
}

// separe tells what parts words: blanks, and in names all that is no letter nor digit.
func separe(c byte, r regle) bool {
	if r == regleTexte {
		c = casse(c, r)
		return (c < 'A' || c > 'Z') && (c < '0' || c > '9')
	}
	return c == ' ' || c >= '\t' && c <= '\r'
}

// casse is capital for names, as lexique has them, and small for the rest.
func casse(c byte, r regle) byte {
	switch {
	case r != regleTexte:
		return bas(c)
	case 'a' <= c && c <= 'z':
		return c - 'a' + 'A'
	}
	return c
}

// joindre puts the blank seen before a character, unless it opens the value.
func joindre(dst []byte, debut int, blanc, avant bool) []byte {
	if blanc && (len(dst) > debut || avant) {
		return append(dst, ' ')
	}
	return dst
}

// lettreDe is a letter without its case, and without its accent in names; empty for
// what is none, and efface for a mark that goes without parting words.
func lettreDe(x rune, r regle) (lettre string, efface bool) {
	switch {
	case r != regleTexte:
		return string(unicode.ToLower(x)), false
	case x >= 0x80 && x < 0x180:
		return nus[x-0x80], false
	case x >= 0x300 && x <= 0x36f:
		return "", true
	}
	return nu(x), false
}

func nu(x rune) string { return string(lexique.Plier(nil, string(x))) }

// nus are the letters of French and its neighbours, without their accents.
var nus = func() (t [0x180 - 0x80]string) {
	for i := range t {
		t[i] = nu(rune(0x80 + i))
	}
	return t
}()
