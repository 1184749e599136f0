package store

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Compter keeps the counters, in the transaction of the exchange.
func (r *Registre) Compter(ctx context.Context, s *visiodroits.Statistiques, scelle bool) error {
	_, err := r.base.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO accreditation_compteurs (tenant, jour, ps, scelle, corps) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant, jour, ps) DO UPDATE SET scelle = excluded.scelle, corps = excluded.corps WHERE accreditation_compteurs.scelle <= excluded.scelle`,
		r.tenant, s.Jour.String(), string(s.NumeroFacturation), map[bool]int{true: 1}[scelle], droits.EchangeStatistiques.CorpsDemande.AppendJSON(nil, s))
	if err != nil {
		return fmt.Errorf("garder des compteurs: %w", err)
	}
	return nil
}

// Sommer adds the counters of days.
func (r *Registre) Sommer(ctx context.Context, du, au sante.Jour) (s visiodroits.Somme, journees, scellees int, err error) {
	rows, err := r.base.Lecteur(ctx).QueryContext(ctx, "SELECT scelle, corps FROM accreditation_compteurs WHERE tenant = $1 AND jour >= $2 AND jour <= $3",
		r.tenant, du.String(), au.String())
	if err != nil {
		return s, 0, 0, fmt.Errorf("sommer les compteurs: %w", err)
	}
	err = parcourir(rows, func() error {
		var scelle int
		var corps []byte
		if err := rows.Scan(&scelle, &corps); err != nil {
			return err
		}
		var x visiodroits.Statistiques
		if err := droits.EchangeStatistiques.CorpsDemande.DecodeJSON(corps, &x); err != nil {
			return err
		}
		journees, scellees, s = journees+1, scellees+scelle, s.Plus(x.Sommer(nil))
		return nil
	})
	return s, journees, scellees, err
}
