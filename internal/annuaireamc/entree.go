package annuaireamc

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// ErrEntree is wrapped by the errors of an entry that cannot be published.
var ErrEntree = errors.New("annuaire: entrée refusée")

// Entree is what the directory says of an insurer for one way of routing.
type Entree struct {
	ID             string          `json:"id"` // chosen by who publishes; unique
	NumeroAMC      sante.NumeroAMC `json:"numeroAMC"`
	TypeConvention string          `json:"typeConvention,omitempty"`
	CSR            string          `json:"csr,omitempty"` // ? is one character
	Debut          sante.Jour      `json:"debut"`
	Fin            sante.Jour      `json:"fin,omitempty"`
	Domaines       []roc.Domaine   `json:"domaines,omitempty"` // all when empty
	// Remplacante, when said, is the insurer that replaced this one.
	Remplacante sante.NumeroAMC `json:"remplacante,omitzero"`

	Libelle             string  `json:"libelle"`
	OrganismeSignataire string  `json:"organismeSignataire,omitempty"`
	Structure           string  `json:"structure,omitempty"` // whose seal answers
	Mandat              *Mandat `json:"mandat,omitempty"`
	Points              []Point `json:"points,omitempty"`
	CalculLocal         bool    `json:"calculLocal"`
	Validite            int     `json:"validite"` // seconds an answer may be kept
	JoursTolerance      int     `json:"joursTolerance,omitempty"`
	CodeRoutage         string  `json:"codeRoutage,omitempty"`
	IdentifiantHote     string  `json:"identifiantHote,omitempty"`
	NomDomaine          string  `json:"nomDomaine,omitempty"`
	CodeAiguillageSTS   string  `json:"codeAiguillageSTS,omitempty"`
}

// Mandat lets an operator seal for an insurer, for a time. ref: DEC 14
type Mandat struct {
	ID        string     `json:"id"`
	Libelle   string     `json:"libelle"`
	Structure string     `json:"structure"`
	Debut     sante.Jour `json:"debut"`
	Fin       sante.Jour `json:"fin,omitempty"`
}

// Point is where one service is.
type Point struct {
	Service      roc.Service `json:"service"`
	Adresse      string      `json:"adresse"`
	Normes       []string    `json:"normes,omitempty"`
	Debut        sante.Jour  `json:"debut"`
	Fin          sante.Jour  `json:"fin,omitempty"`
	Empreintes   []string    `json:"empreintes,omitempty"`   // SHA-256 of the server's certificate, current and next
	Confidentiel string      `json:"confidentiel,omitempty"` // certificate of confidentiality, base64 DER
}

// valideMax bounds how long an answer may be kept: a year.
const valideMax = 365 * 24 * 3600

// Valider checks an entry by itself.
func (e *Entree) Valider() error {
	refus := func(format string, a ...any) error {
		return fmt.Errorf("%w : %s", ErrEntree, fmt.Sprintf(format, a...))
	}
	switch {
	case e.ID == "" || len(e.ID) > 60:
		return refus("identifiant de 1 à 60 caractères attendu")
	case e.NumeroAMC.IsZero():
		return refus("numéro d'AMC absent")
	case len(e.TypeConvention) > 2 || len(e.CSR) > 15:
		return refus("convention de 2 caractères et CSR de 15 caractères au plus")
	case e.CSR != "" && e.TypeConvention == "":
		return refus("un CSR ne vaut que pour une convention")
	case e.Debut.IsZero() || e.Fin != 0 && e.Fin < e.Debut:
		return refus("période incohérente")
	case e.Libelle == "" || len([]rune(e.Libelle)) > 60:
		return refus("libellé de 1 à 60 caractères attendu")
	case e.Validite < 0 || e.Validite > valideMax || e.JoursTolerance < 0 || e.JoursTolerance > 365:
		return refus("durée hors limites")
	case e.Remplacante == e.NumeroAMC:
		return refus("une AMC ne se remplace pas elle-même")
	}
	for _, d := range e.Domaines {
		if !slices.Contains(d.Codes(), string(d)) {
			return refus("domaine inconnu")
		}
	}
	if !e.Remplacante.IsZero() {
		return nil
	}
	if e.Structure == "" && e.Mandat == nil {
		return refus("ni structure qui scelle, ni mandat d'opérateur")
	}
	if m := e.Mandat; m != nil && (m.ID == "" || m.Structure == "" || m.Debut.IsZero() || m.Fin != 0 && m.Fin < m.Debut) {
		return refus("mandat incomplet")
	}
	return e.validerPoints(refus)
}

func (e *Entree) validerPoints(refus func(string, ...any) error) error {
	if len(e.Points) == 0 || len(e.Points) > 20 {
		return refus("1 à 20 points d'accès attendus")
	}
	vus := map[roc.Service]bool{}
	for _, p := range e.Points {
		u, err := url.Parse(p.Adresse)
		switch {
		case !slices.Contains(p.Service.Codes(), string(p.Service)) || vus[p.Service]:
			return refus("service inconnu ou en double")
		case p.Service != roc.DRE && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil):
			return refus("point %s : adresse https attendue", p.Service)
		case p.Debut.IsZero() || p.Fin != 0 && p.Fin < p.Debut:
			return refus("point %s : période incohérente", p.Service)
		case len(p.Empreintes) > 2:
			return refus("point %s : deux empreintes au plus", p.Service)
		}
		for _, x := range p.Empreintes {
			if b, err := hex.DecodeString(x); err != nil || len(b) != 32 || strings.ToLower(x) != x {
				return refus("point %s : empreinte SHA-256 en hexadécimal minuscule attendue", p.Service)
			}
		}
		if _, err := base64.StdEncoding.DecodeString(p.Confidentiel); err != nil {
			return refus("point %s : certificat de confidentialité en base64 attendu", p.Service)
		}
		vus[p.Service] = true
	}
	return nil
}

// Concerne tells whether an entry speaks of a domain at a day.
func (e *Entree) Concerne(d roc.Domaine, j sante.Jour) bool {
	return j >= e.Debut && (e.Fin == 0 || j <= e.Fin) && (len(e.Domaines) == 0 || slices.Contains(e.Domaines, d))
}
