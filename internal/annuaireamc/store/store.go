// Package store hands over the entries that the directory of insurers kept in a table of
// its own, before the national directory became their only keeper. ref: RASS §11
package store

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

//go:embed migrations/*.sql
var fichiers embed.FS

// Migrations is what the room adds to the house's list.
var Migrations = bdd.Migrations{FS: fichiers, Dir: "migrations"}

// Reprise is what waits to be taken over, of one tenant.
type Reprise struct {
	base   *bdd.Base
	tenant string
}

// Anciennes are the entries of a tenant that an earlier version kept.
func Anciennes(b *bdd.Base, tenant string) *Reprise { return &Reprise{b, tenant} }

// Vider gives all that waits to publier, in the transaction that takes it away, and says
// how many entries there were: 0 ever after. Of several nodes that start together, one
// does it.
func (r *Reprise) Vider(ctx context.Context, publier func(ctx context.Context, l []annuaireamc.Entree) error) (n int, err error) {
	var reste int64
	if err := r.base.Lecteur(ctx).QueryRowContext(ctx, `SELECT count(*) FROM annuaire_reprise WHERE tenant = $1`, r.tenant).Scan(&reste); err != nil || reste == 0 {
		return 0, err
	}
	err = r.base.EnTransaction(ctx, func(ctx context.Context) error {
		l, err := r.prendre(ctx)
		if n = len(l); err != nil || n == 0 {
			return err
		}
		return publier(ctx, l)
	})
	return n, err
}

func (r *Reprise) prendre(ctx context.Context) (l []annuaireamc.Entree, err error) {
	rows, err := r.base.Ecrivain(ctx).QueryContext(ctx, `DELETE FROM annuaire_reprise WHERE tenant = $1 RETURNING contenu`, r.tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b []byte
		var e annuaireamc.Entree
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, &e); err != nil {
			return nil, fmt.Errorf("entrée illisible: %w", err)
		}
		l = append(l, e)
	}
	slices.SortFunc(l, func(a, b annuaireamc.Entree) int { return strings.Compare(a.ID, b.ID) })
	return l, rows.Err()
}
