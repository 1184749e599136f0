// Package store keeps the journal in SQL: all the tables journal_*, and nothing
// else touches them.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is the room's part of the house's list: numbers 01xx.
func Migrations() bdd.Migrations { return bdd.Migrations{FS: fichiers, Dir: "migrations"} }

// Store is a journal.Magasin.
type Store struct{ b *bdd.Base }

var _ journal.Magasin = (*Store)(nil)

// Nouveau makes the store of a migrated database.
func Nouveau(b *bdd.Base) *Store { return &Store{b} }

// Transaction runs f in one transaction.
func (s *Store) Transaction(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnTransaction(ctx, f)
}

// Instantane runs f on one instant of the database.
func (s *Store) Instantane(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnLecture(ctx, f)
}

// EnTransaction says whether ctx carries a transaction.
func (s *Store) EnTransaction(ctx context.Context) bool { return s.b.DansTransaction(ctx) }

// absent turns the absence of row into the room's error.
func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return journal.ErrAbsent
	}
	return err
}

// octets reads one BYTEA.
func (s *Store) octets(ctx context.Context, query string, args ...any) ([]byte, error) {
	var b []byte
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, query, args...).Scan(&b)
	return b, absent(err)
}

func (s *Store) executer(ctx context.Context, quoi, query string, args ...any) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", quoi, err)
	}
	return r.RowsAffected()
}
