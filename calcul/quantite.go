package calcul

import (
	"errors"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// Quantite is a number of units or a coefficient, in hundredths: 1 is 100.
type Quantite int64

// QuantiteMax bounds what Parse accepts: 9 999,99 units, so
// that no product with an amount overflows.
const QuantiteMax Quantite = 999_999

// ErrQuantite is returned for a text that is not a quantity.
var ErrQuantite = errors.New("quantité attendue, avec zéro à deux décimales et un point, comme 1 ou 2.5")

// Unites makes the quantity of a whole number of units.
func Unites(n int) Quantite { return Quantite(n) * 100 }

// ParseQuantite reads a quantity with zero to two decimals.
func ParseQuantite(s string) (Quantite, error) {
	entier, decimales, point := strings.Cut(s, ".")
	if point && decimales == "" || len(decimales) > 2 {
		return 0, ErrQuantite
	}
	m, err := sante.ParseMontant(entier + "." + (decimales + "00")[:2])
	if err != nil || m < 0 || Quantite(m) > QuantiteMax {
		return 0, ErrQuantite
	}
	return Quantite(m), nil
}

// String writes the quantity with the fewest decimals.
func (q Quantite) String() string { b, _ := q.AppendText(nil); return string(b) }

// AppendText writes the quantity as String does.
func (q Quantite) AppendText(b []byte) ([]byte, error) { return sante.Taux(q).AppendText(b) }

// MarshalText writes the quantity as String does.
func (q Quantite) MarshalText() ([]byte, error) { return q.AppendText(nil) }

// UnmarshalText reads the quantity as ParseQuantite does.
func (q *Quantite) UnmarshalText(b []byte) (err error) {
	*q, err = ParseQuantite(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Quantite) Motif() string { return `[0-9]{1,4}(\.[0-9]{1,2})?` }

// de multiplies an amount, rounded half-up to the cent.
func (q Quantite) de(m sante.Montant) sante.Montant {
	n := int64(m) * int64(q)
	if n < 0 {
		return sante.Montant(-((-n + 50) / 100))
	}
	return sante.Montant((n + 50) / 100)
}
