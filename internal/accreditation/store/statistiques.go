package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Compter keeps the counters, in the transaction of the exchange.
func (r *Registre) Compter(ctx context.Context, s *visiodroits.Statistiques, e accreditation.Envoi) error {
	qui := sha256.Sum256([]byte(e.Expediteur)) // an address, sometimes: it is kept for two days, and not as it is
	if err := r.envoyer(ctx, e.Recu, hex.EncodeToString(qui[:]), e.Max); err != nil {
		return err
	}
	corps, variante, scelle := droits.EchangeStatistiques.CorpsDemande.AppendJSON(nil, s), string(s.Poste), 1
	if !e.Scelle {
		scelle = 0
		if err := r.envoyer(ctx, e.Recu, "*", e.MaxSans); err != nil {
			return err
		}
		d := sha256.Sum256(corps)
		variante = hex.EncodeToString(d[:])
	} else if err := r.borner(ctx, s, e.MaxPostes); err != nil {
		return err
	}
	_, err := r.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO accreditation_journee (tenant, jour, ps, variante, scelle, corps) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (tenant, jour, ps, variante) DO UPDATE SET corps = excluded.corps`, r.tenant, s.Jour.String(), s.NumeroFacturation.String(), variante, scelle, corps)
	if err != nil {
		return fmt.Errorf("garder des compteurs: %w", err)
	}
	return nil
}

// borner refuses one workstation too many for a professional and a day. The sender's row is
// locked: two of his do not pass together.
func (r *Registre) borner(ctx context.Context, s *visiodroits.Statistiques, max int) error {
	var autres int
	err := r.base.Ecrivain(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM accreditation_journee
		WHERE tenant = $1 AND jour = $2 AND ps = $3 AND variante <> $4 AND scelle = 1`, r.tenant, s.Jour.String(), s.NumeroFacturation.String(), string(s.Poste)).Scan(&autres)
	switch {
	case err != nil:
		return fmt.Errorf("compter les postes: %w", err)
	case autres >= max:
		return accreditation.ErrTropDePostes
	}
	return nil
}

// envoyer counts what a sender sends on a day, and refuses beyond max. The row is locked
// until the transaction ends: no two nodes let the last one through.
func (r *Registre) envoyer(ctx context.Context, jour sante.Jour, qui string, max int) error {
	var n int
	err := r.base.Ecrivain(ctx).QueryRowContext(ctx, `INSERT INTO accreditation_envoi (tenant, jour, expediteur, nombre) VALUES ($1, $2, $3, 1)
		ON CONFLICT (tenant, jour, expediteur) DO UPDATE SET nombre = accreditation_envoi.nombre + 1 RETURNING nombre`, r.tenant, jour.String(), qui).Scan(&n)
	switch {
	case err != nil:
		return fmt.Errorf("compter un envoi: %w", err)
	case n > max:
		return accreditation.ErrTropDEnvois
	}
	return nil
}

// Sommer adds the counters of days, of all workstations. For each professional and day, what
// he sealed comes first.
func (r *Registre) Sommer(ctx context.Context, du, au sante.Jour) (*accreditation.Sommes, error) {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, `SELECT jour, ps, scelle, corps FROM accreditation_journee
		WHERE tenant = $1 AND jour >= $2 AND jour <= $3 ORDER BY jour, ps, scelle DESC`, r.tenant, du.String(), au.String())
	if err != nil {
		return nil, fmt.Errorf("sommer les compteurs: %w", err)
	}
	s, scellee := new(accreditation.Sommes), ""
	err = parcourir(rows, func() error {
		var jour, ps string
		var scelle int
		var corps []byte
		if err := rows.Scan(&jour, &ps, &scelle, &corps); err != nil {
			return err
		}
		var x visiodroits.Statistiques
		if err := droits.EchangeStatistiques.CorpsDemande.DecodeJSON(corps, &x); err != nil {
			return err
		}
		switch cle := jour + "/" + ps; {
		case scelle == 1:
			scellee = cle
			s.JourneesScellees, s.Scellees = s.JourneesScellees+1, s.Scellees.Plus(x.Sommer(nil))
		case cle != scellee:
			s.JourneesSans, s.Sans = s.JourneesSans+1, s.Sans.Plus(x.Sommer(nil))
		}
		return nil
	})
	return s, err
}

// PurgerCompteurs takes out the counters of the days before a term, and how many each
// sent before recus; max rows of each at most. It tells how many went.
func (r *Registre) PurgerCompteurs(ctx context.Context, terme, recus sante.Jour, max int) (total int64, err error) {
	for _, x := range []struct {
		texte string
		avant sante.Jour
	}{
		{`DELETE FROM accreditation_journee WHERE tenant = $1 AND (jour, ps, variante) IN
			(SELECT jour, ps, variante FROM accreditation_journee WHERE tenant = $1 AND jour < $2 ORDER BY jour, ps, variante LIMIT $3)`, terme},
		{`DELETE FROM accreditation_envoi WHERE tenant = $1 AND (jour, expediteur) IN
			(SELECT jour, expediteur FROM accreditation_envoi WHERE tenant = $1 AND jour < $2 ORDER BY jour, expediteur LIMIT $3)`, recus},
	} {
		res, err := r.base.Ecrivain(ctx).ExecContext(ctx, x.texte, r.tenant, x.avant.String(), max)
		if err != nil {
			return total, fmt.Errorf("purger des compteurs: %w", err)
		}
		n, err := res.RowsAffected()
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}
