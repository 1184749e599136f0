package trame

import "unicode/utf8"

// Both faces hold the same texts: a character that XML forbids is refused in
// JSON too, and written as U+FFFD if a program of ours lets one through.
// ref: XML 1.0 §2.2

// special marks the ASCII bytes that one face or the other does not copy.
var special = [utf8.RuneSelf]bool{'&': true, '<': true, '>': true, '"': true, '\\': true}

func legal(r rune, n int) bool {
	return !(r == utf8.RuneError && n <= 1) && r != 0xFFFE && r != 0xFFFF &&
		(r >= ' ' || r == '\t' || r == '\n' || r == '\r')
}

// nu tells that a text is copied as it is on both faces.
func nu(b []byte) bool {
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c < ' ' || special[c] {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !legal(r, n) {
			return false
		}
		i += n
	}
	return true
}

// premierIllegal is the offset of the first character that XML forbids, or -1.
func premierIllegal(b []byte) int {
	for i := 0; i < len(b); {
		if c := b[i]; c >= ' ' && c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !legal(r, n) {
			return i
		}
		i += n
	}
	return -1
}

// assainir replaces what XML forbids by U+FFFD.
func assainir(b []byte) []byte {
	if premierIllegal(b) < 0 {
		return b
	}
	var propre []byte
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if !legal(r, n) {
			r = utf8.RuneError
		}
		propre = utf8.AppendRune(propre, r)
		i += n
	}
	return propre
}

// echapperXML appends a text as canonical XML writes it.
// ref: Canonical XML 1.1 §2.3
func echapperXML(dst, b []byte) []byte {
	for _, c := range assainir(b) {
		switch c {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '\r':
			dst = append(dst, "&#xD;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// echapperAttribut appends a value as canonical XML writes it between quotes.
// ref: Canonical XML 1.1 §2.3
func echapperAttribut(dst, b []byte) []byte {
	for _, c := range b {
		switch c {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '"':
			dst = append(dst, "&quot;"...)
		case '\t':
			dst = append(dst, "&#x9;"...)
		case '\n':
			dst = append(dst, "&#xA;"...)
		case '\r':
			dst = append(dst, "&#xD;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// serrer strips XML white space at both ends.
func serrer(b []byte) []byte {
	for len(b) > 0 && blanc(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blanc(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func blanc(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
