package front

import (
	"encoding/base64"
	"strconv"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// ressources are the names of the resources, by nature.
var ressources = [annuaire.NombreNatures]string{annuaire.Praticiens: "Practitioner", annuaire.Situations: "PractitionerRole", annuaire.Structures: "Organization",
	annuaire.Activites: "HealthcareService", annuaire.Equipements: "Device"}

// servies are the natures that have a resource here.
var servies = [...]annuaire.Nature{annuaire.Praticiens, annuaire.Situations, annuaire.Structures, annuaire.Activites, annuaire.Equipements}

// natureDe is the nature of a resource, 0 when there is none.
func natureDe(ressource string) annuaire.Nature {
	for _, n := range servies {
		if ressources[n] == ressource {
			return n
		}
	}
	return 0
}

// presence tells whether a record is there, so that a reference to one that is not says
// so. ref: RASS §7.2
type presence interface {
	Present(n annuaire.Nature, id string) bool
}

// ecriture writes records as resources: all that a record still has once the view of the
// reader has been over it.
type ecriture struct {
	w       *fhir.Writer
	droits  annuaire.Chemins // what the reader sees of the record being written
	la      presence
	profils *profils
	region  string // tag of the export of the ROR, empty elsewhere
}

// restreints are the paths that the public layer of the guide has not.
// ref: RASS §6.6
const restreints = 1<<annuaire.CheminPeriode | 1<<annuaire.CheminAttribution | 1<<annuaire.CheminLangue | 1<<annuaire.CheminListeRouge |
	1<<annuaire.CheminResponsable | 1<<annuaire.CheminOpposition | 1<<annuaire.CheminCertificat | 1<<annuaire.CheminInscription |
	1<<annuaire.CheminEtatCivil | 1<<annuaire.CheminContact | 1<<annuaire.CheminSpecialite | 1<<annuaire.CheminConvention | 1<<annuaire.CheminCarteVitale

// restreint tells whether the resource is of the restricted layer for this reader.
func (e *ecriture) restreint() bool { return e.droits&restreints != 0 }

// profils are what meta.source and meta.profile say, already written.
type profils struct {
	source string
	membre string                           // url of the extension of the members of a network
	role   string                           // nomenclature of their roles
	publie [annuaire.Equipements + 2][]byte // the last one is of the social equipments
	garde  [annuaire.Equipements + 2][]byte
}

const sociaux = annuaire.Equipements + 1

// nouveauxProfils writes the profiles of a version of the guide. ref: RASS §6
func nouveauxProfils(source, version string) *profils {
	p := &profils{source: source, membre: source + "/StructureDefinition/reseau-membre", role: source + "/CodeSystem/role-reseau"}
	noms := [...]string{annuaire.Praticiens: "practitioner", annuaire.Situations: "practitionerrole", annuaire.Structures: "organization",
		annuaire.Activites: "healthcareservice-healthcare-activity", annuaire.Equipements: "device", sociaux: "healthcareservice-social-equipment"}
	core := [...]string{annuaire.Praticiens: "fr-core-practitioner", annuaire.Situations: "fr-core-practitioner-role", annuaire.Structures: "fr-core-organization", sociaux: ""}
	for n, nom := range noms {
		if nom == "" {
			continue
		}
		for _, couche := range [...]struct {
			prefixe string
			vers    *[annuaire.Equipements + 2][]byte
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
func (e *ecriture) tete(n annuaire.Nature, profil annuaire.Nature, h *annuaire.Entete) {
	w := e.w
	w.String("resourceType", ressources[n])
	w.String("id", h.ID)
	m := w.Object("meta")
	e.trace(&h.Trace)
	w.Key("versionId")
	w.B = append(strconv.AppendUint(append(w.B, '"'), uint64(max(h.Version, 1)), 10), '"')
	w.Instant("lastUpdated", h.Maj)
	w.String("source", e.profils.source)
	if e.restreint() {
		w.Raw("profile", e.profils.garde[profil])
	} else {
		w.Raw("profile", e.profils.publie[profil])
	}
	if e.region != "" {
		t := w.Array("tag")
		w.Coding("", treRegion, e.region, "")
		w.End(t)
	}
	w.End(m)
	w.String("language", "fr")
}

func (e *ecriture) trace(t *annuaire.Trace) {
	w := e.w
	a := w.Array("extension")
	x := w.Object("")
	l := w.Array("extension")
	if !t.Autorite.IsZero() {
		o := w.Object("")
		w.String("url", "autorite-enregistrement")
		e.concept("valueCodeableConcept", treAutorite, t.Autorite)
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
func (e *ecriture) jour(nom string, j sante.Jour) {
	if j == 0 {
		return
	}
	e.w.Key(nom)
	e.w.B = append(fhir.AppendDay(append(e.w.B, '"'), int64(j)-jourUnix), '"')
}

// jourUnix is the sante.Jour of 1970-01-01.
var jourUnix = int64(sante.JourDe(1970, 1, 1))

// periode writes a Period, nothing when both ends are unsaid.
func (e *ecriture) periode(nom string, du, au sante.Jour) {
	m := e.w.Object(nom)
	e.jour("start", du)
	e.jour("end", au)
	e.w.End(m)
}

// concept writes a CodeableConcept of one code, as a member or as an item.
func (e *ecriture) concept(nom, systeme string, c annuaire.Code) {
	if c.IsZero() {
		return
	}
	w := e.w
	m := w.Object(nom)
	a := w.Array("coding")
	w.Coding("", systeme, c.Code, c.Libelle)
	w.End(a)
	w.End(m)
}

// identifiant writes an Identifier.
func (e *ecriture) identifiant(typeID, systeme, valeur string) {
	if valeur == "" {
		return
	}
	w := e.w
	m := w.Object("")
	w.String("use", "official")
	if typeID != "" {
		t := w.Object("type")
		a := w.Array("coding")
		w.Coding("", typesID, typeID, "")
		w.End(a)
		w.End(t)
	}
	w.String("system", systeme)
	w.String("value", valeur)
	w.End(m)
}

// vers writes a reference; a target that is not there says it. ref: RASS §7.2
func (e *ecriture) vers(nom string, n annuaire.Nature, id string) {
	if id == "" {
		return
	}
	absent := ""
	if !e.la.Present(n, id) {
		absent = "absent de l'annuaire"
	}
	e.w.Reference(nom, ressources[n], id, absent)
}

// extension writes an extension of one simple value.
func (e *ecriture) extension(url, type_, valeur string) {
	if valeur == "" {
		return
	}
	m := e.w.Object("")
	e.w.String("url", url)
	e.w.String(type_, valeur)
	e.w.End(m)
}

// extensionConcept writes an extension that is a concept.
func (e *ecriture) extensionConcept(url, systeme string, c annuaire.Code) {
	if c.IsZero() {
		return
	}
	m := e.w.Object("")
	e.w.String("url", url)
	e.concept("valueCodeableConcept", systeme, c)
	e.w.End(m)
}

// extensionPeriode writes an extension that is a period.
func (e *ecriture) extensionPeriode(url string, du, au sante.Jour) {
	if du == 0 && au == 0 {
		return
	}
	m := e.w.Object("")
	e.w.String("url", url)
	e.periode("valuePeriod", du, au)
	e.w.End(m)
}

// bals writes mailboxes, in an array of telecoms already begun.
// ref: MSS §9, as-mailbox-mss
func (e *ecriture) bals(l []annuaire.BAL) {
	for i := range l {
		e.bal(&l[i])
	}
}

func (e *ecriture) bal(b *annuaire.BAL) {
	w := e.w
	m := w.Object("")
	a := w.Array("extension")
	w.Raw("", typeMSSante)
	x := w.Object("")
	w.String("url", guide+"as-ext-mailbox-mss-metadata")
	l := w.Array("extension")
	e.extensionConcept("type", treBAL, annuaire.Code{Code: string(b.Type)})
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

var typeMSSante = []byte(`{"url":"` + frCore + `fr-core-contact-point-email-type","valueCoding":{"system":"` + treMessagerie + `","code":"MSSANTE"}}`)

// telecom writes a means to reach.
func (e *ecriture) telecom(systeme, valeur string, rang int64) {
	if valeur == "" {
		return
	}
	m := e.w.Object("")
	e.w.String("system", systeme)
	e.w.String("value", valeur)
	if rang != 0 {
		e.w.Int("rank", rang)
	}
	e.w.End(m)
}

// coordonnees writes the telecoms of an address.
func (e *ecriture) coordonnees(c *annuaire.Coordonnees) {
	e.telecom("phone", c.Telephone, 1)
	e.telecom("phone", c.Telephone2, 2)
	e.telecom("fax", c.Telecopie, 0)
	e.telecom("email", c.Courriel, 0)
}

// certificats writes the certificates. ref: RASS §6.1
func (e *ecriture) certificats(l []annuaire.Certificat) {
	w := e.w
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
func (e *ecriture) der(b []byte) {
	if len(b) == 0 {
		return
	}
	w := e.w
	m := w.Object("")
	w.String("url", "value")
	x := w.Object("valueAttachment")
	w.String("contentType", "application/pkix-cert")
	w.Key("data")
	w.B = append(base64.StdEncoding.AppendEncode(append(w.B, '"'), b), '"')
	w.End(x)
	w.End(m)
}
