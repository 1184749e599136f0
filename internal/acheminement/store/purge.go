package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// aPurger chooses what was delivered or abandoned before an instant.
const aPurger = `(SELECT cle FROM ach_envoi WHERE tenant = $1 AND fini > 0 AND fini < $2 ORDER BY fini, cle LIMIT $3)`

// Purger forgets up to max messages delivered or abandoned before an instant, with
// their bytes and receipts, and tells how many. A key forgotten may be posted
// again.
func (s *Store) Purger(ctx context.Context, avant time.Time, max int) (n int64, err error) {
	err = s.b.EnTransaction(ctx, func(ctx context.Context) error {
		for _, texte := range []string{
			`DELETE FROM ach_contenu WHERE tenant = $1 AND cle IN ` + aPurger,
			`DELETE FROM ach_geste WHERE tenant = $1 AND cle IN ` + aPurger,
			// An Ordre all of whose messages have left starts again from 1 without harm;
			// not one of which some were put aside.
			`DELETE FROM ach_ordre WHERE tenant = $1 AND tete > dernier AND ordre IN
				(SELECT ordre FROM ach_envoi WHERE tenant = $1 AND ordre <> '' AND cle IN ` + aPurger + `)
				AND NOT EXISTS (SELECT 1 FROM ach_sujet s WHERE s.tenant = $1 AND s.ordre = ach_ordre.ordre)`,
			`DELETE FROM ach_envoi WHERE tenant = $1 AND cle IN ` + aPurger,
		} {
			r, err := s.b.Ecrivain(ctx).ExecContext(ctx, texte, s.tenant, millis(avant), max)
			if err != nil {
				return fmt.Errorf("acheminement: purger: %w", err)
			}
			if n, err = r.RowsAffected(); err != nil {
				return fmt.Errorf("acheminement: purger: %w", err)
			}
		}
		return nil
	})
	return n, err
}

// Charges tells, for each partner, what is due or put off and since when: for the
// operator. It reads all that has not left.
func (s *Store) Charges(ctx context.Context) (l []acheminement.Charge, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT destinataire, COUNT(*), MIN(poste), MAX(essais) FROM ach_envoi
		WHERE tenant = $1 AND etat = 'PRET' GROUP BY destinataire ORDER BY destinataire`, s.tenant)
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire les charges: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c acheminement.Charge
		var ancien int64
		if err := rows.Scan(&c.Destinataire, &c.Prets, &ancien, &c.EssaisMax); err != nil {
			return nil, fmt.Errorf("acheminement: lire les charges: %w", err)
		}
		c.PlusAncien = instant(ancien)
		l = append(l, c)
	}
	return l, rows.Err()
}
