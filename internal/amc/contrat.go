package amc

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Contrat is what a contract promises between two days. Its JSON form is the
// one of imports and of the insurer's core system.
type Contrat struct {
	Numero               string             `json:"numero"`
	Debut                sante.Jour         `json:"debut"`
	Fin                  sante.Jour         `json:"fin,omitzero"` // included; zero: still in force
	Libelle              string             `json:"libelle,omitempty"`
	Type                 roc.TypeContrat    `json:"type"`
	Responsable          bool               `json:"responsable"`
	ModeCalcul           roc.ModeCalcul     `json:"modeCalcul"`
	GarantieLocale       bool               `json:"garantieLocale,omitempty"`       // a local calculation is guaranteed
	MontantMaxLocal      *sante.Montant     `json:"montantMaxLocal,omitempty"`      // at most this; nil: no limit
	CSSParLaCaisse       bool               `json:"cssParLaCaisse,omitempty"`       // CSS that the AMO caisse manages
	SansTiersPayant      bool               `json:"sansTiersPayant,omitempty"`      // nowhere
	EtablissementsExclus []sante.FINESS     `json:"etablissementsExclus,omitempty"` // no tiers payant there
	Perimetre            []Domaine          `json:"perimetre"`
	Garanties            []calcul.Garantie  `json:"garanties"`
	Exclusions           []calcul.Exclusion `json:"exclusions,omitempty"`
	MessageAgent         string             `json:"messageAgent,omitempty"`
	MessagePatient       string             `json:"messagePatient,omitempty"`
}

// Domaine is a domain that a contract covers or not.
type Domaine struct {
	Domaine string `json:"domaine"`
	Couvert bool   `json:"couvert"`
	Motif   string `json:"motif,omitempty"` // why not
}

// ErrContrat wraps what is wrong with a contract.
var ErrContrat = errors.New("contrat refusé")

// Bounds of a contract.
const (
	garantiesMax  = 60
	tailleContrat = 64 << 10
	exclusMax     = 5000
	exclusionsMax = 50
)

// LireContrat reads the JSON form of a contract and checks it; unknown fields
// are refused.
func LireContrat(b []byte) (*Contrat, error) {
	if len(b) > tailleContrat {
		return nil, &Faute{Champ: "contrat", Detail: "plus de 64 Kio", De: ErrContrat}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	c := new(Contrat)
	if err := d.Decode(c); err != nil {
		return nil, &Faute{Champ: champJSON(err), Detail: "JSON illisible ou valeur refusée", De: ErrContrat}
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &Faute{Champ: "contrat", Detail: "texte après l'objet", De: ErrContrat}
	}
	return c, c.Verifier()
}

func champJSON(err error) string {
	var type_ *json.UnmarshalTypeError
	if errors.As(err, &type_) && type_.Field != "" {
		return type_.Field
	}
	return "contrat"
}

// Ecrire is the JSON form of the contract, the same for the same contract, and
// its digest.
func (c *Contrat) Ecrire() (texte []byte, empreinte string, err error) {
	texte, err = json.Marshal(c)
	if err != nil {
		return nil, "", fmt.Errorf("écrire un contrat: %w", err)
	}
	h := sha256.Sum256(texte)
	return texte, hex.EncodeToString(h[:]), nil
}

// Verifier checks what a store may keep.
func (c *Contrat) Verifier() error {
	faute := func(champ, detail string) error { return &Faute{Champ: champ, Detail: detail, De: ErrContrat} }
	switch {
	case !court(c.Numero, referenceMax):
		return faute("numero", "1 à 40 caractères attendus")
	case c.Debut.IsZero():
		return faute("debut", "absent")
	case !c.Fin.IsZero() && c.Fin < c.Debut:
		return faute("fin", "avant le début")
	case len([]rune(c.Libelle)) > 100:
		return faute("libelle", "100 caractères au plus")
	case !slices.Contains(c.Type.Codes(), string(c.Type)):
		return faute("type", "CSS, CSS_PARTICIP, INDIV ou COLLECTIF attendu")
	case !slices.Contains(c.ModeCalcul.Codes(), string(c.ModeCalcul)):
		return faute("modeCalcul", "LOCAL, CLC ou LOCAL_OU_CLC attendu")
	case c.GarantieLocale && c.ModeCalcul == roc.CalculCLC:
		return faute("garantieLocale", "sans objet quand le calcul est CLC")
	case c.MontantMaxLocal != nil && (!c.GarantieLocale || *c.MontantMaxLocal <= 0):
		return faute("montantMaxLocal", "montant positif d'une garantie locale attendu")
	case len(c.EtablissementsExclus) > exclusMax:
		return faute("etablissementsExclus", "5 000 au plus")
	case !libre(c.MessageAgent) || !libre(c.MessagePatient):
		return faute("messageAgent", "250 caractères au plus")
	}
	if err := c.verifierPerimetre(); err != nil {
		return err
	}
	return c.verifierGaranties()
}

func libre(s string) bool { return s == "" || court(s, 250) }

func (c *Contrat) verifierPerimetre() error {
	vus := map[string]bool{}
	for _, d := range c.Perimetre {
		if !slices.Contains(domaines, d.Domaine) || vus[d.Domaine] || len([]rune(d.Motif)) > 100 {
			return &Faute{Champ: "perimetre", Detail: "ACE, SEJOUR, CP, ACCOMPAGNANT ou HAD, une fois chacun", De: ErrContrat}
		}
		vus[d.Domaine] = true
	}
	if len(vus) == 0 {
		return &Faute{Champ: "perimetre", Detail: "au moins un domaine attendu", De: ErrContrat}
	}
	return nil
}

func (c *Contrat) verifierGaranties() error {
	if len(c.Garanties) == 0 || len(c.Garanties) > garantiesMax {
		return &Faute{Champ: "garanties", Detail: "1 à 60 attendues", De: ErrContrat}
	}
	if len(c.Exclusions) > exclusionsMax {
		return &Faute{Champ: "exclusions", Detail: "50 au plus", De: ErrContrat}
	}
	for i := range c.Garanties {
		if err := longueurs(&c.Garanties[i]); err != "" {
			return &Faute{Champ: fmt.Sprintf("garanties[%d]", i), Detail: err, De: ErrContrat}
		}
	}
	if err := c.Calcul().Verifier(); err != nil {
		return &Faute{Champ: "garanties", Detail: err.Error(), De: ErrContrat}
	}
	for _, x := range []struct {
		famille roc.Famille
		domaine string
	}{{calcul.FamilleCP, DomaineCP}, {calcul.FamilleACC, DomaineAccompagnant}} {
		promis := slices.ContainsFunc(c.Garanties, func(g calcul.Garantie) bool { return g.Famille == x.famille && g.Formule.Numero != calcul.F00 })
		if promis && !c.couvre(x.domaine) {
			return &Faute{Champ: "perimetre", Detail: "une garantie promet ce que le périmètre ne couvre pas : " + x.domaine, De: ErrContrat}
		}
	}
	if c.ModeCalcul != roc.CalculCLC && slices.ContainsFunc(c.Garanties, parAnnee) {
		// Only CLC counts: a hospital alone would not know what is left.
		return &Faute{Champ: "modeCalcul", Detail: "une garantie comptée à l'année demande le calcul CLC", De: ErrContrat}
	}
	return nil
}

// longueurs checks what an answer to IDB can carry.
func longueurs(g *calcul.Garantie) string {
	if !court(g.Code, 20) {
		return "nom de 1 à 20 caractères attendu"
	}
	if len(g.Codes) > 50 || slices.ContainsFunc(g.Codes, func(c string) bool { return !court(c, 13) }) {
		return "50 codes de prestation de 13 caractères au plus"
	}
	for _, r := range []*calcul.Regle{&g.Formule.Regle, g.Formule.F, g.Formule.G} {
		if r != nil && (len(r.Tarifs) > 200 || len([]rune(r.Reseau)) > 20 || r.N > 9999) {
			return "200 tarifs, un réseau de 20 caractères, 9 999 unités au plus"
		}
	}
	return ""
}

// parAnnee tells whether a guarantee is limited over the year. ref: ROC §12
func parAnnee(g calcul.Garantie) bool {
	regle := func(r *calcul.Regle) bool {
		return r != nil && (r.Numero == calcul.F10 || r.Numero == calcul.F08 && r.Fenetre == calcul.ParAnnee)
	}
	formule := func(f *calcul.Formule) bool { return f != nil && (regle(&f.Regle) || regle(f.F) || regle(f.G)) }
	return g.Fenetre == calcul.ParAnnee || formule(&g.Formule) || formule(g.HorsOptam)
}

// compte tells whether a calculation under the contract uses a counter.
func (c *Contrat) compte() bool {
	f08 := func(r *calcul.Regle) bool { return r != nil && (r.Numero == calcul.F08 || r.Numero == calcul.F10) }
	formule := func(f *calcul.Formule) bool { return f != nil && (f08(&f.Regle) || f08(f.F) || f08(f.G)) }
	return slices.ContainsFunc(c.Garanties, func(g calcul.Garantie) bool {
		return g.PlafondPeriode > 0 || formule(&g.Formule) || formule(g.HorsOptam)
	})
}

// Calcul is the contract as the engine reads it.
func (c *Contrat) Calcul() calcul.Contrat {
	return calcul.Contrat{
		Type: calcul.TypeContrat(c.Type), Responsable: c.Responsable,
		Debut: c.Debut, Fin: c.Fin, Garanties: c.Garanties, Exclusions: c.Exclusions,
	}
}

// couvre tells whether a domain is covered; one that is not listed is not.
func (c *Contrat) couvre(domaine string) bool {
	return slices.ContainsFunc(c.Perimetre, func(d Domaine) bool { return d.Domaine == domaine && d.Couvert })
}

func (c *Contrat) perimetre() []roc.Perimetre {
	l := make([]roc.Perimetre, len(c.Perimetre))
	for i, d := range c.Perimetre {
		l[i] = roc.Perimetre{Domaine: d.Domaine, Couvert: d.Couvert, Motif: d.Motif}
	}
	return l
}
