// Package store keeps what the third party must: no person, no product, no amount.
package store

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/sante"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Store keeps the files and promises of one tenant.
type Store struct {
	base   *bdd.Base
	tenant string
}

// New makes the store of a tenant.
func New(b *bdd.Base, tenant string) *Store { return &Store{b, tenant} }

// Ouvrir is tiers.Depot.
func (s *Store) Ouvrir(ctx context.Context, jeton tiers.Cle, jusqua sante.Jour, d *tiers.Dossier) error {
	return s.base.EnTransaction(ctx, func(ctx context.Context) error {
		neuf, err := s.un(ctx, "consommer un jeton", `INSERT INTO tiers_jeton (tenant, cle, dossier, jusqua) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant, cle) DO NOTHING`, s.tenant, jeton[:], d.Cle[:], jusqua.String())
		if err != nil {
			return err
		}
		if !neuf {
			return s.deja(ctx, jeton, d.Cle)
		}
		if _, err := s.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO tiers_dossier (tenant, cle, expire, contenu) VALUES ($1, $2, $3, $4)`,
			s.tenant, d.Cle[:], d.Expire.String(), d.Contenu); err != nil {
			return fmt.Errorf("écrire un dossier: %w", err)
		}
		return nil
	})
}

// deja tells whether a token was consumed for this very file.
func (s *Store) deja(ctx context.Context, jeton, dossier tiers.Cle) error {
	var garde []byte
	if err := s.base.Ecrivain(ctx).QueryRowContext(ctx, `SELECT dossier FROM tiers_jeton WHERE tenant = $1 AND cle = $2`,
		s.tenant, jeton[:]).Scan(&garde); err != nil {
		return fmt.Errorf("relire un jeton: %w", err)
	}
	if !bytes.Equal(garde, dossier[:]) {
		return tiers.ErrJetonServi
	}
	return nil
}

// Dossier is tiers.Depot.
func (s *Store) Dossier(ctx context.Context, cle tiers.Cle, jour sante.Jour) (*tiers.Dossier, error) {
	d := &tiers.Dossier{Cle: cle}
	var expire string
	err := s.base.Lecteur(ctx).QueryRowContext(ctx, `SELECT expire, contenu FROM tiers_dossier WHERE tenant = $1 AND cle = $2 AND expire >= $3`,
		s.tenant, cle[:], jour.String()).Scan(&expire, &d.Contenu)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tiers.ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("lire un dossier: %w", err)
	}
	if d.Expire, err = sante.ParseJour(expire); err != nil {
		return nil, fmt.Errorf("lire un dossier: %w", err)
	}
	return d, nil
}

// Promettre is tiers.Depot.
func (s *Store) Promettre(ctx context.Context, p *tiers.Promesse) (bool, error) {
	return s.un(ctx, "écrire une promesse", `INSERT INTO tiers_promesse (tenant, cle, numero, empreinte, jour, facture) VALUES ($1, $2, $3, $4, $5, NULL)
		ON CONFLICT (tenant, cle) DO UPDATE SET numero = excluded.numero, empreinte = excluded.empreinte
		WHERE tiers_promesse.facture IS NULL OR tiers_promesse.numero = excluded.numero AND tiers_promesse.empreinte = excluded.empreinte`,
		s.tenant, p.Cle[:], p.Numero[:], p.Empreinte[:], p.Jour.String())
}

// Confirmer is tiers.Depot.
func (s *Store) Confirmer(ctx context.Context, numero, empreinte, facture tiers.Cle) (bool, error) {
	return s.un(ctx, "confirmer une promesse", `UPDATE tiers_promesse SET facture = $4
		WHERE tenant = $1 AND numero = $2 AND empreinte = $3 AND (facture IS NULL OR facture = $4)`,
		s.tenant, numero[:], empreinte[:], facture[:])
}

// un runs a statement that changes one row, or none.
func (s *Store) un(ctx context.Context, quoi, texte string, args ...any) (bool, error) {
	r, err := s.base.Ecrivain(ctx).ExecContext(ctx, texte, args...)
	if err != nil {
		return false, fmt.Errorf("%s: %w", quoi, err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return false, fmt.Errorf("%s: %w", quoi, err)
	}
	return n > 0, nil
}

// Purger is tiers.Depot.
func (s *Store) Purger(ctx context.Context, dossiers, promesses sante.Jour) error {
	return s.base.EnTransaction(ctx, func(ctx context.Context) error {
		for _, x := range []struct {
			texte string
			avant sante.Jour
		}{
			{`DELETE FROM tiers_jeton WHERE tenant = $1 AND jusqua < $2`, dossiers},
			{`DELETE FROM tiers_dossier WHERE tenant = $1 AND expire < $2`, dossiers},
			{`DELETE FROM tiers_promesse WHERE tenant = $1 AND jour < $2`, promesses},
		} {
			if _, err := s.base.Ecrivain(ctx).ExecContext(ctx, x.texte, s.tenant, x.avant.String()); err != nil {
				return fmt.Errorf("purger: %w", err)
			}
		}
		return nil
	})
}
