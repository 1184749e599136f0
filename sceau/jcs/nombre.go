package jcs

import (
	"errors"
	"math"
	"strconv"
)

// ErrNombre is returned for a value that JSON cannot write: infinite or not a number.
var ErrNombre = errors.New("jcs: nombre infini ou indéfini, sans écriture JSON")

// chiffresSurs is the count of significant digits up to which a decimal and its
// double are one to one, so that a short decimal is its own canonical form.
const chiffresSurs = 15

// AppendNombre appends f as ECMAScript writes it: the shortest digits that read
// back as f, in decimal notation from 1e-6 to 1e21. ref: RFC 8785 §3.2.2.3
func AppendNombre(dst []byte, f float64) ([]byte, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, ErrNombre
	}
	if f == 0 { // also -0
		return append(dst, '0'), nil
	}
	if a := math.Abs(f); a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64), nil
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-2] == '0' && dst[n-3] == '-' { // Go writes e-07, ECMAScript e-7
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst, nil
}

func (l *Lecteur) lireNombre() (Genre, error) {
	i := l.pos
	if l.src[i] == '-' {
		i++
	}
	entier := chiffres(l.src, i)
	if entier == i || l.src[i] == '0' && entier > i+1 {
		return l.nombreMal(i, entier == i)
	}
	i = entier
	if i < len(l.src) && l.src[i] == '.' {
		j := chiffres(l.src, i+1)
		if j == i+1 {
			return l.nombreMal(j, true)
		}
		i = j
	}
	if i < len(l.src) && l.src[i]|0x20 == 'e' {
		i++
		if i < len(l.src) && (l.src[i] == '+' || l.src[i] == '-') {
			i++
		}
		j := chiffres(l.src, i)
		if j == i {
			return l.nombreMal(j, true)
		}
		i = j
	}
	l.pos = i
	l.valeurFinie()
	return Nombre, nil
}

func (l *Lecteur) nombreMal(i int, manque bool) (Genre, error) {
	if manque && i >= len(l.src) {
		return l.refuser(MotifTronque, i)
	}
	return l.refuser(MotifNombre, i)
}

func chiffres(src []byte, i int) int {
	for i < len(src) && src[i] >= '0' && src[i] <= '9' {
		i++
	}
	return i
}

// court tells whether a well-formed number is its own canonical form without
// computing it: at most fifteen digits, no exponent, no -0, no useless zero, not
// so small that ECMAScript would use an exponent.
func court(brut []byte) bool {
	if brut[0] == '-' {
		brut = brut[1:]
		if len(brut) == 1 && brut[0] == '0' {
			return false
		}
	}
	if len(brut) > chiffresSurs {
		return false
	}
	entier := chiffres(brut, 0)
	switch {
	case entier == len(brut):
		return true
	case brut[entier] != '.' || chiffres(brut, entier+1) != len(brut) || brut[len(brut)-1] == '0':
		return false
	}
	return brut[0] != '0' || len(brut) > 2 && significatif(brut[2:])
}

// significatif tells whether the decimals of 0.xxx reach 1e-6.
func significatif(decimales []byte) bool {
	for i, c := range decimales {
		if c != '0' {
			return i < 6
		}
	}
	return false
}

// appendBrut appends the canonical form of a well-formed number.
func appendBrut(dst, brut []byte) ([]byte, bool) {
	f, err := strconv.ParseFloat(string(brut), 64)
	if err != nil { // only the range can be wrong here
		return dst, false
	}
	dst, err = AppendNombre(dst, f)
	return dst, err == nil
}
