package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Retablir implements accreditation.Correction.
func (r *Registre) Retablir(ctx context.Context, n droits.NumeroAccreditation) (bool, error) {
	for _, texte := range []string{"UPDATE accreditation_emise SET effet = '', motif = '' WHERE tenant = $1 AND numero = $2 AND effet <> '' AND publiee = ''",
		"DELETE FROM accreditation_inconnue WHERE tenant = $1 AND numero = $2 AND publiee = ''"} {
		res, err := r.base.Ecrivain(ctx).ExecContext(ctx, texte, r.tenant, n.String())
		if err != nil {
			return false, fmt.Errorf("rétablir: %w", err)
		}
		if k, err := res.RowsAffected(); err != nil || k == 1 {
			return k == 1, err
		}
	}
	return false, nil
}

// Connue implements accreditation.Correction.
func (r *Registre) Connue(ctx context.Context, n droits.NumeroAccreditation) (bool, error) {
	for _, table := range tablesRevoquees {
		var k int
		if err := r.base.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table+" WHERE tenant = $1 AND numero = $2", r.tenant, n.String()).Scan(&k); err != nil || k > 0 {
			return k > 0, err
		}
	}
	return false, nil
}

// Vives implements accreditation.Correction.
func (r *Registre) Vives(ctx context.Context, fin sante.Jour, donner accreditation.Vive) error {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, "SELECT numero, personne FROM accreditation_emise WHERE tenant = $1 AND fin >= $2 AND effet = ''", r.tenant, fin.String())
	if err != nil {
		return fmt.Errorf("lire les accréditations: %w", err)
	}
	return parcourir(rows, func() error {
		var numero, personne string
		var n droits.NumeroAccreditation
		var qui droits.Empreinte
		if err := rows.Scan(&numero, &personne); err != nil {
			return err
		}
		if err := errors.Join(n.UnmarshalText([]byte(numero)), qui.UnmarshalText([]byte(personne))); err != nil {
			return err
		}
		donner(n, qui)
		return nil
	})
}
