package bdd

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite/lib"
)

// Reprenable says that the same transaction, run again from its beginning, may
// succeed: a serialization conflict, a deadlock, a busy database. Several
// layers may have wrapped the error.
func Reprenable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	c := codeSQLite(err) & 0xff
	return c == sqlite3.SQLITE_BUSY || c == sqlite3.SQLITE_LOCKED
}

// defaite says that PostgreSQL answered ROLLBACK to a commit: a statement had
// failed and its error was hidden by whoever ran it, last of all, so that no
// later statement was there to be refused. Nothing was written.
func defaite(err error) bool { return errors.Is(err, pgx.ErrTxCommitRollback) }

// EstDoublon says that an insert was refused because a unique key exists.
func EstDoublon(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	c := codeSQLite(err)
	return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// dejaCree says that PostgreSQL refused to create a table that exists, or the
// type of its rows.
func dejaCree(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42P07" || pg.Code == "42710")
}

// EstPleine says that the engine has no room left to write.
func EstPleine(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "53100"
	}
	return codeSQLite(err)&0xff == sqlite3.SQLITE_FULL
}
