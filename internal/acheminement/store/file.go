package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/bdd"
)

// lireDus walks from a partner to the next in the index of what is due, without
// reading what each has in line. Not by MIN: with old statistics PostgreSQL reads
// the whole line to find it.
const lireDus = `WITH RECURSIVE d (nom) AS (
		SELECT (SELECT destinataire FROM ach_envoi WHERE tenant = $1 AND etat = 'PRET' ORDER BY destinataire LIMIT 1)
		UNION ALL
		SELECT (SELECT e.destinataire FROM ach_envoi e WHERE e.tenant = $1 AND e.etat = 'PRET' AND e.destinataire > d.nom ORDER BY e.destinataire LIMIT 1)
		FROM d WHERE d.nom IS NOT NULL)
	SELECT d.nom FROM d WHERE d.nom IS NOT NULL
		AND (SELECT e.echeance FROM ach_envoi e WHERE e.tenant = $1 AND e.etat = 'PRET' AND e.destinataire = d.nom ORDER BY e.echeance LIMIT 1) <= $2
	ORDER BY 1`

// Dus implements acheminement.File.
func (s *Store) Dus(ctx context.Context, maintenant time.Time) (l []string, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, lireDus, s.tenant, millis(maintenant))
	if err != nil {
		return nil, fmt.Errorf("acheminement: lire ce qui est dû: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d string
		if err := rows.Scan(&d); err != nil {
			return nil, fmt.Errorf("acheminement: lire ce qui est dû: %w", err)
		}
		l = append(l, d)
	}
	return l, rows.Err()
}

const rendrePris = ` RETURNING cle, transport, adresse, genre, ordre, reference, taille, empreinte, poste, bail, essais`

const prendreSQLite = `UPDATE ach_envoi SET bail = bail + 1, echeance = $5, pose = $3 WHERE tenant = $1 AND cle IN (
		SELECT cle FROM ach_envoi WHERE tenant = $1 AND destinataire = $2 AND etat = 'PRET' AND echeance <= $3
		ORDER BY echeance LIMIT $4)` + rendrePris

// On PostgreSQL what another node is taking is passed over; the rows are chosen
// once, before the update.
const prendrePostgres = `WITH pris AS MATERIALIZED (
		SELECT cle AS choisie FROM ach_envoi WHERE tenant = $1 AND destinataire = $2 AND etat = 'PRET' AND echeance <= $3
		ORDER BY echeance LIMIT $4 FOR UPDATE SKIP LOCKED)
	UPDATE ach_envoi SET bail = bail + 1, echeance = $5, pose = $3 FROM pris
	WHERE tenant = $1 AND cle = pris.choisie` + rendrePris

// Prendre implements acheminement.File.
func (s *Store) Prendre(ctx context.Context, parts []acheminement.Part, maintenant time.Time, bail time.Duration) (l []*acheminement.Pris, err error) {
	err = s.b.Grouper(ctx, func(ctx context.Context) error {
		l = nil
		for _, p := range parts {
			pris, err := s.prendre(ctx, s.b.Ecrivain(ctx), p, maintenant, maintenant.Add(bail))
			if err != nil {
				return fmt.Errorf("acheminement: prendre: %w", err)
			}
			l = append(l, pris...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (s *Store) prendre(ctx context.Context, x bdd.Executant, p acheminement.Part, maintenant, fin time.Time) (l []*acheminement.Pris, err error) {
	texte := prendreSQLite
	if s.b.Moteur() == bdd.PostgreSQL {
		texte = prendrePostgres
	}
	rows, err := x.QueryContext(ctx, texte, s.tenant, p.Destinataire, millis(maintenant), p.N, millis(fin))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e := &acheminement.Pris{Fin: fin}
		e.Tenant, e.Destinataire = s.tenant, p.Destinataire
		var empreinte []byte
		var poste int64
		if err := rows.Scan(&e.Cle, &e.Transport, &e.Adresse, &e.Genre, &e.Ordre, &e.Reference, &e.Taille, &empreinte, &poste, &e.Bail, &e.Essais); err != nil {
			return nil, err
		}
		copy(e.Empreinte[:], empreinte)
		e.Instant = instant(poste)
		l = append(l, e)
	}
	return l, rows.Err()
}

// Conclure implements acheminement.File.
func (s *Store) Conclure(ctx context.Context, i *acheminement.Issue, suite func(ctx context.Context) error) error {
	return s.b.Grouper(ctx, func(ctx context.Context) error {
		x := s.b.Ecrivain(ctx)
		if err := s.sortir(ctx, x, i); err != nil {
			return err
		}
		if i.Recu != nil {
			if err := s.differerContenu(ctx, i.Cle, natureRecu, i.Recu); err != nil {
				return err
			}
		}
		return suite(ctx)
	})
}

func (s *Store) sortir(ctx context.Context, x bdd.Executant, i *acheminement.Issue) error {
	etat, fini := acheminement.Pret, time.Time{}
	switch i.Sort {
	case acheminement.Acquis:
		etat, fini = acheminement.Livre, i.Instant
	case acheminement.Rebute:
		etat = acheminement.Mort
	}
	var ordre string
	var numero int64
	// One row, or none when the lease was lost. Under QueryRow, since the number in
	// the Ordre is due with it.
	err := x.QueryRowContext(ctx, `UPDATE ach_envoi SET etat = $4, echeance = $5, pose = $6, essais = $7, code = $8, fini = $9
		WHERE tenant = $1 AND cle = $2 AND bail = $3 AND etat = 'PRET' RETURNING ordre, numero`,
		s.tenant, i.Cle, i.Bail, string(etat), millis(i.Echeance), millis(i.Instant), i.Essais, i.Code, millis(fini)).Scan(&ordre, &numero)
	if absent(err) {
		return acheminement.ErrBail
	}
	if err != nil {
		return fmt.Errorf("acheminement: écrire une issue: %w", err)
	}
	if etat != acheminement.Livre || ordre == "" {
		return nil
	}
	return s.avancer(ctx, x, ordre, numero, i.Instant)
}

// errOrdre: the line of an Ordre is not that of its messages.
var errOrdre = errors.New("acheminement: suite d'envois incohérente")

// avancer makes the next message of an Ordre due.
func (s *Store) avancer(ctx context.Context, x bdd.Executant, ordre string, numero int64, quand time.Time) error {
	var tete, dernier int64
	err := x.QueryRowContext(ctx, `UPDATE ach_ordre SET tete = tete + 1 WHERE tenant = $1 AND ordre = $2 AND tete = $3 RETURNING tete, dernier`,
		s.tenant, ordre, numero).Scan(&tete, &dernier)
	if absent(err) {
		return errOrdre
	}
	if err != nil {
		return fmt.Errorf("acheminement: avancer: %w", err)
	}
	if tete > dernier {
		return nil
	}
	r, err := x.ExecContext(ctx, `UPDATE ach_envoi SET etat = 'PRET', echeance = $4, pose = $4
		WHERE tenant = $1 AND ordre = $2 AND numero = $3 AND etat = 'ATTENTE'`, s.tenant, ordre, tete, millis(quand))
	if err != nil {
		return fmt.Errorf("acheminement: avancer: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errOrdre, err)
	}
	return nil
}

// Redresser implements acheminement.File. It reads all that is due or put off:
// it is not for every turn.
func (s *Store) Redresser(ctx context.Context, maintenant time.Time, tolerance time.Duration) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE ach_envoi SET echeance = $2, pose = $2
		WHERE tenant = $1 AND etat = 'PRET' AND echeance > $2 AND pose > $3`, s.tenant, millis(maintenant), millis(maintenant.Add(tolerance)))
	if err != nil {
		return 0, fmt.Errorf("acheminement: redresser: %w", err)
	}
	return r.RowsAffected()
}
