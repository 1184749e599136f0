package relais

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Annuaire finds the services of an insurer. A *roc.Resolveur is one: it keeps
// answers, and serves them while the directory is silent.
type Annuaire interface {
	// Resoudre gives the verified answer of the directory; a refusal of the
	// directory is an answer.
	Resoudre(ctx context.Context, d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, roc.Fraicheur, error)
}

// Courrier opens links to the next steps.
type Courrier interface {
	// Ouvrir prepares a link to an https base address whose server must show one
	// of these certificates, any trusted one when there is none. It connects to
	// nobody yet.
	Ouvrir(adresse string, empreintes []string) Lien
}

// Lien is a link to one server, for many messages at once.
type Lien interface {
	// Poster sends a message and brings what came back, whoever it is from, until the
	// deadline of ctx. It sends again by itself only what never reached the server. The
	// error wraps one of those below, but ErrAbandon.
	Poster(ctx context.Context, e *Envoi) (*Arrivee, error)
	// Fermer closes the connections that are not in use.
	Fermer()
}

// Why nothing came back.
var (
	ErrInjoignable = errors.New("relais: serveur injoignable")
	ErrCertificat  = errors.New("relais: certificat du serveur refusé")
	ErrDelai       = errors.New("relais: pas de réponse dans le délai")
	ErrAbandon     = errors.New("relais: le demandeur n'attend plus")
	ErrTropGrand   = errors.New("relais: message trop grand pour le serveur")
	ErrSature      = errors.New("relais: le serveur n'écoute plus cet émetteur pour le moment")
	ErrSansMessage = errors.New("relais: réponse qui n'est pas un message scellé")
)

// Envoi is a message to send on.
type Envoi struct {
	Norme   *roc.Norme
	Face    sceau.Face
	Service roc.Service
	Octets  []byte
}

// Arrivee is what came back.
type Arrivee struct {
	Octets  []byte
	Feuille string // hash of the leaf that the recipient announced
	Attente int    // seconds before trying again, 0 when not said
}

// Question is a message to carry; its seal is good, if its profile asks for one.
type Question struct {
	Norme     *roc.Norme
	Piece     *sceau.Piece
	Enveloppe *roc.Enveloppe
	Chaine    roc.Chaine // relays already crossed
	Recu      time.Time
}

// Reponse is a sealed answer, known to answer the question.
type Reponse struct {
	Octets  []byte // as it must be sent, our name added to the chain
	Piece   *sceau.Piece
	Code    roc.Code // "" when the body is encrypted
	Refus   bool     // a technical or security refusal
	Feuille string   // hash of the leaf that the recipient announced
	Attente int      // seconds before trying again, 0 when not said
}
