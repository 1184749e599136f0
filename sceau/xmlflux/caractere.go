package xmlflux

import (
	"encoding/binary"
	"unicode/utf8"
)

// Classes of ASCII bytes. A byte above 0x7F has no class: it is decoded.
const (
	cTexte    uint8 = 1 << iota // may be copied as is from character data
	cValeur                     // may be copied as is from an attribute value, in either quotes
	cNomDebut                   // may begin an NCName
	cNom                        // may continue an NCName
	cBlanc                      // white space
	cCDATA                      // may be copied as is from CDATA and comments
)

// classe is read only.
var classe = classes()

func classes() (t [256]uint8) {
	for c := 0x20; c < 0x80; c++ {
		t[c] |= cTexte | cValeur | cCDATA
	}
	for _, c := range "\t\n" {
		t[c] |= cTexte | cCDATA
	}
	for _, c := range " \t\r\n" {
		t[c] |= cBlanc
	}
	for _, c := range "<&>" { // '>' is looked at for "]]>"
		t[c] &^= cTexte
	}
	for _, c := range `<&"'` {
		t[c] &^= cValeur
	}
	for _, c := range "]-" { // ends of CDATA and comments
		t[c] &^= cCDATA
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c] |= cNomDebut | cNom
		t[c-'a'+'A'] |= cNomDebut | cNom
	}
	t['_'] |= cNomDebut | cNom
	for _, c := range "-.0123456789" {
		t[c] |= cNom
	}
	return t
}

// legal tells whether XML 1.0 allows the character.
// ref: XML 1.0 §2.2
func legal(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	case r < 0xE000:
		return false
	}
	return r <= 0x10FFFF && r != 0xFFFE && r != 0xFFFF
}

// tailleLegale gives the length of the legal non-ASCII character at the start
// of b, 0 when it is not legal UTF-8 or not an XML character.
func tailleLegale(b []byte) int {
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n <= 1 || !legal(r) {
		return 0
	}
	return n
}

type plage struct{ de, a rune }

// ref: XML 1.0 (5th edition) §2.3, without the ASCII part and the colon
var plagesDebut = [...]plage{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF},
	{0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF},
	{0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

var plagesSuite = [...]plage{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}

// tailleNom gives the length of the non-ASCII name character at the start of
// b, 0 when it cannot stand there.
func tailleNom(b []byte, debut bool) int {
	r, n := utf8.DecodeRune(b)
	if r == utf8.RuneError && n <= 1 {
		return 0
	}
	for _, p := range plagesDebut {
		if p.de <= r && r <= p.a {
			return n
		}
	}
	if !debut {
		for _, p := range plagesSuite {
			if p.de <= r && r <= p.a {
				return n
			}
		}
	}
	return 0
}

// plat skips characters of the given class and legal non-ASCII ones, and
// returns the offset of the first that needs a look.
func plat(b []byte, i int, masque uint8) int {
	for i < len(b) {
		c := b[i]
		if classe[c]&masque != 0 {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			return i
		}
		n := tailleLegale(b[i:])
		if n == 0 {
			return i
		}
		i += n
	}
	return i
}

const (
	chaque = 0x0101010101010101 // one in each of eight bytes
	hauts  = 0x80 * chaque
)

// nuls marks the high bit of the bytes of x that are zero; bytes above such a
// one may be marked too, which only matters to who asks which.
func nuls(x uint64) uint64 { return (x - chaque) &^ x & hauts }

// platTexte is plat for character data, eight bytes at a time while they are
// all printable ASCII other than <, > and &.
func platTexte(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		commandes := (x - 0x20*chaque) &^ x
		if (x|commandes)&hauts|nuls((x|2*chaque)^'>'*chaque)|nuls(x^'&'*chaque) != 0 {
			break
		}
	}
	return plat(b, i, cTexte)
}

// platValeur is plat for attribute values: neither <, & nor quotes.
func platValeur(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		commandes := (x - 0x20*chaque) &^ x
		if (x|commandes)&hauts|nuls((x|chaque)^'\''*chaque)|nuls(x^'"'*chaque)|nuls(x^'<'*chaque) != 0 {
			break
		}
	}
	return plat(b, i, cValeur)
}

// blancs skips white space.
func blancs(b []byte, i int) int {
	for i < len(b) && classe[b[i]]&cBlanc != 0 {
		i++
	}
	return i
}

// illegal refuses the character at offset i.
func (l *Lecteur) illegal(i int) error {
	if c := l.b[i]; c >= utf8.RuneSelf {
		if r, n := utf8.DecodeRune(l.b[i:]); r == utf8.RuneError && n <= 1 {
			return l.refuser(MotifEncodage, i, "octets qui ne sont pas de l'UTF-8")
		}
	}
	return l.refuser(MotifCaractere, i, "caractère interdit en XML")
}
