package tarif

import (
	"errors"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// DemandeControle asks the third party whether an invoice says what was priced: the
// body of the service CTL, from an operator. It names no product, and no person.
// ref: VISIO §13 F708, DEC 32
type DemandeControle struct {
	NumeroTarification NumeroTarification `fil:"numeroTarification" doc:"Numéro que la facture cite"`
	Lien               Lien               `fil:"lien" doc:"Lien gardé par l'AMC avec l'accréditation"`
	Facture            EmpreinteFacture   `fil:"facture" doc:"Empreinte à clé de la facture : un engagement n'en paie qu'une"`
	Montants           []MontantFamille   `fil:"montants,n=1..13" doc:"Montants des lignes tarifées de la facture, une fois par famille"`
}

// MontantFamille are the amounts of a family of prestations, summed.
type MontantFamille struct {
	Famille calcul.Famille `fil:"famille" doc:"Famille de prestations"`
	Depense sante.Montant  `fil:"depense" doc:"Dépense"`
	AMO     sante.Montant  `fil:"amo" doc:"Part de l'assurance obligatoire"`
	AMC     sante.Montant  `fil:"amc" doc:"Part de l'AMC"`
}

// Avis is all that a control answers.
type Avis string

// The two answers.
const (
	Oui Avis = "OUI"
	Non Avis = "NON"
)

// Codes is the closed list.
func (Avis) Codes() []string { return []string{"OUI", "NON"} }

// ReponseControle says yes or no, and nothing of why.
type ReponseControle struct {
	Retour
	Conforme Avis `fil:"conforme" doc:"La facture est conforme à l'engagement"`
}

// EmpreinteFacture is a digest that an operator makes of an invoice under a key of its
// own: 43 characters of base64url. The third party learns no invoice number.
type EmpreinteFacture struct{ s string }

// ErrEmpreinte is returned for a text that is not a digest.
var ErrEmpreinte = errors.New("empreinte attendue : 43 caractères de base64url")

// ParseEmpreinteFacture checks the form.
func ParseEmpreinteFacture(s string) (EmpreinteFacture, error) {
	if len(s) != 43 {
		return EmpreinteFacture{}, ErrEmpreinte
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return EmpreinteFacture{}, ErrEmpreinte
		}
	}
	return EmpreinteFacture{s}, nil
}

// String is the digest as it is written.
func (e EmpreinteFacture) String() string { return e.s }

// AppendText writes the digest.
func (e EmpreinteFacture) AppendText(b []byte) ([]byte, error) { return append(b, e.s...), nil }

// UnmarshalText reads the digest as ParseEmpreinteFacture does.
func (e *EmpreinteFacture) UnmarshalText(b []byte) (err error) {
	*e, err = ParseEmpreinteFacture(string(b))
	return err
}

// Motif is the pattern of the text form.
func (EmpreinteFacture) Motif() string { return `[A-Za-z0-9_-]{43}` }
