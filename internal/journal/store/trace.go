package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/preuve"
)

const (
	insererTrace = `INSERT INTO journal_trace
		(id, tenant, seau, instant, classe, service, id_message, id_echange, engagement, amorce, feuille, secret) VALUES`
	insererContenu = `INSERT INTO journal_contenu (id, tenant, octets) VALUES`
)

// amorce is the beginning of a leaf's hash, which its index holds.
func amorce(h preuve.Hash) int64 { return int64(binary.BigEndian.Uint64(h[:])) }

// Ajouter leaves the row for the end of the transaction of ctx, merged with
// those of the callers who share it; alone, it is durable on return.
func (s *Store) Ajouter(ctx context.Context, l journal.Ligne) error {
	lot := make([]bdd.Insertion, 1, 2)
	lot[0] = bdd.Insertion{Debut: insererTrace, Colonnes: 12, Valeurs: []any{
		l.ID, l.Tenant, l.Seau, l.Instant.UnixMilli(), string(l.Classe), l.Service,
		l.IDMessage, l.IDEchange, l.Engagement, amorce(l.Feuille), l.Feuille[:], l.Secret}}
	if l.Contenu != nil {
		lot = append(lot, bdd.Insertion{Debut: insererContenu, Colonnes: 3, Valeurs: []any{l.ID, l.Tenant, l.Contenu}})
	}
	return s.b.Differer(ctx, lot...)
}

const colonnes = `t.id, t.tenant, t.instant, t.classe, t.service, t.id_message, t.id_echange, t.engagement,
	t.feuille, t.secret, t.generation, t.rang`

// parSeau visits the buckets of a tenant, the last first, from one index entry
// to the next, and looks in each for the key. Without ORDER BY, both engines
// stop at the first LIMIT rows.
func parSeau(colonne, condition string) string {
	return `WITH RECURSIVE j (s) AS (
		SELECT MAX(seau) FROM journal_trace WHERE tenant = $1
		UNION ALL
		SELECT (SELECT MAX(seau) FROM journal_trace WHERE tenant = $1 AND seau < j.s) FROM j WHERE j.s IS NOT NULL)
	SELECT ` + colonnes + ` FROM j CROSS JOIN journal_trace t
		WHERE t.tenant = $1 AND t.seau = j.s AND t.` + colonne + ` = $2` + condition + ` LIMIT $3`
}

var (
	chercherMessage    = parSeau("id_message", "")
	chercherEchange    = parSeau("id_echange", " AND t.id_echange <> ''")
	chercherEngagement = parSeau("engagement", " AND t.engagement <> ''")
	chercherFeuille    = parSeau("amorce", "")
	chercherID         = `SELECT ` + colonnes + ` FROM journal_trace t WHERE t.tenant = $1 AND t.id = $2 LIMIT $3`
	parcourir          = `SELECT ` + colonnes + ` FROM journal_trace t
		WHERE t.tenant = $1 AND t.generation = $2 AND t.rang >= $3 AND t.rang < $4 ORDER BY t.rang`
)

// Chercher finds rows by the first field of c that is not empty.
func (s *Store) Chercher(ctx context.Context, tenant string, c journal.Critere) ([]journal.Ligne, error) {
	query, valeur, max := "", any(nil), 1000
	switch {
	case c.ID != "":
		query, valeur = chercherID, c.ID
	case c.IDMessage != "":
		query, valeur = chercherMessage, c.IDMessage
	case c.IDEchange != "":
		query, valeur = chercherEchange, c.IDEchange
	case c.Engagement != "":
		query, valeur = chercherEngagement, c.Engagement
	case c.Feuille != nil:
		query, valeur, max = chercherFeuille, amorce(*c.Feuille), 1
	default:
		return nil, nil
	}
	var l []journal.Ligne
	err := s.lignes(ctx, func(x journal.Ligne) error {
		if c.Feuille == nil || x.Feuille == *c.Feuille {
			l = append(l, x)
		}
		return nil
	}, query, tenant, valeur, max)
	slices.SortFunc(l, func(a, b journal.Ligne) int { return cmp.Compare(a.ID, b.ID) })
	return l, err
}

// pageParcours is the number of rows held in memory by Parcourir.
const pageParcours = 1024

// Parcourir reads by pages, so that f may speak to the database between two.
func (s *Store) Parcourir(ctx context.Context, tenant string, generation, de, a int64, f func(journal.Ligne) error) error {
	for ; de < a; de += pageParcours {
		page := make([]journal.Ligne, 0, pageParcours)
		err := s.lignes(ctx, func(l journal.Ligne) error { page = append(page, l); return nil },
			parcourir, tenant, generation, de, min(a, de+pageParcours))
		if err != nil {
			return err
		}
		for _, l := range page {
			if err := f(l); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) lignes(ctx context.Context, f func(journal.Ligne) error, query string, args ...any) error {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("lire les traces: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := lireLigne(rows)
		if err != nil {
			return err
		}
		if err := f(l); err != nil {
			return err
		}
	}
	return rows.Err()
}

func lireLigne(rows *sql.Rows) (journal.Ligne, error) {
	var l journal.Ligne
	var instant int64
	var feuille []byte
	var generation, rang sql.NullInt64
	err := rows.Scan(&l.ID, &l.Tenant, &instant, &l.Classe, &l.Service, &l.IDMessage, &l.IDEchange, &l.Engagement,
		&feuille, &l.Secret, &generation, &rang)
	if err != nil {
		return l, fmt.Errorf("lire les traces: %w", err)
	}
	if len(feuille) != len(l.Feuille) {
		return l, fmt.Errorf("lire les traces: feuille de %d octets", len(feuille))
	}
	l.Feuille = preuve.Hash(feuille)
	l.Instant = time.UnixMilli(instant).UTC()
	l.Generation, l.Rang = generation.Int64, -1
	if rang.Valid {
		l.Rang = rang.Int64
	}
	return l, nil
}

// Contenu gives an encrypted content.
func (s *Store) Contenu(ctx context.Context, tenant, id string) ([]byte, error) {
	return s.octets(ctx, `SELECT octets FROM journal_contenu WHERE id = $1 AND tenant = $2`, id, tenant)
}

// Vider empties the rows of a class and a span, by small transactions, so that
// the house goes on writing. Ids begin with the instant: the span is one of ids.
func (s *Store) Vider(ctx context.Context, tenant string, c journal.Classe, de, a time.Time) (int64, error) {
	const (
		oterContenu = `DELETE FROM journal_contenu WHERE tenant = $1 AND id IN (
			SELECT id FROM journal_trace WHERE tenant = $1 AND classe = $2 AND id >= $3 AND id < $4
			AND secret IS NOT NULL ORDER BY id LIMIT 500)`
		oterSecret = `UPDATE journal_trace SET secret = NULL, id_message = '', id_echange = '', engagement = ''
			WHERE id IN (SELECT id FROM journal_trace WHERE tenant = $1 AND classe = $2 AND id >= $3 AND id < $4
			AND secret IS NOT NULL ORDER BY id LIMIT 500)`
	)
	total := int64(0)
	for {
		var n int64
		err := s.b.EnTransaction(ctx, func(ctx context.Context) error {
			args := []any{tenant, string(c), journal.DebutID(de), journal.DebutID(a)}
			if _, err := s.executer(ctx, "effacer les contenus", oterContenu, args...); err != nil {
				return err
			}
			var err error
			n, err = s.executer(ctx, "effacer les traces", oterSecret, args...)
			return err
		})
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// DeposerPiece keeps a piece once.
func (s *Store) DeposerPiece(ctx context.Context, tenant string, empreinte preuve.Hash, octets []byte) error {
	return s.b.Inserer(ctx, bdd.Insertion{Debut: `INSERT INTO journal_piece (tenant, empreinte, octets) VALUES`,
		Fin: `ON CONFLICT (tenant, empreinte) DO NOTHING`, Colonnes: 3, Valeurs: []any{tenant, empreinte.Hex(), octets}})
}

// Piece gives a piece back.
func (s *Store) Piece(ctx context.Context, tenant string, empreinte preuve.Hash) ([]byte, error) {
	return s.octets(ctx, `SELECT octets FROM journal_piece WHERE tenant = $1 AND empreinte = $2`, tenant, empreinte.Hex())
}
