package lexique

import (
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// Bounds of what is read in a text. What is beyond is cut, in the directory as in
// the question: the same beginning still finds it.
const (
	MotMax   = 48 // bytes of a word
	MotsMax  = 32 // words of a text
	TexteMax = 512
)

// Mot is the place of a word in [Mots].
type Mot struct {
	Debut, Fin uint16
	Lie        bool // a hyphen or an apostrophe joins it to the word before
}

// Mots are the folded words of a text: ASCII capitals and digits, accents taken off,
// ligatures opened. A letter that has no Latin form stays as it is. It is reused from
// one text to the next. ref: RASS §7.2 // hyp: MOTS-PLIES
type Mots struct {
	octets []byte
	mots   []Mot
	joint  []byte
	coupe  bool
}

// Lire cuts s; what was read before is forgotten.
func (m *Mots) Lire(s string) {
	m.octets, m.mots, m.coupe = m.octets[:0], m.mots[:0], false
	if len(s) > TexteMax {
		s, m.coupe = s[:TexteMax], true
	}
	debut, lie := 0, false
	clore := func(lien bool) {
		if len(m.octets) > debut {
			m.ajouter(debut, lie)
			lie = lien
		} else {
			lie = lie && lien
		}
		debut = len(m.octets)
	}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z':
			m.octets = append(m.octets, c-('a'-'A'))
		case c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
			m.octets = append(m.octets, c)
		case c < utf8.RuneSelf:
			clore(c == '-' || c == '\'' || c == '`')
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if avant := len(m.octets); !m.rune(r) {
				m.octets = m.octets[:avant]
				clore(liant(r))
			}
			i += n
			continue
		}
		i++
	}
	clore(false)
}

// ajouter keeps the word that begins at debut, cut to its bound.
func (m *Mots) ajouter(debut int, lie bool) {
	if len(m.mots) == MotsMax {
		m.octets, m.coupe = m.octets[:debut], true
		return
	}
	if len(m.octets)-debut > MotMax {
		m.octets, m.coupe = m.octets[:debut+MotMax], true
	}
	m.mots = append(m.mots, Mot{Debut: uint16(debut), Fin: uint16(len(m.octets)), Lie: lie && len(m.mots) > 0})
}

// Nombre is how many words were read.
func (m *Mots) Nombre() int { return len(m.mots) }

// Mot is one of them, valid until the next reading.
func (m *Mots) Mot(i int) []byte { return m.octets[m.mots[i].Debut:m.mots[i].Fin] }

// Lie tells whether a hyphen or an apostrophe joins a word to the one before.
func (m *Mots) Lie(i int) bool { return m.mots[i].Lie }

// Coupe tells whether the text was longer than the bounds.
func (m *Mots) Coupe() bool { return m.coupe }

// latin has the folded form of U+00C0 to U+017F, space for what is no letter.
const latin = "" +
	"A A A A A A AEC E E E E I I I I D N O O O O O   O U U U U Y THSS" +
	"A A A A A A AEC E E E E I I I I D N O O O O O   O U U U U Y THY " +
	"A A A A A A C C C C C C C C D D D D E E E E E E E E E E G G G G " +
	"G G G G H H H H I I I I I I I I I I IJIJJ J K K K L L L L L L L " +
	"L L L N N N N N N N N N O O O O O O OEOER R R R R R S S S S S S " +
	"S S T T T T T T U U U U U U U U U U U U W W Y Y Y Z Z Z Z Z Z S "

// rune appends the folded form of a letter, and tells whether r is part of a word.
func (m *Mots) rune(r rune) bool {
	switch {
	case r >= 0x300 && r <= 0x36F: // a mark over the letter before
		return true
	case r < 0xC0 || r == utf8.RuneError || liant(r):
		return false
	case r <= 0x17F:
		return m.lettreLatine(r)
	}
	t := sante.Plier(string(r))
	for _, r := range t { // a letter under two marks may leave Ø
		if r < 0xC0 || r > 0x17F {
			m.octets = utf8.AppendRune(m.octets, r)
		} else if !m.lettreLatine(r) {
			return false
		}
	}
	return t != ""
}

// lettreLatine appends a letter of the table.
func (m *Mots) lettreLatine(r rune) bool {
	t := latin[2*(r-0xC0):][:2]
	if t[0] == ' ' {
		return false
	}
	m.octets = append(m.octets, t[0])
	if t[1] != ' ' {
		m.octets = append(m.octets, t[1])
	}
	return true
}

// liant tells the typographic hyphens and apostrophes.
func liant(r rune) bool {
	switch r {
	case '‐', '‑', '–', '’', '‘', 'ʼ', '´', '′', '\u00ad':
		return true
	}
	return false
}

// Plier appends the folded words of s to dst, one space between two.
func Plier(dst []byte, s string) []byte {
	var m Mots
	m.Lire(s)
	for i := range m.mots {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, m.Mot(i)...)
	}
	return dst
}
