package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Decider implements officine.Livre.
func (s *Store) Decider(ctx context.Context, ps sante.NumeroFacturation, rang int64, prise time.Time, motif string) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO officine_decision (tenant, ps, rang, prise, motif) VALUES ($1, $2, $3, $4, $5)`,
		s.tenant, ps.String(), rang, prise.UnixMilli(), motif)
	if err != nil {
		return fmt.Errorf("écrire une décision: %w", err)
	}
	return nil
}

// Decisions gives why invoices of a professional were paid as they were, by their rank.
func (s *Store) Decisions(ctx context.Context, ps sante.NumeroFacturation) (map[int64]string, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT rang, motif FROM officine_decision WHERE tenant = $1 AND ps = $2`, s.tenant, ps.String())
	if err != nil {
		return nil, fmt.Errorf("lire des décisions: %w", err)
	}
	l := make(map[int64]string)
	err = parcourir(rows, func() error {
		var rang int64
		var motif string
		err := rows.Scan(&rang, &motif)
		l[rang] = motif
		return err
	})
	return l, err
}

// EnRetard counts the invoices that were to be paid before a day and are not.
func (s *Store) EnRetard(ctx context.Context, jour sante.Jour) (n int64, err error) {
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT count(*) FROM officine_facture WHERE tenant = $1 AND echeance < $2 AND etat IN ('EN_ATTENTE', 'ACCEPTEE', 'ORDONNEE')`,
		s.tenant, jour.String()).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("compter des factures en retard: %w", err)
	}
	return n, nil
}
