// Package bddtest opens empty databases for the tests of every room: SQLite
// always, PostgreSQL when ECLUSE_PG holds the address of a server where the
// test may create schemas (see .ci/postgres.sh).
package bddtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the "pgx" driver, for CREATE SCHEMA
)

// Ouvrir opens an empty SQLite database in the test's directory, with the
// given migrations applied.
func Ouvrir(t testing.TB, migrations ...bdd.Migrations) *bdd.Base {
	t.Helper()
	return OuvrirAdresse(t, Adresse(t, bdd.SQLite), bdd.Options{}, migrations...)
}

// Moteurs runs f on an empty database of each engine.
func Moteurs(t *testing.T, f func(t *testing.T, b *bdd.Base), migrations ...bdd.Migrations) {
	t.Helper()
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			f(t, OuvrirAdresse(t, Adresse(t, m), bdd.Options{}, migrations...))
		})
	}
}

// OuvrirAdresse opens a database made by Adresse, again if need be, as a second
// node would; it is closed at the end of the test.
func OuvrirAdresse(t testing.TB, adresse string, o bdd.Options, migrations ...bdd.Migrations) *bdd.Base {
	t.Helper()
	b, err := bdd.Ouvrir(context.Background(), adresse, o)
	if err != nil {
		t.Fatalf("ouvrir la base: %v", err)
	}
	t.Cleanup(func() {
		if err := b.Fermer(); err != nil {
			t.Errorf("fermer la base: %v", err)
		}
	})
	if len(migrations) > 0 {
		l, err := bdd.Assembler(migrations...)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Migrer(context.Background(), l); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Adresse gives the address of a new, empty database: a file in the test's
// directory, or a schema of its own on the server of ECLUSE_PG.
func Adresse(t testing.TB, m bdd.Moteur) string {
	t.Helper()
	if m == bdd.SQLite {
		return "sqlite:" + filepath.Join(t.TempDir(), "essai.db")
	}
	serveur := os.Getenv("ECLUSE_PG")
	if serveur == "" {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("PostgreSQL absent : ECLUSE_PG est vide alors que ECLUSE_CI=1")
		}
		t.Skip("PostgreSQL absent : ECLUSE_PG est vide (voir .ci/postgres.sh)")
	}
	return schema(t, serveur)
}

func schema(t testing.TB, serveur string) string {
	t.Helper()
	u, err := url.Parse(serveur)
	if err != nil {
		t.Fatal("ECLUSE_PG illisible")
	}
	db, err := sql.Open("pgx", serveur)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	var alea [8]byte
	rand.Read(alea[:])
	nom := "essai_" + hex.EncodeToString(alea[:])
	if _, err := db.Exec("CREATE SCHEMA " + nom); err != nil {
		t.Fatalf("PostgreSQL: créer le schéma: %v", err)
	}
	t.Cleanup(func() {
		// The server may still be ending a statement that the test gave up:
		// it holds its locks in its own order, and either may be the victim.
		_, err := db.Exec("DROP SCHEMA " + nom + " CASCADE")
		for range 20 {
			var pg *pgconn.PgError
			if !errors.As(err, &pg) || pg.Code != "40P01" {
				break
			}
			_, err = db.Exec("DROP SCHEMA " + nom + " CASCADE")
		}
		if err != nil {
			t.Errorf("PostgreSQL: retirer le schéma: %v", err)
		}
		db.Close()
	})
	q := u.Query()
	q.Set("search_path", nom)
	u.RawQuery = q.Encode()
	return u.String()
}
