package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/preuve"
)

// Tetes lists the logs of a tenant, the current one last.
func (s *Store) Tetes(ctx context.Context, tenant string) ([]journal.Tete, error) {
	rows, err := s.b.Lecteur(ctx).QueryContext(ctx,
		`SELECT generation, taille, point FROM journal_log WHERE tenant = $1 ORDER BY generation`, tenant)
	if err != nil {
		return nil, fmt.Errorf("lire les journaux: %w", err)
	}
	defer rows.Close()
	var l []journal.Tete
	for rows.Next() {
		t := journal.Tete{Tenant: tenant}
		if err := rows.Scan(&t.Generation, &t.Taille, &t.Point); err != nil {
			return nil, fmt.Errorf("lire les journaux: %w", err)
		}
		l = append(l, t)
	}
	return l, rows.Err()
}

// OuvrirTete adds a log unless its generation exists.
func (s *Store) OuvrirTete(ctx context.Context, t journal.Tete) error {
	_, err := s.executer(ctx, "ouvrir un journal", `INSERT INTO journal_log (tenant, generation, taille, point)
		VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, generation) DO NOTHING`, t.Tenant, t.Generation, t.Taille, t.Point)
	return err
}

// AvancerTete replaces the state of a log, which may only grow.
func (s *Store) AvancerTete(ctx context.Context, t journal.Tete, jalon bool) error {
	n, err := s.executer(ctx, "avancer le journal",
		`UPDATE journal_log SET taille = $3, point = $4 WHERE tenant = $1 AND generation = $2 AND taille <= $3`,
		t.Tenant, t.Generation, t.Taille, t.Point)
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("avancer le journal: %w", journal.ErrIncoherent)
	}
	if !jalon {
		return nil
	}
	_, err = s.executer(ctx, "garder un point de contrôle", `INSERT INTO journal_point (tenant, generation, taille, point)
		VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, generation, taille) DO NOTHING`, t.Tenant, t.Generation, t.Taille, t.Point)
	return err
}

// PointApres is the first checkpoint kept that covers a rank.
func (s *Store) PointApres(ctx context.Context, tenant string, generation, rang int64) ([]byte, error) {
	return s.octets(ctx, `SELECT point FROM journal_point WHERE tenant = $1 AND generation = $2 AND taille > $3
		ORDER BY taille LIMIT 1`, tenant, generation, rang)
}

// Tuile gives a whole tile.
func (s *Store) Tuile(ctx context.Context, tenant string, generation int64, niveau int, indice int64) ([]byte, error) {
	return s.octets(ctx, `SELECT octets FROM journal_tuile
		WHERE tenant = $1 AND generation = $2 AND niveau = $3 AND indice = $4`, tenant, generation, niveau, indice)
}

// PoserTuiles writes tiles, over those that they complete.
func (s *Store) PoserTuiles(ctx context.Context, tenant string, generation int64, l []preuve.Tuile) error {
	// The tiles of a round complete each other in order: only the last state of
	// each is written, since one statement may not touch a row twice.
	type place struct {
		niveau int
		indice int64
	}
	rang := make(map[place]int)
	i := bdd.Insertion{Debut: `INSERT INTO journal_tuile (tenant, generation, niveau, indice, octets) VALUES`,
		Fin:      `ON CONFLICT (tenant, generation, niveau, indice) DO UPDATE SET octets = excluded.octets`,
		Colonnes: 5}
	for _, t := range l {
		p := place{t.Niveau, t.Indice}
		if k, deja := rang[p]; deja {
			i.Valeurs[5*k+4] = t.Octets()
			continue
		}
		rang[p] = len(rang)
		i.Valeurs = append(i.Valeurs, tenant, generation, int64(t.Niveau), t.Indice, t.Octets())
	}
	if len(i.Valeurs) == 0 {
		return nil
	}
	return s.b.Inserer(ctx, i)
}

// OterTuiles removes all the tiles of a log.
func (s *Store) OterTuiles(ctx context.Context, tenant string, generation int64) error {
	_, err := s.executer(ctx, "ôter les tuiles", `DELETE FROM journal_tuile WHERE tenant = $1 AND generation = $2`, tenant, generation)
	return err
}
