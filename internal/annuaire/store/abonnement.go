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

// SuivisMax bounds the records of a subscription.
const SuivisMax = 10_000

// Errors of subscriptions.
var (
	ErrAbonnement = errors.New("annuaire: aucun abonnement de ce numéro")
	ErrSuivis     = errors.New("annuaire: un abonnement suit de 1 à 10 000 fiches : en faire plusieurs, ou prendre les différences de l'extraction")
)

// Suivi is a record that somebody follows.
type Suivi struct {
	Nature annuaire.Nature
	ID     string
}

// Abonnement is who follows some records, and up to where he was told.
type Abonnement struct {
	Numero  string
	Lecteur string // whose it is
	Adresse string // where he is told, empty when he asks
	Cree    time.Time
	Seq     int64
}

// Abonner keeps a subscription and its records. It begins after the changes made so far.
func (s *Store) Abonner(ctx context.Context, a *Abonnement, l []Suivi) error {
	if len(l) == 0 || len(l) > SuivisMax {
		return ErrSuivis
	}
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		seq, err := s.Dernier(ctx)
		if err != nil {
			return err
		}
		a.Seq = seq
		if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO rass_abonnement (tenant, numero, lecteur, adresse, cree, seq) VALUES ($1, $2, $3, $4, $5, $6)`,
			s.tenant, a.Numero, a.Lecteur, a.Adresse, millis(a.Cree), seq); err != nil {
			return fmt.Errorf("garder un abonnement: %w", err)
		}
		i := bdd.Insertion{Debut: `INSERT INTO rass_suivi (tenant, numero, nature, id) VALUES`, Colonnes: 4, Fin: `ON CONFLICT DO NOTHING`, Valeurs: make([]any, 0, 4*len(l))}
		for _, x := range l {
			i.Valeurs = append(i.Valeurs, s.tenant, a.Numero, int64(x.Nature), x.ID)
		}
		if err := s.b.Inserer(ctx, i); err != nil {
			return fmt.Errorf("garder un abonnement: %w", err)
		}
		return nil
	})
}

// Desabonner forgets a subscription of a reader.
func (s *Store) Desabonner(ctx context.Context, numero, lecteur string) error {
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM rass_abonnement WHERE tenant = $1 AND numero = $2 AND lecteur = $3`, s.tenant, numero, lecteur)
		if err != nil {
			return fmt.Errorf("retirer un abonnement: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return errors.Join(ErrAbonnement, err)
		}
		if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM rass_suivi WHERE tenant = $1 AND numero = $2`, s.tenant, numero); err != nil {
			return fmt.Errorf("retirer un abonnement: %w", err)
		}
		return nil
	})
}

// Abonnement is a subscription of a reader.
func (s *Store) Abonnement(ctx context.Context, numero, lecteur string) (*Abonnement, error) {
	a := &Abonnement{Numero: numero, Lecteur: lecteur}
	var cree int64
	err := s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT adresse, cree, seq FROM rass_abonnement WHERE tenant = $1 AND numero = $2 AND lecteur = $3`,
		s.tenant, numero, lecteur).Scan(&a.Adresse, &cree, &a.Seq)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrAbonnement
	}
	if err != nil {
		return nil, fmt.Errorf("lire un abonnement: %w", err)
	}
	a.Cree = instant(cree)
	return a, nil
}

// Changee is a record that changed since a subscriber was told.
type Changee struct {
	Suivi
	Seq     int64
	Version uint32
	Le      time.Time
}

// Changees gives, in their order, the changes of the records that a subscription follows,
// after a number; what they became is in the image.
func (s *Store) Changees(ctx context.Context, numero string, apres int64, max int) (l []Changee, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT m.seq, m.nature, m.id, m.version, m.instant FROM rass_suivi a
		JOIN rass_mouvement m ON m.tenant = a.tenant AND m.nature = a.nature AND m.id = a.id
		WHERE a.tenant = $1 AND a.numero = $2 AND m.seq > $3 ORDER BY m.seq LIMIT $4`, s.tenant, numero, apres, max)
	if err != nil {
		return nil, fmt.Errorf("lire ce qui change pour un abonné: %w", err)
	}
	return l, parcourir(rows, func() error {
		var c Changee
		var nature, version, le int64
		err := rows.Scan(&c.Seq, &nature, &c.ID, &version, &le)
		c.Nature, c.Version, c.Le = annuaire.Nature(nature), uint32(version), instant(le)
		l = append(l, c)
		return err
	})
}

// Prevenu writes up to where a subscriber was told; it never goes back.
func (s *Store) Prevenu(ctx context.Context, numero string, seq int64) error {
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE rass_abonnement SET seq = $3 WHERE tenant = $1 AND numero = $2 AND seq < $3`, s.tenant, numero, seq)
	if err != nil {
		return fmt.Errorf("noter un abonné prévenu: %w", err)
	}
	return nil
}

// APrevenir are the subscriptions to be told at an address of which a record changed, by
// their numbers, after one.
func (s *Store) APrevenir(ctx context.Context, apres string, max int) (l []Abonnement, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT a.numero, a.lecteur, a.adresse, a.cree, a.seq FROM rass_abonnement a
		WHERE a.tenant = $1 AND a.numero > $2 AND a.adresse <> '' AND a.seq < (SELECT c.seq FROM rass_compteur c WHERE c.tenant = $1)
		AND EXISTS (SELECT 1 FROM rass_suivi x JOIN rass_mouvement m ON m.tenant = x.tenant AND m.nature = x.nature AND m.id = x.id
		WHERE x.tenant = a.tenant AND x.numero = a.numero AND m.seq > a.seq) ORDER BY a.numero LIMIT $3`, s.tenant, apres, max)
	if err != nil {
		return nil, fmt.Errorf("lire les abonnés à prévenir: %w", err)
	}
	return l, parcourir(rows, func() error {
		var a Abonnement
		var cree int64
		err := rows.Scan(&a.Numero, &a.Lecteur, &a.Adresse, &cree, &a.Seq)
		a.Cree = instant(cree)
		l = append(l, a)
		return err
	})
}
