package amc

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Errors that mean "not there".
var (
	ErrContratInconnu    = errors.New("version de contrat inconnue")
	ErrIDBInconnue       = errors.New("réponse d'IDB inconnue")
	ErrEngagementInconnu = errors.New("engagement inconnu")
	ErrSimulationInconnu = errors.New("simulation inconnue")
	// ErrNumeroPris: another engagement, alive or cancelled, has the number.
	ErrNumeroPris = errors.New("numéro d'engagement déjà pris")
	// ErrPassage: invoicing does not bring an engagement from its state to that one.
	ErrPassage = errors.New("passage d'un engagement impossible")
	// ErrIndisponible: the insurer's own system does not answer; it may later.
	ErrIndisponible = errors.New("portefeuille indisponible")
)

// CandidatsMax bounds the persons that a portfolio returns for one question.
const CandidatsMax = 100

// Portefeuille is where the insurer's rights live: its own tables, or its core
// system. ref: DEC 25
type Portefeuille interface {
	// Chercher gives every person that one of the keys designates: the number of
	// adherent, the NIR of the person, or that of the opener of rights (his own
	// included). Each comes with all his adhesions, and each adhesion with the
	// version of its contract in force at the day, which Contrats.Contrat knows.
	// No person is not an error. More than CandidatsMax are cut. The time taken
	// depends on the question, not on what it finds. The error wraps
	// ErrIndisponible when the system behind does not answer.
	Chercher(ctx context.Context, c *Critere, jour sante.Jour) ([]Beneficiaire, error)
}

// Disponible is an optional ability of a Portefeuille: to tell whether it
// answers at the moment, without asking it anything.
type Disponible interface{ Disponible() bool }

// Contrats keeps every version of contract that an answer was made from.
type Contrats interface {
	// Contrat gives a version by its digest, or ErrContratInconnu. The value is
	// shared: it is not written in.
	Contrat(ctx context.Context, empreinte string) (*Contrat, error)
	// Garder keeps a version, durable when it returns, and gives its digest. The
	// same contract may be kept again.
	Garder(ctx context.Context, c *Contrat) (empreinte string, err error)
}

// IDBGardee is what is remembered of an open answer to IDB.
type IDBGardee struct {
	ID           string
	Finess       sante.FINESS // hospital, legal
	Dossier      string
	Patient      string // digest of what the hospital said of the person
	Beneficiaire string // reference in the portfolio
	Version      string // digest of the contract
	Debut, Fin   sante.Jour
	Rang         int // of this insurer for the person, 0 when not known
	Instant      time.Time
	NumeroLocal  roc.NumeroEngagement // guarantee of the local calculation, if any
}

// IDBs keeps the answers to IDB that SIM and CLC quote.
type IDBs interface {
	// Garder leaves the answer to be written with the commit of the exchange.
	Garder(ctx context.Context, i *IDBGardee) error
	// IDB gives the answer of that name made to that hospital for that dossier,
	// or ErrIDBInconnue.
	IDB(ctx context.Context, finess sante.FINESS, dossier, id string) (*IDBGardee, error)
	// Certitude gives the answer made to that hospital, for that dossier and that
	// patient, which made certain the latest day among those that cover jour, or
	// ErrIDBInconnue.
	Certitude(ctx context.Context, finess sante.FINESS, dossier, patient string, jour sante.Jour) (*IDBGardee, error)
}

// Engagements keeps the guarantees of payment. Its methods are called in the
// transaction of the exchange, except reads.
type Engagements interface {
	// Dossier locks a dossier of a hospital until the end of the transaction, on
	// every node, and gives all its engagements, dead or alive, whatever their
	// kind. ref: DEC 21
	Dossier(ctx context.Context, finess sante.FINESS, dossier string) ([]EngagementGarde, error)
	// Ouvrir writes an engagement at once, or gives ErrNumeroPris and leaves the
	// transaction usable. ref: DEC 22
	Ouvrir(ctx context.Context, e *EngagementGarde) error
	// Engagement gives an engagement by its number, or ErrEngagementInconnu. In a
	// transaction it is locked until its end.
	Engagement(ctx context.Context, n roc.NumeroEngagement) (*EngagementGarde, error)
	// Passer changes the state of an engagement that the transaction has locked,
	// or gives ErrEngagementInconnu. le is the day of a cancellation.
	Passer(ctx context.Context, n roc.NumeroEngagement, etat EtatGarde, le sante.Jour) error
	// Echus gives at most max engagements in force whose validity ended before a
	// day, locked until the end of the transaction.
	Echus(ctx context.Context, avant sante.Jour, max int) ([]EngagementGarde, error)
}

// Simulations keeps what is needed to forget a simulation.
type Simulations interface {
	// Garder leaves the simulation to be written with the commit of the exchange.
	Garder(ctx context.Context, s *SimulationGardee) error
	// Simulation gives a simulation made for that hospital and that dossier, or
	// ErrSimulationInconnu.
	Simulation(ctx context.Context, finess sante.FINESS, dossier, id string) (*SimulationGardee, error)
	// Oublier marks a simulation forgotten on a day; it may be called twice.
	Oublier(ctx context.Context, finess sante.FINESS, dossier, id string, le sante.Jour) error
	// Existe tells whether the dossier has a simulation that is not forgotten.
	Existe(ctx context.Context, finess sante.FINESS, dossier string) (bool, error)
}

// SimulationGardee is what is remembered of a simulation.
type SimulationGardee struct {
	ID        string
	Finess    sante.FINESS
	Dossier   string
	Instant   time.Time
	OublieeLe sante.Jour // zero while it stands
}

// Compteurs keeps what each person consumed of his ceilings, by guarantee and by
// period. Only CLC consumes, only the end of an engagement releases. A counter is
// told by its name; its amounts are those of the engine. ref: ROC §12
type Compteurs interface {
	// Lire gives the counters of a person that are not at zero. Nothing is locked.
	Lire(ctx context.Context, beneficiaire string) (calcul.Compteurs, error)
	// Prendre is Lire with the counters of the person locked until the end of the
	// transaction, on every node, even those that do not exist yet.
	Prendre(ctx context.Context, beneficiaire string) (calcul.Compteurs, error)
	// Consommer adds to the counters of a person, which Prendre has locked, in the
	// name of an engagement.
	Consommer(ctx context.Context, n roc.NumeroEngagement, beneficiaire string, l []calcul.Compteur) error
	// Liberer gives back what an engagement consumed. A second call gives nothing.
	Liberer(ctx context.Context, n roc.NumeroEngagement) error
}

// Tentatives caps the questions of one sealer about one number of adherent.
// ref: DEC 23
type Tentatives interface {
	// Tenter reserves an attempt, or refuses with a *roc.Refus of code S506.
	// conclure is then called once, with how the identification ended.
	Tenter(ctx context.Context, q Essai) (conclure func(roc.Code), err error)
}

// Essai is who looks for whom, and for what.
type Essai struct {
	Scelleur string
	Adherent sante.NumeroAdherent
	Pour     Recherche
}

// Recherche is what a person is looked for.
type Recherche int

// The searches; unknown persons count apart for each.
const (
	PourQuestion Recherche = iota // IDB, SIM, CLC
	PourFacture                   // an invoice without engagement
	PourVille                     // rights outside the hospital
)
