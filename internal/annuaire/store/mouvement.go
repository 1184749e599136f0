package store

import (
	"context"
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

// Dernieres are the records of changes as they end, each once, and the number of the last
// change.
func Dernieres(l []Mouvement) (fiches []annuaire.Changement, seq int64) {
	type cle struct {
		n  annuaire.Nature
		id string
	}
	place := make(map[cle]int, len(l))
	for i := range l {
		seq = l[i].Seq
		n, e := l[i].Fiche.Entete()
		if j, vu := place[cle{n, e.ID}]; vu {
			fiches[j] = l[i].Fiche
			continue
		}
		place[cle{n, e.ID}] = len(fiches)
		fiches = append(fiches, l[i].Fiche)
	}
	return fiches, seq
}

// Suivre gives to f the records that owners changed after a number, as they come, with the
// number up to which that goes, looking again after each period, until ctx ends, which
// is no error: image.Depot.Rattraper is such a f. What it refuses is given again; dire is
// told of what went wrong.
func (s *Store) Suivre(ctx context.Context, seq int64, periode time.Duration, f func(ctx context.Context, fiches []annuaire.Changement, seq int64) error, dire func(error)) {
	for {
		l, err := s.Depuis(ctx, seq)
		if err == nil && len(l) > 0 {
			fiches, dernier := Dernieres(l)
			if err = f(ctx, fiches, dernier); err == nil {
				seq = dernier
			}
		}
		if err != nil && ctx.Err() == nil {
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
