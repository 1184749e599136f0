package monde

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// Assure is a person of a portfolio, in the JSON form of the insurer's imports.
type Assure struct {
	Reference      string               `json:"reference"`
	NumeroAdherent sante.NumeroAdherent `json:"numeroAdherent"`
	NIR            sante.NIR            `json:"nir,omitzero"`
	NIRAssure      sante.NIR            `json:"nirAssure,omitzero"`
	NomNaissance   string               `json:"nomNaissance"`
	NomUsage       string               `json:"nomUsage,omitempty"`
	Prenom         string               `json:"prenom"`
	DateNaissance  sante.DateNaissance  `json:"dateNaissance"`
	RangGemellaire int                  `json:"rangGemellaire"`
	IdentiteSure   bool                 `json:"identiteSure,omitempty"`
	Rang           int                  `json:"rang,omitempty"`
	Autres         []Autre              `json:"autresAMC,omitempty"`
	Adhesions      []Adhesion           `json:"adhesions"`
}

// Autre is another insurer of a person.
type Autre struct {
	NumeroAMC sante.NumeroAMC `json:"numeroAMC"`
	Rang      int             `json:"rang"`
}

// Ouvert tells whether the person has rights a day.
func (x *Assure) Ouvert(j sante.Jour) bool {
	for i := range x.Adhesions {
		if x.Adhesions[i].Ouverte(j) {
			return true
		}
	}
	return false
}

// Assures are the persons of the portfolio of an insurer.
func (m *Monde) Assures(amc string) []Assure {
	var l []Assure
	for i := range m.Patients {
		p := &m.Patients[i]
		for j := range p.Couvertures {
			if c := &p.Couvertures[j]; c.AMC == amc {
				l = append(l, m.assure(p, c))
			}
		}
	}
	return append(l, m.doublons(amc)...)
}

func (m *Monde) assure(p *Patient, c *Couverture) Assure {
	x := Assure{
		Reference: c.Reference, NumeroAdherent: c.NumeroAdherent, NIR: p.NIR, NIRAssure: p.NIRAssure,
		NomNaissance: p.NomNaissance, NomUsage: p.NomUsage, Prenom: p.Prenom, DateNaissance: p.DateNaissance,
		RangGemellaire: p.RangGemellaire, IdentiteSure: c.IdentiteSure, Adhesions: c.Adhesions,
	}
	if len(p.Couvertures) > 1 {
		x.Rang = c.Rang
	}
	for k := range p.Couvertures {
		if autre := &p.Couvertures[k]; autre.Rang != c.Rang {
			x.Autres = append(x.Autres, Autre{NumeroAMC: m.Assureur(autre.AMC).Numero, Rang: autre.Rang})
		}
	}
	return x
}

// doublons are persons whom an insurer enrolled twice by mistake: a question about
// them is answered I102.
func (m *Monde) doublons(amc string) []Assure {
	p := m.Patient(cleDoublon)
	if p == nil || p.Couvertures[0].AMC != amc {
		return nil
	}
	x := m.assure(p, &p.Couvertures[0])
	x.Reference += "-BIS"
	return []Assure{x}
}

// Portefeuille is the file of an insurer: its contracts, then its members, one
// JSON object a line.
func (m *Monde) Portefeuille(amc string) ([]byte, error) {
	a := m.Assureur(amc)
	if a == nil {
		return nil, fmt.Errorf("monde: AMC %q inconnue", amc)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	for i := range a.Contrats {
		if err := e.Encode(map[string]*Contrat{"contrat": &a.Contrats[i]}); err != nil {
			return nil, fmt.Errorf("monde: écrire un contrat: %w", err)
		}
	}
	for _, x := range m.Assures(amc) {
		if err := e.Encode(map[string]*Assure{"beneficiaire": &x}); err != nil {
			return nil, fmt.Errorf("monde: écrire un bénéficiaire: %w", err)
		}
	}
	return b.Bytes(), nil
}

// Consommation is what a person has used of his ceilings before the stories.
type Consommation struct {
	Reference string // in the portfolio
	Compteurs calcul.Compteurs
}

// Consommations lists what the members of an insurer have used.
func (m *Monde) Consommations(amc string) []Consommation {
	var l []Consommation
	for i := range m.Patients {
		for _, c := range m.Patients[i].Couvertures {
			if c.AMC == amc && len(c.Consomme) > 0 {
				l = append(l, Consommation{Reference: c.Reference, Compteurs: c.Consomme})
			}
		}
	}
	return l
}
