package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Courantes gives, of one nature, the last version of each record that is an owner's, in
// the order of their IDs, and what DernierDe gives: one picture of both.
func (s *Store) Courantes(ctx context.Context, n annuaire.Nature) (l []Mouvement, dernier int64, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) (err error) {
		l = nil
		if dernier, err = s.DernierDe(ctx, n); err != nil {
			return err
		}
		// One walk of an index: PostgreSQL, that knows nothing of a table that just grew, would
		// join it to itself row by row.
		rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT seq, origine, codec, fiche FROM (
				SELECT seq, origine, codec, fiche, id, lead(version) OVER (PARTITION BY id ORDER BY version) AS suivante
				FROM rass_mouvement WHERE tenant = $1 AND nature = $2) m
			WHERE suivante IS NULL AND fiche IS NOT NULL ORDER BY id`, s.tenant, int64(n))
		if err != nil {
			return fmt.Errorf("lire les fiches d'une nature: %w", err)
		}
		return parcourir(rows, func() error {
			var m Mouvement
			var codec int64
			var b []byte
			if err := rows.Scan(&m.Seq, &m.Demande, &codec, &b); err != nil {
				return err
			}
			c, err := s.decoder(codec, b)
			if err == nil {
				m.Fiche = *c
				l = append(l, m)
			}
			return err
		})
	})
	return l, dernier, err
}

// DernierDe is the number of the last change of a record of one nature, 0 before the
// first. It grows with each.
func (s *Store) DernierDe(ctx context.Context, n annuaire.Nature) (seq int64, err error) {
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM rass_mouvement WHERE tenant = $1 AND nature = $2`, s.tenant, int64(n)).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("lire le dernier changement d'une nature: %w", err)
	}
	return seq, nil
}
