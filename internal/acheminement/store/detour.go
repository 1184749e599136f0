package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// fermer locks the line of an Ordre: what is put aside and what is let go are decided
// one after the other.
func (s *Store) fermer(ctx context.Context, x bdd.Executant, ordre string) error {
	var tete int64
	err := x.QueryRowContext(ctx, `SELECT tete FROM ach_ordre WHERE tenant = $1 AND ordre = $2`+s.b.Verrou(), s.tenant, ordre).Scan(&tete)
	if absent(err) {
		return errOrdre
	}
	if err != nil {
		return fmt.Errorf("acheminement: écarter: %w", err)
	}
	return nil
}

// ecarter puts a message aside. The line goes on when it stood at its head.
func (s *Store) ecarter(ctx context.Context, x bdd.Executant, r rangEnvoi, sujets []string, quand int64) error {
	valeurs := make([]any, 0, 5*len(sujets))
	for _, sujet := range sujets {
		valeurs = append(valeurs, s.tenant, r.ordre, sujet, r.numero, r.cle)
	}
	err := s.b.Inserer(ctx, bdd.Insertion{Debut: `INSERT INTO ach_sujet (tenant, ordre, sujet, numero, cle) VALUES`,
		Fin: `ON CONFLICT DO NOTHING`, Colonnes: 5, Valeurs: valeurs})
	if err != nil || r.detour {
		return err
	}
	if _, err := x.ExecContext(ctx, `UPDATE ach_envoi SET detour = 1 WHERE tenant = $1 AND cle = $2`, s.tenant, r.cle); err != nil {
		return fmt.Errorf("acheminement: écarter: %w", err)
	}
	return s.avancer(ctx, x, r.ordre, r.numero, instant(quand))
}

// rangEnvoi is where a message stands in its Ordre.
type rangEnvoi struct {
	cle, ordre string
	numero     int64
	detour     bool // put aside: the line went on
}

// Retenir implements acheminement.Detour.
func (s *Store) Retenir(ctx context.Context, p *acheminement.Pris, sujets []string) (retenu bool, err error) {
	err = s.b.Grouper(ctx, func(ctx context.Context) error {
		retenu = false
		x := s.b.Ecrivain(ctx)
		if err := s.fermer(ctx, x, p.Ordre); err != nil {
			return err
		}
		r := rangEnvoi{cle: p.Cle, ordre: p.Ordre}
		var detour, pose int64
		err := x.QueryRowContext(ctx, `SELECT numero, detour, pose FROM ach_envoi WHERE tenant = $1 AND cle = $2 AND bail = $3 AND etat = 'PRET'`,
			s.tenant, p.Cle, p.Bail).Scan(&r.numero, &detour, &pose)
		if absent(err) {
			return acheminement.ErrBail
		}
		if err != nil {
			return fmt.Errorf("acheminement: écarter: %w", err)
		}
		r.detour = detour != 0
		if retenu, err = s.devance(ctx, x, r, sujets); err != nil || !retenu {
			return err
		}
		_, err = x.ExecContext(ctx, `UPDATE ach_envoi SET etat = 'RETENU' WHERE tenant = $1 AND cle = $2`, s.tenant, p.Cle)
		if err != nil {
			return fmt.Errorf("acheminement: écarter: %w", err)
		}
		return s.ecarter(ctx, x, r, sujets, pose)
	})
	return retenu, err
}

// devance tells whether a message put aside before this one speaks of the same things.
func (s *Store) devance(ctx context.Context, x bdd.Executant, r rangEnvoi, sujets []string) (bool, error) {
	rows, err := x.QueryContext(ctx, `SELECT DISTINCT sujet FROM ach_sujet WHERE tenant = $1 AND ordre = $2 AND numero < $3`, s.tenant, r.ordre, r.numero)
	if err != nil {
		return false, fmt.Errorf("acheminement: lire ce qui est écarté: %w", err)
	}
	defer rows.Close()
	ecartes := make(map[string]bool)
	for rows.Next() {
		var sujet string
		if err := rows.Scan(&sujet); err != nil {
			return false, fmt.Errorf("acheminement: lire ce qui est écarté: %w", err)
		}
		ecartes[sujet] = true
	}
	for _, sujet := range sujets {
		if ecartes[sujet] {
			return true, rows.Err()
		}
	}
	return false, rows.Err()
}

// liberer lets go what waited for a message put aside, now delivered or abandoned.
func (s *Store) liberer(ctx context.Context, x bdd.Executant, cle, ordre string, quand int64) error {
	if err := s.fermer(ctx, x, ordre); err != nil {
		return err
	}
	_, err := x.ExecContext(ctx, `DELETE FROM ach_sujet WHERE tenant = $1 AND cle = $2`, s.tenant, cle)
	if err == nil {
		_, err = x.ExecContext(ctx, `UPDATE ach_envoi SET etat = 'PRET', echeance = $3, pose = $3 WHERE tenant = $1 AND ordre = $2 AND etat = 'RETENU'
			AND NOT EXISTS (SELECT 1 FROM ach_sujet a JOIN ach_sujet b ON b.tenant = a.tenant AND b.ordre = a.ordre AND b.sujet = a.sujet AND b.numero < a.numero
				WHERE a.tenant = $1 AND a.cle = ach_envoi.cle)`, s.tenant, ordre, quand)
	}
	if err != nil {
		return fmt.Errorf("acheminement: libérer: %w", err)
	}
	return nil
}

// Devant implements acheminement.Detour.
func (s *Store) Devant(ctx context.Context, cle string) (devant string, err error) {
	err = s.b.EnLecture(ctx, func(ctx context.Context) error {
		x := s.b.Lecteur(ctx)
		l, numero, err := s.regarder(ctx, x, cle, "")
		if err != nil {
			return err
		}
		switch l.Etat {
		case acheminement.EnAttente:
			err = x.QueryRowContext(ctx, `SELECT cle FROM ach_envoi WHERE tenant = $1 AND ordre = $2 AND etat = 'MORT' AND detour = 0 AND numero < $3`,
				s.tenant, l.Envoi.Ordre, numero).Scan(&devant)
		case acheminement.Retenu:
			err = x.QueryRowContext(ctx, `SELECT b.cle FROM ach_sujet a JOIN ach_sujet b ON b.tenant = a.tenant AND b.ordre = a.ordre AND b.sujet = a.sujet AND b.numero < a.numero
				WHERE a.tenant = $1 AND a.cle = $2 ORDER BY b.numero LIMIT 1`, s.tenant, cle).Scan(&devant)
		}
		if absent(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("acheminement: lire ce qui retient: %w", err)
		}
		return nil
	})
	return devant, err
}
