package serveur

import (
	"context"
	"time"

	"github.com/ecluse-sante/ecluse/internal/config"
	etabstore "github.com/ecluse-sante/ecluse/internal/etablissement/store"
	liqstore "github.com/ecluse-sante/ecluse/internal/liquidation/store"
)

// lotEntretien bounds what one transaction of upkeep changes, so that questions
// never wait for it.
const lotEntretien = 500

// parLots runs f in transactions until it has nothing left to do.
func (p *Processus) parLots(ctx context.Context, f func(ctx context.Context) (int64, error)) error {
	for {
		var n int64
		err := p.Base.EnTransaction(ctx, func(ctx context.Context) (err error) {
			n, err = f(ctx)
			return err
		})
		if err != nil || n < lotEntretien {
			return err
		}
	}
}

// jusquAuBout runs f, which makes its own transactions, until it finds nothing.
func jusquAuBout(f func() (int64, error)) error {
	for {
		if n, err := f(); err != nil || n == 0 {
			return err
		}
	}
}

// entretenirAMC ends the engagements that were not invoiced in time, and forgets
// what has reached its term. ref: DEC 26, ROC §16.4
func (p *Processus) entretenirAMC(a *PartieAMC) {
	c := p.Fichier.Conservation
	dire := func(quoi string, err error) {
		if err != nil {
			p.Log.Error("entretien interrompu", "locataire", a.Tenant, "tache", quoi, "erreur", err)
		}
	}
	p.tache(10*time.Minute, func(ctx context.Context) {
		dire("échéances", p.parLots(ctx, func(ctx context.Context) (int64, error) {
			n, err := a.service.Expirer(ctx, lotEntretien)
			return int64(n), err
		}))
		maintenant := p.Horloge()
		for quoi, x := range map[string]struct {
			purger func(context.Context, time.Time, int) (int64, error)
			garde  config.Duree
		}{"IDB": {a.store.IDBs.Purger, c.Droits}, "simulations": {a.store.Simulations.Purger, c.Droits}, "engagements": {a.store.Engagements.Effacer, c.Engagements}} {
			dire(quoi, p.parLots(ctx, func(ctx context.Context) (int64, error) {
				return x.purger(ctx, maintenant.Add(-x.garde.Duration()), lotEntretien)
			}))
		}
		terme := maintenant.Add(-c.Engagements.Duration())
		livre := liqstore.New(p.Base, a.Tenant)
		dire("factures", jusquAuBout(func() (int64, error) { return livre.Purger(ctx, terme, maintenant) }))
		dire("retours", p.parLots(ctx, func(ctx context.Context) (int64, error) { return livre.PurgerRetours(ctx, terme, lotEntretien) }))
	})
}

// entretenirEtablissement asks again what was left without answer, marks what has
// expired, closes what was paid and forgets what has reached its term.
func (p *Processus) entretenirEtablissement(e *PartieEtablissement, cloture time.Duration) {
	dire := func(quoi string, err error) {
		if err != nil {
			p.Log.Warn("entretien interrompu", "locataire", e.Tenant, "tache", quoi, "erreur", err)
		}
	}
	p.tache(time.Minute, func(ctx context.Context) {
		_, err := e.Service.Reprendre(ctx)
		dire("questions sans réponse", err)
		_, err = e.Service.Expirer(ctx)
		dire("échéances", err)
	})
	p.tache(time.Hour, func(ctx context.Context) {
		_, err := e.Service.CloreSoldees(ctx, p.Horloge().Add(-cloture))
		dire("clôtures", err)
		dire("messages", e.Store.Purger(ctx, p.Horloge(), etabstore.Conservation{
			Engagements: p.Fichier.Conservation.Engagements.Duration(), Autres: p.Fichier.Conservation.Droits.Duration()}))
		dire("factures", p.parLots(ctx, func(ctx context.Context) (int64, error) {
			return e.Store.PurgerFactures(ctx, p.Horloge().Add(-p.Fichier.Conservation.Engagements.Duration()), lotEntretien)
		}))
		dire("réserves", p.parLots(ctx, func(ctx context.Context) (int64, error) {
			return e.Store.PurgerReserves(ctx, p.Horloge().Add(-p.Fichier.Conservation.Engagements.Duration()), lotEntretien)
		}))
		dire("annuaire", p.oublierAnnuaire(ctx, e.Store))
	})
}

// oublierAnnuaire forgets the answers of the directory that may no longer serve.
func (p *Processus) oublierAnnuaire(ctx context.Context, st *etabstore.Store) error {
	return p.parLots(ctx, func(ctx context.Context) (int64, error) { return st.PurgerAnnuaire(ctx, p.Horloge(), lotEntretien) })
}
