package tiers

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Carte is the holder of the card that sealed a message, as whoever verified the seal
// tells it. The zero value is of nobody, and refused. ref: VISIO §9.2, DEC 31
type Carte struct {
	Structure string       // under which he bills: the cards of one pharmacy share its files
	RPPS      string       // of the holder
	Categorie vd.Categorie // of the professional
	// VerifieeA is when the chain to the root and the revocation list were checked for
	// this very message; zero when they were not.
	VerifieeA time.Time
	// ListeDu is when the revocation list that judged the card was issued.
	ListeDu time.Time
}

// Tarificateur is the pricing service. It may be far: it is asked outside of any
// transaction. What it answers is checked.
type Tarificateur interface {
	Tarifer(ctx context.Context, d *vd.DemandeGrille) (*vd.ReponseGrille, error)
}

// Emetteurs knows who signs the tokens of insurers, by the signed lists that they publish.
type Emetteurs interface {
	// Cle gives the key of that name with which somebody signs for an insurer, in force now.
	// The error is that of vd.CleDuJeton.
	Cle(ctx context.Context, amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error)
}

// Cle is a keyed digest: it names a row and tells nothing of what it is made from.
type Cle [32]byte

// Dossier is a file as it is kept: what it says is encrypted under its number.
type Dossier struct {
	Cle     Cle
	Expire  sante.Jour // last day
	Contenu []byte
}

// Promesse is what is kept of a commitment: digests under the keys of the third party,
// no amount, no line, no product.
type Promesse struct {
	Cle       Cle // of the file and the day: one promise each
	Numero    Cle // of the pricing number
	Empreinte Cle // of the link and the amounts by family
	Jour      sante.Jour
}

// Errors of a Depot.
var (
	ErrJetonServi = errors.New("tiers: jeton déjà échangé pour un autre dossier")
	ErrAbsent     = errors.New("tiers: dossier absent")
)

// Depot keeps what the third party must. Everything joins the transaction of ctx.
type Depot interface {
	// Ouvrir consumes a token, remembered until a day, and writes a file: both or
	// none. When the token was consumed before, for a file of the same key, nothing is
	// written; for another, the error is ErrJetonServi.
	Ouvrir(ctx context.Context, jeton Cle, jusqua sante.Jour, d *Dossier) error
	// Dossier gives a file that is not over at a day; ErrAbsent otherwise.
	Dossier(ctx context.Context, cle Cle, jour sante.Jour) (*Dossier, error)
	// Promettre writes a promise in the place of the one of the same file and day,
	// unless that one was used by an invoice and is another: false then. The same
	// promise may be written again.
	Promettre(ctx context.Context, p *Promesse) (bool, error)
	// Confirmer tells whether a promise has this number and this digest and was used by
	// no other invoice, and gives it to this one; all at once, in one statement
	// whatever the answer.
	Confirmer(ctx context.Context, numero, empreinte, facture Cle) (bool, error)
	// Purger forgets tokens and files over before a day, and promises of days before
	// another.
	Purger(ctx context.Context, dossiers, promesses sante.Jour) error
}
