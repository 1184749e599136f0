package preuve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Trace is what the journal says of one exchange as one party saw it: the
// question, the answer, who, when, with which verdict. It holds no NIR, no name,
// no content. Fields are in the order of their JSON names, so that encoding
// gives canonical JSON.
// ref: ROC §16.4
type Trace struct {
	// Canal is the holder of the TLS session, who may be a relay.
	Canal Partie `json:"canal,omitzero"`
	// CodeRetour is the functional code answered, "" when none was.
	CodeRetour string `json:"codeRetour,omitempty"`
	// Destinataire is the final recipient of the question, as its envelope says.
	Destinataire string `json:"destinataire,omitempty"`
	// DureeReseau and DureeTraitement are in microseconds.
	DureeReseau     int64 `json:"dureeReseau,omitempty"`
	DureeTraitement int64 `json:"dureeTraitement,omitempty"`
	// Emetteur is the initial sender of the question, as its envelope says.
	Emetteur string `json:"emetteur,omitempty"`
	// Emission is when the question left (sender) or the answer left
	// (recipient), in milliseconds UTC.
	Emission int64 `json:"emission,omitempty"`
	// EmpreinteQuestion and EmpreinteReponse are the SHA-256 of what is sealed, the
	// canonical form of envelope and body, in hexadecimal.
	EmpreinteQuestion string `json:"empreinteQuestion,omitempty"`
	EmpreinteReponse  string `json:"empreinteReponse,omitempty"`
	// Engagement is the number of the guarantee of payment, if there is one.
	Engagement string `json:"engagement,omitempty"`
	// Horodatage is the instant written in the question by its sender.
	Horodatage int64  `json:"horodatage,omitempty"`
	IDEchange  string `json:"idEchange,omitempty"`
	IDMessage  string `json:"idMessage"`
	// Mode says how the content crossed the relays: "direct", "chiffre"….
	Mode string `json:"mode,omitempty"`
	// Operateur is the pseudonym of the user who asked, hospital side.
	Operateur string `json:"operateur,omitempty"`
	// Pseudonyme is a keyed digest that ties the exchanges of one person
	// together, in hexadecimal.
	Pseudonyme string `json:"pseudonyme,omitempty"`
	// Reception is when the question arrived (recipient) or the answer arrived
	// (sender), in milliseconds UTC.
	Reception int64    `json:"reception,omitempty"`
	Relais    []string `json:"relais,omitempty"`
	Role      Role     `json:"role"`
	// SceauQuestion and SceauReponse say whose seals they were.
	SceauQuestion Partie `json:"sceauQuestion,omitzero"`
	SceauReponse  Partie `json:"sceauReponse,omitzero"`
	// Service is IDB, SIM, CLC, DEL, ANNUAIRE….
	Service        string `json:"service"`
	TailleQuestion int64  `json:"tailleQuestion,omitempty"`
	TailleReponse  int64  `json:"tailleReponse,omitempty"`
	// VerdictQuestion and VerdictReponse are VerdictValide, or the code for
	// which the message was not believed: its seal, its time, who made it.
	VerdictQuestion string `json:"verdictQuestion,omitempty"`
	VerdictReponse  string `json:"verdictReponse,omitempty"`
	// Version is that of this structure; Record sets it.
	Version int `json:"version"`
}

// Partie is a structure and the certificate that it showed.
type Partie struct {
	// Autorite is the issuer of the certificate.
	Autorite string `json:"autorite,omitempty"`
	// Serie is the serial number of the certificate, in hexadecimal.
	Serie     string `json:"serie,omitempty"`
	Structure string `json:"structure,omitempty"`
}

// Role is the side from which an exchange was seen. The zero value is "not said"
// and is refused.
type Role string

// The three sides of an exchange.
const (
	RoleEmetteur     Role = "emetteur"
	RoleDestinataire Role = "destinataire"
	RoleRelais       Role = "relais"
)

// VerdictValide is the verdict of a seal that verifies.
const VerdictValide = "valide"

// versionTrace is the version of Trace.
const versionTrace = 1

// recordMax bounds a record; entierMax is the largest integer that JSON keeps.
const (
	recordMax = 16 << 10
	texteMax  = 512
	entierMax = 1<<53 - 1
)

// ErrTrace: the trace cannot be a record of the journal.
var ErrTrace = errors.New("preuve: trace refusée")

// Record checks the trace and writes its record: canonical JSON (RFC 8785).
func (t Trace) Record() ([]byte, error) {
	t.Version = versionTrace
	if err := t.valider(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.Grow(1024)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(t); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTrace, err)
	}
	if b.Len() > recordMax {
		return nil, fmt.Errorf("%w: plus de %d octets", ErrTrace, recordMax)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// ParseTrace reads a record. Unknown fields are kept out: a later version may
// say more.
func ParseTrace(record []byte) (Trace, error) {
	var t Trace
	if len(record) > recordMax {
		return t, fmt.Errorf("%w: plus de %d octets", ErrTrace, recordMax)
	}
	if err := json.Unmarshal(record, &t); err != nil {
		return t, fmt.Errorf("%w: %w", ErrTrace, err)
	}
	return t, t.valider()
}

func (t Trace) valider() error {
	refus := func(quoi string) error { return fmt.Errorf("%w: %s", ErrTrace, quoi) }
	switch {
	case t.Version < versionTrace:
		return refus("version absente")
	case t.IDMessage == "":
		return refus("idMessage absent")
	case t.Service == "":
		return refus("service absent")
	case t.Role != RoleEmetteur && t.Role != RoleDestinataire && t.Role != RoleRelais:
		return refus("rôle inconnu")
	case len(t.Relais) > 16:
		return refus("plus de 16 relais")
	}
	for _, s := range []string{t.EmpreinteQuestion, t.EmpreinteReponse} {
		if s != "" && (len(s) != 64 || !hexadecimal(s)) {
			return refus("empreinte qui n'est pas un SHA-256 en hexadécimal")
		}
	}
	if !hexadecimal(t.Pseudonyme) {
		return refus("pseudonyme qui n'est pas une empreinte en hexadécimal")
	}
	for _, n := range []int64{t.DureeReseau, t.DureeTraitement, t.Emission, t.Horodatage, t.Reception, t.TailleQuestion, t.TailleReponse} {
		if n < -entierMax || n > entierMax {
			return refus("entier hors de portée")
		}
	}
	for _, s := range t.textes() {
		if len(s) > texteMax || !simple(s) {
			return refus("texte trop long ou avec des caractères de commande")
		}
	}
	return nil
}

func (t Trace) textes() []string {
	l := append([]string{t.CodeRetour, t.Destinataire, t.Emetteur, t.Engagement, t.IDEchange, t.IDMessage,
		t.Mode, t.Operateur, t.Pseudonyme, t.Service, t.VerdictQuestion, t.VerdictReponse}, t.Relais...)
	for _, p := range []Partie{t.Canal, t.SceauQuestion, t.SceauReponse} {
		l = append(l, p.Autorite, p.Serie, p.Structure)
	}
	return l
}

// simple refuses what encoding/json and RFC 8785 would write differently.
func simple(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 || r == 0x7f || r == 0x2028 || r == 0x2029
	})
}

func hexadecimal(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }
