package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
)

// poser writes an open question; one that was open for the same coverage is
// abandoned.
func (s *Store) poser(ctx context.Context, e bdd.Executant, q *etablissement.Question) error {
	if _, err := e.ExecContext(ctx, `UPDATE etab_question SET close = 1 WHERE tenant = $1 AND venue = $2 AND rang = $3 AND close = 0`,
		s.tenant, q.Venue, q.Rang); err != nil {
		return fmt.Errorf("etablissement: abandonner une question: %w", err)
	}
	_, err := e.ExecContext(ctx, `INSERT INTO etab_question (tenant, id_message, id_echange, venue, rang, service, corps, posee, essayee, close, code)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, '')`,
		s.tenant, q.IDMessage.String(), q.IDEchange.String(), q.Venue, q.Rang, string(q.Service), q.Corps, millis(q.Posee), millis(q.Essayee))
	if err != nil {
		return fmt.Errorf("etablissement: écrire une question: %w", err)
	}
	return nil
}

func (s *Store) clore(ctx context.Context, e bdd.Executant, c *etablissement.Cloture) error {
	r, err := e.ExecContext(ctx, `UPDATE etab_question SET close = 1, code = $3 WHERE tenant = $1 AND id_message = $2 AND close = 0`,
		s.tenant, c.IDMessage.String(), string(c.Code))
	if err != nil {
		return fmt.Errorf("etablissement: clore une question: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(etablissement.ErrDejaClose, err)
	}
	return nil
}

const colonnesQuestion = `id_message, id_echange, venue, rang, service, corps, posee, essayee`

type lecteur interface{ Scan(...any) error }

func lireQuestion(l lecteur) (*etablissement.Question, error) {
	q := &etablissement.Question{}
	var message, echange string
	var posee, essayee int64
	if err := l.Scan(&message, &echange, &q.Venue, &q.Rang, &q.Service, &q.Corps, &posee, &essayee); err != nil {
		return nil, err
	}
	q.IDMessage, q.IDEchange = lireUUID(message), lireUUID(echange)
	q.Posee, q.Essayee = instant(posee), instant(essayee)
	return q, nil
}

// EnCours implements etablissement.Questions.
func (s *Store) EnCours(ctx context.Context, p etablissement.Place) (*etablissement.Question, error) {
	q, err := lireQuestion(s.b.Ecrivain(ctx).QueryRowContext(ctx, `SELECT `+colonnesQuestion+` FROM etab_question
		WHERE tenant = $1 AND venue = $2 AND rang = $3 AND close = 0`, s.tenant, p.Venue, p.Rang))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrInconnue, Detail: "Aucune question n'attend de réponse."}
	}
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire une question: %w", err)
	}
	return q, nil
}

// Prendre implements etablissement.Questions.
func (s *Store) Prendre(ctx context.Context, avant, maintenant time.Time, max int) (l []*etablissement.Question, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT `+colonnesQuestion+` FROM etab_question
		WHERE tenant = $1 AND close = 0 AND essayee <= $2 ORDER BY essayee LIMIT $3`, s.tenant, millis(avant), max)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire les questions sans réponse: %w", err)
	}
	defer rows.Close()
	var vues []*etablissement.Question
	for rows.Next() {
		q, err := lireQuestion(rows)
		if err != nil {
			return nil, fmt.Errorf("etablissement: lire les questions sans réponse: %w", err)
		}
		vues = append(vues, q)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("etablissement: lire les questions sans réponse: %w", err)
	}
	rows.Close()
	for _, q := range vues {
		pris, err := s.PrendreUne(ctx, q.IDMessage, avant, maintenant)
		if err != nil {
			return l, err
		}
		if pris {
			q.Essayee = maintenant
			l = append(l, q)
		}
	}
	return l, nil
}

// PrendreUne implements etablissement.Questions.
func (s *Store) PrendreUne(ctx context.Context, id roc.UUID, avant, maintenant time.Time) (bool, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_question SET essayee = $4
		WHERE tenant = $1 AND id_message = $2 AND close = 0 AND essayee <= $3`, s.tenant, id.String(), millis(avant), millis(maintenant))
	if err != nil {
		return false, fmt.Errorf("etablissement: reprendre une question: %w", err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}
