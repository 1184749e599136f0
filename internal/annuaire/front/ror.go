package front

import (
	_ "embed"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

//go:embed regions.csv
var regionsCSV string

// regions gives the region of each department. ref: RASS §8, tag TRE_R30
type regions map[string]string

func lireRegions(csv string) regions {
	m := regions{}
	for l := range strings.Lines(csv) {
		region, departements, ok := strings.Cut(strings.TrimSpace(l), ";")
		if !ok || strings.HasPrefix(l, "#") || region == "region" {
			continue
		}
		for d := range strings.FieldsSeq(departements) {
			m[d] = region
		}
	}
	return m
}

// deCommune is the region of an INSEE code of commune, "" when it has none.
func (m regions) deCommune(code string) string {
	if len(code) < 5 {
		return ""
	}
	if strings.HasPrefix(code, "97") {
		return m[code[:3]]
	}
	return m[code[:2]]
}

// regionDe is the region of the record that was read last of a nature: that of the
// place where it is.
func (a *atelier) regionDe(m regions, n annuaire.Nature, structure func(id string) *annuaire.Structure) string {
	id := ""
	switch n {
	case annuaire.Praticiens:
		for _, l := range a.praticien.Exerce {
			if r := m.deCommune(l.CodeCommune); r != "" {
				return r
			}
		}
		return ""
	case annuaire.Structures:
		return m.deCommune(a.structure.Adresse.Commune.Code)
	case annuaire.Situations:
		id = a.situation.Structure
	case annuaire.Activites:
		id = a.activite.Structure
	case annuaire.Equipements:
		id = a.equipement.Structure
	}
	if s := structure(id); s != nil {
		return m.deCommune(s.Adresse.Commune.Code)
	}
	return ""
}
