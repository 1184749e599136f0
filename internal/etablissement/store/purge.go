package store

import (
	"context"
	"fmt"
	"time"
)

// PurgerFactures forgets up to max invoices made before an instant, then the batches
// of that time that hold none, and tells how many invoices. One that waits for a
// batch, or whose coverage still expects something, is never forgotten.
// ref: ROC §16.4
func (s *Store) PurgerFactures(ctx context.Context, avant time.Time, max int) (n int64, err error) {
	err = s.b.EnTransaction(ctx, func(ctx context.Context) error {
		e := s.b.Ecrivain(ctx)
		r, err := e.ExecContext(ctx, `DELETE FROM etab_facture WHERE tenant = $1 AND (numero, annee) IN
			(SELECT f.numero, f.annee FROM etab_facture f JOIN etab_couverture c ON c.tenant = f.tenant AND c.venue = f.venue AND c.rang = f.rang
			WHERE f.tenant = $1 AND f.lot <> '' AND f.instant < $2 AND c.etat IN ('PAID', 'CANCELLED', 'CLOSED') ORDER BY f.instant LIMIT $3)`,
			s.tenant, millis(avant), max)
		if err != nil {
			return fmt.Errorf("etablissement: oublier des factures: %w", err)
		}
		if n, err = r.RowsAffected(); err != nil || n == int64(max) {
			return err
		}
		if _, err := e.ExecContext(ctx, `DELETE FROM etab_lot WHERE tenant = $1 AND accuse > 0 AND instant < $2 AND NOT EXISTS
			(SELECT 1 FROM etab_facture f WHERE f.tenant = etab_lot.tenant AND f.lot <> '' AND f.lot = etab_lot.numero)`, s.tenant, millis(avant)); err != nil {
			return fmt.Errorf("etablissement: oublier des lots: %w", err)
		}
		return nil
	})
	return n, err
}
