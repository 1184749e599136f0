package roc

import (
	"errors"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/sante"
)

// NumeroEngagement is the number of a guarantee of payment: E, the AMC number
// padded to 10 digits, 12 random characters of a base 32 alphabet (60 bits) and
// the ISO 7064 MOD 37-2 check character. ref: ROC §11.2 // hyp: NUMERO-ENGAGEMENT
type NumeroEngagement struct{ s string }

// ErrNumeroEngagement is returned for a text that is not an engagement number.
var ErrNumeroEngagement = errors.New("numéro d'engagement attendu : 24 caractères, clé exacte")

// TirerNumeroEngagement draws a number from alea, crypto/rand when nil. A check
// character that is '*' or outside the alphabet is drawn again. ref: DEC 22
func TirerNumeroEngagement(amc sante.NumeroAMC, alea io.Reader) (NumeroEngagement, error) {
	s, err := sante.TirerNumero("E"+amc.Sur10(), alea)
	if err != nil {
		return NumeroEngagement{}, fmt.Errorf("engagement: %w", err)
	}
	return NumeroEngagement{s}, nil
}

// ParseNumeroEngagement checks the form and the check character.
func ParseNumeroEngagement(s string) (NumeroEngagement, error) {
	if len(s) != 24 || s[0] != 'E' || !sante.NumeroTire(s, 11) {
		return NumeroEngagement{}, ErrNumeroEngagement
	}
	if _, err := sante.NumeroAMCSur10(s[1:11]); err != nil {
		return NumeroEngagement{}, ErrNumeroEngagement
	}
	return NumeroEngagement{s}, nil
}

// String is the number as it is written.
func (n NumeroEngagement) String() string { return n.s }

// IsZero tells whether there is no number.
func (n NumeroEngagement) IsZero() bool { return n.s == "" }

// MarshalText is the number as it is written.
func (n NumeroEngagement) MarshalText() ([]byte, error) { return []byte(n.s), nil }

// AppendText writes the number.
func (n NumeroEngagement) AppendText(b []byte) ([]byte, error) { return append(b, n.s...), nil }

// UnmarshalText reads the number as ParseNumeroEngagement does.
func (n *NumeroEngagement) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNumeroEngagement(string(b))
	return err
}

// Motif is the pattern of the text form.
func (NumeroEngagement) Motif() string { return `E[0-9]{10}[0-9A-HJKMNP-TV-Z]{13}` }

// AMC is the number of the insurer that gave the number, without its leading
// zeros but of 8 digits at least.
func (n NumeroEngagement) AMC() string {
	if n.s == "" {
		return ""
	}
	amc, _ := sante.NumeroAMCSur10(n.s[1:11]) // checked when the number was made
	return amc.String()
}
