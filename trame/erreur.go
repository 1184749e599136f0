package trame

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Erreur tells where a message was refused and why. It never holds what was
// read, which may be personal data, nor a name that the message invented.
type Erreur struct {
	Chemin  string // "corps/lignes[2]/montantDepense"; the first of a list is [1]; "" is the message itself
	Motif   string // a French sentence
	Ligne   int    // from 1; 0 when the value was not read from a text
	Colonne int    // in characters, from 1

	position int // byte offset in the source, -1 when there is none
	cause    error
}

// Error is the French sentence shown to people, with the place.
func (e *Erreur) Error() string {
	var b strings.Builder
	b.WriteString("trame: ")
	if e.Chemin != "" {
		b.WriteString(e.Chemin)
		b.WriteString(" : ")
	}
	b.WriteString(e.Motif)
	if e.Ligne > 0 {
		b.WriteString(" (ligne " + strconv.Itoa(e.Ligne) + ", colonne " + strconv.Itoa(e.Colonne) + ")")
	}
	return b.String()
}

// Unwrap is the error of the type that refused its text, such as
// sante.ErrFINESS, or of the reader of the syntax. It is nil when that error
// quotes the text.
func (e *Erreur) Unwrap() error { return e.cause }

func refus(position int, motif string) *Erreur { return &Erreur{Motif: motif, position: position} }

// sous puts the name of the parent before the path, on the way back.
func (e *Erreur) sous(nom string) *Erreur {
	if e.Chemin == "" {
		e.Chemin = nom
	} else {
		e.Chemin = nom + "/" + e.Chemin
	}
	return e
}

// sousRang is sous for the i-th element of a list, from 0.
func (e *Erreur) sousRang(nom string, i int) *Erreur {
	return e.sous(nom + "[" + strconv.Itoa(i+1) + "]")
}

// situer turns the offset into a line and a column of the source.
func (e *Erreur) situer(src []byte) error {
	if e.position >= 0 {
		avant := src[:min(e.position, len(src))]
		e.Ligne = 1 + bytes.Count(avant, []byte("\n"))
		e.Colonne = 1 + utf8.RuneCount(avant[1+bytes.LastIndexByte(avant, '\n'):])
	}
	return e
}
