package amc

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Beneficiaire is a person of the portfolio, with what the insurer needs to
// recognise and cover him. It never leaves the house whole.
type Beneficiaire struct {
	Reference      string               `json:"reference"` // the insurer's own identifier of the person, never sent
	NumeroAdherent sante.NumeroAdherent `json:"numeroAdherent"`
	NIR            sante.NIR            `json:"nir,omitzero"`       // zero when not known
	NIRAssure      sante.NIR            `json:"nirAssure,omitzero"` // of the opener of rights; zero when not known
	NomNaissance   string               `json:"nomNaissance"`
	NomUsage       string               `json:"nomUsage,omitempty"`
	Prenom         string               `json:"prenom"`
	DateNaissance  sante.DateNaissance  `json:"dateNaissance"`
	RangGemellaire int                  `json:"rangGemellaire"`
	IdentiteSure   bool                 `json:"identiteSure,omitempty"` // checked against a document or the INS
	Rang           int                  `json:"rang,omitempty"`         // of this insurer for the person; 0 when not known
	Autres         []Autre              `json:"autresAMC,omitempty"`
	Adhesions      []Adhesion           `json:"adhesions"` // by day, without overlap
}

// Autre is another insurer of a person.
type Autre struct {
	NumeroAMC sante.NumeroAMC `json:"numeroAMC"`
	Rang      int             `json:"rang"`
}

// Adhesion is a period during which a person is covered by a contract.
type Adhesion struct {
	Contrat       string     `json:"contrat"`
	Debut         sante.Jour `json:"debut"`
	Fin           sante.Jour `json:"fin,omitzero"`           // included; zero: still in force
	SuspenduDebut sante.Jour `json:"suspenduDebut,omitzero"` // zero: not suspended
	SuspenduFin   sante.Jour `json:"suspenduFin,omitzero"`   // included; zero: until further notice
	Version       Version    `json:"-"`                      // of the contract, in force at the day asked for
}

// Version is a state of a contract: its text never changes, and a calculation
// can be made again from it. The zero value is "none".
type Version struct {
	Empreinte  string     // digest of the text
	Debut, Fin sante.Jour // both included; Fin zero: still in force
}

// couvre tells whether a day is between two others, both included; a zero end
// is open.
func couvre(debut, fin, j sante.Jour) bool { return j >= debut && (fin.IsZero() || j <= fin) }

// plusTot is the first of two ends, of which a zero one is open.
func plusTot(a, b sante.Jour) sante.Jour {
	if a.IsZero() || (!b.IsZero() && b < a) {
		return b
	}
	return a
}

func (a *Adhesion) suspendue(j sante.Jour) bool {
	return !a.SuspenduDebut.IsZero() && couvre(a.SuspenduDebut, a.SuspenduFin, j)
}

// ErrBeneficiaire wraps what is wrong with a person of the portfolio: the field
// and the reason, never the value.
var ErrBeneficiaire = errors.New("bénéficiaire refusé")

// Bounds of a person's file.
const (
	adhesionsMax = 50
	referenceMax = 40
)

// Verifier checks what a store may keep. Identifiers are checked by their types.
func (b *Beneficiaire) Verifier() error {
	faute := func(champ, detail string) error { return &Faute{Champ: champ, Detail: detail, De: ErrBeneficiaire} }
	switch {
	case !court(b.Reference, referenceMax):
		return faute("reference", "1 à 40 caractères attendus")
	case b.NumeroAdherent.IsZero():
		return faute("numeroAdherent", "absent")
	case !court(b.NomNaissance, 80) || sante.Plier(b.NomNaissance) == "":
		return faute("nomNaissance", "1 à 80 caractères attendus")
	case b.NomUsage != "" && !court(b.NomUsage, 80):
		return faute("nomUsage", "80 caractères au plus")
	case !court(b.Prenom, 60) || sante.Plier(b.Prenom) == "":
		return faute("prenom", "1 à 60 caractères attendus")
	case b.DateNaissance.IsZero():
		return faute("dateNaissance", "absente")
	case b.RangGemellaire < 1 || b.RangGemellaire > 9:
		return faute("rangGemellaire", "1 à 9 attendu")
	case b.Rang < 0 || b.Rang > 3:
		return faute("rang", "1 à 3 attendu")
	case len(b.Autres) > 2:
		return faute("autresAMC", "2 au plus")
	case len(b.Adhesions) == 0 || len(b.Adhesions) > adhesionsMax:
		return faute("adhesions", "1 à 50 attendues")
	}
	for _, a := range b.Autres {
		if a.NumeroAMC.IsZero() || a.Rang < 1 || a.Rang > 3 || a.Rang == b.Rang {
			return faute("autresAMC", "numéro et rang de 1 à 3, autre que celui de cette AMC, attendus")
		}
	}
	slices.SortFunc(b.Adhesions, func(x, y Adhesion) int { return int(x.Debut) - int(y.Debut) })
	for i := range b.Adhesions {
		if err := b.Adhesions[i].verifier(); err != nil {
			return err
		}
		if i > 0 && couvre(b.Adhesions[i-1].Debut, b.Adhesions[i-1].Fin, b.Adhesions[i].Debut) {
			return faute("adhesions", "deux adhésions se chevauchent")
		}
	}
	return nil
}

func (a *Adhesion) verifier() error {
	faute := func(champ, detail string) error { return &Faute{Champ: champ, Detail: detail, De: ErrBeneficiaire} }
	switch {
	case !court(a.Contrat, referenceMax):
		return faute("contrat", "1 à 40 caractères attendus")
	case a.Debut.IsZero():
		return faute("debut", "absent")
	case !a.Fin.IsZero() && a.Fin < a.Debut:
		return faute("fin", "avant le début")
	case a.SuspenduDebut.IsZero() && !a.SuspenduFin.IsZero():
		return faute("suspenduDebut", "absent alors que la fin est dite")
	case !a.SuspenduFin.IsZero() && a.SuspenduFin < a.SuspenduDebut:
		return faute("suspenduFin", "avant le début")
	}
	return nil
}

// court tells whether a text has 1 to max characters, all printable, and no
// space at either end.
func court(s string, max int) bool {
	n := 0
	for _, r := range s {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return false
		}
		n++
	}
	return n >= 1 && n <= max && strings.TrimSpace(s) == s
}

// Faute is what is wrong in one field of a portfolio: the field and the reason
// in French, never the value.
type Faute struct {
	Champ  string
	Detail string
	De     error // ErrBeneficiaire or ErrContrat
}

// Error is the kind, the field and the reason.
func (f *Faute) Error() string { return fmt.Sprintf("%v : %s : %s", f.De, f.Champ, f.Detail) }

// Unwrap is the kind.
func (f *Faute) Unwrap() error { return f.De }

func (b *Beneficiaire) autresAMC() []roc.AutreAMC {
	var l []roc.AutreAMC
	for _, a := range b.Autres {
		l = append(l, roc.AutreAMC{NumeroAMC: a.NumeroAMC, Rang: a.Rang})
	}
	return l
}
