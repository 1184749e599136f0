package store

import (
	"context"
	"fmt"
)

// Rayer takes out a key that never signed.
func (r *Registre) Rayer(ctx context.Context, kid string) error {
	_, err := r.base.Ecrivain(ctx).ExecContext(ctx, "DELETE FROM accreditation_cle WHERE tenant = $1 AND kid = $2", r.tenant, kid)
	if err != nil {
		return fmt.Errorf("rayer une clé: %w", err)
	}
	return nil
}
