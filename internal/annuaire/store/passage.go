package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// rapportMax bounds the report of a run.
const rapportMax = 4 << 20

// Noter keeps where a run of feeds stands; its beginning is that of the first time.
func (s *Store) Noter(ctx context.Context, p *annuaire.Passage) error {
	if len(p.Rapport) > rapportMax {
		return ErrFiche
	}
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		e := s.b.Ecrivain(ctx)
		var etat string
		err := e.QueryRowContext(ctx, `SELECT etat FROM rass_passage WHERE tenant = $1 AND course = $2`+s.b.Verrou(), s.tenant, p.Course).Scan(&etat)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("lire un chargement: %w", err)
		}
		if err := annuaire.EtatPassage(etat).PeutAller(p.Etat); err != nil {
			return err
		}
		rapport := p.Rapport
		if rapport == nil {
			rapport = []byte{}
		}
		if _, err := e.ExecContext(ctx, `INSERT INTO rass_passage (tenant, course, etat, commence, maj, refus, rapport) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (tenant, course) DO UPDATE SET etat = excluded.etat, maj = excluded.maj, refus = excluded.refus, rapport = excluded.rapport`,
			s.tenant, p.Course, string(p.Etat), p.Commence.UnixMilli(), p.Maj.UnixMilli(), p.Refus, rapport); err != nil {
			return fmt.Errorf("noter un chargement: %w", err)
		}
		if _, err := e.ExecContext(ctx, `DELETE FROM rass_passage_compte WHERE tenant = $1 AND course = $2`, s.tenant, p.Course); err != nil {
			return fmt.Errorf("noter un chargement: %w", err)
		}
		i := bdd.Insertion{Debut: `INSERT INTO rass_passage_compte (tenant, course, genre, cle, nombre) VALUES`, Colonnes: 5}
		for genre, m := range map[string]map[string]int64{"flux": p.Flux, "constat": p.Constats} {
			for cle, n := range m {
				i.Valeurs = append(i.Valeurs, s.tenant, p.Course, genre, cle, n)
			}
		}
		if len(i.Valeurs) == 0 {
			return nil
		}
		return s.b.Inserer(ctx, i)
	})
}

// Passages are the last runs, the latest first, without their report.
func (s *Store) Passages(ctx context.Context, max int) (l []annuaire.Passage, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		l = nil
		rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT course, etat, commence, maj, refus FROM rass_passage WHERE tenant = $1 ORDER BY maj DESC, course LIMIT $2`,
			s.tenant, max)
		if err != nil {
			return fmt.Errorf("lire des chargements: %w", err)
		}
		if err := parcourir(rows, func() error {
			var p annuaire.Passage
			var commence, maj int64
			err := rows.Scan(&p.Course, (*string)(&p.Etat), &commence, &maj, &p.Refus)
			p.Commence, p.Maj = instant(commence), instant(maj)
			l = append(l, p)
			return err
		}); err != nil {
			return err
		}
		for i := range l {
			if err := s.comptes(ctx, &l[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return l, err
}

// Passage is a run with its report, nil when there is none of that digest.
func (s *Store) Passage(ctx context.Context, course string) (*annuaire.Passage, error) {
	var p *annuaire.Passage
	err := s.b.EnLecture(ctx, func(ctx context.Context) error {
		x := annuaire.Passage{Course: course}
		var commence, maj int64
		err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT etat, commence, maj, refus, rapport FROM rass_passage WHERE tenant = $1 AND course = $2`, s.tenant, course).
			Scan((*string)(&x.Etat), &commence, &maj, &x.Refus, &x.Rapport)
		if errors.Is(err, sql.ErrNoRows) {
			p = nil
			return nil
		}
		if err != nil {
			return fmt.Errorf("lire un chargement: %w", err)
		}
		x.Commence, x.Maj = instant(commence), instant(maj)
		p = &x
		return s.comptes(ctx, p)
	})
	return p, err
}

func (s *Store) comptes(ctx context.Context, p *annuaire.Passage) error {
	p.Flux, p.Constats = map[string]int64{}, map[string]int64{}
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT genre, cle, nombre FROM rass_passage_compte WHERE tenant = $1 AND course = $2`, s.tenant, p.Course)
	if err != nil {
		return fmt.Errorf("lire les comptes d'un chargement: %w", err)
	}
	return parcourir(rows, func() error {
		var genre, cle string
		var n int64
		if err := rows.Scan(&genre, &cle, &n); err != nil {
			return err
		}
		if genre == "flux" {
			p.Flux[cle] = n
		} else {
			p.Constats[cle] = n
		}
		return nil
	})
}

// DernieresLignes gives how many lines each kind of feed had the last time that it was
// applied: what the guard of the next run compares with.
func (s *Store) DernieresLignes(ctx context.Context) (map[string]int64, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT c.cle, c.nombre FROM rass_passage_compte c JOIN rass_passage p ON p.tenant = c.tenant AND p.course = c.course
		WHERE c.tenant = $1 AND c.genre = 'flux' AND p.etat = 'APPLIQUE' ORDER BY p.maj`, s.tenant)
	if err != nil {
		return nil, fmt.Errorf("lire les lignes des derniers chargements: %w", err)
	}
	m := map[string]int64{}
	return m, parcourir(rows, func() error {
		var cle string
		var n int64
		err := rows.Scan(&cle, &n)
		m[cle] = n
		return err
	})
}

// PurgerPassages forgets the runs that moved last before an instant, but those that were
// applied last for a kind of feed.
func (s *Store) PurgerPassages(ctx context.Context, avant time.Time) error {
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		const vieux = ` WHERE tenant = $1 AND course IN (SELECT p.course FROM rass_passage p WHERE p.tenant = $1 AND p.maj < $2
			AND NOT EXISTS (SELECT 1 FROM rass_passage_compte c WHERE p.etat = 'APPLIQUE' AND c.tenant = p.tenant AND c.course = p.course AND c.genre = 'flux'
			AND NOT EXISTS (SELECT 1 FROM rass_passage q JOIN rass_passage_compte d ON d.tenant = q.tenant AND d.course = q.course
			WHERE q.tenant = p.tenant AND q.etat = 'APPLIQUE' AND q.maj > p.maj AND d.genre = 'flux' AND d.cle = c.cle)))`
		for _, table := range []string{"rass_passage_compte", "rass_passage"} {
			if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM `+table+vieux, s.tenant, avant.UnixMilli()); err != nil {
				return fmt.Errorf("purger des chargements: %w", err)
			}
		}
		return nil
	})
}

// instant is a time as it is kept, zero for 0.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// millis is what instant reads.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
