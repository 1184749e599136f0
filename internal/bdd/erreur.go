package bdd

import (
	"cmp"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
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

// Nature is what an error of the engine means to who runs the house.
type Nature int

// What an engine may answer, apart from a bug of ours. The zero value is anything else.
const (
	Autre            Nature = iota
	PasUneBase              // the file is not a database
	BaseAlteree             // the file is damaged
	BaseOccupee             // another program holds it
	BasePleine              // no room left
	BaseLectureSeule        // it may be read only
	BaseInouvrable          // the file cannot be opened
	ValeurRefusee           // a constraint refuses what was given
	BaseMuette              // the server does not answer
	BaseFermee              // the server refuses the account
	BaseAbsente             // the server has no such database
	BaseDebordee            // the server takes no connection now
	BaseInterdite           // the account may not do this
)

// NatureDe tells what an error of the engine means, and which part of its text is
// the engine's own words; Autre and "" when the engine is not in it.
func NatureDe(err error) (Nature, string) {
	var connexion *pgconn.ConnectError
	var pg *pgconn.PgError
	var lite *sqlite.Error
	n, source := Autre, ""
	switch {
	case errors.As(err, &connexion):
		if n, source = BaseMuette, connexion.Error(); errors.As(err, &pg) {
			n = cmp.Or(naturePostgres(pg.Code), BaseMuette)
		}
	case errors.As(err, &pg):
		n, source = naturePostgres(pg.Code), pg.Error()
	case errors.As(err, &lite):
		n, source = natureSQLite(lite.Code()), lite.Error()
	}
	if n == Autre {
		return Autre, ""
	}
	return n, source
}

func naturePostgres(code string) Nature {
	switch code {
	case "28000", "28P01":
		return BaseFermee
	case "3D000":
		return BaseAbsente
	case "53300", "57P03", "57P01":
		return BaseDebordee
	case "42501":
		return BaseInterdite
	case "53100":
		return BasePleine
	case "25006":
		return BaseLectureSeule
	case "55P03", "40001", "40P01":
		return BaseOccupee
	}
	if strings.HasPrefix(code, "23") {
		return ValeurRefusee
	}
	return Autre
}

func natureSQLite(code int) Nature {
	switch code & 0xff {
	case sqlite3.SQLITE_NOTADB:
		return PasUneBase
	case sqlite3.SQLITE_CORRUPT:
		return BaseAlteree
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return BaseOccupee
	case sqlite3.SQLITE_FULL:
		return BasePleine
	case sqlite3.SQLITE_READONLY:
		return BaseLectureSeule
	case sqlite3.SQLITE_CANTOPEN:
		return BaseInouvrable
	case sqlite3.SQLITE_CONSTRAINT:
		return ValeurRefusee
	}
	return Autre
}
