package store

import (
	"context"
	"fmt"
	"time"
)

// Presenter keeps that the servers of the issuer present certificates now, and gives all
// those that they presented since an instant, in order. Those before go.
func (r *Registre) Presenter(ctx context.Context, empreintes []string, a, depuis time.Time) (l []string, err error) {
	err = r.base.EnTransaction(ctx, func(ctx context.Context) error {
		l = nil
		for _, e := range empreintes {
			_, err := r.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO accreditation_serveur (tenant, empreinte, vue) VALUES ($1, $2, $3)
				ON CONFLICT (tenant, empreinte) DO UPDATE SET vue = excluded.vue WHERE accreditation_serveur.vue < excluded.vue`, r.tenant, e, a.UnixMilli())
			if err != nil {
				return err
			}
		}
		if _, err := r.base.Ecrivain(ctx).ExecContext(ctx, "DELETE FROM accreditation_serveur WHERE tenant = $1 AND vue < $2", r.tenant, depuis.UnixMilli()); err != nil {
			return err
		}
		rows, err := r.base.Ecrivain(ctx).QueryContext(ctx, "SELECT empreinte FROM accreditation_serveur WHERE tenant = $1 ORDER BY empreinte", r.tenant)
		if err != nil {
			return err
		}
		return parcourir(rows, func() error {
			var e string
			err := rows.Scan(&e)
			l = append(l, e)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("certificats présentés: %w", err)
	}
	return l, nil
}
