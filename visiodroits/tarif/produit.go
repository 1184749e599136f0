package tarif

import (
	"errors"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Errors of the codes of a line: what is expected, never what was read.
var (
	ErrProduit    = errors.New("code de produit attendu : LPP, CIP ou UCD, de 7 chiffres ou de 13 avec sa clé")
	ErrPrestation = errors.New("code de prestation attendu : une lettre, puis 0 à 4 lettres ou chiffres")
	ErrGrille     = errors.New("grille attendue : une lettre, puis des lettres, chiffres et tirets, sans plus de six chiffres de suite")
	ErrLongDebut  = errors.New("code de produit de 13 chiffres : il commence par 3400")
)

// CodeProduit is what was delivered: a LPP code, or a CIP or UCD code, of 7 digits, or
// of 13 with the key of bar codes. Nothing else is written there: neither 8 digits of
// a birth date, nor 11 of a RPPS, nor 15 of a NIR. ref: VISIO §11
// hyp: TARIF-PRODUIT
type CodeProduit struct{ s string }

// ParseCodeProduit checks the digits, and the key of the long form.
func ParseCodeProduit(s string) (CodeProduit, error) {
	if len(s) != 7 && len(s) != 13 {
		return CodeProduit{}, ErrProduit
	}
	somme := 0
	for i := range len(s) {
		d := int(s[i] - '0')
		if s[i] < '0' || s[i] > '9' {
			return CodeProduit{}, ErrProduit
		}
		if i%2 == 1 {
			d *= 3
		}
		somme += d
	}
	switch {
	case len(s) == 7:
		return CodeProduit{s}, nil
	case s[:4] != "3400":
		return CodeProduit{}, ErrLongDebut
	case somme%10 != 0:
		return CodeProduit{}, ErrProduit
	}
	return CodeProduit{s}, nil
}

// String is the code as it is written.
func (c CodeProduit) String() string { return c.s }

// IsZero tells whether there is no code.
func (c CodeProduit) IsZero() bool { return c.s == "" }

// AppendText writes the code.
func (c CodeProduit) AppendText(b []byte) ([]byte, error) { return append(b, c.s...), nil }

// MarshalText is the code as it is written.
func (c CodeProduit) MarshalText() ([]byte, error) { return []byte(c.s), nil }

// UnmarshalText reads the code as ParseCodeProduit does.
func (c *CodeProduit) UnmarshalText(b []byte) (err error) {
	*c, err = ParseCodeProduit(string(b))
	return err
}

// Motif is the pattern of the text form.
func (CodeProduit) Motif() string { return `[0-9]{7}([0-9]{6})?` }

// CodePrestation is what a line is invoiced as: PHN, VER, PA… ref: VISIO §11
type CodePrestation string

// Motif is the pattern of the text form.
func (CodePrestation) Motif() string { return `[A-Z][A-Z0-9]{0,4}` }

// IDGrille names a grid of guarantees, which many beneficiaries share. It holds no
// more than six digits on end, so that it cannot hold a person. ref: DEC 32
type IDGrille struct{ s string }

// ParseIDGrille checks the form.
func ParseIDGrille(s string) (IDGrille, error) {
	if len(s) == 0 || len(s) > 32 || s[0] < 'A' || s[0] > 'Z' {
		return IDGrille{}, ErrGrille
	}
	suite := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			suite++
		case c >= 'A' && c <= 'Z':
			suite = 0
		case c != '-': // digits on both sides of a dash are on end
			return IDGrille{}, ErrGrille
		}
		if suite > 6 {
			return IDGrille{}, ErrGrille
		}
	}
	return IDGrille{s}, nil
}

// String is the name as it is written.
func (g IDGrille) String() string { return g.s }

// IsZero tells whether there is no grid.
func (g IDGrille) IsZero() bool { return g.s == "" }

// AppendText writes the name.
func (g IDGrille) AppendText(b []byte) ([]byte, error) { return append(b, g.s...), nil }

// MarshalText is the name as it is written.
func (g IDGrille) MarshalText() ([]byte, error) { return []byte(g.s), nil }

// UnmarshalText reads the name as ParseIDGrille does.
func (g *IDGrille) UnmarshalText(b []byte) (err error) {
	*g, err = ParseIDGrille(string(b))
	return err
}

// Motif is the pattern of the text form.
func (IDGrille) Motif() string { return `[A-Z][A-Z0-9-]{0,31}` }

// Categorie is the kind of professional that delivers.
type Categorie = visiodroits.Categorie

// The kinds.
const (
	Pharmacie      = visiodroits.Pharmacie
	Laboratoire    = visiodroits.Laboratoire
	Opticien       = visiodroits.Opticien
	Audioprothese  = visiodroits.Audio
	AuxiliaireMed  = visiodroits.Auxiliaire
	AutreCategorie = visiodroits.AutreMetier
)
