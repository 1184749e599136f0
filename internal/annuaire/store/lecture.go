package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// separe stands between the family and the name of a reader in the keys: neither has it.
const separe = "\x1f"

// GarderLectures keeps what a node counted, and reports the readers who went too far. The
// name of a node is new each time it starts: what it counted before stays.
func (s *Store) GarderLectures(ctx context.Context, noeud string, l []annuaire.Lecture, maintenant time.Time) error {
	lectures := bdd.Insertion{Debut: `INSERT INTO rass_lecture (tenant, heure, lecteur, noeud, lectures, refus, croquis) VALUES`, Colonnes: 7,
		Fin: `ON CONFLICT (tenant, heure, lecteur, noeud) DO UPDATE SET lectures = excluded.lectures, refus = excluded.refus, croquis = excluded.croquis
			WHERE rass_lecture.lectures <= excluded.lectures`}
	signales := bdd.Insertion{Debut: `INSERT INTO rass_signalement (tenant, heure, lecteur, famille, distinctes, seuil, instant, dit) VALUES`, Colonnes: 8,
		Fin: `ON CONFLICT (tenant, heure, lecteur) DO NOTHING`}
	type cle struct {
		qui   string
		heure int64
	}
	derniere := map[cle]int{} // one row of a statement for each key
	for i := range l {
		c := cle{l[i].Famille + separe + l[i].Lecteur, l[i].Heure.UnixMilli()}
		if j, vu := derniere[c]; !vu || l[j].Lectures <= l[i].Lectures {
			derniere[c] = i
		}
		if x := &l[i]; x.Distinctes > 0 {
			signales.Valeurs = append(signales.Valeurs, s.tenant, c.heure, c.qui, x.Famille, x.Distinctes, x.Seuil, maintenant.UnixMilli(), 0)
		}
	}
	for c, i := range derniere {
		x := &l[i]
		lectures.Valeurs = append(lectures.Valeurs, s.tenant, c.heure, c.qui, noeud, x.Lectures, x.Refus, x.Croquis[:])
	}
	if len(lectures.Valeurs) == 0 {
		return nil
	}
	lot := []bdd.Insertion{lectures}
	if len(signales.Valeurs) > 0 {
		lot = append(lot, signales)
	}
	if err := s.b.Inserer(ctx, lot...); err != nil {
		return fmt.Errorf("garder des lectures: %w", err)
	}
	return nil
}

// Ailleurs gives what the other nodes counted in the hour of an instant.
func (s *Store) Ailleurs(ctx context.Context, noeud string, maintenant time.Time) ([]annuaire.Ailleurs, error) {
	heure := maintenant.Truncate(time.Hour).UTC()
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT lecteur, croquis FROM rass_lecture WHERE tenant = $1 AND heure = $2 AND noeud <> $3 ORDER BY lecteur`,
		s.tenant, heure.UnixMilli(), noeud)
	if err != nil {
		return nil, fmt.Errorf("lire ce que comptent les autres nœuds: %w", err)
	}
	var l []annuaire.Ailleurs
	return l, parcourir(rows, func() error {
		var qui string
		var b []byte
		if err := rows.Scan(&qui, &b); err != nil {
			return err
		}
		var c annuaire.Croquis
		if len(b) != len(c) {
			return nil // of another version of the program, for an hour at most
		}
		copy(c[:], b)
		famille, nom, _ := strings.Cut(qui, separe)
		if n := len(l) - 1; n >= 0 && l[n].Lecteur == nom && l[n].Famille == famille {
			l[n].Croquis.Fondre(&c)
			return nil
		}
		l = append(l, annuaire.Ailleurs{Lecteur: nom, Famille: famille, Heure: heure, Croquis: c})
		return nil
	})
}

// Compter puts together, once, what this node and the others counted: it keeps what the
// guard levied, and gives it what was read elsewhere. What cannot be kept is given back.
func (s *Store) Compter(ctx context.Context, g *annuaire.Garde, noeud string, maintenant time.Time) error {
	l := g.Lever(maintenant)
	if err := s.GarderLectures(ctx, noeud, l, maintenant); err != nil {
		g.Rendre(l)
		return err
	}
	autres, err := s.Ailleurs(ctx, noeud, maintenant)
	if err == nil {
		g.Fondre(autres)
	}
	return err
}

// Signalement is a reader who went through too many different records in an hour.
type Signalement struct {
	Lecteur, Famille  string
	Heure, Instant    time.Time
	Distinctes, Seuil int64
}

// Signalements lists those that nobody was told of yet, the oldest first.
func (s *Store) Signalements(ctx context.Context, max int) (l []Signalement, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT lecteur, famille, heure, instant, distinctes, seuil FROM rass_signalement
		WHERE tenant = $1 AND dit = 0 ORDER BY heure, lecteur LIMIT $2`, s.tenant, max)
	if err != nil {
		return nil, fmt.Errorf("lire des signalements: %w", err)
	}
	return l, parcourir(rows, func() error {
		var x Signalement
		var heure, le int64
		var qui string
		err := rows.Scan(&qui, &x.Famille, &heure, &le, &x.Distinctes, &x.Seuil)
		_, x.Lecteur, _ = strings.Cut(qui, separe)
		x.Heure, x.Instant = instant(heure), instant(le)
		l = append(l, x)
		return err
	})
}

// Dit writes that who watches was told of a report.
func (s *Store) Dit(ctx context.Context, x Signalement) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE rass_signalement SET dit = 1 WHERE tenant = $1 AND heure = $2 AND lecteur = $3`,
		s.tenant, x.Heure.UnixMilli(), x.Famille+separe+x.Lecteur)
	if err != nil {
		return fmt.Errorf("noter un signalement dit: %w", err)
	}
	return nil
}

// PurgerLectures forgets what was read before an instant, and the reports that were told.
func (s *Store) PurgerLectures(ctx context.Context, avant time.Time) error {
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		for _, q := range []string{`DELETE FROM rass_lecture WHERE tenant = $1 AND heure < $2`, `DELETE FROM rass_signalement WHERE tenant = $1 AND heure < $2 AND dit = 1`} {
			if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, q, s.tenant, avant.UnixMilli()); err != nil {
				return fmt.Errorf("purger des lectures: %w", err)
			}
		}
		return nil
	})
}
