// Package store keeps the counts of the pricing service, which keeps nothing else.
package store

import (
	"context"
	"embed"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Store keeps the counts of one tenant.
type Store struct {
	base   *bdd.Base
	tenant string
}

// New makes the store of a tenant.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

// Compter is tarif.Compteurs.
func (s *Store) Compter(ctx context.Context, jour sante.Jour, grille vd.IDGrille, n int64) error {
	_, err := s.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO tarif_compteur (tenant, jour, grille, demandes) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant, jour, grille) DO UPDATE SET demandes = tarif_compteur.demandes + $4`, s.tenant, jour.String(), grille.String(), n)
	if err != nil {
		return fmt.Errorf("compter une tarification: %w", err)
	}
	return nil
}

// Comptes is tarif.Compteurs.
func (s *Store) Comptes(ctx context.Context, jour sante.Jour) (map[vd.IDGrille]int64, error) {
	rows, err := s.base.Lecteur(ctx).QueryContext(ctx, `SELECT grille, demandes FROM tarif_compteur WHERE tenant = $1 AND jour = $2`, s.tenant, jour.String())
	if err != nil {
		return nil, fmt.Errorf("lire les comptes: %w", err)
	}
	defer rows.Close()
	m := map[vd.IDGrille]int64{}
	for rows.Next() {
		var nom string
		var n int64
		if err := rows.Scan(&nom, &n); err != nil {
			return nil, fmt.Errorf("lire les comptes: %w", err)
		}
		g, err := vd.ParseIDGrille(nom)
		if err != nil {
			return nil, fmt.Errorf("lire les comptes: %w", err)
		}
		m[g] = n
	}
	return m, rows.Err()
}

// Purger is tarif.Compteurs.
func (s *Store) Purger(ctx context.Context, avant sante.Jour) error {
	_, err := s.base.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM tarif_compteur WHERE tenant = $1 AND jour < $2`, s.tenant, avant.String())
	if err != nil {
		return fmt.Errorf("purger les comptes: %w", err)
	}
	return nil
}
