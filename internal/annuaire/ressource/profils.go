package ressource

import (
	"strings"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Profils are what meta.source and meta.profile say, already written.
type Profils struct {
	source string
	publie [annuaire.NombreNatures + 1][]byte // the last one is of the social equipments
	garde  [annuaire.NombreNatures + 1][]byte

	// Extensions and nomenclatures of ours: members of a network, access points.
	membre, role, serviceAcces, mandat, service, norme, point, amc, operateur string
}

const sociaux = annuaire.NombreNatures

// Adresses are the addresses of the profiles of a nature, with their version: the public
// one, then the restricted one; those of activities of care come before those of social
// equipments.
func (p *Profils) Adresses(n annuaire.Nature) (l []string) {
	if p.publie[n] == nil {
		return nil
	}
	natures := []annuaire.Nature{n}
	if n == annuaire.Activites {
		natures = append(natures, sociaux)
	}
	for _, n := range natures {
		for _, b := range [...][]byte{p.publie[n], p.garde[n]} {
			s := string(b[2:])
			l = append(l, s[:strings.IndexByte(s, '"')])
		}
	}
	return l
}

// NouveauxProfils writes the profiles of a version of the guide. ref: RASS §6
func NouveauxProfils(source, version string) *Profils {
	p := &Profils{source: source, membre: source + "/StructureDefinition/reseau-membre", role: source + "/CodeSystem/role-reseau",
		serviceAcces: source + "/StructureDefinition/service-acces", mandat: source + "/StructureDefinition/mandat-acces",
		service: source + "/CodeSystem/service-acces", norme: source + "/CodeSystem/norme-acces", point: source + "/point-acces", amc: source + "/numero-amc",
		operateur: source + "/numero-operateur"}
	noms := [...]string{annuaire.Praticiens: "practitioner", annuaire.Situations: "practitionerrole", annuaire.Structures: "organization",
		annuaire.Activites: "healthcareservice-healthcare-activity", annuaire.Equipements: "device", sociaux: "healthcareservice-social-equipment"}
	core := [...]string{annuaire.Praticiens: "fr-core-practitioner", annuaire.Situations: "fr-core-practitioner-role", annuaire.Structures: "fr-core-organization", sociaux: ""}
	for n, nom := range noms {
		if nom == "" {
			continue
		}
		for _, couche := range [...]struct {
			prefixe string
			vers    *[annuaire.NombreNatures + 1][]byte
		}{{"as-dp-", &p.publie}, {"as-dr-", &p.garde}} {
			var w fhir.Writer
			a := w.Array("")
			w.Item(guide + couche.prefixe + nom + "|" + version)
			if core[n] != "" {
				w.Item(frCore + core[n] + "|2.2.0")
			}
			w.End(a)
			couche.vers[n] = w.B
		}
	}
	return p
}
