package journal

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/preuve"
)

// ErrAbsent: what was asked for is not in the journal, or not any more.
var ErrAbsent = errors.New("journal: introuvable")

// Ligne is a row of the journal.
type Ligne struct {
	// ID begins with the instant: rows are written in about the order of ids.
	ID     string
	Tenant string
	// Seau gathers some two thousand consecutive rows, for the searches.
	Seau    int64
	Instant time.Time
	Classe  Classe
	// The four that one searches by; empty once erased.
	Service, IDMessage, IDEchange, Engagement string
	// Feuille is the datum H held by the log.
	Feuille preuve.Hash
	// Secret is the encrypted salt and record; nil once erased.
	Secret []byte
	// Contenu is the encrypted content; never filled by searches.
	Contenu []byte
	// Generation and Rang place the leaf in a log; Rang is -1 until sequenced.
	Generation, Rang int64
}

// Critere selects rows by one of its fields, the first that is not empty.
type Critere struct {
	ID, IDMessage, IDEchange, Engagement string
	Feuille                              *preuve.Hash
}

// Tete is the state of a log.
type Tete struct {
	Tenant     string
	Generation int64
	// Taille is the number of leaves, Point the last signed checkpoint.
	Taille int64
	Point  []byte
}

// Attente is a row without rank.
type Attente struct {
	ID, Tenant string
	Feuille    preuve.Hash
}

// Traces keeps the rows. Ajouter writes in the transaction of ctx when there is
// one, and is otherwise durable when it returns.
type Traces interface {
	Ajouter(ctx context.Context, l Ligne) error
	// Chercher returns the oldest rows first, at most 1000; none is not an error.
	Chercher(ctx context.Context, tenant string, c Critere) ([]Ligne, error)
	// Parcourir gives the rows of a log by rank, in [de, a[, in order.
	Parcourir(ctx context.Context, tenant string, generation, de, a int64, f func(Ligne) error) error
	// Contenu is ErrAbsent when there is none.
	Contenu(ctx context.Context, tenant, id string) ([]byte, error)
	// Vider empties the rows of a class in [de, a[ and removes their content.
	Vider(ctx context.Context, tenant string, c Classe, de, a time.Time) (int64, error)
}

// Pieces keeps certificates and revocation lists once each, by their digest.
type Pieces interface {
	DeposerPiece(ctx context.Context, tenant string, empreinte preuve.Hash, octets []byte) error
	// Piece is ErrAbsent when it was never filed.
	Piece(ctx context.Context, tenant string, empreinte preuve.Hash) ([]byte, error)
}

// Arbres keeps logs and their tiles.
type Arbres interface {
	// Tetes lists the logs of a tenant, the current one last.
	Tetes(ctx context.Context, tenant string) ([]Tete, error)
	// OuvrirTete adds a log unless its generation exists.
	OuvrirTete(ctx context.Context, t Tete) error
	// AvancerTete replaces the state of a log; jalon keeps the checkpoint in
	// the history too.
	AvancerTete(ctx context.Context, t Tete, jalon bool) error
	// PointApres is the first checkpoint kept that covers a rank, ErrAbsent if none.
	PointApres(ctx context.Context, tenant string, generation, rang int64) ([]byte, error)
	// Tuile gives the whole tile, ErrAbsent if none.
	Tuile(ctx context.Context, tenant string, generation int64, niveau int, indice int64) ([]byte, error)
	PoserTuiles(ctx context.Context, tenant string, generation int64, l []preuve.Tuile) error
	// OterTuiles removes all the tiles of a log, before a reconstruction.
	OterTuiles(ctx context.Context, tenant string, generation int64) error
}

// File is the queue of rows without rank.
type File interface {
	// SousBail runs f in a transaction while holding the lease, taken when free
	// or expired. tenu is false, and f not run, when another holds it.
	SousBail(ctx context.Context, titulaire string, maintenant time.Time, duree time.Duration, f func(ctx context.Context) error) (tenu bool, err error)
	// RendreBail frees the lease if it is ours.
	RendreBail(ctx context.Context, titulaire string) error
	// EnAttente lists rows without rank whose id is beyond apres, by id.
	EnAttente(ctx context.Context, apres string, max int) ([]Attente, error)
	// Ranger gives consecutive ranks, from rang, to rows that have none.
	Ranger(ctx context.Context, tenant string, generation, rang int64, ids []string) error
}

// Cles keeps wrapped keys.
type Cles interface {
	// Cle is ErrAbsent when the key was never made, or was destroyed.
	Cle(ctx context.Context, tenant, mois string, c Classe) ([]byte, error)
	// PoserCle keeps the key unless one exists; the caller reads it again.
	PoserCle(ctx context.Context, k CleEnveloppee) error
	// ListerCles lists the keys of a tenant, of all when it is empty.
	ListerCles(ctx context.Context, tenant string) ([]CleEnveloppee, error)
	OterCle(ctx context.Context, tenant, mois string, c Classe) error
	// PurgerCles makes removed keys unreadable in the engine's files.
	PurgerCles(ctx context.Context) error
}

// Magasin is all that a journal keeps. Transaction runs f in one transaction,
// perhaps more than once; EnTransaction says whether ctx carries one.
type Magasin interface {
	Traces
	Pieces
	Arbres
	File
	Cles
	Transaction(ctx context.Context, f func(ctx context.Context) error) error
	Instantane(ctx context.Context, f func(ctx context.Context) error) error
	EnTransaction(ctx context.Context) bool
}
