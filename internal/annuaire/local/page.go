package local

import (
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/rass"
)

// page is a line being written: its values, and the bytes that were made for it. It is
// used again for the next one.
type page struct {
	v     [][]byte
	autre [][]byte // of a line of another file, from which some columns are taken
	arene []byte
}

// neuve empties the page, for n columns.
func (p *page) neuve(n rass.Colonne) {
	if cap(p.v) < int(n) {
		p.v = make([][]byte, n)
	}
	p.v = p.v[:n]
	clear(p.v)
}

// oublier gives the bytes up: nothing that was made is used any more.
func (p *page) oublier() { p.arene = p.arene[:0] }

// depuis is what was appended to the arena since it had n bytes.
func (p *page) depuis(n int) []byte { return p.arene[n:len(p.arene):len(p.arene)] }

// joint keeps the pieces end to end.
func (p *page) joint(l ...[]byte) []byte {
	n := len(p.arene)
	for _, b := range l {
		p.arene = append(p.arene, b...)
	}
	return p.depuis(n)
}

// nombre keeps a number on n digits, or on those that it needs when n is 0.
func (p *page) nombre(v, n int) []byte {
	d := len(p.arene)
	if n == 0 {
		for n = 1; v >= pow10[n]; n++ {
		}
	}
	p.arene = chiffres(p.arene, v, n)
	return p.depuis(d)
}

var pow10 = [...]int{1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000}

// code fills two neighbour columns: a code and its label.
func (p *page) code(c rass.Colonne, l libelle) { p.v[c], p.v[c+1] = l.code, l.nom }

// contracter keeps "DE" and a place as French joins them: DU VAL, DES TILLEULS. A saint or
// a person takes nothing: CLINIQUE SAINT-VIRGEL, HÔPITAL PAUL BESSARD.
func (p *page) contracter(nom []byte) []byte {
	s := string(nom[:min(len(nom), 4)])
	switch {
	case strings.HasPrefix(s, "LE "):
		return p.joint([]byte("DU "), nom[3:])
	case strings.HasPrefix(s, "LES "):
		return p.joint([]byte("DES "), nom[4:])
	case strings.HasPrefix(s, "LA "), strings.HasPrefix(s, "L'"):
		return p.joint([]byte("DE "), nom)
	}
	return nom
}

// plier keeps a text as addresses write it: a to z, and hyphens between words.
func (p *page) plier(l ...[]byte) []byte {
	n := len(p.arene)
	for _, b := range l {
		for len(b) > 0 {
			r, t := utf8.DecodeRune(b)
			b = b[t:]
			switch {
			case r >= 'A' && r <= 'Z':
				p.arene = append(p.arene, byte(r)+32)
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.':
				p.arene = append(p.arene, byte(r))
			case r == ' ' || r == '-' || r == '\'':
				p.arene = append(p.arene, '-')
			default:
				p.arene = append(p.arene, sansAccent[r]...)
			}
		}
	}
	return p.depuis(n)
}

var sansAccent = map[rune]string{
	'À': "a", 'Â': "a", 'Ä': "a", 'Ã': "a", 'Ç': "c", 'É': "e", 'È': "e", 'Ê': "e", 'Ë': "e", 'Î': "i", 'Ï': "i", 'Ñ': "n", 'Ô': "o", 'Ö': "o",
	'Ù': "u", 'Û': "u", 'Ü': "u", 'Œ': "oe", 'à': "a", 'â': "a", 'ç': "c", 'é': "e", 'è': "e", 'ê': "e", 'ë': "e", 'î': "i", 'ï': "i", 'ô': "o",
	'ö': "o", 'ù': "u", 'û': "u", 'ü': "u", 'œ': "oe", 'ÿ': "y",
}

// jour keeps a day as dd/mm/yyyy.
func (p *page) jour(j jour) []byte {
	if j == 0 {
		return nil
	}
	a, m, d := j.date()
	n := len(p.arene)
	p.arene = append(chiffres(p.arene, d, 2), '/')
	p.arene = append(chiffres(p.arene, int(m), 2), '/')
	p.arene = chiffres(p.arene, a, 4)
	return p.depuis(n)
}
