package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/liquidation"
	"github.com/ecluse-sante/ecluse/sante"
)

// Virer implements liquidation.Factures.
func (s *Store) Virer(ctx context.Context, f *liquidation.Facture, reference string, montant sante.Montant, instant time.Time) error {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO liq_virement (tenant, finess, numero, annee, reference, montant, instant)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant, finess, numero, annee, reference) DO NOTHING`,
		s.tenant, f.Finess.String(), f.Numero, f.Annee, reference, int64(montant), instant.UnixMilli())
	if err != nil {
		return fmt.Errorf("noter un virement: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil {
		return fmt.Errorf("noter un virement: %w", err)
	} else if n == 0 {
		return liquidation.ErrDejaVire
	}
	return nil
}
