package serveur

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/sante"
)

// clesEmetteur are the keys that an issuer signs with, by name. Their ends are those that
// its lists announce: a command puts them off.
type clesEmetteur struct {
	mu  sync.RWMutex
	par map[string]accreditation.Cle
}

func (c *clesEmetteur) poser(k accreditation.Cle) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.par == nil {
		c.par = map[string]accreditation.Cle{}
	}
	c.par[k.Kid] = k
}

func (c *clesEmetteur) pour(kid string) func() accreditation.Cle {
	return func() accreditation.Cle {
		c.mu.RLock()
		defer c.mu.RUnlock()
		return c.par[kid]
	}
}

// Cle is a key of an issuer, as it signs now.
func (e *EmetteurDroits) Cle(kid string) accreditation.Cle { return e.signent.pour(kid)() }

func (c *clesEmetteur) toutes() []accreditation.Cle {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Collect(maps.Values(c.par))
}

// relireFins reads what is announced of the keys that sign: their ends, and whether they are
// in other hands.
func (e *EmetteurDroits) relireFins(ctx context.Context) error {
	l, err := e.Annonceur.Editions.Cles(ctx, time.Time{})
	if err != nil {
		return err
	}
	for _, k := range e.signent.toutes() {
		e.signent.poser(k.Relire(l))
	}
	return nil
}

// surveillerCles follows the keys of an issuer.
func (p *Processus) surveillerCles(e *EmetteurDroits) {
	dits := map[string]string{}
	p.tache(time.Minute, func(ctx context.Context) {
		if err := p.suivreCles(ctx, e, e.tenant, dits); err != nil && ctx.Err() == nil {
			p.Log.Warn("fins des clés non relues", "emetteur", e.Numero.String(), "erreur", err)
		}
	})
}

// suivreCles reads the announced ends of an issuer's keys again, and tells the operator
// when one is near, at each notice of the dated bounds, then every day once it is over.
// dits holds what was told of each.
func (p *Processus) suivreCles(ctx context.Context, e *EmetteurDroits, tenant string, dits map[string]string) error {
	if err := e.relireFins(ctx); err != nil {
		return err
	}
	now := p.Horloge()
	for _, k := range e.signent.toutes() {
		dit := preavisCle(k, now, p.vigie.bornes)
		if dit != "" && dits[k.Kid] != dit {
			p.direCle(e.Numero, tenant, k, now)
		}
		dits[k.Kid] = dit
	}
	return nil
}

// preavisCle names the notice that a key is at: the shortest one that is reached, the day
// once the key is over; "" when its end is far.
func preavisCle(k accreditation.Cle, now time.Time, bornes vigie.Bornes) string {
	jour := sante.JourA(now, sante.Paris())
	if k.Signe(now) != nil {
		return "finie " + jour.String()
	}
	atteint := 0
	for _, j := range bornes.A(vigie.PreavisCle, jour) {
		if !k.Fin.IsZero() && k.Fin.Sub(now) <= time.Duration(j)*24*time.Hour && (atteint == 0 || j < atteint) {
			atteint = j
		}
	}
	if atteint == 0 {
		return ""
	}
	return fmt.Sprint(atteint, " jours avant ", k.Fin)
}

func (p *Processus) direCle(emetteur sante.NumeroAMC, tenant string, k accreditation.Cle, now time.Time) {
	v := vigie.Evenement{Quand: now, Gravite: vigie.Attention, Code: vigie.CleExpire, Tenant: tenant, Structure: emetteur.String(),
		Detail: fmt.Sprintf("cle=%s usage=%s fin=%s", k.Kid, k.Usage, k.Fin.UTC().Format(time.RFC3339))}
	if !k.Compromise.IsZero() {
		v.Code, v.Detail = vigie.CleCompromise, fmt.Sprintf("cle=%s usage=%s compromise=%s", k.Kid, k.Usage, k.Compromise.UTC().Format(time.RFC3339))
	}
	if err := k.Signe(now); err != nil {
		v.Gravite = vigie.Alerte
		p.Log.Error("une clé d'émetteur ne signe plus", "emetteur", emetteur.String(), "erreur", err)
	} else {
		p.Log.Warn("clé d'émetteur bientôt finie : la prolonger (ecluse droits prolonger), ou en mettre une autre et redémarrer", "emetteur", emetteur.String(), "cle", k.Kid,
			"usage", k.Usage, "fin", k.Fin.UTC().Format(time.RFC3339), "jours", int(k.Fin.Sub(now).Hours()/24))
	}
	p.vigie.alertes.Signaler(v)
}

// clesMuettes are the keys of the issuers of the process that sign no more, each with why and
// who must act: professionals outside the hospital are answered 201 meanwhile.
func (p *Processus) clesMuettes() (l []string) {
	for _, e := range p.Emetteurs {
		for _, k := range e.signent.toutes() {
			if err := k.Signe(p.Horloge()); err != nil {
				l = append(l, e.Numero.String()+" : "+err.Error())
			}
		}
	}
	slices.Sort(l)
	return l
}
