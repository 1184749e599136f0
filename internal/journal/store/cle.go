package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/journal"
)

// Cle gives a wrapped key.
func (s *Store) Cle(ctx context.Context, tenant, mois string, c journal.Classe) ([]byte, error) {
	return s.octets(ctx, `SELECT enveloppe FROM journal_cle WHERE tenant = $1 AND mois = $2 AND classe = $3`, tenant, mois, string(c))
}

// PoserCle keeps the key unless one exists.
func (s *Store) PoserCle(ctx context.Context, k journal.CleEnveloppee) error {
	_, err := s.executer(ctx, "poser une clé", `INSERT INTO journal_cle (tenant, mois, classe, enveloppe)
		VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, mois, classe) DO NOTHING`, k.Tenant, k.Mois, string(k.Classe), k.Enveloppe)
	return err
}

// ListerCles lists the keys of a tenant, of all when it is empty.
func (s *Store) ListerCles(ctx context.Context, tenant string) ([]journal.CleEnveloppee, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx, `SELECT tenant, mois, classe, enveloppe FROM journal_cle
		WHERE $1 = '' OR tenant = $1 ORDER BY tenant, mois, classe`, tenant)
	if err != nil {
		return nil, fmt.Errorf("lire les clés: %w", err)
	}
	defer rows.Close()
	var l []journal.CleEnveloppee
	for rows.Next() {
		var k journal.CleEnveloppee
		if err := rows.Scan(&k.Tenant, &k.Mois, &k.Classe, &k.Enveloppe); err != nil {
			return nil, fmt.Errorf("lire les clés: %w", err)
		}
		l = append(l, k)
	}
	return l, rows.Err()
}

// OterCle destroys a key.
func (s *Store) OterCle(ctx context.Context, tenant, mois string, c journal.Classe) error {
	_, err := s.executer(ctx, "détruire une clé",
		`DELETE FROM journal_cle WHERE tenant = $1 AND mois = $2 AND classe = $3`, tenant, mois, string(c))
	return err
}

// PurgerCles makes removed keys unreadable in the engine's files.
func (s *Store) PurgerCles(ctx context.Context) error {
	return s.b.Purger(ctx, "journal_cle", "journal_contenu")
}
