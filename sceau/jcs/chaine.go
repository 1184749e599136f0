package jcs

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

const hexa = "0123456789abcdef"

// simples gives the letter of the two-character escapes, which the canonical form
// uses whenever they exist. ref: RFC 8785 §3.2.2.2
var simples = [0x20]byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}

// AppendChaine appends s to dst as a canonical JSON string, quotes included.
// Invalid UTF-8 becomes U+FFFD, as encoding/json does. ref: RFC 8785 §3.2.2.2
func AppendChaine[T ~string | ~[]byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	debut := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[debut:i]...), "\uFFFD"...)
				debut = i + 1
			}
			i += n
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[debut:i]...)
		dst = appendEchappe(dst, c)
		i++
		debut = i
	}
	return append(append(dst, s[debut:]...), '"')
}

func appendEchappe(dst []byte, c byte) []byte {
	if c >= 0x20 {
		return append(dst, '\\', c)
	}
	if lettre := simples[c]; lettre != 0 {
		return append(dst, '\\', lettre)
	}
	return append(dst, '\\', 'u', '0', '0', hexa[c>>4], hexa[c&0xF])
}

// comparer orders two valid UTF-8 texts by their UTF-16 code units. It is the
// order of bytes but for one case: a character above U+FFFF, made of surrogates,
// comes before U+E000..U+FFFF. ref: RFC 8785 §3.2.3
func comparer(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0) {
			x, y = y, x
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}

// lireTexte reads the string that starts at pos into texte, without copying it
// when it has no escape.
func (l *Lecteur) lireTexte() error {
	l.echappe = false
	i := ordinaires(l.src, l.pos+1)
	if i < len(l.src) && l.src[i] == '"' {
		l.texte = l.src[l.pos+1 : i : i]
		l.pos = i + 1
		return nil
	}
	return l.lireEchappe(i)
}

// lireEchappe goes on from i, where the first escape stands, decoding into tampon.
func (l *Lecteur) lireEchappe(i int) error {
	l.echappe = true
	l.tampon = append(l.tampon[:0], l.src[l.pos+1:i]...)
	for i < len(l.src) {
		switch c := l.src[i]; {
		case c == '"':
			l.texte = l.tampon
			l.pos = i + 1
			return nil
		case c == '\\':
			n, err := l.lireSequence(i)
			if err != nil {
				return err
			}
			i += n
		case c < 0x20:
			_, err := l.refuser(MotifControle, i)
			return err
		default:
			j := ordinaires(l.src, i)
			l.tampon = append(l.tampon, l.src[i:j]...)
			i = j
		}
	}
	_, err := l.refuser(MotifTronque, len(l.src))
	return err
}

// lireSequence decodes the escape at i into tampon and gives its length.
func (l *Lecteur) lireSequence(i int) (int, error) {
	if i+1 >= len(l.src) {
		_, err := l.refuser(MotifTronque, len(l.src))
		return 0, err
	}
	c := l.src[i+1]
	switch c {
	case '"', '\\':
	case '/':
		l.canonique = false
	case 'b':
		c = '\b'
	case 't':
		c = '\t'
	case 'n':
		c = '\n'
	case 'f':
		c = '\f'
	case 'r':
		c = '\r'
	case 'u':
		return l.lireUnicode(i)
	default:
		_, err := l.refuser(MotifEchappement, i)
		return 0, err
	}
	l.tampon = append(l.tampon, c)
	return 2, nil
}

// lireUnicode decodes the \uXXXX at i, or the pair of them that makes one
// character. Half a pair stands for nothing. ref: RFC 8785 §3.2.2.2 (note)
func (l *Lecteur) lireUnicode(i int) (int, error) {
	r, err := l.quatre(i)
	if err != nil {
		return 0, err
	}
	longueur := 6
	switch {
	case utf16.IsSurrogate(r):
		if i+7 >= len(l.src) || l.src[i+6] != '\\' || l.src[i+7] != 'u' {
			_, err := l.refuser(MotifSubstitut, i)
			return 0, err
		}
		basse, err := l.quatre(i + 6)
		if err != nil {
			return 0, err
		}
		if r = utf16.DecodeRune(r, basse); r == utf8.RuneError {
			_, err := l.refuser(MotifSubstitut, i)
			return 0, err
		}
		longueur = 12
		l.canonique = false
	case r >= 0x20 || simples[r] != 0 || enMajuscule(l.src[i+4]) || enMajuscule(l.src[i+5]):
		l.canonique = false
	}
	l.tampon = utf8.AppendRune(l.tampon, r)
	return longueur, nil
}

func (l *Lecteur) quatre(i int) (rune, error) {
	if i+6 > len(l.src) {
		_, err := l.refuser(MotifTronque, len(l.src))
		return 0, err
	}
	var r rune
	for _, c := range l.src[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			_, err := l.refuser(MotifEchappement, i)
			return 0, err
		}
		r = r<<4 | rune(c)
	}
	return r, nil
}

func enMajuscule(c byte) bool { return c >= 'A' && c <= 'F' }

// ordinaires gives the index, from i, of the first byte that is a quote, a
// backslash or a control character; the length of src if there is none. It reads
// eight bytes at a time: strings are most of a message.
func ordinaires(src []byte, i int) int {
	const uns, hauts = 0x0101010101010101, 0x8080808080808080
	for i+8 <= len(src) {
		v := binary.LittleEndian.Uint64(src[i:])
		guillemet := v ^ (uns * '"')
		barre := v ^ (uns * '\\')
		trouve := (v-uns*0x20)&^v | (guillemet-uns)&^guillemet | (barre-uns)&^barre
		if trouve&hauts != 0 {
			break
		}
		i += 8
	}
	for i < len(src) && src[i] >= 0x20 && src[i] != '"' && src[i] != '\\' {
		i++
	}
	return i
}
