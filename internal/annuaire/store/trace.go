package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// Tracee is one reading of restricted data.
type Tracee struct {
	Instant                          time.Time
	Acteur, Motif, Regard, Operation string
	Fiches                           []FicheLue
}

// FicheLue is a record that a reading showed.
type FicheLue struct {
	Nature annuaire.Nature
	ID     string
}

// Tracer keeps a reading: it is durable when it returns.
func (s *Store) Tracer(ctx context.Context, t Tracee) error {
	var alea [16]byte
	if _, err := rand.Read(alea[:]); err != nil {
		return fmt.Errorf("tracer une lecture: %w", err)
	}
	numero := hex.EncodeToString(alea[:])
	lot := []bdd.Insertion{{Debut: `INSERT INTO rass_trace (tenant, numero, instant, acteur, motif, regard, operation) VALUES`, Colonnes: 7,
		Valeurs: []any{s.tenant, numero, t.Instant.UnixMilli(), t.Acteur, t.Motif, t.Regard, t.Operation}}}
	if len(t.Fiches) > 0 {
		l := bdd.Insertion{Debut: `INSERT INTO rass_trace_fiche (tenant, numero, nature, id) VALUES`, Colonnes: 4, Fin: `ON CONFLICT DO NOTHING`}
		for _, f := range t.Fiches {
			l.Valeurs = append(l.Valeurs, s.tenant, numero, int64(f.Nature), f.ID)
		}
		lot = append(lot, l)
	}
	if err := s.b.Inserer(ctx, lot...); err != nil {
		return fmt.Errorf("tracer une lecture: %w", err)
	}
	return nil
}

// LecturesDe gives who read a record, the latest first, at most max.
func (s *Store) LecturesDe(ctx context.Context, n annuaire.Nature, id string, max int) (l []Tracee, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT t.instant, t.acteur, t.motif, t.regard, t.operation FROM rass_trace_fiche f
		JOIN rass_trace t ON t.tenant = f.tenant AND t.numero = f.numero
		WHERE f.tenant = $1 AND f.id = $2 AND f.nature = $3 ORDER BY t.instant DESC, t.numero LIMIT $4`, s.tenant, id, int64(n), max)
	if err != nil {
		return nil, fmt.Errorf("lire des traces: %w", err)
	}
	return l, parcourir(rows, func() error {
		var t Tracee
		var ms int64
		if err := rows.Scan(&ms, &t.Acteur, &t.Motif, &t.Regard, &t.Operation); err != nil {
			return err
		}
		t.Instant = time.UnixMilli(ms).UTC()
		l = append(l, t)
		return nil
	})
}

// PurgerTraces forgets the readings before an instant.
func (s *Store) PurgerTraces(ctx context.Context, avant time.Time) error {
	for _, q := range []string{
		`DELETE FROM rass_trace_fiche WHERE tenant = $1 AND numero IN (SELECT numero FROM rass_trace WHERE tenant = $1 AND instant < $2)`,
		`DELETE FROM rass_trace WHERE tenant = $1 AND instant < $2`,
	} {
		if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, q, s.tenant, avant.UnixMilli()); err != nil {
			return fmt.Errorf("purger des traces: %w", err)
		}
	}
	return nil
}
