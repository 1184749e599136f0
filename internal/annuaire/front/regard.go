package front

import "strings"

// Acces is a set of what a view shows beyond what everyone sees. ref: RASS §6.6, §8
type Acces uint32

// What is shown or not.
const (
	VoitBAL              Acces = 1 << iota // mailboxes
	VoitListeRouge                         // mailboxes that are not to be published
	VoitResponsable                        // who answers for a mailbox
	VoitCartes                             // cards
	VoitOppositions                        // when a card was opposed
	VoitInscriptions                       // registrations at an authority
	VoitCertificats                        // certificates
	VoitEtatCivil                          // gender, day of birth
	VoitContact                            // a professional's own address, telephone, e-mail
	VoitLangues                            // spoken languages
	VoitAttributions                       // attributions particulières
	VoitPeriodes                           // since when and until when a situation holds
	VoitConventions                        // conventionnement, carte Vitale
	VoitContactStructure                   // telephone, fax and e-mail of structures
	VoitModeles                            // models of equipments
	VoitInactifs                           // all of a record that is no longer active
	VoitHistorique                         // versions that are past
)

// chemins names each access as policies write it: the paths of FHIR that it opens.
var chemins = [...]struct {
	acces  Acces
	chemin string
}{
	{VoitBAL, "telecom[mailbox-mss]"},
	{VoitListeRouge, "telecom[mailbox-mss].listeRouge"},
	{VoitResponsable, "telecom[mailbox-mss].responsible"},
	{VoitCartes, "Practitioner.extension[as-ext-smartcard]"},
	{VoitOppositions, "Practitioner.extension[as-ext-smartcard].oppositionDate"},
	{VoitInscriptions, "Practitioner.extension[as-ext-registration]"},
	{VoitCertificats, "extension[as-ext-digital-certificate]"},
	{VoitEtatCivil, "Practitioner.birthDate"},
	{VoitContact, "Practitioner.address"},
	{VoitLangues, "Practitioner.communication"},
	{VoitAttributions, "Practitioner.qualification[attributionParticuliere]"},
	{VoitPeriodes, "PractitionerRole.period"},
	{VoitConventions, "PractitionerRole.extension[as-ext-practitionerrole-contracted]"},
	{VoitContactStructure, "Organization.telecom"},
	{VoitModeles, "Device.modelNumber"},
	{VoitInactifs, "inactive"},
	{VoitHistorique, "_history"},
}

// AccesDe gathers the accesses whose path a policy opens.
func AccesDe(voit func(chemin string) bool) (a Acces) {
	for _, c := range chemins {
		if voit(c.chemin) {
			a |= c.acces
		}
	}
	return a
}

// restreint are the accesses that make a resource follow the restricted profile.
const restreint = VoitOppositions | VoitInscriptions | VoitCertificats | VoitEtatCivil | VoitContact |
	VoitLangues | VoitAttributions | VoitPeriodes | VoitConventions | VoitResponsable

// Regard is how one reader sees the directory. ref: RASS §8
type Regard struct {
	Vue      string // name and version of the view, as X-Vue says it: "V1/3"
	Acces    Acces
	Domaines []string // domains of mailboxes that are his own, in lower case: he sees all of these
	// Lecteur tells one reader from another, so that an export is given to who asked for
	// it: an opaque key, empty for those who did not say who they are.
	Lecteur string
}

func (g *Regard) voit(a Acces) bool { return g.Acces&a != 0 }

// voitBAL tells whether a mailbox is shown.
func (g *Regard) voitBAL(adresse string, listeRouge bool) bool {
	if g.voit(VoitBAL) && (!listeRouge || g.voit(VoitListeRouge)) {
		return true
	}
	return g.sien(adresse)
}

// sien tells whether a mailbox is of a domain of the reader.
func (g *Regard) sien(adresse string) bool {
	if len(g.Domaines) == 0 {
		return false
	}
	_, domaine, _ := strings.Cut(adresse, "@")
	for _, d := range g.Domaines {
		if strings.EqualFold(d, domaine) {
			return true
		}
	}
	return false
}
