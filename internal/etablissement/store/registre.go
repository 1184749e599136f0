package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
)

// Question implements roc.Registre: the sealed question is durable when it
// returns. A question that leaves again is another emission of it.
func (s *Store) Question(ctx context.Context, d *roc.Depart) error {
	err := s.b.Grouper(ctx, func(ctx context.Context) error {
		_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO etab_message
			(tenant, id_message, emission, id_echange, service, dossier, destinataire, posee, question, repondue, reponse, code, verdict)
			VALUES ($1, $2, (SELECT COALESCE(MAX(emission), 0) + 1 FROM etab_message WHERE tenant = $1 AND id_message = $2),
				$3, $4, $5, $6, $7, $8, 0, $9, '', '')`,
			s.tenant, d.IDMessage.String(), d.IDEchange.String(), string(d.Service), d.Dossier, d.Destinataire.ID,
			millis(d.Instant), d.Scelle, []byte{})
		return err
	})
	if err != nil {
		return fmt.Errorf("etablissement: écrire un message: %w", err)
	}
	return nil
}

// Reponse implements roc.Registre: how the last emission of a question ended.
func (s *Store) Reponse(ctx context.Context, a *roc.Arrivee) error {
	scelle := a.Scelle
	if scelle == nil {
		scelle = []byte{}
	}
	err := s.b.Grouper(ctx, func(ctx context.Context) error {
		_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_message SET repondue = $3, reponse = $4, code = $5, verdict = $6
			WHERE tenant = $1 AND id_message = $2 AND emission = (SELECT MAX(emission) FROM etab_message WHERE tenant = $1 AND id_message = $2)`,
			s.tenant, a.Depart.IDMessage.String(), millis(a.Instant), scelle, string(a.Code), verdict(a))
		return err
	})
	if err != nil {
		return fmt.Errorf("etablissement: écrire une réponse: %w", err)
	}
	return nil
}

// verdict says what became of a message, for a person.
func verdict(a *roc.Arrivee) string {
	switch {
	case a.Refus == nil:
		return etablissement.VerdictCru
	case a.Scelle == nil:
		return etablissement.VerdictMuet
	case a.Scelleur.Porteur == nil:
		return etablissement.VerdictDoute
	}
	return etablissement.VerdictRefuse
}

// Messages implements etablissement.Traces.
func (s *Store) Messages(ctx context.Context, dossier string) (l []etablissement.Message, err error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT id_message, emission, id_echange, service, destinataire, posee, question, repondue, reponse, code, verdict
		FROM etab_message WHERE tenant = $1 AND dossier = $2 ORDER BY posee, id_message, emission LIMIT 1000`, s.tenant, dossier)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire les messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		m, err := lireMessage(rows)
		if err != nil {
			return nil, err
		}
		l = append(l, m)
	}
	return l, rows.Err()
}

// Recents lists the last messages of every file, the oldest of them first, and
// tells how many there are in all.
func (s *Store) Recents(ctx context.Context, max int) (l []etablissement.Message, total int, err error) {
	e := s.b.Lecteur(ctx)
	if err := e.QueryRowContext(ctx, `SELECT COUNT(1) FROM etab_message WHERE tenant = $1`, s.tenant).Scan(&total); err != nil {
		return nil, 0, fmt.Errorf("etablissement: compter les messages: %w", err)
	}
	rows, err := e.QueryContext(ctx, `SELECT id_message, emission, id_echange, service, destinataire, posee, question, repondue, reponse, code, verdict, dossier
		FROM etab_message WHERE tenant = $1 ORDER BY posee DESC, id_message DESC, emission DESC LIMIT $2`, s.tenant, max)
	if err != nil {
		return nil, 0, fmt.Errorf("etablissement: lire les messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var dossier string
		m, err := lireMessage(rows, &dossier)
		if err != nil {
			return nil, 0, err
		}
		m.Dossier = dossier
		l = append(l, m)
	}
	slices.Reverse(l)
	return l, total, rows.Err()
}

// lireMessage reads a row of messages, and what the query adds to it.
func lireMessage(rows *sql.Rows, autres ...any) (m etablissement.Message, err error) {
	var message, echange string
	var posee, repondue int64
	if err := rows.Scan(append([]any{&message, &m.Emission, &echange, &m.Service, &m.Destinataire, &posee, &m.Question, &repondue, &m.Reponse, &m.Code, &m.Verdict}, autres...)...); err != nil {
		return m, fmt.Errorf("etablissement: lire les messages: %w", err)
	}
	m.IDMessage, m.IDEchange = lireUUID(message), lireUUID(echange)
	m.Posee, m.Repondue = instant(posee), instant(repondue)
	return m, nil
}

// Conservation is how long messages are kept. Its zero value is the default of
// the reference. ref: ROC §16.4
type Conservation struct {
	Engagements time.Duration // CLC, DEL and invoices; 10 years when zero
	Autres      time.Duration // directory, IDB, SIM; 1 year when zero
}

// Purger forgets the messages that are out of their time, and the requests served
// more than a day ago. Visits are the hospital's own file and stay.
func (s *Store) Purger(ctx context.Context, maintenant time.Time, c Conservation) error {
	const an = 365 * 24 * time.Hour
	if c.Engagements <= 0 {
		c.Engagements = 10 * an
	}
	if c.Autres <= 0 {
		c.Autres = an
	}
	return s.b.EnTransaction(ctx, func(ctx context.Context) error {
		e := s.b.Ecrivain(ctx)
		if _, err := e.ExecContext(ctx, `DELETE FROM etab_message WHERE tenant = $1 AND
			(service IN ('CLC', 'DEL', 'DRE', 'RET') AND posee < $2 OR service NOT IN ('CLC', 'DEL', 'DRE', 'RET') AND posee < $3)`,
			s.tenant, millis(maintenant.Add(-c.Engagements)), millis(maintenant.Add(-c.Autres))); err != nil {
			return fmt.Errorf("etablissement: oublier les messages: %w", err)
		}
		if _, err := e.ExecContext(ctx, `DELETE FROM etab_question WHERE tenant = $1 AND close = 1 AND posee < $2`,
			s.tenant, millis(maintenant.Add(-c.Engagements))); err != nil {
			return fmt.Errorf("etablissement: oublier les questions: %w", err)
		}
		for _, requete := range []string{`DELETE FROM etab_fichier WHERE tenant = $1 AND instant < $2`, `DELETE FROM etab_fichier_retour WHERE tenant = $1 AND instant < $2`} {
			if _, err := e.ExecContext(ctx, requete, s.tenant, millis(maintenant.Add(-c.Engagements))); err != nil {
				return fmt.Errorf("etablissement: oublier les fichiers: %w", err)
			}
		}
		return s.purgerCles(ctx, e, maintenant)
	})
}

func (s *Store) purgerCles(ctx context.Context, e bdd.Executant, maintenant time.Time) error {
	if _, err := e.ExecContext(ctx, `DELETE FROM etab_cle WHERE tenant = $1 AND instant < $2`, s.tenant, millis(maintenant.Add(-dureeCle))); err != nil {
		return fmt.Errorf("etablissement: oublier les requêtes servies: %w", err)
	}
	return nil
}
