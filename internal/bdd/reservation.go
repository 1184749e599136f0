package bdd

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	sqlite3 "modernc.org/sqlite/lib"
)

// ErrReservee: another server already serves this base.
var ErrReservee = errors.New("bdd: base déjà servie par un autre processus")

// Reserver keeps a SQLite base for one server until liberer is called or the
// process ends, whatever ends it. The lock is that of a file beside the base,
// <base>.serveur: commands that are allowed beside a server do not take it. A
// PostgreSQL base is shared by as many servers as one likes: nothing is reserved.
func Reserver(ctx context.Context, adresse string) (liberer func() error, err error) {
	chemin, ok := strings.CutPrefix(adresse, "sqlite:")
	if !ok {
		return func() error { return nil }, nil
	}
	if chemin, err = filepath.Abs(chemin + ".serveur"); err != nil {
		return nil, fmt.Errorf("bdd: réserver la base: %w", err)
	}
	f, err := os.OpenFile(chemin, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("bdd: réserver la base: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("bdd: réserver la base: %w", err)
	}
	// SQLite's own lock: the same on every system, and within one process too.
	verrou, err := poolSQLite(chemin, "exclusive")
	if err != nil {
		return nil, err
	}
	verrou.SetMaxOpenConns(1)
	tenir, err := tenirVerrou(context.WithoutCancel(ctx), verrou)
	if err != nil {
		if codeSQLite(err)&0xff == sqlite3.SQLITE_BUSY {
			err = ErrReservee
		}
		return nil, errors.Join(err, verrou.Close())
	}
	return func() error {
		err := tenir.Rollback()
		if errors.Is(err, sql.ErrTxDone) {
			err = nil
		}
		return errors.Join(err, verrou.Close())
	}, nil
}

// tenirVerrou takes the lock; a server that is being stopped has two seconds to let
// go of it.
func tenirVerrou(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	if _, err := db.ExecContext(ctx, "PRAGMA busy_timeout(2000)"); err != nil {
		return nil, err
	}
	return db.BeginTx(ctx, nil)
}
