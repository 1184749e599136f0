package bdd

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"
)

// Moteur names the engine behind a Base.
type Moteur string

// The two engines.
const (
	SQLite     Moteur = "sqlite"
	PostgreSQL Moteur = "postgres"
)

// Executant is what a store speaks to: a transaction or a pool.
type Executant interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Options tunes a Base. The zero value is a working default.
type Options struct {
	// Lecteurs bounds the readers' connections. Default: 4, or twice the cores.
	Lecteurs int
	// Ecrivains bounds the writers' connections on PostgreSQL (SQLite always
	// has one). Default: 16.
	Ecrivains int
	// Groupes is the number of shared transactions in flight on PostgreSQL
	// (SQLite always has one). Default: one a core, from 2 to 4: fewer are larger.
	Groupes int
	// LotMax bounds the callers sharing one transaction. Default: 128.
	LotMax int
	// File bounds the callers waiting for a shared transaction; beyond, callers
	// wait at the door under their own ctx. Default: 1024.
	File int
	// DelaiLot bounds a shared transaction. Default: 30 s.
	DelaiLot time.Duration
}

func (o Options) avecDefauts(m Moteur) Options {
	defaut := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	defaut(&o.Lecteurs, max(4, 2*runtime.GOMAXPROCS(0)))
	defaut(&o.Ecrivains, 16)
	defaut(&o.Groupes, min(4, max(2, runtime.GOMAXPROCS(0))))
	defaut(&o.LotMax, 128)
	defaut(&o.File, 1024)
	if o.DelaiLot <= 0 {
		o.DelaiLot = 30 * time.Second
	}
	if m == SQLite {
		o.Ecrivains, o.Groupes = 1, 1
	}
	return o
}

// Base is an open database. It is safe for concurrent use; Fermer closes it.
type Base struct {
	moteur   Moteur
	options  Options
	ecriture *sql.DB
	lecture  *sql.DB
	groupe   *groupe
}

// Errors of this package. Those a store must tell apart have a function of
// their own: see [EstDoublon] and [Reprenable].
var (
	// ErrAdresse: the address is neither sqlite:… nor postgres://….
	ErrAdresse = errors.New("bdd: adresse de base refusée : attendu sqlite:/chemin/fichier.db ou postgres://…")
	// ErrFermee: the Base was closed.
	ErrFermee = errors.New("bdd: base fermée")
)

// Ouvrir opens a database and checks that it answers. The address is
// "sqlite:/path/file.db" (the file is made when absent, readable by its owner
// only) or "postgres://user@host/base?…". Migrations are not run: see Migrer.
func Ouvrir(ctx context.Context, adresse string, o Options) (*Base, error) {
	b, err := ouvrirPools(adresse, o)
	if err != nil {
		return nil, err
	}
	if err := b.Pret(ctx); err != nil {
		return nil, errors.Join(err, b.fermerPools())
	}
	b.groupe = nouveauGroupe(b)
	return b, nil
}

func ouvrirPools(adresse string, o Options) (*Base, error) {
	switch {
	case strings.HasPrefix(adresse, "sqlite:"):
		return ouvrirSQLite(strings.TrimPrefix(adresse, "sqlite:"), o.avecDefauts(SQLite))
	case strings.HasPrefix(adresse, "postgres://"), strings.HasPrefix(adresse, "postgresql://"):
		return ouvrirPostgres(adresse, o.avecDefauts(PostgreSQL))
	}
	return nil, ErrAdresse
}

// Moteur tells which engine is behind.
func (b *Base) Moteur() Moteur { return b.moteur }

// Verrou ends a SELECT that locks its rows until the end of the transaction:
// " FOR UPDATE" on PostgreSQL, nothing on SQLite (one writer at a time).
func (b *Base) Verrou() string {
	if b.moteur == PostgreSQL {
		return " FOR UPDATE"
	}
	return ""
}

// Pret says whether both pools answer.
func (b *Base) Pret(ctx context.Context) error {
	for _, db := range []*sql.DB{b.ecriture, b.lecture} {
		if err := db.PingContext(ctx); err != nil {
			return fmt.Errorf("bdd: joindre la base: %w", err)
		}
	}
	return nil
}

// Fermer refuses new callers, lets the shared transactions under way and those
// already queued finish, then closes the connections.
func (b *Base) Fermer() error {
	b.groupe.fermer()
	return b.fermerPools()
}

func (b *Base) fermerPools() error {
	var err error
	if b.lecture != nil {
		err = b.lecture.Close()
	}
	return errors.Join(err, b.ecriture.Close())
}

// Purger makes what was deleted from tables unreadable in the database's own
// files: on SQLite freed bytes are overwritten at once (secure_delete) and the
// write-ahead log is emptied here; on PostgreSQL the tables are vacuumed.
// Archived logs and copies made by other means are the operator's.
func (b *Base) Purger(ctx context.Context, tables ...string) error {
	if b.moteur == SQLite {
		var occupe, journal, copie int64
		if err := b.ecriture.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&occupe, &journal, &copie); err != nil {
			return fmt.Errorf("bdd: purger: %w", err)
		}
		return nil
	}
	for _, t := range tables {
		if _, err := b.ecriture.ExecContext(ctx, "VACUUM "+t); err != nil {
			return fmt.Errorf("bdd: purger %s: %w", t, err)
		}
	}
	return nil
}
