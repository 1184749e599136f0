// Package store keeps what an insurer knows and promises: portfolio, versions of
// contracts, answers to IDB, engagements and counters, in SQLite or PostgreSQL.
// Every read is a point read by an index; every key begins with the tenant.
package store

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the insurer's room adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Store is the books of one insurer. Its parts are the ports of the rules.
type Store struct {
	Portefeuille *Portefeuille
	Contrats     *Contrats
	IDBs         *IDBs
	Engagements  *Engagements
	Simulations  *Simulations
	Compteurs    *Compteurs
}

// New makes the books of a tenant.
func New(b *bdd.Base, tenant string) *Store {
	t := table{b, tenant}
	contrats := &Contrats{table: t, connus: make(map[string]*amc.Contrat)}
	return &Store{
		Portefeuille: &Portefeuille{t, contrats}, Contrats: contrats, IDBs: &IDBs{t}, Engagements: &Engagements{t},
		Simulations: &Simulations{t}, Compteurs: &Compteurs{t},
	}
}

// Ports are the ports of the rules, all kept here.
func (s *Store) Ports(h sante.Horloge) amc.Ports {
	return amc.Ports{
		Portefeuille: s.Portefeuille, Contrats: s.Contrats, IDBs: s.IDBs, Engagements: s.Engagements,
		Simulations: s.Simulations, Compteurs: s.Compteurs, Horloge: h,
	}
}

// table is what every part needs.
type table struct {
	base   *bdd.Base
	tenant string
}

// jamais is the text of an open end: it sorts after every day.
const jamais = "9999-12-31"

// fin is a last day as it is kept.
func fin(j sante.Jour) string {
	if j.IsZero() {
		return jamais
	}
	return j.String()
}

// jour reads a day that a store wrote.
func jour(s string) sante.Jour {
	if s == jamais {
		return 0
	}
	j, _ := sante.ParseJour(s) // "" is not said; what a store wrote is a day
	return j
}

func aucun(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// scanner is a row or rows.
type scanner interface{ Scan(...any) error }

// lireTout closes rows and gives the first error of all.
func lireTout(rows *sql.Rows, une func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := une(rows); err != nil {
			return fmt.Errorf("lire une ligne: %w", err)
		}
	}
	return rows.Err()
}

func nul(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
