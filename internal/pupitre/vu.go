package pupitre

import (
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/trame"
)

// Vu is a sealed message as a Loupe shows it.
type Vu struct {
	Brut      []byte // as sent or received, seal included
	Face      sceau.Face
	message   porteur // nil when it could not be read
	Decode    []Noeud // the message, field by field
	Illisible string  // why it could not be read
	Garanti   bool    // what is decoded is what was sealed, and the seal is good
	Chiffre   bool    // the body is encrypted on the wire
	Clair     bool    // and is shown decrypted

	Code      roc.Code // refusal that the seal deserves, "" when it is good
	Echec     string   // why the seal is refused
	Empreinte string   // SHA-256 of what is sealed, base64url; "" when it is refused
	Sceau     *sceau.Rapport
	Controles []Controle // each check of the seal, in order
	Scelleur  *Scelleur
	Relais    []roc.Maillon // relays that the message says it crossed, outside the seal
}

// Controle is one check of a seal.
type Controle struct {
	Nom    string `json:"nom"`
	Valide bool   `json:"valide"`
	Detail string `json:"detail,omitempty"` // what was found, or why it is refused
}

// Scelleur is who sealed a message, as its certificate says.
type Scelleur struct {
	Structure    string                 `json:"structure"` // national identifier
	Sujet        string                 `json:"sujet"`     // RFC 4514
	Organisation string                 `json:"organisation"`
	Emetteur     string                 `json:"emetteur"` // common name of the issuing authority
	Serie        string                 `json:"serie"`    // hexadecimal
	Debut        time.Time              `json:"debut"`
	Fin          time.Time              `json:"fin"`
	Gamme        string                 `json:"gamme"`
	Liste        string                 `json:"liste,omitempty"` // revocation list that judged it
	Explication  certificat.Explication `json:"-"`
}

// Verdict is what the seal is worth, in one word or by its code.
func (v *Vu) Verdict() string {
	switch {
	case v == nil:
		return ""
	case v.Code == "":
		return "valide"
	}
	return "refusé (" + string(v.Code) + ")"
}

// Retour is the beginning of an answer, nil for a question.
func (v *Vu) Retour() *roc.Retour {
	if r, ok := v.Corps().(roc.CorpsReponse); ok {
		return r.LeRetour()
	}
	return nil
}

// Corps is the decoded body: a *roc.DemandeIDB, a *roc.ReponseCalcul… or nil.
func (v *Vu) Corps() any {
	if v == nil || v.message == nil {
		return nil
	}
	return v.message.corps()
}

// Enveloppe is what relays read, nil when the message could not be read.
func (v *Vu) Enveloppe() *roc.Enveloppe {
	if v == nil || v.message == nil {
		return nil
	}
	return v.message.enveloppe()
}

// Profil tells how the message is sealed, in words.
func (v *Vu) Profil() string {
	if v == nil || v.Sceau == nil {
		return ""
	}
	return strings.TrimSpace(v.Sceau.Profil + " " + Algorithme(v.Sceau.Algorithme))
}

// Algorithme is the short name of an algorithm: what follows the # of its URI.
func Algorithme(nom string) string {
	nom = strings.TrimSuffix(nom, "#")
	return nom[1+strings.LastIndexAny(nom, "#/"):]
}

// porteur is any message, whatever its body.
type porteur interface {
	enveloppe() *roc.Enveloppe
	corps() any
	arbre() []Noeud
	// ecrire gives the message in canonical form, ready to be sealed.
	ecrire(sceau.Face) []byte
	// neuf is the message in JSON, as another question: with new identifiers.
	neuf() []byte
}

// lu is a decoded message, and how it is written.
type lu[C any] struct {
	*roc.Message[C]
	plan *trame.Plan[roc.Message[C]]
	nom  string
}

func (l lu[C]) enveloppe() *roc.Enveloppe { return &l.Message.Enveloppe }

func (l lu[C]) corps() any {
	if l.Message.Corps == nil {
		return nil
	}
	return l.Message.Corps
}

func (l lu[C]) arbre() []Noeud { return Arbre(l.Message) }

func (l lu[C]) ecrire(f sceau.Face) []byte {
	if f == sceau.SOAP {
		return l.plan.AppendXML(nil, l.nom, l.Message)
	}
	return l.plan.AppendJSON(nil, l.Message)
}

func (l lu[C]) neuf() []byte {
	m := *l.Message
	m.Enveloppe.IDMessage, m.Enveloppe.IDEchange = roc.NouvelUUID(), roc.NouvelUUID()
	return l.plan.AppendJSON(nil, &m)
}
