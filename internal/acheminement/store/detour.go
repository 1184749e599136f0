package store

import (
	"context"
	"fmt"
	"slices"

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

// assezEcartes tells that too many dead letters of an Ordre were put aside already: this
// one holds the line. They are few in a queue, and are read in their index.
func (s *Store) assezEcartes(ctx context.Context, x bdd.Executant, r rangEnvoi) (bool, error) {
	if r.detour {
		return false, nil
	}
	var n int
	err := x.QueryRowContext(ctx, `SELECT COUNT(*) FROM ach_envoi WHERE tenant = $1 AND etat = 'MORT' AND ordre = $2 AND detour = 1`, s.tenant, r.ordre).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("acheminement: compter ce qui est écarté: %w", err)
	}
	return n >= acheminement.EcartesMax, nil
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

// parLot bounds the things that a statement names.
const parLot = 100

// devanceParmi counts, up to one each, those of n things of which a message put aside
// before a number speaks.
func (s *Store) devanceParmi(n int) string {
	return `SELECT COUNT(*) FROM (SELECT 1 FROM ` + s.b.Parmi("ach_sujet", "sujet", "x.tenant = $1 AND x.ordre = $2 AND x.numero < $3", 4, n, " LIMIT 1") + `) r`
}

// devance tells whether a message put aside before this one speaks of the same things.
func (s *Store) devance(ctx context.Context, x bdd.Executant, r rangEnvoi, sujets []string) (bool, error) {
	for lot := range slices.Chunk(sujets, parLot) {
		args := []any{s.tenant, r.ordre, r.numero}
		for _, sujet := range lot {
			args = append(args, sujet)
		}
		var n int
		err := x.QueryRowContext(ctx, s.devanceParmi(len(lot)), args...).Scan(&n)
		if err != nil {
			return false, fmt.Errorf("acheminement: lire ce qui est écarté: %w", err)
		}
		if n > 0 {
			return true, nil
		}
	}
	return false, nil
}

const libererRetenus = `UPDATE ach_envoi SET etat = 'PRET', echeance = $3, pose = $3 WHERE tenant = $1 AND etat = 'RETENU'
	AND cle IN (SELECT a.cle FROM ach_sujet d JOIN ach_sujet a ON a.tenant = d.tenant AND a.ordre = d.ordre AND a.sujet = d.sujet AND a.numero > d.numero
		WHERE d.tenant = $1 AND d.cle = $2)
	AND NOT EXISTS (SELECT 1 FROM ach_sujet a JOIN ach_sujet b ON b.tenant = a.tenant AND b.ordre = a.ordre AND b.sujet = a.sujet AND b.numero < a.numero
		WHERE a.tenant = $1 AND a.cle = ach_envoi.cle AND b.cle <> $2)`

// liberer lets go what waited for a message put aside, now delivered or abandoned, and
// for no other. It reads only what speaks of the same things.
func (s *Store) liberer(ctx context.Context, x bdd.Executant, cle, ordre string, quand int64) error {
	if err := s.fermer(ctx, x, ordre); err != nil {
		return err
	}
	_, err := x.ExecContext(ctx, libererRetenus, s.tenant, cle, quand)
	if err == nil {
		_, err = x.ExecContext(ctx, `DELETE FROM ach_sujet WHERE tenant = $1 AND cle = $2`, s.tenant, cle)
	}
	if err != nil {
		return fmt.Errorf("acheminement: libérer: %w", err)
	}
	return nil
}

const premierDevant = `SELECT b.cle FROM ach_sujet a JOIN ach_sujet b ON b.tenant = a.tenant AND b.ordre = a.ordre AND b.sujet = a.sujet AND b.numero < a.numero
	WHERE a.tenant = $1 AND a.cle = $2 ORDER BY b.numero LIMIT 1`

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
			err = x.QueryRowContext(ctx, premierDevant, s.tenant, cle).Scan(&devant)
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
