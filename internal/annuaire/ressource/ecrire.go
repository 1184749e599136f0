package ressource

import (
	"encoding/base64"
	"strconv"

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
