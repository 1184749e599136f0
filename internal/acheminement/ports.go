package acheminement

import (
	"context"
	"io"
	"time"
)

// Transport carries bytes to a partner. Livrer returns what it answered; a *Refus
// when it will never take them; a *Passager, or any other error, when it may be
// tried again. It is called for several messages at once, may be called twice for
// one, by two nodes, and gives up when ctx ends. contenu may be an io.Seeker.
type Transport interface {
	Livrer(ctx context.Context, e *Envoi, contenu io.Reader) (Recu, error)
}

// Contenus opens the bytes of a Reference, from their start. The reader is
// closed by who opened it. An error is taken for passing.
type Contenus interface {
	Ouvrir(ctx context.Context, tenant, reference string) (io.ReadCloser, error)
}

// Poste takes messages.
type Poste interface {
	// Poster writes messages in the transaction of ctx, in one of its own without:
	// they leave if and only if it commits. A key already posted with the same
	// bytes for the same partner is left as it is; with others, ErrCle. ErrEnvoi
	// when one does not hold together. Rows deferred to a bdd.Lot are another
	// transaction's: post from within one.
	Poster(ctx context.Context, l ...*Envoi) error
}

// File is the queue as the workers see it.
type File interface {
	Detour
	// Dus lists, sorted, the partners with a message due.
	Dus(ctx context.Context, maintenant time.Time) ([]string, error)
	// Prendre takes for each part up to that many due messages, with their bytes
	// when they are at most PetitContenu. Until the end of the lease nobody else is given them.
	Prendre(ctx context.Context, parts []Part, maintenant time.Time, bail time.Duration) ([]*Pris, error)
	// Contenu reads the bytes of a message that has no Reference. ErrInconnu.
	Contenu(ctx context.Context, cle string) ([]byte, error)
	// Conclure writes the outcome of a try, and suite in the same transaction; it
	// may run suite more than once, and never when the lease was lost: ErrBail.
	// The next of the same Ordre becomes due when this one is delivered, or is a dead
	// letter put aside with what it speaks of.
	Conclure(ctx context.Context, i *Issue, suite func(ctx context.Context) error) error
	// Redresser makes due at once what a clock that has gone back since put off:
	// the deadlines set later than maintenant + tolerance.
	Redresser(ctx context.Context, maintenant time.Time, tolerance time.Duration) (int64, error)
}

// Rebut is the dead letters, and what a person does with them.
type Rebut interface {
	// Devant is as in Detour.
	Devant(ctx context.Context, cle string) (string, error)
	// Morts lists dead letters, the oldest first.
	Morts(ctx context.Context, f Filtre) ([]Lettre, error)
	// Regarder reads one message, in any state, with what was done to it. ErrInconnu.
	Regarder(ctx context.Context, cle string) (*Lettre, error)
	// Contenu reads the bytes of a message that has no Reference. ErrInconnu.
	Contenu(ctx context.Context, cle string) ([]byte, error)
	// Recu reads what the partner answered. ErrInconnu.
	Recu(ctx context.Context, cle string) ([]byte, error)
	// Reparer replaces the bytes or the address of a dead letter. ErrEtat.
	Reparer(ctx context.Context, cle string, r Reparation, g Geste) error
	// Relancer sends a dead letter again, all its tries before it. ErrEtat.
	Relancer(ctx context.Context, cle string, g Geste) error
	// Abandonner gives up a dead letter; what it held back is due. ErrEtat.
	Abandonner(ctx context.Context, cle string, g Geste) error
}

// Reception gives messages received their effect once.
type Reception interface {
	// Recevoir records the key of a sender and runs f in one transaction, and keeps
	// the receipt that f returns. The same key again gives that receipt without
	// running f; with another digest, ErrCle. When f fails nothing is kept. f may
	// run more than once, each time after what it wrote was undone.
	Recevoir(ctx context.Context, a Arrivee, f func(ctx context.Context) ([]byte, error)) ([]byte, error)
	// Deja gives the receipt kept for a key, and whether there is one; ErrCle when
	// the digest differs.
	Deja(ctx context.Context, a Arrivee) ([]byte, bool, error)
	// OublierRecus forgets up to max receipts kept before an instant, and tells how
	// many. What comes again afterwards is new.
	OublierRecus(ctx context.Context, avant time.Time, max int) (int64, error)
}

// Vie keeps the states that fluxes went through.
type Vie interface {
	// Noter writes states of fluxes, together, in the transaction of ctx; a state that
	// a flux already went through is left as it was.
	Noter(ctx context.Context, l ...Jalon) error
	// Jalons lists the states of a flux, in the order in which they came.
	Jalons(ctx context.Context, flux string) ([]Jalon, error)
	// OublierJalons forgets up to max states noted before an instant, and tells how
	// many.
	OublierJalons(ctx context.Context, avant time.Time, max int) (int64, error)
}

// Suite is what a room does of an outcome, in the transaction that writes it:
// Acquis with the receipt, or Rebute with a code. It may run more than once. Its
// error undoes the outcome: a message delivered is tried again later, the partner
// giving the same receipt; a dead letter is written without its suite.
type Suite func(ctx context.Context, e *Envoi, i *Issue) error
