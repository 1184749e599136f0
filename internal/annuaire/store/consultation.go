package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

var _ annuaire.Traceur = (*Store)(nil)

// Tracer implements annuaire.Traceur: the rows and the commit are shared with the other
// readers of the moment.
func (s *Store) Tracer(ctx context.Context, l ...annuaire.Consultation) error {
	if len(l) == 0 {
		return nil
	}
	i := bdd.Insertion{Debut: `INSERT INTO rass_consultation (tenant, numero, instant, lecteur, famille, regard, motif, porte, objet, nombre) VALUES`, Colonnes: 10}
	fiches := bdd.Insertion{Debut: `INSERT INTO rass_consultation_fiche (tenant, numero, nature, id) VALUES`, Colonnes: 4, Fin: `ON CONFLICT DO NOTHING`}
	for _, c := range l {
		for _, f := range c.Fiches {
			fiches.Valeurs = append(fiches.Valeurs, s.tenant, c.Numero, int64(f.Nature), f.ID)
		}
		i.Valeurs = append(i.Valeurs, s.tenant, c.Numero, millis(c.Instant), c.Lecteur, c.Famille, c.Regard, c.Motif, c.Porte, c.Objet, c.Nombre)
	}
	lot := []bdd.Insertion{i}
	if len(fiches.Valeurs) > 0 {
		lot = append(lot, fiches)
	}
	if err := s.b.Inserer(ctx, lot...); err != nil {
		return fmt.Errorf("tracer une lecture: %w", err)
	}
	return nil
}

// consultationsMax bounds a list of traces.
const consultationsMax = 1000

const lireConsultations = `SELECT c.numero, c.instant, c.lecteur, c.famille, c.regard, c.motif, c.porte, c.objet, c.nombre FROM rass_consultation c `

// Consultations are the traces from an instant, in their order, without the records that
// they name; apres is the last one of the page before, nil for the first page.
func (s *Store) Consultations(ctx context.Context, depuis time.Time, apres *annuaire.Consultation, max int) ([]annuaire.Consultation, error) {
	instant, numero := millis(depuis), ""
	if apres != nil {
		instant, numero = millis(apres.Instant), apres.Numero
	}
	return s.consultations(ctx, lireConsultations+`WHERE c.tenant = $1 AND (c.instant > $2 OR c.instant = $2 AND c.numero > $3) ORDER BY c.instant, c.numero LIMIT $4`,
		s.tenant, instant, numero, min(max, consultationsMax))
}

// ConsultationsDe are the traces of who was shown a record, the latest first.
func (s *Store) ConsultationsDe(ctx context.Context, n annuaire.Nature, id string, max int) ([]annuaire.Consultation, error) {
	return s.consultations(ctx, lireConsultations+`JOIN rass_consultation_fiche f ON f.tenant = c.tenant AND f.numero = c.numero
		WHERE f.tenant = $1 AND f.nature = $2 AND f.id = $3 ORDER BY c.instant DESC, c.numero LIMIT $4`, s.tenant, int64(n), id, min(max, consultationsMax))
}

func (s *Store) consultations(ctx context.Context, q string, a ...any) (l []annuaire.Consultation, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, q, a...)
	if err != nil {
		return nil, fmt.Errorf("lire des traces de lecture: %w", err)
	}
	return l, parcourir(rows, func() error {
		var c annuaire.Consultation
		var le int64
		err := rows.Scan(&c.Numero, &le, &c.Lecteur, &c.Famille, &c.Regard, &c.Motif, &c.Porte, &c.Objet, &c.Nombre)
		c.Instant = instant(le)
		l = append(l, c)
		return err
	})
}

// PurgerConsultations forgets the traces before an instant.
func (s *Store) PurgerConsultations(ctx context.Context, avant time.Time) error {
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		for _, q := range []string{
			`DELETE FROM rass_consultation_fiche WHERE tenant = $1 AND numero IN (SELECT numero FROM rass_consultation WHERE tenant = $1 AND instant < $2)`,
			`DELETE FROM rass_consultation WHERE tenant = $1 AND instant < $2`,
		} {
			if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, q, s.tenant, millis(avant)); err != nil {
				return fmt.Errorf("purger des traces de lecture: %w", err)
			}
		}
		return nil
	})
}
