package roc

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// NumeroEngagement is the number of a guarantee of payment: E, the AMC number
// padded to 10 digits, 12 random characters of a base 32 alphabet (60 bits) and
// the ISO 7064 MOD 37-2 check character. ref: ROC §11.2 // hyp: NUMERO-ENGAGEMENT
type NumeroEngagement struct{ s string }

// ErrNumeroEngagement is returned for a text that is not an engagement number.
var ErrNumeroEngagement = errors.New("numéro d'engagement attendu : 24 caractères, clé exacte")

// alphabetNumero is base 32 without I, L, O, U. ref: ROC §11.2
const alphabetNumero = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// TirerNumeroEngagement draws a number from alea, crypto/rand when nil. A check
// character that is '*' or outside the alphabet is drawn again. ref: DEC 22
func TirerNumeroEngagement(amc sante.NumeroAMC, alea io.Reader) (NumeroEngagement, error) {
	if alea == nil {
		alea = rand.Reader
	}
	prefixe := "E" + strings.Repeat("0", max(0, 10-len(amc.String()))) + amc.String()
	for {
		var octets [8]byte
		if _, err := io.ReadFull(alea, octets[:]); err != nil {
			return NumeroEngagement{}, fmt.Errorf("tirer un numéro d'engagement: %w", err)
		}
		n := binary.BigEndian.Uint64(octets[:])
		b := []byte(prefixe)
		for range 12 {
			b = append(b, alphabetNumero[n&31])
			n >>= 5
		}
		cle := sante.CleMod37(string(b))
		if strings.IndexByte(alphabetNumero, cle) >= 0 {
			return NumeroEngagement{string(append(b, cle))}, nil
		}
	}
}

// ParseNumeroEngagement checks the form and the check character.
func ParseNumeroEngagement(s string) (NumeroEngagement, error) {
	if len(s) != 24 || s[0] != 'E' || sante.CleMod37(s[:23]) != s[23] {
		return NumeroEngagement{}, ErrNumeroEngagement
	}
	for i := 1; i < 24; i++ {
		if i < 11 && (s[i] < '0' || s[i] > '9') || strings.IndexByte(alphabetNumero, s[i]) < 0 {
			return NumeroEngagement{}, ErrNumeroEngagement
		}
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
	a := n.s[1:11]
	for len(a) > 8 && a[0] == '0' {
		a = a[1:]
	}
	return a
}
