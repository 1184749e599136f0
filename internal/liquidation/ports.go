package liquidation

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// EtatGarantie is the state of a guarantee in the insurer's books. ref: DEC 26
type EtatGarantie string

// The states, which are those of the engagements' room.
const (
	GarantieEngagee   EtatGarantie = "ENGAGE"
	GarantieAnnulee   EtatGarantie = "ANNULE"
	GarantieExpiree   EtatGarantie = "EXPIRE"
	GarantieFacturee  EtatGarantie = "FACTURE"
	GarantieRendue    EtatGarantie = "FACTURE_ANNULEE"
	GarantieRejetee   EtatGarantie = "REJETE"
	GarantiePayeePart EtatGarantie = "PAYE_EN_PARTIE"
	GarantiePayee     EtatGarantie = "PAYE"
)

// Garantie is what the insurer holds of a guarantee of payment.
type Garantie struct {
	Numero       roc.NumeroEngagement
	Locale       bool // of a calculation that the hospital makes
	Finess       sante.FINESS
	Dossier      string
	Etat         EtatGarantie
	PeriodeDebut sante.Jour // of care, both included
	PeriodeFin   sante.Jour
	Debut, Fin   sante.Jour     // to invoice, both included
	Total        sante.Montant  // of the engagement; 0 for a local calculation
	Max          *sante.Montant // of a local calculation, nil when it has no limit
	Beneficiaire string
	Patient      string              // digest of who the hospital said that it is; "" when not kept
	Calcul       string              // digest of the calculation engaged; "" for a local one
	Version      string              // of the contract
	Lignes       []roc.LigneRepondue // of the engagement
}

// Garanties is the room of the engagements, as this one needs it.
type Garanties interface {
	// Prendre gives the guarantees of these numbers, locked until the end of the
	// transaction; an unknown number is absent.
	Prendre(ctx context.Context, l []roc.NumeroEngagement) (map[roc.NumeroEngagement]*Garantie, error)
	// Passer changes the state of guarantees that the transaction has locked.
	Passer(ctx context.Context, etat EtatGarantie, l []roc.NumeroEngagement) error
	// Resserrer narrows a guarantee of local calculation that the transaction has
	// locked to the days of care invoiced: the others may be guaranteed anew.
	Resserrer(ctx context.Context, n roc.NumeroEngagement, debut, fin sante.Jour) error
	// DuDossier gives the guarantees of a dossier of a hospital, not locked.
	DuDossier(ctx context.Context, finess sante.FINESS, dossier string) ([]*Garantie, error)
	// Contrat gives the contract of a guarantee and the counters of its person,
	// what the guarantee itself consumed left out.
	Contrat(ctx context.Context, g *Garantie) (calcul.Contrat, calcul.Compteurs, error)
}

// Membres is the portfolio, as an invoice that no guarantee covers needs it.
type Membres interface {
	// DroitsDeFacture tells whether the person of an invoice is covered for it: the
	// code is 000, or the reason of identification or of rights why not, or S506 when
	// who sealed it tried this adherent too often. The contract is what the amounts are
	// computed again from. Each call counts as an attempt of the sealer.
	DroitsDeFacture(ctx context.Context, scelleur string, d *roc.DemandeCalcul) (roc.Code, calcul.Contrat, error)
}

// Lot is a batch received.
type Lot struct {
	Numero    string
	Finess    sante.FINESS
	NumeroAMC sante.NumeroAMC
	IDMessage roc.UUID
	Recu      time.Time
	Nombre    int
	Total     sante.Montant
	Empreinte string // of the invoices, as the batch tells it
	Retour    string // where returns are sent, "" for the address in the circle
	Compte    string
	Scelleur  string // structure that sealed it; not kept
	Contenu   []byte // its invoices, each in canonical JSON, one after the other
}

// Facture is an invoice in the insurer's books.
type Facture struct {
	Finess    sante.FINESS
	Annee     int // of its date: a number is unique within
	Numero    string
	Lot       string
	Etat      Etat
	Code      roc.Code // of the last control or of the reject
	Demande   sante.Montant
	Paye      sante.Montant
	Garantie  roc.NumeroEngagement
	Corrige   string // number of the invoice annulled or rectified
	Nature    roc.NatureFacture
	Recue     time.Time
	Echeance  sante.Jour // last day promised to pay
	Debut     int        // of the invoice in the contents of its batch
	Taille    int        // in octets
	Contenu   []byte     // the invoice, in canonical JSON; read by Factures.Facture only
	Precision string
	Lignes    []roc.RetourLigne // of the control
	// Convention names the care of an invoice by convention; "" for the others. The
	// books keep it as long as it is live, see Soins.
	Convention string

	recue *roc.Facture // as it came, while it is controlled
}

// cle names an invoice of a hospital: a number is unique within a year.
func (f *Facture) cle() string { return Cle(f.Annee, f.Numero) }

// Cle names an invoice of a hospital in what Factures.Ouvrir gives.
func Cle(annee int, numero string) string { return strconv.Itoa(annee) + "|" + numero }

// Errors of a store.
var (
	ErrLotDejaRecu     = errors.New("liquidation: lot déjà reçu, avec d'autres factures")
	ErrLotConnu        = errors.New("liquidation: lot déjà reçu, le même")
	ErrFactureInconnue = errors.New("liquidation: facture inconnue")
	ErrDejaVire        = errors.New("liquidation: une part de cette facture est déjà payée sous cette référence de virement")
)

// Factures keeps the books. Everything is written in the transaction of ctx.
type Factures interface {
	// Ouvrir locks a hospital, writes a batch and tells which of its invoices the
	// books hold already. ErrLotConnu when the hospital has already sent it, the same:
	// deja is then what it was the first time; ErrLotDejaRecu when it was another under that number.
	Ouvrir(ctx context.Context, l *Lot, f []*Facture) (deja []string, err error)
	// Inserer writes the invoices of a batch, where they stand, and their moves; a move
	// is of one of f.
	Inserer(ctx context.Context, f []*Facture, m []Moment) error
	// APayer gives up to max invoices of a hospital that are liquidated or paid in
	// part, the oldest first, locked and left out by
	// other nodes, without their contents.
	APayer(ctx context.Context, finess sante.FINESS, max int) ([]*Facture, error)
	// Homonymes gives the invoices of that number of a hospital, of any year, the
	// last first, locked in a transaction.
	Homonymes(ctx context.Context, finess sante.FINESS, numero string) ([]*Facture, error)
	// Facture is the first of Homonymes; ErrFactureInconnue.
	Facture(ctx context.Context, finess sante.FINESS, numero string) (*Facture, error)
	// ParSoins tells which live invoices by convention of a hospital have these
	// names of care: Cle of each, by name.
	ParSoins(ctx context.Context, finess sante.FINESS, soins []string) (map[string]string, error)
	// Corrections gives the rectifications of a number of a hospital, of any year and
	// in any state, the first first.
	Corrections(ctx context.Context, finess sante.FINESS, numero string) ([]*Facture, error)
	// Virer notes that an order given for one invoice pays it under the reference of a
	// transfer; ErrDejaVire when one already did.
	Virer(ctx context.Context, f *Facture, reference string, montant sante.Montant, instant time.Time) error
	// Ecrire writes the state, the code, what was paid and the report of invoices
	// that the transaction has locked, and the moves they made; a move is of one of l.
	Ecrire(ctx context.Context, l []*Facture, m []Moment) error
}

// Moment is a move of an invoice, in its history.
type Moment struct {
	Finess    sante.FINESS
	Annee     int
	Numero    string
	Avant     Etat
	Evenement Evenement
	Apres     Etat
	Code      roc.Code
	Instant   time.Time
	Retour    string // return that told it, of a payment or of a reject
}

// RetourEmis is a return as the books remember it.
type RetourEmis struct {
	Finess   sante.FINESS
	Numero   string
	Nature   roc.NatureRetour
	Factures int
	Total    sante.Montant // paid
	Emis     time.Time
	Acquitte time.Time // zero while awaited
	Code     roc.Code  // of the acknowledgement

	Precision string // that the hospital gave with it; not said by Retour

	IDMessage roc.UUID
	Lots      []string // of which it tells; not said by lists
}

// Retours sends what is said of invoices to their hospital, and keeps it until it
// is acknowledged. A return, which has its number, is posted in the transaction of
// ctx.
type Retours interface {
	Poster(ctx context.Context, finess sante.FINESS, r *roc.DemandeRET) error
}
