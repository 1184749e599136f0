package national

import (
	"encoding/json"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// ressource is what we read of any resource of the directory: the five have few names
// in common with another meaning, and these stay raw. ref: RASS §6
type ressource struct {
	ResourceType string `json:"resourceType"`
	ID           string `json:"id"`
	Meta         struct {
		LastUpdated string      `json:"lastUpdated"`
		Extension   []extension `json:"extension"`
	} `json:"meta"`
	Active        *bool           `json:"active"`
	Extension     []extension     `json:"extension"`
	Identifier    []identifiant   `json:"identifier"`
	Name          json.RawMessage `json:"name"`
	Alias         []string        `json:"alias"`
	Telecom       []telecom       `json:"telecom"`
	Address       []adresse       `json:"address"`
	Gender        string          `json:"gender"`
	BirthDate     string          `json:"birthDate"`
	Communication []concept       `json:"communication"`
	Qualification []struct {
		Code concept `json:"code"`
	} `json:"qualification"`

	Practitioner reference       `json:"practitioner"`
	Organization reference       `json:"organization"`
	Code         []concept       `json:"code"`
	Specialty    []concept       `json:"specialty"`
	Period       periode         `json:"period"`
	Type         json.RawMessage `json:"type"` // one concept of a Device, several elsewhere
	PartOf       reference       `json:"partOf"`

	ProvidedBy  reference `json:"providedBy"`
	Category    []concept `json:"category"`
	Eligibility []struct {
		Code concept `json:"code"`
	} `json:"eligibility"`
	Characteristic []concept `json:"characteristic"`

	Owner        reference `json:"owner"`
	Status       string    `json:"status"`
	Manufacturer string    `json:"manufacturer"`
	SerialNumber string    `json:"serialNumber"`
	ModelNumber  string    `json:"modelNumber"`
}

type reference struct {
	Reference string `json:"reference"`
}

type codage struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type concept struct {
	Extension []extension `json:"extension"`
	Coding    []codage    `json:"coding"`
}

type identifiant struct {
	Type   concept `json:"type"`
	System string  `json:"system"`
	Value  string  `json:"value"`
}

type periode struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type telecom struct {
	System    string      `json:"system"`
	Value     string      `json:"value"`
	Rank      uint8       `json:"rank"`
	Extension []extension `json:"extension"`
}

type adresse struct {
	Extension  []extension `json:"extension"`
	Line       []string    `json:"line"`
	LineDetail []*struct {
		Extension []extension `json:"extension"`
	} `json:"_line"`
	City       string `json:"city"`
	District   string `json:"district"`
	PostalCode string `json:"postalCode"`
	Country    string `json:"country"`
}

type extension struct {
	URL                  string      `json:"url"`
	Extension            []extension `json:"extension"`
	ValueString          string      `json:"valueString"`
	ValueCode            string      `json:"valueCode"`
	ValueBoolean         *bool       `json:"valueBoolean"`
	ValueInteger         int64       `json:"valueInteger"`
	ValueDecimal         json.Number `json:"valueDecimal"`
	ValueDate            string      `json:"valueDate"`
	ValueDateTime        string      `json:"valueDateTime"`
	ValuePeriod          periode     `json:"valuePeriod"`
	ValueCoding          codage      `json:"valueCoding"`
	ValueCodeableConcept concept     `json:"valueCodeableConcept"`
	ValueReference       reference   `json:"valueReference"`
	ValueAttachment      struct {
		Data string `json:"data"`
	} `json:"valueAttachment"`
}

// nom is the last part of the address of an extension, which alone is read: drafts of
// the guide changed the rest.
func (x *extension) nom() string { return x.URL[strings.LastIndexByte(x.URL, '/')+1:] }

// fille is the extension of this name inside, empty when there is none.
func (x *extension) fille(nom string) extension {
	for i := range x.Extension {
		if x.Extension[i].nom() == nom {
			return x.Extension[i]
		}
	}
	return extension{}
}

// code is the code of an extension, however it is written: the guide, its examples and
// its interface disagree. ref: MSS §9
func (x *extension) code() annuaire.Code {
	switch {
	case len(x.ValueCodeableConcept.Coding) > 0:
		return x.ValueCodeableConcept.Coding[0].code()
	case x.ValueCoding.Code != "":
		return x.ValueCoding.code()
	}
	return annuaire.Code{Code: x.ValueCode}
}

func (x *extension) jour() sante.Jour {
	if x.ValueDate != "" {
		return jour(x.ValueDate)
	}
	return jour(x.ValueDateTime)
}

func (c codage) code() annuaire.Code { return annuaire.Code{Code: c.Code, Libelle: c.Display} }

// table is the short name of a nomenclature, as R09 of TRE_R09-CategorieProfessionnelle,
// wherever it is published.
func (c codage) table() string {
	s := strings.ToUpper(c.System)
	i := max(strings.LastIndex(s, "TRE_"), strings.LastIndex(s, "TRE-"))
	if i < 0 {
		return ""
	}
	s = s[i+4:]
	if j := strings.IndexAny(s, "-_/"); j >= 0 {
		s = s[:j]
	}
	return s
}

// de is the code of a table among the codings of a concept.
func (c concept) de(tables ...string) annuaire.Code {
	for _, x := range c.Coding {
		for _, t := range tables {
			if x.table() == t {
				return x.code()
			}
		}
	}
	return annuaire.Code{}
}

// premier is the first code of a list of concepts.
func premier(l []concept) annuaire.Code {
	if len(l) == 0 || len(l[0].Coding) == 0 {
		return annuaire.Code{}
	}
	return l[0].Coding[0].code()
}

// jour reads the day of a date or of an instant, 0 when it is partial: a day is not
// made up.
func jour(s string) sante.Jour {
	if len(s) > 10 && s[10] == 'T' {
		s = s[:10]
	}
	j, err := sante.ParseJour(s)
	if err != nil {
		return 0
	}
	return j
}

// cible is the identifier that a reference leads to.
func (r reference) cible() string {
	s := r.Reference
	if i := strings.Index(s, "/_history/"); i >= 0 {
		s = s[:i]
	}
	return s[strings.LastIndexByte(s, '/')+1:]
}
