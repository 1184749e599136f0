// Package store keeps the books of the comptable in SQL: the tables cpt_*.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what this room adds to the house's list: numbers 1200 to 1299.
func Migrations() bdd.Migrations { return bdd.Migrations{FS: fichiers, Dir: "migrations"} }

// Store keeps the books of one hospital.
type Store struct {
	b      *bdd.Base
	tenant string
}

var (
	_ comptable.Titres   = (*Store)(nil)
	_ comptable.Annonces = (*Store)(nil)
	_ comptable.Releves  = (*Store)(nil)
	_ comptable.Lignes   = (*Store)(nil)
	_ comptable.Journal  = (*Store)(nil)
	_ comptable.Soldes   = (*Store)(nil)
)

// New gives the store of a hospital; tenant is the key of all its rows.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

// Transaction runs f in the transaction of ctx, or in one of its own, perhaps more
// than once.
func (s *Store) Transaction(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnTransaction(ctx, f)
}

// parLot bounds the rows that a statement names.
const parLot = 100

// lire runs une on each row.
func lire(rows *sql.Rows, err error, quoi string, une func(r *sql.Rows) error) error {
	if err != nil {
		return fmt.Errorf("lire %s: %w", quoi, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := une(rows); err != nil {
			return fmt.Errorf("lire %s: %w", quoi, err)
		}
	}
	return rows.Err()
}

// listeDe gives the texts of a list as arguments.
func listeDe[T any](args []any, l []T, texte func(T) any) []any {
	for _, x := range l {
		args = append(args, texte(x))
	}
	return args
}

// changement is a statement run for many rows, each by its key: joined with a list
// of values instead, both engines may choose to read the whole table.
type changement struct {
	quoi    string
	requete string // $1 is the tenant
	lignes  [][]any
}

// executer runs the statement; each row must be found.
func (c *changement) executer(ctx context.Context, e bdd.Executant, tenant string) error {
	for _, x := range c.lignes {
		r, err := e.ExecContext(ctx, c.requete, append([]any{tenant}, x...)...)
		if err != nil {
			return fmt.Errorf("changer %s: %w", c.quoi, err)
		}
		if n, err := r.RowsAffected(); err != nil || n != 1 {
			return errors.Join(fmt.Errorf("changer %s: %w", c.quoi, comptable.ErrInconnu), err)
		}
	}
	return nil
}

// parCle gathers the amounts of a key, in an order that does not change.
type parCle[K comparable] struct {
	ordre   []K
	valeurs map[K][]sante.Montant
}

func (p *parCle[K]) ajouter(k K, m ...sante.Montant) {
	if !slices.ContainsFunc(m, func(x sante.Montant) bool { return x != 0 }) {
		return
	}
	if p.valeurs == nil {
		p.valeurs = map[K][]sante.Montant{}
	}
	if p.valeurs[k] == nil {
		p.valeurs[k] = make([]sante.Montant, len(m))
		p.ordre = append(p.ordre, k)
	}
	for i, x := range m {
		p.valeurs[k][i] += x
	}
}

// lignes gives a row for each key: its columns, then its amounts.
func (p *parCle[K]) lignes(colonnes func(K) []any) (l [][]any) {
	for _, k := range p.ordre {
		ligne := colonnes(k)
		for _, m := range p.valeurs[k] {
			ligne = append(ligne, int64(m))
		}
		l = append(l, ligne)
	}
	return l
}

// amc reads the number of an insurer, "" for none.
func amc(s string) (n sante.NumeroAMC, err error) {
	if s == "" {
		return n, nil
	}
	return sante.ParseNumeroAMC(s)
}

// jours reads days, "" for none.
func jours(l map[*sante.Jour]string) error {
	for j, s := range l {
		if err := j.UnmarshalText([]byte(s)); err != nil {
			return err
		}
	}
	return nil
}
