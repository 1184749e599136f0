package export

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// nature is what a cell holds.
type nature int

const (
	vide nature = iota
	texte
	entier
	centiemes // an amount in cents, a rate in hundredths
)

// Cellule is one cell. Its zero value is empty: not known.
type Cellule struct {
	nature nature
	s      string
	n      int64
}

// Texte is a cell of text: whatever it begins with, no reader takes it for a formula.
func Texte(s string) Cellule { return Cellule{nature: texte, s: s} }

// Entier is a whole number.
func Entier(n int64) Cellule { return Cellule{nature: entier, n: n} }

// Montant is an amount.
func Montant(m sante.Montant) Cellule { return Cellule{nature: centiemes, n: int64(m)} }

// Taux is a rate, in percents.
func Taux(t sante.Taux) Cellule { return Cellule{nature: centiemes, n: int64(t)} }

// Jour is a day, as 2026-11-22; the zero day is empty.
func Jour(j sante.Jour) Cellule {
	if j.IsZero() {
		return Cellule{}
	}
	return Texte(j.String())
}

// csv writes the cell for a French spreadsheet: the decimals of a number follow a
// comma. A text that a spreadsheet would take for a formula is kept from it by an
// apostrophe; a number is a number, even below zero.
func (c Cellule) csv() string {
	switch c.nature {
	case texte:
		return neutraliser(c.s)
	case entier:
		return strconv.FormatInt(c.n, 10)
	case centiemes:
		return strings.Replace(sante.Montant(c.n).String(), ".", ",", 1)
	}
	return ""
}

// neutraliser keeps a text from being a formula: spreadsheets take for one what
// begins with = + - @, or with a tabulation or a return that they then skip; the
// wide forms are taken too.
func neutraliser(s string) string {
	if r, _ := utf8.DecodeRuneInString(s); s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
		return "'" + s
	}
	return s
}

// json writes the cell as a JSON value: amounts are text, never a float.
func (c Cellule) json(b []byte) []byte {
	switch c.nature {
	case texte:
		return ajouterJSON(b, c.s)
	case entier:
		return strconv.AppendInt(b, c.n, 10)
	case centiemes:
		return ajouterJSON(b, sante.Montant(c.n).String())
	}
	return append(b, "null"...)
}

// String writes the cell for a person.
func (c Cellule) String() string {
	if c.nature == texte {
		return c.s
	}
	return c.csv()
}
