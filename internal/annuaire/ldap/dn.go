package ldap

import "unicode/utf8"

// rdn is one assertion of a name: several at the same Rang are one RDN (joined by
// "+" in writing). The value is as written once its escapes are undone.
type rdn struct {
	attr   Attribut
	valeur []byte
	rang   int
}

// maxRDN bounds the name that a client gives: ours have four parts.
const maxRDN, maxDN = 16, 1024

// lireDN reads a name, from the leaf to the root, in the slice given, which it
// reuses. The values lie in tampon when they had escapes, else in b. A type that the
// schema does not know is kept as aucunAttribut: no entry has it. ref: RFC 4514 §3
func lireDN(dst []rdn, b []byte) (_ []rdn, ok bool) {
	dst = dst[:0]
	if len(b) > maxDN || !utf8.Valid(b) {
		return dst, false
	}
	for rang := 0; len(b) > 0; {
		egal := 0
		for egal < len(b) && b[egal] != '=' {
			egal++
		}
		nom := sansBlancs(b[:egal])
		if egal == len(b) || len(dst) == maxRDN || !typeValable(nom) {
			return dst, false
		}
		valeur, reste, ok := valeurDN(b[egal+1:])
		if !ok {
			return dst, false
		}
		dst = append(dst, rdn{attributDe(nom), valeur, rang})
		if len(reste) == 0 {
			return dst, true
		}
		if reste[0] == ',' {
			rang++
		}
		if b = reste[1:]; len(b) == 0 {
			return dst, false
		}
	}
	return dst, true
}

func typeValable(b []byte) bool {
	for _, c := range b {
		if c := bas(c); (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return len(b) > 0
}

func sansBlancs(b []byte) []byte {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// valeurDN reads a value until the comma or the plus that ends it, which begins
// reste. Without an escape it is a piece of b. A value in hexadecimal ("#…") is
// refused: none of our names has one.
func valeurDN(b []byte) (valeur, reste []byte, ok bool) {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	if len(b) > 0 && b[0] == '#' {
		return nil, nil, false
	}
	fin := 0
	for fin < len(b) && b[fin] != ',' && b[fin] != '+' && b[fin] != '\\' {
		if interdit(b[fin]) {
			return nil, nil, false
		}
		fin++
	}
	if fin == len(b) || b[fin] != '\\' {
		v := sansBlancs(b[:fin])
		return v, b[fin:], len(v) > 0
	}
	return valeurEchappee(b)
}

func interdit(c byte) bool { return c == '"' || c == ';' || c == '<' || c == '>' || c == 0 }

// valeurEchappee undoes the escapes: \, then a special character or two hexadecimal
// digits.
func valeurEchappee(b []byte) (valeur, reste []byte, ok bool) {
	utile := 0 // blanks after it that were not escaped are not of the value
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == ',' || c == '+':
			return valeur[:utile], b[i:], utile > 0 && utf8.Valid(valeur[:utile])
		case c == '\\' && i+2 < len(b) && hexa(b[i+1]) >= 0 && hexa(b[i+2]) >= 0:
			valeur = append(valeur, byte(hexa(b[i+1])<<4|hexa(b[i+2])))
			i += 2
			utile = len(valeur)
		case c == '\\' && i+1 < len(b) && special(b[i+1]):
			valeur = append(valeur, b[i+1])
			i++
			utile = len(valeur)
		case c == '\\' || interdit(c):
			return nil, nil, false
		default:
			if valeur = append(valeur, c); c != ' ' {
				utile = len(valeur)
			}
		}
	}
	return valeur[:utile], nil, utile > 0 && utf8.Valid(valeur[:utile])
}

func special(c byte) bool {
	switch c {
	case '"', '+', ',', ';', '<', '>', '\\', ' ', '#', '=':
		return true
	}
	return false
}

func hexa(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// ecrireValeur appends a value of a name with its escapes. ref: RFC 4514 §2.4
func ecrireValeur(dst []byte, v string) []byte {
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == 0:
			dst = append(dst, `\00`...)
			continue
		case c == ' ' || c == '#':
			if i == 0 || c == ' ' && i == len(v)-1 {
				dst = append(dst, '\\')
			}
		case c != '=' && special(c):
			dst = append(dst, '\\')
		}
		dst = append(dst, v[i])
	}
	return dst
}
