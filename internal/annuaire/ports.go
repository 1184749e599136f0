package annuaire

import (
	"context"
	"time"
)

// Fiches gives records as they stand in the image of this node.
type Fiches interface {
	// Fiche is a record of its own, which shares nothing with the image; ErrInconnu when
	// there is none.
	Fiche(ctx context.Context, n Nature, id string) (*Changement, error)
}

// Registre keeps requests, what owners changed, and what was before.
type Registre interface {
	// Transaction runs f, perhaps more than once: all that it writes is kept, or nothing.
	Transaction(ctx context.Context, f func(ctx context.Context) error) error
	// Verrouiller holds a record until the end of the transaction, against every node,
	// and gives the last version that an owner made of it, nil when none did.
	Verrouiller(ctx context.Context, n Nature, id string) (*Changement, error)
	// Inscrire keeps a new request.
	Inscrire(ctx context.Context, d *Demande) error
	// Demande is a request by its number, ErrSansDemande when there is none.
	Demande(ctx context.Context, numero string) (*Demande, error)
	// Changer keeps a request whose state changed, if it was in the state given;
	// ErrDejaDecidee when it was not.
	Changer(ctx context.Context, d *Demande, etait EtatDemande) error
	// Appliquer keeps the new version of a record, to be read by every node, and the one
	// it supersedes, nil when it is new. ErrAncienne when another version came first.
	Appliquer(ctx context.Context, avant, apres *Changement, demande string, le time.Time) error
}

// Avis is what is told when a request moves.
type Avis struct {
	Demande *Demande
	// A: who asked, or the families that keep the fields.
	A []string
}

// Avertisseur tells those whom a request concerns; what it cannot tell, it keeps.
type Avertisseur interface {
	Avertir(ctx context.Context, a Avis) error
}
