package sante

import "errors"

// Taux is a rate in hundredths of a percent: 70 % is 7000.
type Taux int64

// TauxMax bounds what Parse accepts: 1000 %.
const TauxMax Taux = 100_000

// ErrTaux is returned for a text that is not a rate.
var ErrTaux = errors.New("taux attendu en pour cent, comme 70 ou 63.50")

// Pourcent makes the rate of a whole number of percents.
func Pourcent(n int) Taux { return Taux(n) * 100 }

// ParseTaux reads a rate in percent with zero to two decimals. ref: ROC §5.1
func ParseTaux(s string) (Taux, error) {
	for i := 0; i < len(s); i++ {
		if s[i] == '.' {
			if len(s)-i-1 == 1 {
				s += "0"
			}
			return parseTauxComplet(s)
		}
	}
	return parseTauxComplet(s + ".00")
}

func parseTauxComplet(s string) (Taux, error) {
	n, err := parseCentiemes(s, int64(TauxMax))
	if err != nil || n < 0 {
		return 0, ErrTaux
	}
	return Taux(n), nil
}

// String writes the rate with the fewest decimals: "70", "63.5".
func (t Taux) String() string { b, _ := t.AppendText(nil); return string(b) }

// AppendText writes the rate as String does.
func (t Taux) AppendText(b []byte) ([]byte, error) {
	b = appendCentiemes(b, int64(t))
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	return b, nil
}

// MarshalText writes the rate as String does.
func (t Taux) MarshalText() ([]byte, error) { return t.AppendText(nil) }

// UnmarshalText reads the rate as ParseTaux does.
func (t *Taux) UnmarshalText(b []byte) (err error) {
	*t, err = ParseTaux(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Taux) Motif() string { return `[0-9]{1,4}(\.[0-9]{1,2})?` }
