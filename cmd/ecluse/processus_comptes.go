package main

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/vigie"
)

// tenirComptes keeps the counters of a hospital's day: what was written before
// accounts were kept enters them, lines are folded, and each night proves that they
// are what its invoices say.
func (p *processus) tenirComptes(e *partieEtablissement) {
	dire := func(quoi string, err error) {
		if err != nil {
			p.log.Error("comptes interrompus", "locataire", e.tenant, "tache", quoi, "erreur", err)
		}
	}
	p.tache(5*time.Second, func(ctx context.Context) {
		n, err := e.service.RouvrirComptes(ctx)
		if n > 0 {
			p.log.Info("comptes ouverts d'après l'historique", "locataire", e.tenant, "venues", n)
		}
		dire("ouverture", err)
		dire("compteurs", e.service.Plier(ctx))
	})
	p.tache(10*time.Minute, func(ctx context.Context) {
		c, err := e.service.ControlerLaNuit(ctx)
		dire("contrôle", err)
		if err == nil && c != nil {
			p.direControle(e.tenant, c)
		}
	})
}

// direControle tells what a control found: nothing, or an event for who watches and
// the differences for who must act.
func (p *processus) direControle(tenant string, c *etablissement.Controle) {
	if c.Differences == 0 {
		p.log.Info("comptes contrôlés", "locataire", tenant, "couvertures", c.Couvertures, "ecritures", c.Lignes)
		return
	}
	p.vigie.alertes.Signaler(vigie.Evenement{Quand: c.Instant, Gravite: vigie.Alerte, Code: vigie.ComptesDiscordants, Tenant: tenant,
		Detail: fmt.Sprintf("%d écarts sur %d couvertures : « ecluse cloture controler » les montre", c.Differences, c.Couvertures)})
	for i := range c.Ecarts {
		x := &c.Ecarts[i]
		p.log.Error("comptes discordants", "locataire", tenant, "ecart", x.Phrase(), "qui", x.QuiAgit, "action", x.AFaire)
	}
}
