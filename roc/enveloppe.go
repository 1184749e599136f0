package roc

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Profil names the version of the wire profile that this package speaks.
// ref: DEC 6
const Profil = "ecluse-roc/1"

// Espace is the XML namespace of the profile, one per major version. ref: DEC 6
const Espace = "urn:x-ecluse:roc:1"

// TolereHorloge is how far an emission instant may be from ours. ref: ROC §16.3
const TolereHorloge = 300 * time.Second

// Service is one of the services of the exchange. ref: ROC §4
type Service string

// The services. ETAT and ENG are ours: the signed state of a partner and the
// consultation of an engagement. ref: ROC §4, §5.3
const (
	ANN  Service = "ANN"
	IDB  Service = "IDB"
	SIM  Service = "SIM"
	CLC  Service = "CLC"
	DEL  Service = "DEL"
	ENG  Service = "ENG"
	ETAT Service = "ETAT"
	DRE  Service = "DRE" // batch of invoices
	RET  Service = "RET" // return on invoices, from the insurer
)

// The services of the community exchange, whose messages have the same envelope; their
// bodies are in the packages of visiodroits. ref: VISIO §5, §11, §13
const (
	DLD Service = "DLD" // rights of a person
	FAO Service = "FAO" // batch of invoices of a pharmacy
	STA Service = "STA" // counters that a workstation sends back
	DOS Service = "DOS" // a file number from the third party
	TAR Service = "TAR" // pricing on a file number
	GRI Service = "GRI" // pricing on a grid, by the third party
	CTL Service = "CTL" // whether a pricing number is good, by the operator
)

// Codes is the closed list of services.
func (Service) Codes() []string {
	return []string{"ANN", "IDB", "SIM", "CLC", "DEL", "ENG", "ETAT", "DRE", "RET", "DLD", "FAO", "STA", "DOS", "TAR", "GRI", "CTL"}
}

// Sens tells a question from an answer.
type Sens string

// The two directions.
const (
	Question Sens = "Q"
	Reponse  Sens = "R"
)

// Codes is the closed list of directions.
func (Sens) Codes() []string { return []string{"Q", "R"} }

// TypePartie is what a party of the exchange is. ref: ROC §5.1
type TypePartie string

// The kinds of parties; ANN is the directory, TDC the third party of confidence and
// TAR the pricing service, ours. ref: VISIO §3
const (
	ES       TypePartie = "ES"
	OCT      TypePartie = "OCT"
	OTP      TypePartie = "OTP"
	AMC      TypePartie = "AMC"
	Annuaire TypePartie = "ANN"
	PS       TypePartie = "PS" // a health professional, by his billing number
	Tiers    TypePartie = "TDC"
	Tarif    TypePartie = "TAR"
)

// Codes is the closed list of kinds of parties.
func (TypePartie) Codes() []string {
	return []string{"ES", "OCT", "OTP", "AMC", "ANN", "PS", "TDC", "TAR"}
}

// Environnement keeps production, test and acceptance apart. ref: ROC §5.1
type Environnement string

// The environments; they never mix.
const (
	Production Environnement = "P"
	Test       Environnement = "T"
	Recette    Environnement = "R"
)

// Codes is the closed list of environments.
func (Environnement) Codes() []string { return []string{"P", "T", "R"} }

// UUID is a random identifier of a message or of an exchange.
type UUID [16]byte

// ErrUUID is returned for a text that is not a UUID in small letters.
var ErrUUID = errors.New("identifiant UUID attendu, en minuscules")

// NouvelUUID draws a version 4 UUID.
func NouvelUUID() UUID {
	var u UUID
	rand.Read(u[:]) // never fails: crypto/rand aborts the process instead
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// ParseUUID reads 8-4-4-4-12 hexadecimal digits in small letters. The version
// is not imposed on a partner.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	err := u.UnmarshalText([]byte(s))
	return u, err
}

// IsZero tells whether there is no identifier.
func (u UUID) IsZero() bool { return u == UUID{} }

// String writes the identifier as ParseUUID reads it.
func (u UUID) String() string { b, _ := u.AppendText(nil); return string(b) }

// AppendText writes the identifier as ParseUUID reads it.
func (u UUID) AppendText(b []byte) ([]byte, error) {
	var t [36]byte
	hex.Encode(t[:8], u[:4])
	hex.Encode(t[9:13], u[4:6])
	hex.Encode(t[14:18], u[6:8])
	hex.Encode(t[19:23], u[8:10])
	hex.Encode(t[24:], u[10:])
	t[8], t[13], t[18], t[23] = '-', '-', '-', '-'
	return append(b, t[:]...), nil
}

// MarshalText writes the identifier as ParseUUID reads it.
func (u UUID) MarshalText() ([]byte, error) { return u.AppendText(nil) }

// UnmarshalText reads the identifier as ParseUUID does.
func (u *UUID) UnmarshalText(b []byte) error {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return ErrUUID
	}
	var t [32]byte
	n := 0
	for i, c := range b {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		if c >= 'A' && c <= 'F' {
			return ErrUUID
		}
		t[n] = c
		n++
	}
	if _, err := hex.Decode(u[:], t[:]); err != nil {
		return ErrUUID
	}
	return nil
}

// Motif is the pattern of the text form.
func (UUID) Motif() string {
	return `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
}

// Partie is the emitter or the recipient of a message.
type Partie struct {
	Type      TypePartie   `fil:"type" doc:"Nature de la partie"`
	ID        string       `fil:"id,min=1,max=20" doc:"FINESS juridique d'un établissement, numéro de facturation d'un professionnel, numéro d'une AMC, identifiant d'un relais"`
	FinessGeo sante.FINESS `fil:"finessGeo,opt" doc:"FINESS géographique du site"`
	Libelle   string       `fil:"libelle,opt,max=60" doc:"Nom de la partie"`
}

// Enveloppe is what relays read to route a message. It is sealed with the body
// by the initial emitter. ref: ROC §5.1, DEC 9
type Enveloppe struct {
	NormeVersion      string        `fil:"normeVersion,max=30" doc:"Profil et version majeure, comme ecluse-roc/1"`
	Service           Service       `fil:"service" doc:"Service demandé ou rendu"`
	Sens              Sens          `fil:"sens" doc:"Q question, R réponse"`
	IDMessage         UUID          `fil:"idMessage" doc:"Identifiant unique de l'émission, clé d'idempotence"`
	IDEchange         UUID          `fil:"idEchange" doc:"Le même dans la question et dans la réponse"`
	IDDossierES       string        `fil:"idDossierES,min=1,max=20" doc:"Numéro de dossier de l'établissement, opaque pour l'AMC"`
	Horodatage        time.Time     `fil:"horodatage" doc:"Instant d'émission"`
	Emetteur          Partie        `fil:"emetteur" doc:"Émetteur initial, qui scelle"`
	Destinataire      Partie        `fil:"destinataire" doc:"Destinataire final"`
	Environnement     Environnement `fil:"environnement" doc:"P production, T test, R recette"`
	EmpreinteQuestion string        `fil:"empreinteQuestion,opt,max=64" doc:"Dans une réponse : SHA-256 de la question scellée, en base64url"`
	EmpreinteCorps    string        `fil:"empreinteCorps,opt,max=64" doc:"Quand le corps est chiffré : engagement salé sur le corps en clair, en base64url"`
	CleReponse        string        `fil:"cleReponse,opt,max=4000" doc:"Certificat de confidentialité de l'émetteur (DER en base64) : la réponse est chiffrée pour lui"`
}

// Maillon is one relay that a message crossed. The chain is outside the seal:
// each relay adds itself. ref: ROC §5.1
type Maillon struct {
	Role       TypePartie `fil:"role" doc:"OCT ou OTP"`
	ID         string     `fil:"id,min=1,max=20" doc:"Identifiant du relais"`
	Horodatage time.Time  `fil:"horodatage" doc:"Instant du passage"`
}

// ChaineMax is how many relays a message may cross. ref: ROC §5.1
const ChaineMax = 5

// Chaine is the list of the relays crossed.
type Chaine struct {
	Maillons []Maillon `fil:"maillon,opt,n=0..5" doc:"Relais traversés, dans l'ordre"`
}

// Message is an envelope and its body, in clear or encrypted for the recipient.
// ref: DEC 9, 12
type Message[C any] struct {
	Enveloppe    Enveloppe       `fil:"enveloppe" doc:"Routage, scellé et lisible par les relais"`
	Corps        *C              `fil:"corps,opt,choix=corps" doc:"Corps en clair"`
	CorpsChiffre string          `fil:"corpsChiffre,opt,choix=corps,max=400000" doc:"Corps chiffré pour le destinataire : JWE compact ECDH-ES, A256GCM"`
	Extension    trame.Extension `fil:"extension,opt" doc:"Extension convenue entre deux partenaires, scellée"`
}

// Retour is the beginning of every answer.
type Retour struct {
	CodeRetour Code   `fil:"codeRetour" doc:"Code de retour"`
	Libelle    string `fil:"libelle,max=250" doc:"Ce que le code signifie"`
	Precision  string `fil:"precision,opt,max=500" doc:"Précision pour une personne"`
	QuiAgit    string `fil:"quiAgit,opt,max=100" doc:"Qui doit agir"`
	Reessai    string `fil:"reessai,opt,max=100" doc:"Quand une nouvelle tentative peut réussir"`
}

// RetourDe is the beginning of an answer with a code.
func RetourDe(c Code, precision string) Retour {
	s := c.Signification()
	return Retour{CodeRetour: c, Libelle: s.Libelle, Precision: precision, QuiAgit: s.Qui, Reessai: s.Reessai}
}

// LeRetour is the beginning of the answer.
func (r *Retour) LeRetour() *Retour { return r }

// CorpsReponse is the body of any answer of the hospital exchange.
type CorpsReponse interface {
	CorpsCode
	LeRetour() *Retour
}

// CorpsCode is the body of any answer, of whatever profile.
type CorpsCode interface {
	// LeCode is its return code; those of family T and S are common to all profiles.
	LeCode() Code
}

// LeCode implements CorpsCode.
func (r *Retour) LeCode() Code { return r.CodeRetour }

// CorpsRefus is the body of a technical or security refusal: the detail of a
// SOAP fault, or the corps of a REST answer whose HTTP status is 4xx or 5xx.
type CorpsRefus struct {
	Retour
	NumeroDemande  string `fil:"numeroDemande,opt,max=40" doc:"Numéro à donner à l'assistance"`
	ReprendreApres int    `fil:"reprendreApres,opt,min=0,max=86400" doc:"Secondes à attendre avant de recommencer"`
}
