package ressource

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// What follows is an oracle: it reads resources back by the names of the guide, with
// encoding/json, and shares no code with what writes them but their nomenclatures.

var (
	errRessource = errors.New("pas une ressource")
	errInconnue  = errors.New("pas une ressource de l'annuaire")
)

// relire makes a record of a resource.
func relire(b []byte) (annuaire.Changement, error) {
	var t struct {
		ResourceType string `json:"resourceType"`
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return annuaire.Changement{}, errRessource
	}
	switch NatureDe(t.ResourceType) {
	case annuaire.Praticiens:
		return lirePraticien(b)
	case annuaire.Situations:
		return lireSituation(b)
	case annuaire.Structures:
		return lireStructure(b)
	case annuaire.Activites:
		return lireActivite(b)
	case annuaire.Equipements:
		return lireEquipement(b)
	case annuaire.Acces:
		return lireAcces(b)
	}
	return annuaire.Changement{}, errInconnue
}

// decoder reads a resource of one kind, whose common part is then made a header.
func decoder(b []byte, r any, c *commun) (annuaire.Entete, error) {
	if err := json.Unmarshal(b, r); err != nil || c.ID == "" {
		return annuaire.Entete{}, errRessource
	}
	return c.entete(), nil
}

// commun is what all resources have.
type commun struct {
	ID   string `json:"id"`
	Meta struct {
		VersionID   string      `json:"versionId"`
		LastUpdated string      `json:"lastUpdated"`
		Profile     []string    `json:"profile"`
		Extension   []extension `json:"extension"`
	} `json:"meta"`
	Extension  []extension  `json:"extension"`
	Identifier []identifier `json:"identifier"`
	Active     *bool        `json:"active"`
}

type identifier struct {
	Type   concept `json:"type"`
	System string  `json:"system"`
	Value  string  `json:"value"`
}

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type concept struct {
	Extension []extension `json:"extension"`
	Coding    []coding    `json:"coding"`
}

type period struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

type reference struct {
	Reference string `json:"reference"`
}

type extension struct {
	URL       string      `json:"url"`
	Extension []extension `json:"extension"`
	String    string      `json:"valueString"`
	Code      string      `json:"valueCode"`
	Date      string      `json:"valueDate"`
	DateTime  string      `json:"valueDateTime"`
	Adresse   string      `json:"valueUrl"`
	Concept   concept     `json:"valueCodeableConcept"`
	Coding    coding      `json:"valueCoding"`
	Period    period      `json:"valuePeriod"`
	Boolean   bool        `json:"valueBoolean"`
	Decimal   json.Number `json:"valueDecimal"`
	Integer   int32       `json:"valueInteger"`
	Reference reference   `json:"valueReference"`
	Piece     struct {
		Data []byte `json:"data"`
	} `json:"valueAttachment"`
}

// nom is what the url of an extension ends with.
func (x *extension) nom() string { return x.URL[strings.LastIndexByte(x.URL, '/')+1:] }

// sous is the inner extension of a name, a zero one when there is none.
func (x *extension) sous(nom string) *extension {
	for i := range x.Extension {
		if x.Extension[i].nom() == nom {
			return &x.Extension[i]
		}
	}
	return &extension{}
}

func (c *commun) entete() annuaire.Entete {
	e := annuaire.Entete{ID: c.ID, Actif: c.Active == nil || *c.Active}
	if v, err := strconv.ParseUint(c.Meta.VersionID, 10, 32); err == nil {
		e.Version = uint32(v)
	}
	if t, err := time.Parse(time.RFC3339, c.Meta.LastUpdated); err == nil {
		e.Maj = t.UnixMilli()
	}
	for i := range c.Meta.Extension {
		if x := &c.Meta.Extension[i]; x.nom() == "as-ext-data-trace" {
			e.Trace = annuaire.Trace{Autorite: x.sous("autorite-enregistrement").Concept.premier(),
				Systeme: x.sous("systeme-information").Code, MajLe: jourDe(x.sous("date-maj-ae").Date)}
		}
	}
	return e
}

// de is the value of the identifier of a system, the first of those whose type is said
// when one is given.
func (c *commun) de(systeme, type_ string) string {
	for i := range c.Identifier {
		x := &c.Identifier[i]
		if x.System == systeme && (type_ == "" || x.Type.premier().Code == type_) {
			return x.Value
		}
	}
	return ""
}

// extensions calls f with each extension, by the end of its name.
func (c *commun) extensions(f func(nom string, x *extension)) {
	for i := range c.Extension {
		f(c.Extension[i].nom(), &c.Extension[i])
	}
}

// premier is the first code of a concept.
func (c *concept) premier() annuaire.Code {
	if len(c.Coding) == 0 {
		return annuaire.Code{}
	}
	return c.Coding[0].code()
}

func (c *coding) code() annuaire.Code {
	return annuaire.Code{Code: c.Code, Libelle: c.Display}
}

// du is the code of a nomenclature in a concept.
func (c *concept) du(systeme string) annuaire.Code {
	for i := range c.Coding {
		if c.Coding[i].System == systeme {
			return c.Coding[i].code()
		}
	}
	return annuaire.Code{}
}

// parmi is the code of a nomenclature in a list of concepts.
func parmi(l []concept, systeme string) annuaire.Code {
	for i := range l {
		if k := l[i].du(systeme); !k.IsZero() {
			return k
		}
	}
	return annuaire.Code{}
}

// jourDe reads the day of a date of any precision, 0 when it is none.
func jourDe(s string) sante.Jour {
	switch len(s) {
	case 4:
		s += "-01-01"
	case 7:
		s += "-01"
	}
	j, err := sante.ParseJour(s[:min(len(s), 10)])
	if err != nil {
		return 0
	}
	return j
}

// idDe is the ID that a reference ends with, when it is to a resource of that nature.
func (r *reference) idDe(n annuaire.Nature) string {
	i := strings.LastIndexByte(r.Reference, '/')
	if i < 0 {
		return ""
	}
	type_ := r.Reference[:i]
	if type_[strings.LastIndexByte(type_, '/')+1:] != ressources[n] {
		return ""
	}
	return r.Reference[i+1:]
}

func premierTexte(l []string) string {
	if len(l) == 0 {
		return ""
	}
	return l[0]
}
