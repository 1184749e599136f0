package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// IDBs keeps the open answers to IDB.
type IDBs struct{ table }

// Garder leaves the answer to be written with the commit of the exchange.
func (s *IDBs) Garder(ctx context.Context, i *amc.IDBGardee) error {
	return s.base.Differer(ctx, bdd.Insertion{
		Debut:    `INSERT INTO amc_idb (tenant, finess, dossier, id, patient, beneficiaire, version, debut, fin, rang, numero_local, instant) VALUES`,
		Colonnes: 12,
		Valeurs: []any{s.tenant, i.Finess.String(), i.Dossier, i.ID, i.Patient, i.Beneficiaire, i.Version,
			i.Debut.String(), fin(i.Fin), i.Rang, i.NumeroLocal.String(), i.Instant.UnixMilli()},
	})
}

const lireIDB = `SELECT id, patient, beneficiaire, version, debut, fin, rang, numero_local, instant FROM amc_idb
	WHERE tenant = $1 AND finess = $2 AND dossier = $3`

// IDB gives an answer by its name.
func (s *IDBs) IDB(ctx context.Context, finess sante.FINESS, dossier, id string) (*amc.IDBGardee, error) {
	return s.une(ctx, finess, dossier, lireIDB+" AND id = $4", id)
}

// Certitude gives the answer that made certain the latest day.
func (s *IDBs) Certitude(ctx context.Context, finess sante.FINESS, dossier, patient string, jour sante.Jour) (*amc.IDBGardee, error) {
	return s.une(ctx, finess, dossier,
		lireIDB+" AND patient = $4 AND debut <= $5 AND fin >= $5 ORDER BY fin DESC, instant DESC LIMIT 1", patient, jour.String())
}

func (s *IDBs) une(ctx context.Context, finess sante.FINESS, dossier, requete string, args ...any) (*amc.IDBGardee, error) {
	i := &amc.IDBGardee{Finess: finess, Dossier: dossier}
	var debut, dernier, numero string
	var instant int64
	err := s.base.Lecteur(ctx).QueryRowContext(ctx, requete, append([]any{s.tenant, finess.String(), dossier}, args...)...).
		Scan(&i.ID, &i.Patient, &i.Beneficiaire, &i.Version, &debut, &dernier, &i.Rang, &numero, &instant)
	if aucun(err) {
		return nil, amc.ErrIDBInconnue
	}
	if err != nil {
		return nil, fmt.Errorf("lire une réponse d'IDB: %w", err)
	}
	i.Debut, i.Fin, i.Instant = jour(debut), jour(dernier), time.UnixMilli(instant).UTC()
	if numero != "" {
		if i.NumeroLocal, err = roc.ParseNumeroEngagement(numero); err != nil {
			return nil, fmt.Errorf("relire une réponse d'IDB: %w", err)
		}
	}
	return i, nil
}

// Purger forgets the answers made before an instant, at most max of them, and
// tells how many. ref: ROC §16.4
func (s *IDBs) Purger(ctx context.Context, avant time.Time, max int) (int64, error) {
	return s.purger(ctx, `DELETE FROM amc_idb WHERE tenant = $1 AND (finess, dossier, id) IN
		(SELECT finess, dossier, id FROM amc_idb WHERE tenant = $1 AND instant < $2 ORDER BY instant LIMIT $3)`, avant, max)
}

func (t *table) purger(ctx context.Context, requete string, avant time.Time, max int) (int64, error) {
	r, err := t.base.Ecrivain(ctx).ExecContext(ctx, requete, t.tenant, avant.UnixMilli(), max)
	if err != nil {
		return 0, fmt.Errorf("purger: %w", err)
	}
	return r.RowsAffected()
}

// Simulations keeps the names of the simulations made.
type Simulations struct{ table }

// Garder leaves the simulation to be written with the commit of the exchange.
func (s *Simulations) Garder(ctx context.Context, g *amc.SimulationGardee) error {
	return s.base.Differer(ctx, bdd.Insertion{
		Debut:    "INSERT INTO amc_simulation (tenant, finess, dossier, id, oubliee_le, instant) VALUES",
		Colonnes: 6,
		Valeurs:  []any{s.tenant, g.Finess.String(), g.Dossier, g.ID, g.OublieeLe.String(), g.Instant.UnixMilli()},
	})
}

// Simulation gives a simulation by its name, locked in a transaction.
func (s *Simulations) Simulation(ctx context.Context, finess sante.FINESS, dossier, id string) (*amc.SimulationGardee, error) {
	g := &amc.SimulationGardee{ID: id, Finess: finess, Dossier: dossier}
	requete := "SELECT oubliee_le, instant FROM amc_simulation WHERE tenant = $1 AND finess = $2 AND dossier = $3 AND id = $4"
	if s.base.DansTransaction(ctx) {
		requete += s.base.Verrou()
	}
	var oubliee string
	var instant int64
	err := s.base.Lecteur(ctx).QueryRowContext(ctx, requete, s.tenant, finess.String(), dossier, id).Scan(&oubliee, &instant)
	if aucun(err) {
		return nil, amc.ErrSimulationInconnu
	}
	if err != nil {
		return nil, fmt.Errorf("lire une simulation: %w", err)
	}
	g.OublieeLe, g.Instant = jour(oubliee), time.UnixMilli(instant).UTC()
	return g, nil
}

// Oublier marks a simulation forgotten.
func (s *Simulations) Oublier(ctx context.Context, finess sante.FINESS, dossier, id string, le sante.Jour) error {
	_, err := s.base.Ecrivain(ctx).ExecContext(ctx,
		"UPDATE amc_simulation SET oubliee_le = $5 WHERE tenant = $1 AND finess = $2 AND dossier = $3 AND id = $4 AND oubliee_le = ''",
		s.tenant, finess.String(), dossier, id, le.String())
	if err != nil {
		return fmt.Errorf("oublier une simulation: %w", err)
	}
	return nil
}

// Existe tells whether a dossier has a simulation that is not forgotten.
func (s *Simulations) Existe(ctx context.Context, finess sante.FINESS, dossier string) (bool, error) {
	var un int
	err := s.base.Lecteur(ctx).QueryRowContext(ctx,
		"SELECT 1 FROM amc_simulation WHERE tenant = $1 AND finess = $2 AND dossier = $3 AND oubliee_le = '' LIMIT 1",
		s.tenant, finess.String(), dossier).Scan(&un)
	if aucun(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("chercher une simulation: %w", err)
	}
	return true, nil
}

// Purger forgets the simulations made before an instant, as IDBs.Purger does.
func (s *Simulations) Purger(ctx context.Context, avant time.Time, max int) (int64, error) {
	return s.purger(ctx, `DELETE FROM amc_simulation WHERE tenant = $1 AND (finess, dossier, id) IN
		(SELECT finess, dossier, id FROM amc_simulation WHERE tenant = $1 AND instant < $2 ORDER BY instant LIMIT $3)`, avant, max)
}
