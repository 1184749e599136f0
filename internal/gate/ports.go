package gate

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Cercle is the circle of trust: who may speak as whom. ref: DEC 14
type Cercle interface {
	// Scelle says whether a structure may seal as this party, at this instant.
	// The error is a *roc.Refus: S501 or S505.
	Scelle(tenant, structure string, p roc.Partie, a time.Time) error
	// Porte says whether a structure may carry on its channel what another sealed
	// as this party. The error is a *roc.Refus: S505.
	Porte(tenant, canal, scelleur string, p roc.Partie, a time.Time) error
	// Relaie says whether a structure is a relay, admitted to carry on its channel
	// what this party asks without a seal.
	Relaie(tenant, canal string, p roc.Partie, a time.Time) bool
}

// ParRelais stands between a relay and the emitter that it names, in who is counted for
// a question without a seal. No structure has it in its name.
const ParRelais = ">"

// Vigie keeps quotas, fairness between partners and the guessing rules.
// ref: DEC 23, 29
type Vigie interface {
	// Entrer waits for a place in service for a partner, and gives the function
	// that leaves it. The error is a *roc.Refus: T030.
	Entrer(ctx context.Context, partenaire string) (sortir func(), err error)
	// EntrerAnonyme is Entrer for an address that shows no certificate: such have few
	// places and a short queue of their own, and take nothing from partners.
	EntrerAnonyme(ctx context.Context, adresse string) (sortir func(), err error)
	// Demander counts a question to a service, for the structure that sealed it; without
	// a seal, for its channel, or for the relay and the emitter that it names, ParRelais
	// between them: the relay is then counted too, all its emitters together. The error
	// is a *roc.Refus: S506.
	Demander(ctx context.Context, tenant, demandeur string, s roc.Service) error
	// Signaler reports a security refusal.
	Signaler(ctx context.Context, tenant, structure string, c roc.Code, detail string)
}

// Cle names a message. ref: DEC 13
type Cle struct {
	Tenant    string
	Scelleur  string // structure that sealed; without a seal, who is counted in its place
	Service   roc.Service
	IDMessage roc.UUID
}

// Traite is what was answered to a message.
type Traite struct {
	Empreinte [32]byte // of the question, without its instant nor its seal
	Corps     []byte   // canonical JSON of the body of the answer
	Code      roc.Code
	Recu      time.Time
}

// ErrInconnu says that a message was never answered.
var ErrInconnu = errors.New("gate: message jamais traité")

// Memoire remembers what was answered, for 30 days.
type Memoire interface {
	// Retrouver gives what was answered, or ErrInconnu.
	Retrouver(ctx context.Context, c Cle) (Traite, error)
	// Retenir leaves the row for the end of the transaction of ctx. When the key
	// exists, the error of the transaction satisfies EstDoublon.
	Retenir(ctx context.Context, c Cle, t Traite) error
	// EstDoublon recognises that error.
	EstDoublon(err error) bool
}

// Journal writes the leaf of an exchange, question and answer together.
type Journal interface {
	// Preparer files what judged a seal, before any transaction.
	Preparer(ctx context.Context, tenant string, v ...certificat.Verdict) error
	// Ecrire leaves the leaf for the end of the transaction of ctx, or writes it
	// alone, and returns its hash.
	Ecrire(ctx context.Context, t *Trace) (feuille string, err error)
}

// Transactions opens transactions whose commit is shared with other messages.
type Transactions interface {
	// Grouper runs f in a transaction; f may be run more than once.
	Grouper(ctx context.Context, f func(ctx context.Context) error) error
	// Lot gives a ctx that keeps rows aside, and the function that writes them all
	// or none and returns once they are durable, in a commit shared with other
	// messages.
	Lot(ctx context.Context) (context.Context, func(ctx context.Context) error)
}

// Trace is what the journal keeps of an exchange: who, for whom, what, when, and
// digests. Pieces hold the messages themselves, kept apart. ref: ROC §16.4
type Trace struct {
	Tenant        string
	Service       roc.Service
	Face          sceau.Face
	IDMessage     roc.UUID
	IDEchange     roc.UUID
	Emetteur      roc.Partie
	Destinataire  roc.Partie
	Chaine        []roc.Maillon
	Canal         certificat.Verdict // who held the TLS connection
	Scelleur      certificat.Verdict // who sealed; its Porteur is nil when the seal was refused
	Recu          time.Time          // when the question arrived
	Emis          time.Time          // what the question says of its emission
	Duree         time.Duration      // from arrival to the sealed answer
	Code          roc.Code
	Detail        string // of a refusal, without personal data
	Repetition    bool   // the stored result was given again
	Chiffre       bool   // the bodies were encrypted end to end
	Engagement    string // number of the guarantee, if any
	Sujet         string // of whom, for the journal to digest; never written in clear
	Question      []byte // as received
	Reponse       []byte // as sent
	EmpreinteQ    [32]byte
	EmpreinteR    [32]byte
	NumeroDemande string
	// Relaye tells that we only carried the exchange; the answer was then sealed
	// by SceauReponse.
	Relaye       bool
	SceauReponse certificat.Verdict
}

// Relayeur carries messages for others. ref: ROC §2
type Relayeur interface {
	// Relayer brings a sealed message to its recipient, with our name added to
	// its chain, and brings back the answer once it is known to answer it. The
	// error is a *roc.Refus with a T code, which the gate seals in our name.
	Relayer(ctx context.Context, t *Passage) (*Retour, error)
}

// Passage is a sealed message that a relay carries.
type Passage struct {
	Norme     *roc.Norme
	Face      sceau.Face
	Brut      []byte // as received
	Piece     *sceau.Piece
	Enveloppe *roc.Enveloppe
	Chaine    roc.Chaine // relays already crossed
	Recu      time.Time
}

// Retour is the answer that a relay brings back.
type Retour struct {
	Octets  []byte // as it must be sent, our name added to the chain
	Piece   *sceau.Piece
	Code    roc.Code // of a refusal, or what can be read of the answer; "" when encrypted
	Refus   bool     // a technical or security refusal
	Feuille string   // hash of the leaf that the recipient announced
	Attente int      // seconds before trying again, when the recipient says so
}
