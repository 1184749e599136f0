package vigie

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Sharing between nodes, out of the path of requests.

// lotMax bounds one call of Compteurs.Ajouter.
const lotMax = 500

// recul is how far back blockages are read again: nodes write a little late, and
// their clocks differ a little.
const recul = 10 * time.Second

// purgeTous is the period between two purges of the store.
const purgeTous = 10 * time.Minute

// envoi is an Ajout under way, with what is needed to take its answer into account.
type envoi struct {
	ajout   Ajout
	sujet   sujet
	fenetre uint32
}

// Tourner shares about once per cadence until ctx ends, then a last time. Errors
// go to erreur: counting goes on, in memory, and what could not be shared is
// shared later.
func (g *Garde) Tourner(ctx context.Context, cadence time.Duration, horloge func() time.Time, erreur func(error)) {
	tic := time.NewTicker(cadence)
	defer tic.Stop()
	for {
		if err := g.Vider(ctx, horloge()); err != nil && ctx.Err() == nil {
			erreur(err)
		}
		select {
		case <-tic.C:
		case <-ctx.Done():
			dernier, finir := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer finir()
			if err := g.Vider(dernier, horloge()); err != nil {
				erreur(err)
			}
			return
		}
	}
}

// Vider shares the counters that reached a step and the blockages, and learns
// those of the other nodes.
func (g *Garde) Vider(ctx context.Context, instant time.Time) error {
	g.vidage.Lock()
	defer g.vidage.Unlock()
	g.oublierFinis(instant)
	envois := g.recueillirAjouts()
	if g.compteurs == nil { // the lists are emptied so that they do not grow
		g.recueillirBlocages()
		return nil
	}
	return errors.Join(
		g.envoyerAjouts(ctx, envois, instant), // may stop someone: before what follows
		g.envoyerBlocages(ctx, g.recueillirBlocages(), instant),
		g.lireBlocages(ctx, instant),
		g.purger(ctx, instant),
	)
}

func (g *Garde) recueillirAjouts() (envois []envoi) {
	for i := range g.parts {
		p := &g.parts[i]
		p.Lock()
		for _, s := range p.sales {
			envois = append(envois, g.ajouts(p, s)...)
		}
		for _, a := range p.restes {
			envois = append(envois, envoi{ajout: a})
		}
		p.sales, p.restes = nil, nil
		p.Unlock()
	}
	return envois
}

func (g *Garde) recueillirBlocages() (blocages []Blocage) {
	for i := range g.parts {
		p := &g.parts[i]
		p.Lock()
		blocages = append(blocages, p.nouveaux...)
		p.nouveaux = nil
		p.Unlock()
	}
	return blocages
}

func (g *Garde) ajouts(p *part, s sujet) []envoi {
	if s.genre == Echecs {
		if a := p.adherents.chercher(s.cle); a != nil && a.sale {
			a.sale = false
			return g.ajoutsAdherent(s.cle, a)
		}
		return nil
	}
	if e := p.emetteurs.chercher(s.cle); e != nil && e.sale {
		e.sale = false
		return g.ajoutsEmetteur(s.cle, e)
	}
	return nil
}

// ajoutsEmetteur takes the counters worth a row: those at a step, and all that
// bears on the share when there is something suspicious.
func (g *Garde) ajoutsEmetteur(k cle, e *emetteur) (envois []envoi) {
	s := sujet{Suspectes, k}
	if e.debit.delta >= uint32(g.p.Pas) {
		envois = append(envois, g.envoi(s, Debit, &e.debit, time.Minute))
	}
	if e.jour.delta >= uint32(g.p.Pas) {
		envois = append(envois, g.envoi(s, Jour, &e.jour, unJour))
		if !e.veilleLue { // after a restart, or from other nodes: nothing is added, the total is read
			veille := glissant{fenetre: e.jour.fenetre - 1}
			envois = append(envois, g.envoi(s, Jour, &veille, unJour))
		}
	}
	if e.suspectes.delta > 0 || e.identifications.delta >= uint32(g.p.Pas) {
		envois = append(envois, g.envoi(s, Identifications, &e.identifications, g.p.Fenetre))
	}
	if e.suspectes.delta > 0 {
		envois = append(envois, g.envoi(s, Suspectes, &e.suspectes, g.p.Fenetre))
	}
	return envois
}

func (g *Garde) ajoutsAdherent(k cle, a *adherent) []envoi {
	if a.echecs.delta == 0 {
		return nil
	}
	return []envoi{g.envoi(sujet{Echecs, k}, Echecs, &a.echecs, g.p.FenetreEssais)}
}

func (g *Garde) envoi(s sujet, genre Genre, c *glissant, periode time.Duration) envoi {
	debut, fin := bornes(c.fenetre, periode)
	return envoi{sujet: s, fenetre: c.fenetre, ajout: Ajout{Tenant: s.cle.tenant, Genre: genre, Sujet: s.cle.sujet,
		Debut: debut, Fin: fin, N: int64(c.delta)}}
}

func (g *Garde) envoyerAjouts(ctx context.Context, envois []envoi, instant time.Time) error {
	for len(envois) > 0 {
		n := min(len(envois), lotMax)
		lot := make([]Ajout, n)
		for i, e := range envois[:n] {
			lot[i] = e.ajout
		}
		totaux, err := g.compteurs.Ajouter(ctx, lot)
		if err == nil && len(totaux) != n {
			err = errors.New("nombre de totaux inattendu")
		}
		if err != nil {
			g.reprendre(envois)
			return fmt.Errorf("vigie: partager les compteurs: %w", err)
		}
		for i, e := range envois[:n] {
			g.prendreEnCompte(e, totaux[i], instant)
		}
		envois = envois[n:]
	}
	return nil
}

// reprendre puts back what could not be shared.
func (g *Garde) reprendre(envois []envoi) {
	for _, e := range envois {
		k := cle{e.ajout.Tenant, e.ajout.Sujet}
		p := g.part(k)
		p.Lock()
		switch em, ad := p.emetteurs.chercher(k), p.adherents.chercher(k); {
		case e.sujet.genre == 0: // it was already forgotten
			p.laisser([]envoi{e})
		case e.sujet.genre == Echecs && ad != nil:
			p.salir(&ad.sale, e.sujet)
		case e.sujet.genre == Suspectes && em != nil:
			p.salir(&em.sale, e.sujet)
		}
		p.Unlock()
	}
}

// prendreEnCompte takes in the total of all nodes, which may be what stops the subject.
func (g *Garde) prendreEnCompte(e envoi, total int64, instant time.Time) {
	if e.sujet.genre == 0 {
		return
	}
	k, n := e.sujet.cle, uint32(e.ajout.N)
	p := g.part(k)
	p.Lock()
	code, detail, bloque := EssaisSurAdherent, "", false
	if e.sujet.genre == Echecs {
		if a := p.adherents.chercher(k); a != nil {
			a.echecs.partager(e.fenetre, n, total)
			bloque, detail = g.jugerAdherent(p, k, a, instant), g.detailAdherent(k)
		}
		_, k.sujet, _ = strings.Cut(k.sujet, " ") // of all: the sealers are several, the event names none
	} else if em := p.emetteurs.chercher(k); em != nil {
		em.compteur(e.ajout.Genre).partager(e.fenetre, n, total)
		if e.ajout.Genre == Jour && e.fenetre+1 == em.jour.fenetre {
			em.jour.rappeler(total)
			em.veilleLue = true
		}
		if e.ajout.Genre == Suspectes {
			code = IdentificationSuspecte
			detail, bloque = g.juger(p, k, em, instant)
		}
	}
	p.Unlock()
	switch {
	case bloque && code == IdentificationSuspecte:
		g.signalerPart(instant, k, detail)
	case bloque:
		g.signaler(instant, Alerte, code, k, detail)
	}
}

func (e *emetteur) compteur(genre Genre) *glissant {
	switch genre {
	case Debit:
		return &e.debit
	case Identifications:
		return &e.identifications
	case Jour:
		return &e.jour
	}
	return &e.suspectes
}

// envoyerBlocages dates the blockages of the moment they are written, not decided:
// the other nodes read from there, even when the store was long away.
func (g *Garde) envoyerBlocages(ctx context.Context, blocages []Blocage, instant time.Time) error {
	if len(blocages) == 0 {
		return nil
	}
	for i := range blocages {
		blocages[i].Depuis = instant
	}
	if err := g.compteurs.Bloquer(ctx, blocages); err != nil {
		for _, b := range blocages {
			p := g.part(cle{b.Tenant, b.Sujet})
			p.Lock()
			if len(p.nouveaux) < restesMax {
				p.nouveaux = append(p.nouveaux, b)
			}
			p.Unlock()
		}
		return fmt.Errorf("vigie: partager les blocages: %w", err)
	}
	return nil
}

// lireBlocages learns what the other nodes stopped, and after a restart what was
// stopped before it.
func (g *Garde) lireBlocages(ctx context.Context, instant time.Time) error {
	lus, err := g.compteurs.Blocages(ctx, g.lu, instant)
	if err != nil {
		return fmt.Errorf("vigie: lire les blocages: %w", err)
	}
	for _, b := range lus {
		s := sujet{b.Genre, cle{b.Tenant, b.Sujet}}
		p := g.part(s.cle)
		p.Lock()
		if p.retenir(g, s, b.Jusqua) {
			p.effacer(s)
		}
		p.Unlock()
	}
	if len(lus) == BlocagesLus { // there are more: go on from there next time
		g.lu = later(lus[len(lus)-1].Depuis, g.lu.Add(time.Millisecond))
		return nil
	}
	g.lu = instant.Add(-recul)
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (g *Garde) purger(ctx context.Context, instant time.Time) error {
	if instant.Sub(g.purge) < purgeTous {
		return nil
	}
	g.purge = instant
	if err := g.compteurs.Purger(ctx, instant); err != nil {
		return fmt.Errorf("vigie: purger: %w", err)
	}
	return nil
}

// oublierFinis forgets the blockages that are over.
func (g *Garde) oublierFinis(instant time.Time) {
	for i := range g.parts {
		p := &g.parts[i]
		p.Lock()
		for s, jusqua := range p.bloques {
			if !instant.Before(jusqua) {
				delete(p.bloques, s)
			}
		}
		p.Unlock()
	}
}
