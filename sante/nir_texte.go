package sante

import (
	"errors"
	"unicode"
)

// ErrTexteNIR is the refusal of a free text that holds a NIR: what to do, never the
// text itself.
var ErrTexteNIR = errors.New("ce texte contient un numéro de sécurité sociale : le retirer")

// separateursNIR is how many separators may stand between two groups of a NIR.
const separateursNIR = 3

// ContientNIR tells whether a free text holds what looks like a NIR: 15 characters
// with an exact key, or 13 without it whose sex, month and department are plausible.
// Spaces, dots and dashes may stand between the groups; Corsica is 2A or 2B. A month
// that is not of a year (50 to 99) is recognised by the key only: a number that
// begins with a day would be one in two otherwise. // hyp: NIR-TEXTE
func ContientNIR(texte string) bool {
	r := []rune(texte)
	for i := range r {
		if chiffre(r[i]) && (i == 0 || !chiffre(r[i-1])) && nirA(r[i:]) {
			return true
		}
	}
	return false
}

func chiffre(r rune) bool { return r >= '0' && r <= '9' }

// nirA tells whether a text begins with a NIR, which ends where its last group does.
func nirA(r []rune) bool {
	var lu [15]byte
	n, vides := 0, 0
	for i, c := range r {
		switch {
		case chiffre(c):
		case n == 6 && lu[5] == '2' && vides == 0 && (c == 'A' || c == 'a' || c == 'B' || c == 'b'):
			c = unicode.ToUpper(c)
		case separeNIR(c) && vides < separateursNIR:
			vides++
			continue
		default:
			return false
		}
		lu[n], n, vides = byte(c), n+1, 0
		if i+1 < len(r) && chiffre(r[i+1]) && n < len(lu) {
			continue // in the middle of a group
		}
		switch {
		case n == 13 && nirPlausible(string(lu[:13])):
			return true
		case n == 15:
			_, err := ParseNIR(string(lu[:]))
			return err == nil && (i+1 == len(r) || !chiffre(r[i+1]))
		}
	}
	return false
}

func separeNIR(c rune) bool { return c == '.' || unicode.IsSpace(c) || unicode.Is(unicode.Pd, c) }

// nirPlausible judges 13 characters without their key: sex, month and department of
// birth. ref: fiche INS §2
func nirPlausible(s string) bool {
	mois, ok := chiffres(s[3:5])
	if !ok || !(mois >= 1 && mois <= 12 || mois >= 20 && mois <= 42) || s[5:7] == "00" {
		return false
	}
	switch s[0] {
	case '1', '2', '3', '4', '7', '8':
		return true
	}
	return false
}
