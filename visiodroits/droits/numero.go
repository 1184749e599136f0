package droits

import (
	"errors"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/sante"
)

// TypeAccreditation says who answered for the rights. ref: VISIO §5.2, §6
type TypeAccreditation string

// Types of accreditation.
const (
	Normale   TypeAccreditation = "NORMALE"   // by the AMC, or by its operator in its name
	Depannage TypeAccreditation = "DEPANNAGE" // by the operator under mandate, the AMC being silent
)

// Codes is the closed list of types.
func (TypeAccreditation) Codes() []string { return []string{"NORMALE", "DEPANNAGE"} }

// lettres of the types inside of a number.
var lettres = map[TypeAccreditation]string{Normale: "N", Depannage: "D"}

// NumeroAccreditation is the number of an accreditation, 25 characters: A, the
// number of its issuer padded to 10 digits, N or D for the type, 12 random
// characters (60 bits) and the ISO 7064 MOD 37-2 check character.
// ref: VISIO §6 // hyp: NUMERO-ACCREDITATION
type NumeroAccreditation struct{ s string }

// ErrNumeroAccreditation is returned for a text that is not an accreditation number.
var ErrNumeroAccreditation = errors.New("numéro d'accréditation attendu : 25 caractères, clé exacte")

// TirerNumeroAccreditation draws the number of a new accreditation from alea,
// crypto/rand when nil. It is unguessable; that it is never given twice is for its
// issuer to see to, which keeps those it gave. ref: VISIO §6, DEC 22
func TirerNumeroAccreditation(emetteur sante.NumeroAMC, t TypeAccreditation, alea io.Reader) (NumeroAccreditation, error) {
	if emetteur.IsZero() || lettres[t] == "" {
		return NumeroAccreditation{}, fmt.Errorf("tirer une accréditation: %w", ErrNumeroAccreditation)
	}
	s, err := sante.TirerNumero("A"+emetteur.Sur10()+lettres[t], alea)
	if err != nil {
		return NumeroAccreditation{}, fmt.Errorf("accréditation: %w", err)
	}
	return NumeroAccreditation{s}, nil
}

// ParseNumeroAccreditation checks the form and the check character.
func ParseNumeroAccreditation(s string) (NumeroAccreditation, error) {
	if len(s) != 25 || s[0] != 'A' || s[11] != 'N' && s[11] != 'D' || !sante.NumeroTire(s, 12) {
		return NumeroAccreditation{}, ErrNumeroAccreditation
	}
	if _, err := sante.NumeroAMCSur10(s[1:11]); err != nil {
		return NumeroAccreditation{}, ErrNumeroAccreditation
	}
	return NumeroAccreditation{s}, nil
}

// String is the number as it is written.
func (n NumeroAccreditation) String() string { return n.s }

// IsZero tells whether there is no number.
func (n NumeroAccreditation) IsZero() bool { return n.s == "" }

// MarshalText is the number as it is written.
func (n NumeroAccreditation) MarshalText() ([]byte, error) { return []byte(n.s), nil }

// AppendText writes the number.
func (n NumeroAccreditation) AppendText(b []byte) ([]byte, error) { return append(b, n.s...), nil }

// UnmarshalText reads the number as ParseNumeroAccreditation does.
func (n *NumeroAccreditation) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNumeroAccreditation(string(b))
	return err
}

// Motif is the pattern of the text form.
func (NumeroAccreditation) Motif() string { return `A[0-9]{10}[ND][0-9A-HJKMNP-TV-Z]{13}` }

// Emetteur is who gave the number, AMC or operator, without its leading zeros but
// of 8 digits at least: MemeEmetteur compares.
func (n NumeroAccreditation) Emetteur() sante.NumeroAMC {
	if n.s == "" {
		return sante.NumeroAMC{}
	}
	e, _ := sante.NumeroAMCSur10(n.s[1:11]) // checked when the number was made
	return e
}

// Type says whether the number is of an ordinary accreditation or of a dépannage.
func (n NumeroAccreditation) Type() TypeAccreditation {
	switch {
	case n.s == "":
		return ""
	case n.s[11] == 'D':
		return Depannage
	}
	return Normale
}

// MemeEmetteur tells whether two numbers are of the same issuer, leading zeros
// apart; nobody is the same as nobody.
func MemeEmetteur(a, b sante.NumeroAMC) bool {
	return !a.IsZero() && !b.IsZero() && a.Sur10() == b.Sur10()
}
