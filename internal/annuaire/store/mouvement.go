package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Mouvement is a change that an owner made, under its number.
type Mouvement struct {
	Seq     int64
	Demande string
	Fiche   annuaire.Changement
}

// mouvementsMax is how many are read at once.
const mouvementsMax = 500

// Depuis gives the changes of owners after a number, in their order, and the last number
// given by then: what a node lays over its image.
func (s *Store) Depuis(ctx context.Context, seq int64) (l []Mouvement, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT seq, origine, codec, fiche FROM rass_mouvement
		WHERE tenant = $1 AND seq > $2 AND fiche IS NOT NULL ORDER BY seq LIMIT $3`, s.tenant, seq, mouvementsMax)
	if err != nil {
		return nil, fmt.Errorf("lire des changements: %w", err)
	}
	return l, parcourir(rows, func() error {
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
}

// Dernier is the last number given, 0 before the first.
func (s *Store) Dernier(ctx context.Context) (seq int64, err error) {
	err = s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM rass_compteur WHERE tenant = $1`, s.tenant).Scan(&seq)
	if err != nil {
		return 0, fmt.Errorf("lire le dernier changement: %w", err)
	}
	return seq, nil
}

// Suivre calls f with the changes after a number as they come, looking again after each
// period, until ctx ends, which is no error. f is called again with the same ones when it
// fails; dire is told of what went wrong.
func (s *Store) Suivre(ctx context.Context, seq int64, periode time.Duration, f func(ctx context.Context, l []Mouvement) error, dire func(error)) {
	for {
		l, err := s.Depuis(ctx, seq)
		if err == nil && len(l) > 0 {
			if err = f(ctx, l); err == nil {
				seq = l[len(l)-1].Seq
			}
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			dire(err)
		}
		if err == nil && len(l) == mouvementsMax {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(periode):
		}
	}
}
