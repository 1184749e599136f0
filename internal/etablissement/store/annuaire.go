package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/trame"
)

var planAnnuaire = trame.Pour[roc.ReponseAnnuaire](espace)

// annuaire keeps what the directory said to the hospital of a Store.
type annuaire struct{ s *Store }

// Annuaire keeps the answers of the directory across restarts. ref: ROC §6.2
func (s *Store) Annuaire() roc.CacheAnnuaire { return annuaire{s} }

// Lire implements roc.CacheAnnuaire.
func (a annuaire) Lire(ctx context.Context, cle string) (*roc.ReponseAnnuaire, time.Time, bool, error) {
	var lue int64
	var contenu []byte
	err := a.s.b.Lecteur(ctx).QueryRowContext(ctx, `SELECT lue, contenu FROM etab_annuaire WHERE tenant = $1 AND cle = $2`, a.s.tenant, cle).
		Scan(&lue, &contenu)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, false, nil
	}
	if err != nil {
		return nil, time.Time{}, false, fmt.Errorf("etablissement: lire une réponse d'annuaire: %w", err)
	}
	r := &roc.ReponseAnnuaire{}
	if err := planAnnuaire.DecodeJSON(contenu, r); err != nil {
		return nil, time.Time{}, false, fmt.Errorf("etablissement: réponse d'annuaire illisible: %w", err)
	}
	return r, instant(lue), true, nil
}

// Ecrire implements roc.CacheAnnuaire. Of two nodes that asked, the later answer
// stays.
func (a annuaire) Ecrire(ctx context.Context, cle string, r *roc.ReponseAnnuaire, lue time.Time) error {
	_, err := a.s.b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO etab_annuaire (tenant, cle, lue, fin, contenu) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, cle) DO UPDATE SET lue = excluded.lue, fin = excluded.fin, contenu = excluded.contenu
		WHERE etab_annuaire.lue <= excluded.lue`,
		a.s.tenant, cle, millis(lue), millis(lue.Add(roc.DureeUtile(r))), planAnnuaire.AppendJSON(nil, r))
	if err != nil {
		return fmt.Errorf("etablissement: garder une réponse d'annuaire: %w", err)
	}
	return nil
}

// PurgerAnnuaire forgets up to max answers of the directory that may no longer
// serve, and tells how many it forgot.
func (s *Store) PurgerAnnuaire(ctx context.Context, maintenant time.Time, max int) (int64, error) {
	r, err := s.b.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM etab_annuaire WHERE tenant = $1 AND cle IN
		(SELECT cle FROM etab_annuaire WHERE tenant = $1 AND fin < $2 ORDER BY fin LIMIT $3)`, s.tenant, millis(maintenant), max)
	if err != nil {
		return 0, fmt.Errorf("etablissement: oublier l'annuaire: %w", err)
	}
	return r.RowsAffected()
}
