package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
)

// dureeCle is how long a served request is remembered; cleAbandonnee is when a
// request being served is taken for dead.
const (
	dureeCle      = 24 * time.Hour
	cleAbandonnee = 2 * time.Minute
)

// Commencer implements etablissement.Servies.
func (s *Store) Commencer(ctx context.Context, cle, empreinte string, maintenant time.Time) (*etablissement.Servie, error) {
	e := s.b.Ecrivain(ctx)
	r, err := e.ExecContext(ctx, `INSERT INTO etab_cle (tenant, cle, empreinte, statut, entetes, corps, instant)
		VALUES ($1, $2, $3, 0, '', $4, $5) ON CONFLICT (tenant, cle) DO NOTHING`, s.tenant, cle, empreinte, []byte{}, millis(maintenant))
	if err != nil {
		return nil, fmt.Errorf("etablissement: retenir une clé: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return nil, err
	}
	var k etablissement.Servie
	var connue string
	var quand int64
	err = e.QueryRowContext(ctx, `SELECT empreinte, statut, entetes, corps, instant FROM etab_cle WHERE tenant = $1 AND cle = $2`, s.tenant, cle).
		Scan(&connue, &k.Statut, &k.Entetes, &k.Corps, &quand)
	if err != nil {
		return nil, fmt.Errorf("etablissement: lire une clé: %w", err)
	}
	switch {
	case connue != empreinte:
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrDonnees, Detail: "Cette clé d'idempotence a déjà servi pour une autre requête."}
	case k.Statut != 0:
		return &k, nil
	case maintenant.Sub(instant(quand)) < cleAbandonnee:
		return nil, &etablissement.Erreur{Sorte: etablissement.ErrEnAttente, Reprise: 5, Detail: "La même requête est en cours."}
	}
	return nil, s.ravir(ctx, cle, quand, maintenant)
}

// ravir takes a key over from a server that died; one taker wins.
func (s *Store) ravir(ctx context.Context, cle string, quand int64, maintenant time.Time) error {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_cle SET instant = $4 WHERE tenant = $1 AND cle = $2 AND instant = $3 AND statut = 0`,
		s.tenant, cle, quand, millis(maintenant))
	if err != nil {
		return fmt.Errorf("etablissement: reprendre une clé: %w", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return &etablissement.Erreur{Sorte: etablissement.ErrEnAttente, Reprise: 5, Detail: "La même requête est en cours."}
}

// Finir implements etablissement.Servies.
func (s *Store) Finir(ctx context.Context, cle string, k etablissement.Servie) error {
	if k.Corps == nil {
		k.Corps = []byte{}
	}
	_, err := s.b.Ecrivain(ctx).ExecContext(ctx, `UPDATE etab_cle SET statut = $3, entetes = $4, corps = $5 WHERE tenant = $1 AND cle = $2`,
		s.tenant, cle, k.Statut, k.Entetes, k.Corps)
	if err != nil {
		return fmt.Errorf("etablissement: garder une réponse: %w", err)
	}
	return nil
}

// Abandonner implements etablissement.Servies.
func (s *Store) Abandonner(ctx context.Context, cle string) error {
	if _, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM etab_cle WHERE tenant = $1 AND cle = $2 AND statut = 0`, s.tenant, cle); err != nil {
		return fmt.Errorf("etablissement: libérer une clé: %w", err)
	}
	return nil
}

// Ensemble implements etablissement.Servies.
func (s *Store) Ensemble(ctx context.Context, f func(ctx context.Context) error) error {
	return s.b.EnTransaction(ctx, f)
}
