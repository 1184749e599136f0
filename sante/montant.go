package sante

import (
	"errors"
	"strconv"
)

// Montant is an amount of money in euro cents. It may be negative in a
// difference or an annulment.
type Montant int64

// MontantMax bounds what Parse accepts, so that no product of an amount and a
// rate or a quantity overflows: 9 999 999 999,99 €.
const MontantMax Montant = 999_999_999_999

// ErrMontant is returned for a text that is not an amount with two decimals.
var ErrMontant = errors.New("montant attendu, avec deux décimales et un point, comme 12.34")

// ParseMontant reads an amount written with a point and exactly two decimals.
// ref: ROC §5.1
func ParseMontant(s string) (Montant, error) {
	n, err := parseCentiemes(s, int64(MontantMax))
	if err != nil {
		return 0, ErrMontant
	}
	return Montant(n), nil
}

// parseCentiemes reads "-12.34" as -1234, at most max in absolute value.
func parseCentiemes(s string, max int64) (int64, error) {
	neg := len(s) > 0 && s[0] == '-'
	if neg {
		s = s[1:]
	}
	if len(s) < 4 || len(s) > 16 || s[len(s)-3] != '.' || (s[0] == '0' && len(s) > 4) {
		return 0, ErrMontant
	}
	var n int64
	for i := 0; i < len(s); i++ {
		if i == len(s)-3 {
			continue
		}
		c := s[i] - '0'
		if c > 9 {
			return 0, ErrMontant
		}
		n = n*10 + int64(c)
	}
	if n > max || (neg && n == 0) {
		return 0, ErrMontant
	}
	if neg {
		n = -n
	}
	return n, nil
}

// AppendText writes the amount as ParseMontant reads it.
func (m Montant) AppendText(b []byte) ([]byte, error) { return appendCentiemes(b, int64(m)), nil }

func appendCentiemes(b []byte, n int64) []byte {
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	c := n % 100
	return append(b, '.', byte('0'+c/10), byte('0'+c%10))
}

// String writes the amount as ParseMontant reads it.
func (m Montant) String() string { return string(appendCentiemes(nil, int64(m))) }

// MarshalText writes the amount as ParseMontant reads it.
func (m Montant) MarshalText() ([]byte, error) { return appendCentiemes(nil, int64(m)), nil }

// UnmarshalText reads the amount as ParseMontant does.
func (m *Montant) UnmarshalText(b []byte) (err error) {
	*m, err = ParseMontant(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Montant) Motif() string { return `-?(0|[1-9][0-9]{0,9})\.[0-9]{2}` }

// Euros writes the amount for a person, in the French way: "1 820,00 €".
func (m Montant) Euros() string {
	s := m.String()
	signe := ""
	if s[0] == '-' {
		signe, s = "−", s[1:]
	}
	ent, dec := s[:len(s)-3], s[len(s)-2:]
	for i := len(ent) - 3; i > 0; i -= 3 {
		ent = ent[:i] + "\u202f" + ent[i:]
	}
	return signe + ent + "," + dec + "\u00a0€"
}

// Part is the rate of an amount, rounded half-up to the cent, away from zero
// for a negative amount. ref: ROC §13.2
func (m Montant) Part(t Taux) Montant {
	n := int64(m) * int64(t)
	if n < 0 {
		return Montant(-((-n + 5000) / 10000))
	}
	return Montant((n + 5000) / 10000)
}

// Fois multiplies an amount by a whole number of units.
func (m Montant) Fois(n int) Montant { return m * Montant(n) }
