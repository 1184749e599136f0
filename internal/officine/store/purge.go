package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// Purger implements officine.Livre.
func (s *Store) Purger(ctx context.Context, avant sante.Jour, max int) (n int, err error) {
	err = s.Transaction(ctx, func(ctx context.Context) error {
		type cle struct {
			ps   string
			rang int64
		}
		var l []cle
		rows, err := s.b.Ecrivain(ctx).QueryContext(ctx, `SELECT ps, rang FROM officine_facture
			WHERE tenant = $1 AND date_facture < $2 AND etat IN ('REFUSEE', 'PAYEE') ORDER BY date_facture LIMIT $3`+s.b.Verrou(), s.tenant, avant.String(), max)
		if err != nil {
			return fmt.Errorf("chercher des factures à leur terme: %w", err)
		}
		err = parcourir(rows, func() error {
			var c cle
			err := rows.Scan(&c.ps, &c.rang)
			l = append(l, c)
			return err
		})
		if err != nil {
			return fmt.Errorf("chercher des factures à leur terme: %w", err)
		}
		for _, c := range l {
			for _, table := range []string{"officine_original", "officine_enrichissement", "officine_decision", "officine_facture"} {
				if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, "DELETE FROM "+table+" WHERE tenant = $1 AND ps = $2 AND rang = $3", s.tenant, c.ps, c.rang); err != nil {
					return fmt.Errorf("oublier une facture: %w", err)
				}
			}
		}
		n = len(l)
		if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, "DELETE FROM officine_vue WHERE tenant = $1 AND jour < $2", s.tenant, avant.String()); err != nil {
			return fmt.Errorf("oublier des accréditations vues: %w", err)
		}
		return nil
	})
	return n, err
}
