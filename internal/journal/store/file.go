package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/preuve"
)

// nomBail is the lease of the sequencer: one for the database.
const nomBail = "sequenceur"

// SousBail holds the lease's row until the end of the transaction in which f
// works: two nodes can never append together, whatever their clocks. The
// deadline only decides who may try, and the token changes with the holder.
func (s *Store) SousBail(ctx context.Context, titulaire string, maintenant time.Time, duree time.Duration, f func(ctx context.Context) error) (bool, error) {
	tenu := false
	err := s.b.EnTransaction(ctx, func(ctx context.Context) error {
		var err error
		if tenu, err = s.prendreBail(ctx, titulaire, maintenant, duree); err != nil || !tenu {
			return err
		}
		return f(ctx)
	})
	return tenu && err == nil, err
}

func (s *Store) prendreBail(ctx context.Context, titulaire string, maintenant time.Time, duree time.Duration) (bool, error) {
	var ancien string
	var echeance int64
	err := s.b.Ecrivain(ctx).QueryRowContext(ctx,
		`SELECT titulaire, echeance FROM journal_bail WHERE nom = $1`+s.b.Verrou(), nomBail).Scan(&ancien, &echeance)
	if errors.Is(err, sql.ErrNoRows) {
		n, err := s.executer(ctx, "prendre le bail", `INSERT INTO journal_bail (nom, titulaire, jeton, echeance)
			VALUES ($1, $2, 1, $3) ON CONFLICT (nom) DO NOTHING`, nomBail, titulaire, maintenant.Add(duree).UnixMilli())
		return n == 1, err
	}
	if err != nil {
		return false, fmt.Errorf("lire le bail: %w", err)
	}
	ms := maintenant.UnixMilli()
	// A deadline too far away was set by a wrong clock: it blocks nobody.
	if ancien != titulaire && ms < echeance && echeance-ms <= 10*duree.Milliseconds() {
		return false, nil
	}
	if ancien == titulaire && echeance-ms > duree.Milliseconds()/2 {
		return true, nil // fresh enough: no write for an idle round
	}
	_, err = s.executer(ctx, "prendre le bail", `UPDATE journal_bail
		SET titulaire = $2, echeance = $3, jeton = jeton + CASE WHEN titulaire = $2 THEN 0 ELSE 1 END WHERE nom = $1`,
		nomBail, titulaire, maintenant.Add(duree).UnixMilli())
	return err == nil, err
}

// RendreBail frees the lease if it is ours.
func (s *Store) RendreBail(ctx context.Context, titulaire string) error {
	_, err := s.executer(ctx, "rendre le bail",
		`UPDATE journal_bail SET echeance = 0 WHERE nom = $1 AND titulaire = $2`, nomBail, titulaire)
	return err
}

// EnAttente lists rows without rank.
func (s *Store) EnAttente(ctx context.Context, apres string, max int) ([]journal.Attente, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT id, tenant, feuille FROM journal_trace
		WHERE rang IS NULL AND id > $1 ORDER BY id LIMIT $2`, apres, max)
	if err != nil {
		return nil, fmt.Errorf("lire la file: %w", err)
	}
	defer rows.Close()
	var l []journal.Attente
	for rows.Next() {
		var a journal.Attente
		var h []byte
		if err := rows.Scan(&a.ID, &a.Tenant, &h); err != nil {
			return nil, fmt.Errorf("lire la file: %w", err)
		}
		if len(h) != len(a.Feuille) {
			return nil, fmt.Errorf("lire la file: feuille de %d octets", len(h))
		}
		a.Feuille = preuve.Hash(h)
		l = append(l, a)
	}
	return l, rows.Err()
}

const rangerUn = `UPDATE journal_trace SET generation = $2, rang = $4 WHERE id = $3 AND tenant = $1 AND rang IS NULL`

// Ranger gives consecutive ranks to rows that have none. SQLite is given one
// statement a row: over many it reads the whole queue for each. PostgreSQL is
// given as many rows as possible in a round trip.
func (s *Store) Ranger(ctx context.Context, tenant string, generation, rang int64, ids []string) error {
	for len(ids) > 0 {
		n, texte := 1, rangerUn
		if s.b.Moteur() == bdd.PostgreSQL && len(ids) >= 64 {
			n, texte = 64, rangerSoixanteQuatre
		}
		args := make([]any, 0, 2+2*n)
		args = append(args, tenant, generation)
		for i, id := range ids[:n] {
			args = append(args, id, rang+int64(i))
		}
		faits, err := s.executer(ctx, "ranger", texte, args...)
		if err != nil {
			return err
		}
		if faits != int64(n) {
			return fmt.Errorf("ranger: %w: %d lignes sur %d", journal.ErrIncoherent, faits, n)
		}
		ids, rang = ids[n:], rang+int64(n)
	}
	return nil
}

var rangerSoixanteQuatre = texteRanger(64)

func texteRanger(n int) string {
	var b strings.Builder
	b.WriteString(`UPDATE journal_trace SET generation = $2, rang = v.column2 FROM (VALUES `)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "(CAST($%d AS TEXT),CAST($%d AS BIGINT))", 3+2*i, 4+2*i)
	}
	b.WriteString(`) AS v WHERE journal_trace.id = v.column1 AND journal_trace.tenant = $1 AND journal_trace.rang IS NULL`)
	return b.String()
}
