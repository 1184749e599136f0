// Package store keeps the entries of the directory of insurers.
package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Depot keeps the entries of one tenant.
type Depot struct {
	base   *bdd.Base
	tenant string
}

// New makes the store of a tenant.
func New(b *bdd.Base, tenant string) *Depot { return &Depot{b, tenant} }

// Version is annuaireamc.Depot.
func (d *Depot) Version(ctx context.Context) (n int64, err error) {
	err = d.base.Lecteur(ctx).QueryRowContext(ctx, `SELECT version FROM annuaire_version WHERE tenant = $1`, d.tenant).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// Entrees is annuaireamc.Depot.
func (d *Depot) Entrees(ctx context.Context) (l []annuaireamc.Entree, version int64, err error) {
	err = d.base.EnLecture(ctx, func(ctx context.Context) (err error) {
		l = nil
		if version, err = d.Version(ctx); err != nil {
			return err
		}
		rows, err := d.base.Lecteur(ctx).QueryContext(ctx, `SELECT contenu FROM annuaire_entree WHERE tenant = $1 ORDER BY id`, d.tenant)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b []byte
			var e annuaireamc.Entree
			if err := rows.Scan(&b); err != nil {
				return err
			}
			if err := json.Unmarshal(b, &e); err != nil {
				return fmt.Errorf("entrée illisible: %w", err)
			}
			l = append(l, e)
		}
		return rows.Err()
	})
	return l, version, err
}

// Publier is annuaireamc.Depot.
func (d *Depot) Publier(ctx context.Context, entrees []annuaireamc.Entree) error {
	return d.changer(ctx, func(ctx context.Context) error {
		for i := range entrees {
			b, err := json.Marshal(&entrees[i])
			if err != nil {
				return err
			}
			if _, err := d.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO annuaire_entree (tenant, id, contenu) VALUES ($1, $2, $3)
				ON CONFLICT (tenant, id) DO UPDATE SET contenu = excluded.contenu`, d.tenant, entrees[i].ID, b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Retirer is annuaireamc.Depot.
func (d *Depot) Retirer(ctx context.Context, id string) error {
	return d.changer(ctx, func(ctx context.Context) error {
		r, err := d.base.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM annuaire_entree WHERE tenant = $1 AND id = $2`, d.tenant, id)
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, annuaireamc.ErrAbsente)
		}
		return nil
	})
}

// changer runs a change and moves the version, whose row orders the writers.
func (d *Depot) changer(ctx context.Context, f func(ctx context.Context) error) error {
	return d.base.EnTransaction(ctx, func(ctx context.Context) error {
		if _, err := d.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO annuaire_version (tenant, version) VALUES ($1, 1)
			ON CONFLICT (tenant) DO UPDATE SET version = annuaire_version.version + 1`, d.tenant); err != nil {
			return err
		}
		return f(ctx)
	})
}
