package tarif

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/ecluse-sante/ecluse/sante"
)

// ErrNumero is returned for a text that is not the number expected.
var ErrNumero = errors.New("numéro tiré au hasard attendu : sa lettre, puis 26 caractères")

// alphabet is base 32 without I, L, O, U, as for the numbers of engagement.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// chiffresAlea is how many characters of the alphabet write 128 bits.
const chiffresAlea = 26

// alea is a text of 128 random bits after a letter: it means nothing, and cannot be
// guessed. It never shows itself in a log. ref: VISIO §10 rule 1
type alea struct{ s string }

// String is the number as it is written.
func (a alea) String() string { return a.s }

// IsZero tells whether there is no number.
func (a alea) IsZero() bool { return a.s == "" }

// AppendText writes the number.
func (a alea) AppendText(b []byte) ([]byte, error) { return append(b, a.s...), nil }

// MarshalText is the number as it is written.
func (a alea) MarshalText() ([]byte, error) { return []byte(a.s), nil }

// LogValue hides the number: who holds it acts under it.
func (alea) LogValue() slog.Value { return slog.StringValue("[masqué]") }

func aleaDe(lettre byte, octets [16]byte) alea {
	b := make([]byte, 1, 1+chiffresAlea)
	b[0] = lettre
	// 26 × 5 bits hold 128: the first character has three.
	var reste uint32
	bits := 2
	for _, o := range octets {
		reste, bits = reste<<8|uint32(o), bits+8
		for bits >= 5 {
			bits -= 5
			b = append(b, alphabet[reste>>bits&31])
		}
	}
	return alea{string(b)}
}

func tirer(lettre byte, source io.Reader) (alea, error) {
	if source == nil {
		source = rand.Reader
	}
	var octets [16]byte
	if _, err := io.ReadFull(source, octets[:]); err != nil {
		return alea{}, fmt.Errorf("tirer un numéro: %w", err)
	}
	return aleaDe(lettre, octets), nil
}

func lireAlea(lettre byte, s string) (alea, error) {
	if len(s) != 1+chiffresAlea || s[0] != lettre || s[1] > '7' {
		return alea{}, ErrNumero
	}
	for i := 1; i < len(s); i++ {
		if strings.IndexByte(alphabet, s[i]) < 0 {
			return alea{}, ErrNumero
		}
	}
	return alea{s}, nil
}

const motifAlea = `[0-7][0-9A-HJKMNP-TV-Z]{25}`

// NumeroDossier names a file of pricing: the only link between the workstation and
// the third party, which alone mints it. ref: VISIO §10 rule 1, DEC 32
type NumeroDossier struct{ alea }

// TirerNumeroDossier draws a file number from source, crypto/rand when nil.
func TirerNumeroDossier(source io.Reader) (NumeroDossier, error) {
	a, err := tirer('D', source)
	return NumeroDossier{a}, err
}

// NumeroDossierDe writes 128 bits, which nobody may guess, as a file number.
func NumeroDossierDe(octets [16]byte) NumeroDossier { return NumeroDossier{aleaDe('D', octets)} }

// ParseNumeroDossier checks the form.
func ParseNumeroDossier(s string) (NumeroDossier, error) {
	a, err := lireAlea('D', s)
	return NumeroDossier{a}, err
}

// UnmarshalText reads the number as ParseNumeroDossier does.
func (n *NumeroDossier) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNumeroDossier(string(b))
	return err
}

// Motif is the pattern of the text form.
func (NumeroDossier) Motif() string { return "D" + motifAlea }

// Lien is what the insurer keeps beside an accreditation, and gives to the third
// party inside a Jeton: the invoice control compares the two. ref: DEC 32
type Lien struct{ alea }

// TirerLien draws a link from source, crypto/rand when nil.
func TirerLien(source io.Reader) (Lien, error) {
	a, err := tirer('L', source)
	return Lien{a}, err
}

// ParseLien checks the form.
func ParseLien(s string) (Lien, error) {
	a, err := lireAlea('L', s)
	return Lien{a}, err
}

// UnmarshalText reads the link as ParseLien does.
func (n *Lien) UnmarshalText(b []byte) (err error) { *n, err = ParseLien(string(b)); return err }

// Motif is the pattern of the text form.
func (Lien) Motif() string { return "L" + motifAlea }

// Reference is drawn by the third party for one request to the pricing service, and
// never used again. ref: DEC 32
type Reference struct{ alea }

// TirerReference draws a reference from source, crypto/rand when nil.
func TirerReference(source io.Reader) (Reference, error) {
	a, err := tirer('R', source)
	return Reference{a}, err
}

// ParseReference checks the form.
func ParseReference(s string) (Reference, error) {
	a, err := lireAlea('R', s)
	return Reference{a}, err
}

// UnmarshalText reads the reference as ParseReference does.
func (n *Reference) UnmarshalText(b []byte) (err error) {
	*n, err = ParseReference(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Reference) Motif() string { return "R" + motifAlea }

// Pseudonyme stands for a pharmacy before the pricing service. It is drawn for each
// file: a stable one would let the volumes of a day tell who it is. ref: DEC 31, 32
type Pseudonyme struct{ alea }

// TirerPseudonyme draws a pseudonym from source, crypto/rand when nil.
func TirerPseudonyme(source io.Reader) (Pseudonyme, error) {
	a, err := tirer('P', source)
	return Pseudonyme{a}, err
}

// ParsePseudonyme checks the form.
func ParsePseudonyme(s string) (Pseudonyme, error) {
	a, err := lireAlea('P', s)
	return Pseudonyme{a}, err
}

// UnmarshalText reads the pseudonym as ParsePseudonyme does.
func (n *Pseudonyme) UnmarshalText(b []byte) (err error) {
	*n, err = ParsePseudonyme(string(b))
	return err
}

// Motif is the pattern of the text form.
func (Pseudonyme) Motif() string { return "P" + motifAlea }

// NumeroTarification names a commitment of pricing. An invoice quotes it, so that it
// ends with an ISO 7064 MOD 37-2 check character. ref: VISIO §11
type NumeroTarification struct{ alea }

// ErrTarification is returned for a text that is not a pricing number.
var ErrTarification = errors.New("numéro de tarification attendu : T, 26 caractères, clé exacte")

// NumeroTarificationDe writes 128 bits as a pricing number; false when their check
// character is not of the alphabet, and others must be taken. ref: DEC 22
func NumeroTarificationDe(octets [16]byte) (NumeroTarification, bool) {
	a := aleaDe('T', octets)
	cle := sante.CleMod37(a.s)
	if strings.IndexByte(alphabet, cle) < 0 {
		return NumeroTarification{}, false
	}
	return NumeroTarification{alea{a.s + string(cle)}}, true
}

// ParseNumeroTarification checks the form and the check character.
func ParseNumeroTarification(s string) (NumeroTarification, error) {
	if len(s) != chiffresAlea+2 || sante.CleMod37(s[:len(s)-1]) != s[len(s)-1] || strings.IndexByte(alphabet, s[len(s)-1]) < 0 {
		return NumeroTarification{}, ErrTarification
	}
	if _, err := lireAlea('T', s[:len(s)-1]); err != nil {
		return NumeroTarification{}, ErrTarification
	}
	return NumeroTarification{alea{s}}, nil
}

// UnmarshalText reads the number as ParseNumeroTarification does.
func (n *NumeroTarification) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNumeroTarification(string(b))
	return err
}

// Motif is the pattern of the text form.
func (NumeroTarification) Motif() string { return "T" + motifAlea + `[0-9A-HJKMNP-TV-Z]` }
