// Package store keeps the counters and blockages of vigie in SQL, so that the
// nodes of one insurer count together and a restart frees no one.
package store

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/vigie"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations are the tables of this room, numbers 06xx.
func Migrations() bdd.Migrations { return bdd.Migrations{FS: fichiers, Dir: "migrations"} }

// Compteurs is a vigie.Compteurs on a database.
type Compteurs struct{ base *bdd.Base }

// NewCompteurs uses a database where Migrations were applied.
func NewCompteurs(base *bdd.Base) *Compteurs { return &Compteurs{base: base} }

const ajouter = `INSERT INTO vigie_compteur (tenant, genre, sujet, debut, fin, total) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, genre, sujet, debut) DO UPDATE SET total = vigie_compteur.total + excluded.total
RETURNING total`

// Ajouter is as the port says. Rows are taken in one order by all the nodes, so
// that two batches do not wait for each other.
func (c *Compteurs) Ajouter(ctx context.Context, lot []vigie.Ajout) ([]int64, error) {
	if len(lot) == 0 {
		return nil, nil
	}
	ordre := make([]int, len(lot))
	for i := range ordre {
		ordre[i] = i
	}
	slices.SortStableFunc(ordre, func(i, j int) int {
		a, b := lot[i], lot[j]
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Genre, b.Genre),
			cmp.Compare(a.Sujet, b.Sujet), a.Debut.Compare(b.Debut))
	})
	totaux := make([]int64, len(lot))
	err := c.base.EnTransaction(ctx, func(ctx context.Context) error {
		e := c.base.Ecrivain(ctx)
		for _, i := range ordre {
			a := lot[i]
			err := e.QueryRowContext(ctx, ajouter, a.Tenant, int64(a.Genre), a.Sujet,
				a.Debut.UnixMilli(), a.Fin.UnixMilli(), a.N).Scan(&totaux[i])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("vigie: ajouter aux compteurs: %w", err)
	}
	return totaux, nil
}

const bloquer = `INSERT INTO vigie_blocage (tenant, genre, sujet, depuis, jusqua) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, genre, sujet) DO UPDATE SET depuis = excluded.depuis, jusqua = excluded.jusqua
WHERE vigie_blocage.jusqua < excluded.jusqua`

// Bloquer is as the port says.
func (c *Compteurs) Bloquer(ctx context.Context, lot []vigie.Blocage) error {
	if len(lot) == 0 {
		return nil
	}
	lot = slices.Clone(lot)
	slices.SortFunc(lot, func(a, b vigie.Blocage) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Genre, b.Genre), cmp.Compare(a.Sujet, b.Sujet))
	})
	err := c.base.EnTransaction(ctx, func(ctx context.Context) error {
		e := c.base.Ecrivain(ctx)
		for _, b := range lot {
			if _, err := e.ExecContext(ctx, bloquer, b.Tenant, int64(b.Genre), b.Sujet, b.Depuis.UnixMilli(), b.Jusqua.UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("vigie: garder les blocages: %w", err)
	}
	return nil
}

const blocages = `SELECT tenant, genre, sujet, depuis, jusqua FROM vigie_blocage
WHERE depuis >= $1 AND jusqua > $2 ORDER BY depuis, tenant, sujet LIMIT $3`

// Blocages is as the port says.
func (c *Compteurs) Blocages(ctx context.Context, depuis, encoreA time.Time) (liste []vigie.Blocage, err error) {
	rows, err := c.base.Lecteur(ctx).QueryContext(ctx, blocages, millis(depuis), millis(encoreA), vigie.BlocagesLus)
	if err != nil {
		return nil, fmt.Errorf("vigie: lire les blocages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var b vigie.Blocage
		var genre, de, a int64
		if err := rows.Scan(&b.Tenant, &genre, &b.Sujet, &de, &a); err != nil {
			return nil, fmt.Errorf("vigie: lire les blocages: %w", err)
		}
		b.Genre, b.Depuis, b.Jusqua = vigie.Genre(genre), time.UnixMilli(de).UTC(), time.UnixMilli(a).UTC()
		liste = append(liste, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("vigie: lire les blocages: %w", err)
	}
	return liste, nil
}

// Purger is as the port says.
func (c *Compteurs) Purger(ctx context.Context, avant time.Time) error {
	for _, texte := range []string{
		"DELETE FROM vigie_compteur WHERE fin < $1",
		"DELETE FROM vigie_blocage WHERE jusqua < $1",
	} {
		if _, err := c.base.Ecrivain(ctx).ExecContext(ctx, texte, millis(avant)); err != nil {
			return fmt.Errorf("vigie: purger: %w", err)
		}
	}
	return nil
}

// millis is an instant in the columns' unit; the zero time is before all others.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
