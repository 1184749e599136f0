package ressource

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// ressources are the names of the resources, by nature.
var ressources = [annuaire.NombreNatures]string{annuaire.Praticiens: "Practitioner", annuaire.Situations: "PractitionerRole", annuaire.Structures: "Organization",
	annuaire.Activites: "HealthcareService", annuaire.Equipements: "Device", annuaire.Acces: "Endpoint"}

// Nom is the name of the resource of a nature, empty when it has none.
func Nom(n annuaire.Nature) string {
	if n >= annuaire.NombreNatures {
		return ""
	}
	return ressources[n]
}

// Servies are the natures that have a resource here.
var Servies = [...]annuaire.Nature{annuaire.Praticiens, annuaire.Situations, annuaire.Structures, annuaire.Activites, annuaire.Equipements, annuaire.Acces}

// NatureDe is the nature of a resource, 0 when there is none.
func NatureDe(ressource string) annuaire.Nature {
	for _, n := range Servies {
		if ressources[n] == ressource {
			return n
		}
	}
	return 0
}

// Presence tells whether a record is there, so that a reference to one that is not says
// so. ref: RASS §7.2
type Presence interface {
	Present(n annuaire.Nature, id string) bool
}

// Ecriture writes records as resources: all that a record still has once the view of the
// reader has been over it.
type Ecriture struct {
	W       *fhir.Writer
	Droits  annuaire.Chemins // what the reader sees of the record being written
	La      Presence
	Profils *Profils
	Region  string // tag of the export of the ROR, empty elsewhere
}

// restreints are the paths that the public layer of the guide has not.
// ref: RASS §6.6
const restreints = 1<<annuaire.CheminPeriode | 1<<annuaire.CheminAttribution | 1<<annuaire.CheminLangue | 1<<annuaire.CheminListeRouge |
	1<<annuaire.CheminResponsable | 1<<annuaire.CheminOpposition | 1<<annuaire.CheminCertificat | 1<<annuaire.CheminInscription |
	1<<annuaire.CheminEtatCivil | 1<<annuaire.CheminContact | 1<<annuaire.CheminSpecialite | 1<<annuaire.CheminConvention | 1<<annuaire.CheminCarteVitale

// restreint tells whether the resource is of the restricted layer for this reader.
func (e *Ecriture) restreint() bool { return e.Droits&restreints != 0 }

// Profils are what meta.source and meta.profile say, already written.
type Profils struct {
	source string
	publie [annuaire.NombreNatures + 1][]byte // the last one is of the social equipments
	garde  [annuaire.NombreNatures + 1][]byte

	// Extensions and nomenclatures of ours: members of a network, access points.
	membre, role, serviceAcces, mandat, service, norme, point, amc string
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
		service: source + "/CodeSystem/service-acces", norme: source + "/CodeSystem/norme-acces", point: source + "/point-acces", amc: source + "/numero-amc"}
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

// tete writes what each resource begins with. ref: RASS §6.5
func (e *Ecriture) tete(n annuaire.Nature, profil annuaire.Nature, h *annuaire.Entete) {
	w := e.W
	w.String("resourceType", ressources[n])
	w.String("id", h.ID)
	m := w.Object("meta")
	e.trace(&h.Trace)
	w.Key("versionId")
	w.B = append(strconv.AppendUint(append(w.B, '"'), uint64(max(h.Version, 1)), 10), '"')
	w.Instant("lastUpdated", h.Maj)
	w.String("source", e.Profils.source)
	if e.restreint() {
		w.Raw("profile", e.Profils.garde[profil])
	} else {
		w.Raw("profile", e.Profils.publie[profil])
	}
	if e.Region != "" {
		t := w.Array("tag")
		w.Coding("", TRERegion, e.Region, "")
		w.End(t)
	}
	w.End(m)
	w.String("language", "fr")
}

func (e *Ecriture) trace(t *annuaire.Trace) {
	w := e.W
	a := w.Array("extension")
	x := w.Object("")
	l := w.Array("extension")
	if !t.Autorite.IsZero() {
		o := w.Object("")
		w.String("url", "autorite-enregistrement")
		e.concept("valueCodeableConcept", TREAutorite, t.Autorite)
		w.End(o)
	}
	if t.Systeme != "" {
		o := w.Object("")
		w.String("url", "systeme-information")
		w.String("valueCode", t.Systeme)
		w.End(o)
	}
	if t.MajLe != 0 {
		o := w.Object("")
		w.String("url", "date-maj-ae")
		e.jour("valueDate", t.MajLe)
		w.End(o)
	}
	vide := w.B[len(w.B)-1] == '['
	w.End(l)
	if !vide {
		w.String("url", guide+"as-ext-data-trace")
	}
	w.End(x)
	w.End(a)
}

// jour writes a day, nothing when it is not said.
func (e *Ecriture) jour(nom string, j sante.Jour) {
	if j == 0 {
		return
	}
	e.W.Key(nom)
	e.W.B = append(fhir.AppendDay(append(e.W.B, '"'), int64(j)-jourUnix), '"')
}

// jourUnix is the sante.Jour of 1970-01-01.
var jourUnix = int64(sante.JourDe(1970, 1, 1))

// periode writes a Period, nothing when both ends are unsaid.
func (e *Ecriture) periode(nom string, du, au sante.Jour) {
	m := e.W.Object(nom)
	e.jour("start", du)
	e.jour("end", au)
	e.W.End(m)
}

// concept writes a CodeableConcept of one code, as a member or as an item.
func (e *Ecriture) concept(nom, systeme string, c annuaire.Code) {
	if c.IsZero() {
		return
	}
	w := e.W
	m := w.Object(nom)
	a := w.Array("coding")
	w.Coding("", systeme, c.Code, c.Libelle)
	w.End(a)
	w.End(m)
}

// identifiant writes an Identifier.
func (e *Ecriture) identifiant(typeID, systeme, valeur string) {
	if valeur == "" {
		return
	}
	w := e.W
	m := w.Object("")
	w.String("use", "official")
	if typeID != "" {
		t := w.Object("type")
		a := w.Array("coding")
		w.Coding("", TypesIdentifiant, typeID, "")
		w.End(a)
		w.End(t)
	}
	w.String("system", systeme)
	w.String("value", valeur)
	w.End(m)
}

// vers writes a reference; a target that is not there says it. ref: RASS §7.2
func (e *Ecriture) vers(nom string, n annuaire.Nature, id string) {
	if id == "" {
		return
	}
	absent := ""
	if !e.La.Present(n, id) {
		absent = "absent de l'annuaire"
	}
	e.W.Reference(nom, ressources[n], id, absent)
}

// extension writes an extension of one simple value.
func (e *Ecriture) extension(url, type_, valeur string) {
	if valeur == "" {
		return
	}
	m := e.W.Object("")
	e.W.String("url", url)
	e.W.String(type_, valeur)
	e.W.End(m)
}

// extensionConcept writes an extension that is a concept.
func (e *Ecriture) extensionConcept(url, systeme string, c annuaire.Code) {
	if c.IsZero() {
		return
	}
	m := e.W.Object("")
	e.W.String("url", url)
	e.concept("valueCodeableConcept", systeme, c)
	e.W.End(m)
}

// extensionPeriode writes an extension that is a period.
func (e *Ecriture) extensionPeriode(url string, du, au sante.Jour) {
	if du == 0 && au == 0 {
		return
	}
	m := e.W.Object("")
	e.W.String("url", url)
	e.periode("valuePeriod", du, au)
	e.W.End(m)
}

// bals writes mailboxes, in an array of telecoms already begun.
// ref: MSS §9, as-mailbox-mss
func (e *Ecriture) bals(l []annuaire.BAL) {
	for i := range l {
		e.bal(&l[i])
	}
}

func (e *Ecriture) bal(b *annuaire.BAL) {
	w := e.W
	m := w.Object("")
	a := w.Array("extension")
	w.Raw("", typeMSSante)
	x := w.Object("")
	w.String("url", guide+"as-ext-mailbox-mss-metadata")
	l := w.Array("extension")
	e.extensionConcept("type", TREBAL, annuaire.Code{Code: string(b.Type)})
	e.extension("description", "valueString", b.Description)
	e.extension("responsible", "valueString", b.Responsable)
	e.extension("service", "valueString", b.Service)
	if b.ListeRouge { // who is shown it may know it
		o := w.Object("")
		w.String("url", "listeRouge")
		w.Bool("valueBoolean", true)
		w.End(o)
	}
	vide := w.B[len(w.B)-1] == '['
	w.End(l)
	if w.End(x); vide {
		w.B = w.B[:int(x)>>1]
	}
	w.End(a)
	w.String("system", "email")
	w.String("value", b.Adresse)
	if b.Rang != 0 {
		w.Int("rank", int64(b.Rang))
	}
	w.End(m)
}

var typeMSSante = []byte(`{"url":"` + frCore + `fr-core-contact-point-email-type","valueCoding":{"system":"` + TREMessagerie + `","code":"MSSANTE"}}`)

// telecom writes a means to reach.
func (e *Ecriture) telecom(systeme, valeur string, rang int64) {
	if valeur == "" {
		return
	}
	m := e.W.Object("")
	e.W.String("system", systeme)
	e.W.String("value", valeur)
	if rang != 0 {
		e.W.Int("rank", rang)
	}
	e.W.End(m)
}

// coordonnees writes the telecoms of an address.
func (e *Ecriture) coordonnees(c *annuaire.Coordonnees) {
	e.telecom("phone", c.Telephone, 1)
	e.telecom("phone", c.Telephone2, 2)
	e.telecom("fax", c.Telecopie, 0)
	e.telecom("email", c.Courriel, 0)
}

// certificats writes the certificates. ref: RASS §6.1
func (e *Ecriture) certificats(l []annuaire.Certificat) {
	w := e.W
	for i := range l {
		c := &l[i]
		m := w.Object("")
		w.String("url", guide+"as-ext-digital-certificate")
		a := w.Array("extension")
		e.extension("serialNumber", "valueString", c.Serie)
		e.extension("issuer", "valueString", c.Emetteur)
		e.extension("subject", "valueString", c.Sujet)
		e.extensionPeriode("validity", c.Du, c.Au)
		e.extension("domain", "valueString", c.Domaine)
		e.extension("keyUsage", "valueString", c.Usage)
		e.der(c.DER)
		w.End(a)
		w.End(m)
	}
}

// der writes the octets of a certificate.
func (e *Ecriture) der(b []byte) {
	if len(b) == 0 {
		return
	}
	w := e.W
	m := w.Object("")
	w.String("url", "value")
	x := w.Object("valueAttachment")
	w.String("contentType", "application/pkix-cert")
	w.Key("data")
	w.B = append(base64.StdEncoding.AppendEncode(append(w.B, '"'), b), '"')
	w.End(x)
	w.End(m)
}
