package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// NoterRetrait writes that a partner fetched a file; fetched again, the first time
// stands.
func (s *Store) NoterRetrait(ctx context.Context, r acheminement.Retrait) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO ach_retrait (tenant, partenaire, nom, taille, instant) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, partenaire, nom) DO NOTHING`, s.tenant, r.Partenaire, r.Nom, r.Taille, millis(r.Instant))
	if err != nil {
		return fmt.Errorf("acheminement: noter un retrait: %w", err)
	}
	return nil
}

// Retraits lists what was fetched, by partner then by name.
func (s *Store) Retraits(ctx context.Context) (l []acheminement.Retrait, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT partenaire, nom, taille, instant FROM ach_retrait WHERE tenant = $1 ORDER BY partenaire, nom`, s.tenant)
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire les retraits: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r acheminement.Retrait
		var quand int64
		if err := rows.Scan(&r.Partenaire, &r.Nom, &r.Taille, &quand); err != nil {
			return nil, fmt.Errorf("acheminement: lire les retraits: %w", err)
		}
		r.Instant = instant(quand)
		l = append(l, r)
	}
	return l, rows.Err()
}
