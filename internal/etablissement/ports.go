package etablissement

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Exchange puts questions to the insurers; ParClient makes one. It finds the
// insurer's address through the Annuaire, seals, writes the question down
// through its roc.Registre, sends it and verifies the answer. dossier is the
// hospital's file number; a question that carries the Suivi of an earlier one is
// that same question.
//
// A T or S code, or no way to the insurer (A codes), comes back as a *roc.Refus,
// which tells whether the insurer said it; any other error means that no answer
// came and that the question may have been received.
type Exchange interface {
	// Annuaire tells who answers for a card; its answer may have been kept.
	Annuaire(ctx context.Context, r roc.Routage) (*roc.ReponseAnnuaire, error)
	IDB(ctx context.Context, dossier string, d *roc.DemandeIDB, s roc.Suivi) (*roc.ReponseIDB, error)
	SIM(ctx context.Context, dossier string, d *roc.DemandeCalcul, s roc.Suivi) (*roc.ReponseCalcul, error)
	CLC(ctx context.Context, dossier string, d *roc.DemandeCalcul, s roc.Suivi) (*roc.ReponseCalcul, error)
	DEL(ctx context.Context, dossier string, r roc.Routage, d *roc.DemandeDEL, s roc.Suivi) (*roc.ReponseDEL, error)
	Engagement(ctx context.Context, dossier string, r roc.Routage, d *roc.DemandeEngagement) (*roc.ReponseEngagement, error)
}

// Depot keeps the visits.
type Depot interface {
	// Creer writes a new visit; ErrDoublon when its file already has one for
	// the period.
	Creer(ctx context.Context, v *Venue) error
	// Venue reads a visit; ErrInconnue.
	Venue(ctx context.Context, id string) (*Venue, error)
	// Lister reads the visits of a filter, the most recent first.
	Lister(ctx context.Context, f Filtre) ([]Resume, error)
	// Changer reads a visit under a lock, lets f change it, and writes in one
	// transaction the visit with its version grown by one, its moments, its
	// question and the lines of its accounts. The error of f undoes all. f may run more than once, each time on
	// a visit read anew. ErrInconnue when there is no such visit.
	Changer(ctx context.Context, id string, f func(*Chantier) error) (*Venue, error)
	// ChangerTous is Changer for several visits, each of which f changes or, when it
	// says false, leaves as it is: their coverages only, without question nor invoice.
	ChangerTous(ctx context.Context, ids []string, f func(*Chantier) (bool, error)) error
	// Echues lists the coverages in the state Engagee whose last day to invoice
	// is before a day.
	Echues(ctx context.Context, jour sante.Jour, max int) ([]Place, error)
	// Soldees lists the coverages in the state Payee of the visits last changed
	// before an instant.
	Soldees(ctx context.Context, avant time.Time, max int) ([]Place, error)
}

// Questions keeps what was asked and has no known end.
type Questions interface {
	// EnCours is the open question of a coverage; ErrInconnue when there is none.
	EnCours(ctx context.Context, p Place) (*Question, error)
	// Prendre claims up to max open questions last tried before an instant: their
	// try becomes maintenant, and no other node takes them.
	Prendre(ctx context.Context, avant, maintenant time.Time, max int) ([]*Question, error)
	// PrendreUne claims one question, and tells whether it did.
	PrendreUne(ctx context.Context, id roc.UUID, avant, maintenant time.Time) (bool, error)
}

// Traces reads the past of a visit.
type Traces interface {
	// Moments lists the moves of a visit, oldest first.
	Moments(ctx context.Context, venue string) ([]Moment, error)
	// Messages lists the messages of a hospital file, oldest first.
	Messages(ctx context.Context, dossier string) ([]Message, error)
}

// Factures keeps the invoices and their batches. Everything is written in the
// transaction of ctx.
type Factures interface {
	// AEnvoyer gives the insurer whose invoices have waited the longest, but some, and
	// up to max of them that leave by the same way, locked until the end of the
	// transaction; none when all left.
	AEnvoyer(ctx context.Context, max int, sauf ...sante.NumeroAMC) (sante.NumeroAMC, []*FactureEmise, error)
	// NumeroLot draws the number of a batch: it never serves twice.
	NumeroLot(ctx context.Context) (string, error)
	// MettreEnLot writes a batch and puts invoices in it.
	MettreEnLot(ctx context.Context, lot *LotEmis, l []*FactureEmise) error
	// Lot gives a batch, locked, and its invoices; ErrInconnue.
	Lot(ctx context.Context, numero string) (*LotEmis, []*FactureEmise, error)
	// Accuser writes the acknowledgement of a batch.
	Accuser(ctx context.Context, lot *LotEmis) error
	// ParReference gives the invoices sent to an insurer under some references of
	// files: that of a B2 file, or their own number.
	ParReference(ctx context.Context, amc string, references []string) ([]*FactureEmise, error)
	// ParNumero gives the invoices sent to an insurer under some numbers; a number
	// may serve again in another year, in another batch.
	ParNumero(ctx context.Context, amc string, numeros []string) ([]*FactureEmise, error)
	// DeNumero gives the invoices sent under a number, of any year.
	DeNumero(ctx context.Context, numero string) ([]*FactureEmise, error)
	// Ensemble runs f in one transaction, perhaps more than once.
	Ensemble(ctx context.Context, f func(ctx context.Context) error) error
}

// Depart puts a batch on its way, in the transaction of ctx: sealed, kept and
// sent until the insurer acknowledges it.
type Depart interface {
	Poster(ctx context.Context, r roc.Routage, lot *LotEmis, d *roc.DemandeDRE) error
	// PosterFichier is Poster for a partner that is not on line: a file, by the way
	// of the batch.
	PosterFichier(ctx context.Context, lot *LotEmis, v *Voie, contenu []byte) error
}

// Mandats tells whom the Annuaire says that an insurer mandates.
type Mandats interface {
	// Operateur gives the operator mandated by an insurer at a day, or nil.
	Operateur(ctx context.Context, amc sante.NumeroAMC, jour sante.Jour) (*roc.Operateur, error)
}

// Fichiers keeps what was read of return files. Everything but Ouvrir and Lister is
// written in the transaction of ctx.
type Fichiers interface {
	// Ouvrir writes a file about to be read, or gives it as it stands when it was
	// read before, whole or in part.
	Ouvrir(ctx context.Context, f *FichierRecu) (*FichierRecu, error)
	// Avancer writes how far the reading of a file has come.
	Avancer(ctx context.Context, f *FichierRecu) error
	// Dite tells whether what a file says of an invoice has had its effect before, by
	// this file, by another or by a sealed return.
	Dite(ctx context.Context, m *MarqueRetour) (bool, error)
	// Retenir writes that it has it now; ErrDoublon when another had it meanwhile.
	Retenir(ctx context.Context, m *MarqueRetour) error
	// Sceller writes what a sealed return pays, of one insurer, day and transfer, and
	// tells, in the same order, what a file had said before. What another sealed return
	// said is left as it was.
	Sceller(ctx context.Context, l []MarqueRetour) ([]bool, error)
	// ListerFichiers gives the last files read, the most recent first; of one insurer
	// when amc is not empty.
	ListerFichiers(ctx context.Context, amc string, max int) ([]*FichierRecu, error)
}

// Place is a coverage of a visit.
type Place struct {
	Venue string
	Rang  int
}

// Chantier is a change of a visit being made.
type Chantier struct {
	Venue   *Venue
	Moments []Moment      // moves made, to be added to the history
	Poser   *Question     // question to write down as open
	Clore   *Cloture      // question that has found its end
	Emettre *FactureEmise // invoice to be kept until a batch takes it

	faits     []fait     // for the comptable
	garder    bool       // what was changed stands, even when what follows changes nothing
	Ecritures []Ecriture // lines of the accounts, written with the rest
}

// Question is a question to an insurer, written down before it is sent.
type Question struct {
	Place
	IDMessage roc.UUID
	IDEchange roc.UUID
	Service   roc.Service
	Corps     []byte    // canonical JSON of the body
	Posee     time.Time // when it was written down
	Essayee   time.Time // when it was last sent
}

// Cloture is the end of a question.
type Cloture struct {
	IDMessage roc.UUID
	Code      roc.Code // of the answer; empty when the question was abandoned
}

// Moment is a move of a coverage in the state machine.
type Moment struct {
	Rang      int
	Avant     Etat
	Evenement Evenement
	Apres     Etat
	Instant   time.Time
	Code      roc.Code // of the answer that made the move
	IDMessage roc.UUID // of the question concerned
	Agent     string   // pseudonym of who asked
}

// Message is the trace of one emission of a question and of its answer.
// ref: ROC §16.4
type Message struct {
	IDMessage    roc.UUID
	IDEchange    roc.UUID
	Emission     int // 1, then one more for each time the same question left
	Service      roc.Service
	Destinataire string
	Dossier      string // said by Recents only
	Posee        time.Time
	Question     []byte // sealed bytes as sent
	Repondue     time.Time
	Reponse      []byte // sealed bytes as received
	Code         roc.Code
	Verdict      string
}

// What became of a message, for a person: a Message's Verdict is one of them, or ""
// as long as no answer came.
const (
	VerdictCru    = "sceau vérifié"
	VerdictMuet   = "sans réponse"
	VerdictDoute  = "réponse refusée" // its seal, or who made it
	VerdictRefuse = "refus scellé"
)

// Filtre chooses visits; its zero value chooses all.
type Filtre struct {
	Dossier string
	Etat    Etat      // of one of the coverages
	Avant   time.Time // opened before; for the next page
	Max     int
}

// Resume is a line of a list of visits, without any data of the patient.
type Resume struct {
	ID            string
	Dossier       string
	DateReference sante.Jour
	Ouverte       time.Time
	Etats         []Etat // by rank
}

// Servies remembers the requests of the billing software by their key, so that a
// request sent twice is served once.
type Servies interface {
	// Commencer claims a key: nil when it is free, else the answer already given.
	// ErrEnAttente when the request is being served, ErrDonnees when the key was
	// used for another request.
	Commencer(ctx context.Context, cle, empreinte string, maintenant time.Time) (*Servie, error)
	// Finir keeps the answer.
	Finir(ctx context.Context, cle string, s Servie) error
	// Abandonner frees a key whose request was not served.
	Abandonner(ctx context.Context, cle string) error
	// Ensemble runs f so that what it writes here, the key, the visit and the
	// answer kept, is written whole or not at all. f may run more than once.
	Ensemble(ctx context.Context, f func(ctx context.Context) error) error
}

// Servie is an answer already given.
type Servie struct {
	Statut  int
	Entetes string // one "Name: value" a line
	Corps   []byte
}
