package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// Recevoir implements acheminement.Reception. The key is written before f runs:
// of two nodes that receive one message, the second waits for the first.
func (s *Store) Recevoir(ctx context.Context, a acheminement.Arrivee, f func(ctx context.Context) ([]byte, error)) (recu []byte, err error) {
	if err := a.Verifier(); err != nil {
		return nil, err
	}
	err = s.b.Grouper(ctx, func(ctx context.Context) error {
		recu = nil
		x := s.b.Ecrivain(ctx)
		r, err := x.ExecContext(ctx, `INSERT INTO ach_recu (tenant, expediteur, cle, empreinte, recu, instant) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (tenant, expediteur, cle) DO NOTHING`, s.tenant, a.Expediteur, a.Cle, a.Empreinte[:], []byte{}, millis(a.Instant))
		if err != nil {
			return fmt.Errorf("acheminement: retenir une arrivée: %w", err)
		}
		n, err := r.RowsAffected()
		if err != nil {
			return fmt.Errorf("acheminement: retenir une arrivée: %w", err)
		}
		if n == 0 {
			recu, _, err = s.recu(ctx, x, a)
			return err
		}
		if recu, err = f(ctx); err != nil || len(recu) == 0 {
			return err
		}
		_, err = x.ExecContext(ctx, `UPDATE ach_recu SET recu = $4 WHERE tenant = $1 AND expediteur = $2 AND cle = $3`, s.tenant, a.Expediteur, a.Cle, recu)
		if err != nil {
			return fmt.Errorf("acheminement: garder un reçu: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return recu, nil
}

// Deja implements acheminement.Reception.
func (s *Store) Deja(ctx context.Context, a acheminement.Arrivee) ([]byte, bool, error) {
	return s.recu(ctx, s.b.Lecteur(ctx), a)
}

func (s *Store) recu(ctx context.Context, x bdd.Executant, a acheminement.Arrivee) (recu []byte, deja bool, err error) {
	var empreinte []byte
	err = x.QueryRowContext(ctx, `SELECT empreinte, recu FROM ach_recu WHERE tenant = $1 AND expediteur = $2 AND cle = $3`, s.tenant, a.Expediteur, a.Cle).
		Scan(&empreinte, &recu)
	switch {
	case absent(err):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("acheminement: lire un reçu: %w", err)
	case !bytes.Equal(empreinte, a.Empreinte[:]):
		return nil, false, acheminement.ErrCle
	}
	return recu, true, nil
}

// OublierRecus implements acheminement.Reception.
func (s *Store) OublierRecus(ctx context.Context, avant time.Time, max int) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM ach_recu WHERE tenant = $1 AND (expediteur, cle) IN
		(SELECT expediteur, cle FROM ach_recu WHERE tenant = $1 AND instant < $2 ORDER BY instant LIMIT $3)`, s.tenant, millis(avant), max)
	if err != nil {
		return 0, fmt.Errorf("acheminement: oublier des reçus: %w", err)
	}
	return r.RowsAffected()
}

// Noter implements acheminement.Vie.
func (s *Store) Noter(ctx context.Context, l ...acheminement.Jalon) error {
	if len(l) == 0 {
		return nil
	}
	i := bdd.Insertion{Debut: `INSERT INTO ach_jalon (tenant, flux, etat, auteur, code, instant, message) VALUES`,
		Fin: `ON CONFLICT (tenant, flux, etat) DO NOTHING`, Colonnes: 7}
	for n := range l {
		j := &l[n]
		if err := j.Verifier(); err != nil {
			return err
		}
		i.Valeurs = append(i.Valeurs, s.tenant, j.Flux, string(j.Etat), j.Auteur, j.Code, millis(j.Instant), j.Message)
	}
	return s.b.Differer(ctx, i)
}

// OublierJalons implements acheminement.Vie.
func (s *Store) OublierJalons(ctx context.Context, avant time.Time, max int) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM ach_jalon WHERE tenant = $1 AND (flux, etat) IN
		(SELECT flux, etat FROM ach_jalon WHERE tenant = $1 AND instant < $2 ORDER BY instant LIMIT $3)`, s.tenant, millis(avant), max)
	if err != nil {
		return 0, fmt.Errorf("acheminement: oublier la vie de flux: %w", err)
	}
	return r.RowsAffected()
}

// Jalons implements acheminement.Vie.
func (s *Store) Jalons(ctx context.Context, flux string) (l []acheminement.Jalon, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT etat, auteur, code, instant, message FROM ach_jalon WHERE tenant = $1 AND flux = $2`, s.tenant, flux)
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire la vie d'un flux: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		j := acheminement.Jalon{Flux: flux}
		var quand int64
		if err := rows.Scan(&j.Etat, &j.Auteur, &j.Code, &quand, &j.Message); err != nil {
			return nil, fmt.Errorf("acheminement: lire la vie d'un flux: %w", err)
		}
		j.Instant = instant(quand)
		l = append(l, j)
	}
	slices.SortFunc(l, acheminement.Jalon.Compare)
	return l, rows.Err()
}
