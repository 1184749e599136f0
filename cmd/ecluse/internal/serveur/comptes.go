package serveur

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
func (p *Processus) tenirComptes(e *PartieEtablissement) {
	dire := func(quoi string, err error) {
		if err != nil {
			p.Log.Error("comptes interrompus", "locataire", e.Tenant, "tache", quoi, "erreur", err)
		}
	}
	p.tache(5*time.Second, func(ctx context.Context) {
		n, err := e.Service.RouvrirComptes(ctx)
		if n > 0 {
			p.Log.Info("comptes ouverts d'après l'historique", "locataire", e.Tenant, "venues", n)
		}
		dire("ouverture", err)
		dire("compteurs", e.Service.Plier(ctx))
	})
	p.tache(10*time.Minute, func(ctx context.Context) {
		c, err := e.Service.ControlerLaNuit(ctx)
		dire("contrôle", err)
		if err == nil && c != nil {
			p.direControle(e.Tenant, c)
		}
	})
}

// direControle tells what a control found: nothing, or an event for who watches and
// the differences for who must act.
func (p *Processus) direControle(tenant string, c *etablissement.Controle) {
	if c.Differences == 0 {
		p.Log.Info("comptes contrôlés", "locataire", tenant, "couvertures", c.Couvertures, "ecritures", c.Lignes)
		return
	}
	p.vigie.alertes.Signaler(vigie.Evenement{Quand: c.Instant, Gravite: vigie.Alerte, Code: vigie.ComptesDiscordants, Tenant: tenant,
		Detail: fmt.Sprintf("%d écarts sur %d couvertures : « ecluse cloture controler » les montre", c.Differences, c.Couvertures)})
	for i := range c.Ecarts {
		x := &c.Ecarts[i]
		p.Log.Error("comptes discordants", "locataire", tenant, "ecart", x.Phrase(), "qui", x.QuiAgit, "action", x.AFaire)
	}
}
