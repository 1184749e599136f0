package certificat

import (
	"fmt"
	"time"
)

// Motif is why a certificate or a revocation list is refused. The list is closed;
// the zero value means "not said".
type Motif uint8

// The reasons of refusal.
const (
	MotifIllisible Motif = iota + 1
	MotifTropGros
	MotifSerie
	MotifAlgorithmeFaible
	MotifCleFaible
	MotifExtensionCritique
	MotifExpire
	MotifPasEncoreValide
	MotifMauvaisUsage
	MotifMauvaisEKU
	MotifMauvaisTitulaire
	MotifAutoriteInconnue
	MotifPasUneAutorite
	MotifLongueurChemin
	MotifContrainteNoms
	MotifAutoriteExpiree
	MotifGammeTest
	MotifGamme
	MotifEmetteurNonAdmis
	MotifPolitique
	MotifRevoque
	MotifAutoriteRevoquee
	MotifListeAbsente
	MotifListePerimee
	MotifListeFuture
	MotifListeMalSignee
	MotifListeAncienne
	MotifListePartielle
	MotifDeltaSansBase
)

// Acteur is who has to do something about a refusal.
type Acteur string

// Those who can act on a refusal.
const (
	ActeurTitulaire  Acteur = "titulaire"  // the holder of the certificate
	ActeurEditeur    Acteur = "éditeur"    // the holder's software vendor
	ActeurAutorite   Acteur = "autorité"   // the authority that issued
	ActeurExploitant Acteur = "exploitant" // whoever runs this service
)

type ficheMotif struct {
	code, phrase string
	acteur       Acteur
}

// fiches is the closed list with its sentences. ref: PKI §7
var fiches = [...]ficheMotif{
	0:                      {"non-dit", "motif non précisé", ActeurExploitant},
	MotifIllisible:         {"illisible", "certificat illisible", ActeurEditeur},
	MotifTropGros:          {"trop-gros", "objet trop gros pour être lu", ActeurEditeur},
	MotifSerie:             {"serie", "numéro de série irrégulier", ActeurAutorite},
	MotifAlgorithmeFaible:  {"algorithme-faible", "algorithme de signature trop faible", ActeurAutorite},
	MotifCleFaible:         {"cle-faible", "clé trop faible ou d'un type non admis", ActeurTitulaire},
	MotifExtensionCritique: {"extension-critique", "extension critique inconnue", ActeurAutorite},
	MotifExpire:            {"expire", "certificat expiré", ActeurTitulaire},
	MotifPasEncoreValide:   {"pas-encore-valide", "certificat pas encore valide", ActeurTitulaire},
	MotifMauvaisUsage:      {"mauvais-usage", "certificat qui n'est pas fait pour cet usage", ActeurEditeur},
	MotifMauvaisEKU:        {"mauvais-eku", "certificat dont l'usage étendu ne convient pas", ActeurEditeur},
	MotifMauvaisTitulaire:  {"mauvais-titulaire", "titulaire d'une autre nature que celle attendue", ActeurEditeur},
	MotifAutoriteInconnue:  {"autorite-inconnue", "autorité inconnue", ActeurExploitant},
	MotifPasUneAutorite:    {"pas-une-autorite", "émetteur qui n'est pas une autorité de certification", ActeurAutorite},
	MotifLongueurChemin:    {"longueur-chemin", "chaîne plus longue que ne le permet une autorité", ActeurAutorite},
	MotifContrainteNoms:    {"contrainte-noms", "nom hors du domaine permis à l'autorité", ActeurAutorite},
	MotifAutoriteExpiree:   {"autorite-expiree", "autorité émettrice hors de sa période de validité", ActeurAutorite},
	MotifGammeTest:         {"gamme-test", "certificat de TEST présenté à un service de production", ActeurEditeur},
	MotifGamme:             {"gamme", "gamme de certificat non admise par ce service", ActeurEditeur},
	MotifEmetteurNonAdmis:  {"emetteur-non-admis", "autorité connue mais non admise par ce service", ActeurEditeur},
	MotifPolitique:         {"politique", "politique de certification non admise par ce service", ActeurEditeur},
	MotifRevoque:           {"revoque", "certificat révoqué", ActeurTitulaire},
	MotifAutoriteRevoquee:  {"autorite-revoquee", "autorité émettrice révoquée", ActeurAutorite},
	MotifListeAbsente:      {"liste-absente", "liste de révocation absente", ActeurExploitant},
	MotifListePerimee:      {"liste-perimee", "liste de révocation périmée", ActeurExploitant},
	MotifListeFuture:       {"liste-future", "liste de révocation datée du futur", ActeurExploitant},
	MotifListeMalSignee:    {"liste-mal-signee", "liste de révocation mal signée", ActeurExploitant},
	MotifListeAncienne:     {"liste-ancienne", "liste de révocation plus ancienne que celle déjà connue", ActeurExploitant},
	MotifListePartielle:    {"liste-partielle", "liste de révocation partielle ou indirecte, non prise en charge", ActeurExploitant},
	MotifDeltaSansBase:     {"delta-sans-base", "liste de révocation différentielle sans sa liste de base", ActeurExploitant},
}

func (m Motif) fiche() ficheMotif {
	if int(m) < len(fiches) {
		return fiches[m]
	}
	return fiches[0]
}

// String gives the stable code of the motif, for logs and JSON.
func (m Motif) String() string { return m.fiche().code }

// MarshalText writes the code of the motif.
func (m Motif) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the code of a motif.
func (m *Motif) UnmarshalText(b []byte) error {
	for i, f := range fiches {
		if f.code == string(b) {
			*m = Motif(i)
			return nil
		}
	}
	return fmt.Errorf("certificat: motif %q inconnu", b)
}

// Libelle gives the short French sentence of the motif.
func (m Motif) Libelle() string { return m.fiche().phrase }

// QuiAgit says who has to act on the motif.
func (m Motif) QuiAgit() Acteur { return m.fiche().acteur }

// Motifs lists the closed list in its order, for reference pages.
func Motifs() []Motif {
	l := make([]Motif, 0, len(fiches)-1)
	for m := Motif(1); int(m) < len(fiches); m++ {
		l = append(l, m)
	}
	return l
}

// Raison is the reason code of a revocation. ref: RFC 5280 §5.3.1
type Raison uint8

// The reason codes of RFC 5280.
const (
	RaisonNonPrecisee     Raison = 0
	RaisonCleCompromise   Raison = 1
	RaisonACCompromise    Raison = 2
	RaisonChangement      Raison = 3
	RaisonRemplace        Raison = 4
	RaisonCessation       Raison = 5
	RaisonSuspension      Raison = 6
	RaisonRetraitListe    Raison = 8 // removeFromCRL, in a delta only
	RaisonPrivilegeRetire Raison = 9
	RaisonAACompromise    Raison = 10
)

var nomsRaison = map[Raison]string{
	RaisonNonPrecisee: "non précisé", RaisonCleCompromise: "clé compromise",
	RaisonACCompromise: "autorité compromise", RaisonChangement: "changement de rattachement",
	RaisonRemplace: "remplacé", RaisonCessation: "cessation d'activité",
	RaisonSuspension: "suspendu", RaisonRetraitListe: "retiré de la liste",
	RaisonPrivilegeRetire: "droit retiré", RaisonAACompromise: "autorité d'attribut compromise",
}

// String gives the French name of the reason.
func (r Raison) String() string {
	if s, ok := nomsRaison[r]; ok {
		return s
	}
	return fmt.Sprintf("raison %d inconnue", uint8(r))
}

// Refus is a refusal: what, on which object, since when, and who must act. It
// names authorities and serial numbers, never a natural person.
type Refus struct {
	Motif  Motif
	Usage  Usage     // the usage asked for, when it matters
	Objet  string    // authority or list concerned, by common name; "" is the leaf
	Serie  string    // serial number concerned, hexadecimal
	Date   time.Time // expiry, revocation or due date, by motif
	A      time.Time // the instant of the judgement
	Raison Raison    // for revocations
	Detail string    // what else is known, in French
}

// Error is the French sentence with the package's name in front.
func (r *Refus) Error() string { return "certificat: " + r.Phrase() }

// Is makes errors.Is(err, &Refus{Motif: m}) true for any refusal of motif m.
func (r *Refus) Is(cible error) bool {
	c, ok := cible.(*Refus)
	return ok && c.Motif == r.Motif
}

// QuiAgit says who has to act. A suspended holder must call its authority, a
// wrong clock is ours: the motif decides.
func (r *Refus) QuiAgit() Acteur { return r.Motif.QuiAgit() }

// Phrase tells the refusal in French, for people. ref: PKI §7
func (r *Refus) Phrase() string {
	s := r.phraseMotif()
	if r.Objet != "" {
		s += " : " + r.Objet
	}
	if r.Detail != "" {
		s += " (" + r.Detail + ")"
	}
	return s
}

func (r *Refus) phraseMotif() string {
	switch r.Motif {
	case MotifExpire:
		return fmt.Sprintf("certificat expiré depuis %s, le %s", duree(r.A.Sub(r.Date)), jour(r.Date))
	case MotifPasEncoreValide:
		return "certificat pas encore valide : il le sera le " + instant(r.Date)
	case MotifRevoque, MotifAutoriteRevoquee:
		if r.Raison == RaisonSuspension {
			return "certificat suspendu le " + jour(r.Date)
		}
		return fmt.Sprintf("%s le %s, motif : %s", r.Motif.Libelle(), jour(r.Date), r.Raison)
	case MotifListePerimee:
		return fmt.Sprintf("liste de révocation périmée depuis %s", duree(r.A.Sub(r.Date)))
	case MotifListeFuture:
		return "liste de révocation datée du futur, " + instant(r.Date)
	case MotifMauvaisUsage, MotifMauvaisEKU:
		if l := r.Usage.Libelles(); len(l) == 1 {
			return r.Motif.Libelle() + ", " + l[0]
		}
	case MotifMauvaisTitulaire:
		if r.Usage == UsageCachet {
			return "certificat d'une personne présenté à la place du cachet d'une structure"
		}
		return "certificat d'une structure présenté à la place de celui d'une personne"
	}
	return r.Motif.Libelle()
}

// duree writes a span as people say it.
func duree(d time.Duration) string {
	switch {
	case d < 0:
		return "moins d'une minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d jours", int(d.Hours()/24))
}

func jour(t time.Time) string    { return t.UTC().Format("02/01/2006") }
func instant(t time.Time) string { return t.UTC().Format("02/01/2006 à 15:04 UTC") }
