package officine

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Errors of the ports.
var (
	// ErrInconnue: no accreditation has this number here.
	ErrInconnue = errors.New("accréditation inconnue")
	// ErrCleAncienne: the key that signed is over for too long.
	ErrCleAncienne = errors.New("la clé qui a signé cette accréditation est finie depuis trop longtemps")
	// ErrSansListe: what who signed publishes is not held, or is too old to say; it may be
	// later.
	ErrSansListe = errors.New("listes de l'émetteur pas encore tenues")
	// ErrMuet: the third party does not answer; it may later.
	ErrMuet = errors.New("tiers de confiance injoignable")
	// ErrAutreLot: another batch was received under this number.
	ErrAutreLot = errors.New("un autre lot porte ce numéro")
	// ErrReglement: no payment run, or no order of it, has this name.
	ErrReglement = errors.New("règlement inconnu")
	// ErrFacture: no invoice has this rank, or its original is not what it was.
	ErrFacture = errors.New("facture inconnue, ou dont l'original a changé")
)

// Accreditations is the register of those issued.
type Accreditations interface {
	// Accreditation gives one by its number, or ErrInconnue.
	Accreditation(ctx context.Context, n droits.NumeroAccreditation) (*Accreditation, error)
}

// Emetteurs believes what an operator signed for this insurer, which no register here
// knows: a dépannage given while the insurer was silent, or what he gave for it as it would
// itself. ref: VISIO §8.2
type Emetteurs interface {
	// Verifier checks a signed accreditation, with only the public key of its issuer and
	// his mandate, and gives what his list of revoked ones tells of it. ErrInconnue when
	// it is not to be believed, whatever is published later; ErrSansListe when only a list
	// that is not held can tell.
	Verifier(ctx context.Context, s *Signee) (droits.Accreditee, Revocation, error)
}

// Signee is a signed accreditation, as an invoice brings it.
type Signee struct {
	Numero droits.NumeroAccreditation
	Jeton  string
	Soins  sante.Jour
	Recue  sante.Jour // day when the invoice came
}

// Accreditation is what was promised, as an invoice is judged on it.
type Accreditation struct {
	Numero     droits.NumeroAccreditation
	AMC        sante.NumeroAMC
	Contrat    string // the insurer's own reference of the person
	Personne   droits.Empreinte
	Categorie  droits.Categorie
	Convention string
	Etendue    droits.Etendue // with the days that were guaranteed
	Lien       string         // what the third party knows it by; "" without file
	Revocation Revocation     // nil when it is not revoked
	DeListe    bool           // an operator signed it, and its revocation is read in his lists
}

// Revocation is that of an accreditation. ref: VISIO §6, §7
type Revocation interface {
	// Opposable tells whether it may be opposed to care of a day.
	Opposable(soins sante.Jour) bool
}

// Tarifications asks the third party whether an invoice says what was priced.
type Tarifications interface {
	// Controler answers yes or no, and nothing of why; the same invoice may be asked
	// about again. The error wraps ErrMuet when nobody answers. ref: VISIO §13 (F708)
	Controler(ctx context.Context, c *ControleTarification) (oui bool, err error)
}

// ControleTarification is the question to the third party: it names no person.
type ControleTarification struct {
	Numero   string
	Lien     string
	Facture  string // digest of the invoice under a key of ours, 43 characters of base64url
	Montants []droits.PartsFamille
}

// Lot is a batch received.
type Lot struct {
	PS        sante.NumeroFacturation
	Numero    droits.NumeroFacture
	Empreinte [sha256.Size]byte // of its canonical form
	IDMessage roc.UUID
	Nombre    int
	Total     sante.Montant
	Recu      time.Time
}

// Facture is an invoice in the books.
type Facture struct {
	PS          sante.NumeroFacturation
	Rang        int64 // of its reception, for this professional
	Mouvement   int64 // rank of its last move, for this professional
	Numero      droits.NumeroFacture
	DateFacture sante.Jour
	DateSoins   sante.Jour
	Lot         droits.NumeroFacture
	Recue       time.Time
	Etat        droits.EtatFacture
	Code        visiodroits.Code
	Precision   string
	Ecarts      []droits.EcartLigne
	Accreditee  bool // F701 to F706 passed
	Degradee    bool
	Demande     sante.Montant // share asked of the insurer
	Paye        sante.Montant
	Reglement   sante.Jour // day of the payment run that ordered it
	Virement    string     // reference of the transfer
	PayeeLe     sante.Jour
	Echeance    sante.Jour // last day promised to pay

	// Original is the invoice as it came; nil but for who asks it. Empreinte is its
	// digest, which Original is checked against each time that it is read.
	Original  []byte
	Empreinte [sha256.Size]byte
	// Enrichissement is what is known beside; nil for an invoice that was refused at once.
	Enrichissement *Enrichissement
}

// Enrichissement is what the operator adds beside an invoice. ref: VISIO §13
type Enrichissement struct {
	Contrat   string                   // the insurer's own reference
	Type      droits.TypeAccreditation // "" while the accreditation is not judged
	DroitsFin sante.Jour
	DroitsDeb sante.Jour
	Degradee  bool
	Canal     string // face, and whether a relay carried it
}

// Mois are the invoices of a professional that count for the quota of a month.
type Mois struct{ Factures, Degradees int64 }

// Cle names an invoice of a professional.
type Cle struct {
	Numero droits.NumeroFacture
	Date   sante.Jour
}

// Livre keeps the books. What is written is in the transaction of ctx.
type Livre interface {
	// Ouvrir locks a professional until the end of the transaction and writes a batch.
	// connu when the same was received already, ErrAutreLot when another was.
	Ouvrir(ctx context.Context, l *Lot) (connu bool, err error)
	// Verrouiller locks a professional until the end of the transaction.
	Verrouiller(ctx context.Context, ps sante.NumeroFacturation) error
	// Vive tells whether an invoice that is not refused has this name.
	Vive(ctx context.Context, ps sante.NumeroFacturation, c Cle) (bool, error)
	// Mois counts the invoices dated of a month that are not refused.
	Mois(ctx context.Context, ps sante.NumeroFacturation, jour sante.Jour) (Mois, error)
	// Recus is Mois by the day of reception.
	Recus(ctx context.Context, ps sante.NumeroFacturation, jour sante.Jour) (Mois, error)
	// Inserer writes new invoices of a locked professional, with their originals and
	// what enriches them, and gives each its rank and its move.
	Inserer(ctx context.Context, l []*Facture) error
	// Deplacer writes the state of invoices of a locked professional, and gives each its
	// move. It writes the original never, and the enrichment once.
	Deplacer(ctx context.Context, l []*Facture) error
	// Decider writes why a person decided of a waiting invoice.
	Decider(ctx context.Context, ps sante.NumeroFacturation, rang int64, prise time.Time, motif string) error
	// DuLot gives the invoices of a batch, in the order of their reception.
	DuLot(ctx context.Context, ps sante.NumeroFacturation, lot droits.NumeroFacture) ([]*Facture, error)
	// Suivi gives up to max invoices that moved after a move, in the order of the moves.
	Suivi(ctx context.Context, ps sante.NumeroFacturation, apres int64, etats []droits.EtatFacture, max int) ([]*Facture, error)
	// Dans gives invoices of a professional in a state, the oldest first, up to max, without
	// their originals.
	Dans(ctx context.Context, ps sante.NumeroFacturation, e droits.EtatFacture, max int) ([]*Facture, error)
	// Professionnels lists those who have invoices in a state.
	Professionnels(ctx context.Context, e droits.EtatFacture) ([]sante.NumeroFacturation, error)
	// Une gives an invoice by its rank, or ErrFacture; avec its original.
	Une(ctx context.Context, ps sante.NumeroFacturation, rang int64) (*Facture, error)
	// DeLOrdre gives the invoices of a transfer.
	DeLOrdre(ctx context.Context, ps sante.NumeroFacturation, virement string) ([]*Facture, error)
	// Compter counts what was received, and what was paid, from a day to another.
	Compter(ctx context.Context, debut, fin sante.Jour) (Comptees, error)
	// Purger forgets up to max invoices that are paid or refused and dated before a day,
	// with their originals, and tells how many.
	Purger(ctx context.Context, avant sante.Jour, max int) (int, error)
	// Alerter notes that a professional is above the quota of a month.
	Alerter(ctx context.Context, ps sante.NumeroFacturation, jour sante.Jour, m Mois) error
	// Voir notes that an invoice was accepted on an accreditation that no register here knows,
	// and the last day when one was; Vue tells whether one ever was.
	Voir(ctx context.Context, l []droits.NumeroAccreditation, jour sante.Jour) error
	Vue(ctx context.Context, n droits.NumeroAccreditation) (bool, error)
}

// Caisse keeps the payment runs. What is written is in the transaction of ctx.
type Caisse interface {
	// OuvrirReglement locks the run of a day until the end of the transaction, and makes
	// it when there is none.
	OuvrirReglement(ctx context.Context, jour sante.Jour) (*Reglement, error)
	// Reglement gives the run of a day, or ErrReglement.
	Reglement(ctx context.Context, jour sante.Jour) (*Reglement, error)
	// Ouverts lists the days before one whose run is not closed: a process died in it.
	Ouverts(ctx context.Context, avant sante.Jour) ([]sante.Jour, error)
	// Ordonner writes an order of an open run; false when the run has one for this
	// professional already.
	Ordonner(ctx context.Context, o *Ordre) (bool, error)
	// Ordres gives the orders of a run: the list of transfers.
	Ordres(ctx context.Context, jour sante.Jour) ([]Ordre, error)
	// Ordre gives one of them, or ErrReglement.
	Ordre(ctx context.Context, jour sante.Jour, ps sante.NumeroFacturation) (*Ordre, error)
	// Remises tells how many files the bank was given for a run.
	Remises(ctx context.Context, jour sante.Jour) (int, error)
	// Passer writes where an order came to.
	Passer(ctx context.Context, o *Ordre) error
	// Rendu is what the bank gave back and no advice took off yet, locked until the end of
	// the transaction.
	Rendu(ctx context.Context) (sante.Montant, error)
	// Crediter adds to it.
	Crediter(ctx context.Context, m sante.Montant) error
	// Clore writes the advice of a run.
	Clore(ctx context.Context, r *Reglement) error
}

// Comptes keeps where the professionals are paid, and what was given to the bank. What is
// written is in the transaction of ctx.
type Comptes interface {
	// NoterCompte writes an account, in place of the former.
	NoterCompte(ctx context.Context, c *Compte) error
	// OublierCompte forgets one, or gives ErrSansCompte.
	OublierCompte(ctx context.Context, ps sante.NumeroFacturation) error
	// Compte gives that of a professional, ErrSansCompte or ErrCompteIllisible.
	Compte(ctx context.Context, ps sante.NumeroFacturation) (*Compte, error)
	// Comptes lists them.
	Comptes(ctx context.Context) ([]Compte, error)
	// Remettre writes a file with its transfers, and refuses an order that is in one.
	Remettre(ctx context.Context, r *Remise) error
	// Redater writes the day that a file asks of the bank.
	Redater(ctx context.Context, r *Remise) error
	// Remise gives a file with its transfers, in the order of the professionals, or
	// ErrRienARemettre; Reference is not kept.
	Remise(ctx context.Context, jour sante.Jour, rang int) (*Remise, error)
}

// Comptees is what the books count over some days. ref: VISIO §15
type Comptees struct {
	Factures, Degradees, Accreditees, Rejets int64
	Delais                                   map[int64]int64 // invoices paid, by days from the invoice
}
