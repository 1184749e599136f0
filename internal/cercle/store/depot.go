// Package store keeps the facts of the circle of trust in SQL. Facts are added,
// never changed: the table is its own history.
package store

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/cercle"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations is what the room adds to the house's list (numbers 14xx).
func Migrations() bdd.Migrations { return bdd.Migrations{FS: migrations, Dir: "migrations"} }

// Depot is a cercle.Depot in a database.
type Depot struct{ b *bdd.Base }

// Nouveau makes a depot in a migrated database.
func Nouveau(b *bdd.Base) *Depot { return &Depot{b} }

// rolePortage is the role column of a portage: structure carries for identifiant.
const rolePortage = "PORTAGE"

// Ajouter implements cercle.Depot. The row of the version is what writers wait
// for, so that numbers become visible in their order.
func (d *Depot) Ajouter(ctx context.Context, attendu int64, faits []cercle.Fait) error {
	if len(faits) == 0 {
		return nil
	}
	return d.b.EnTransaction(ctx, func(ctx context.Context) error {
		if _, err := d.b.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO cercle_version (id, version) VALUES (1, 0) ON CONFLICT DO NOTHING"); err != nil {
			return fmt.Errorf("cercle: %w", err)
		}
		res, err := d.b.Ecrivain(ctx).ExecContext(ctx, "UPDATE cercle_version SET version = $1 WHERE id = 1 AND version = $2",
			attendu+int64(len(faits)), attendu)
		if err != nil {
			return fmt.Errorf("cercle: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fmt.Errorf("cercle: %w", err)
		}
		if n != 1 {
			return cercle.ErrVersion
		}
		return d.inserer(ctx, attendu, faits)
	})
}

func (d *Depot) inserer(ctx context.Context, attendu int64, faits []cercle.Fait) error {
	v := make([]any, 0, 9*len(faits))
	for i, f := range faits {
		tenant, structure, role, id := f.Lien.Tenant, f.Lien.Structure, string(f.Lien.Role), f.Lien.Identifiant
		if f.Portage.Relais != "" {
			tenant, structure, role, id = f.Portage.Tenant, f.Portage.Relais, rolePortage, f.Portage.Pour
		}
		v = append(v, attendu+int64(i)+1, tenant, structure, role, id, string(f.Etat), f.Effet.UnixMilli(), f.Par, f.Le.UnixMilli())
	}
	err := d.b.Inserer(ctx, bdd.Insertion{Colonnes: 9, Valeurs: v,
		Debut: "INSERT INTO cercle_fait (numero, tenant, structure, role, identifiant, etat, effet, par, le) VALUES"})
	if err != nil {
		return fmt.Errorf("cercle: %w", err)
	}
	return nil
}

// Version implements cercle.Depot.
func (d *Depot) Version(ctx context.Context) (int64, error) {
	var n int64
	err := d.b.Lecteur(ctx).QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM cercle_version").Scan(&n)
	return n, err
}

// Faits implements cercle.Depot.
func (d *Depot) Faits(ctx context.Context, apres int64) ([]cercle.Fait, error) {
	rows, err := d.b.Lecteur(ctx).QueryContext(ctx, `SELECT numero, tenant, structure, role, identifiant, etat, effet, par, le
		FROM cercle_fait WHERE numero > $1 ORDER BY numero`, apres)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var l []cercle.Fait
	for rows.Next() {
		var f cercle.Fait
		var tenant, structure, role, id, etat string
		var effet, le int64
		if err := rows.Scan(&f.Numero, &tenant, &structure, &role, &id, &etat, &effet, &f.Par, &le); err != nil {
			return nil, err
		}
		if role == rolePortage {
			f.Portage = cercle.Portage{Tenant: tenant, Relais: structure, Pour: id}
		} else {
			f.Lien = cercle.Lien{Tenant: tenant, Structure: structure, Role: cercle.Role(role), Identifiant: id}
		}
		f.Etat, f.Effet, f.Le = cercle.Etat(etat), time.UnixMilli(effet).UTC(), time.UnixMilli(le).UTC()
		l = append(l, f)
	}
	return l, rows.Err()
}
