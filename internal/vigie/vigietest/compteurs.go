// Package vigietest holds what the tests of vigie share: counters in memory, a
// list of events, and the suite that every implementation of vigie.Compteurs
// must pass.
package vigietest

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
)

type cleCompteur struct {
	tenant string
	genre  vigie.Genre
	sujet  string
	debut  int64
}

type cleBlocage struct {
	tenant string
	genre  vigie.Genre
	sujet  string
}

type compteur struct {
	total int64
	fin   time.Time
}

// Compteurs is a vigie.Compteurs in memory, shared by the nodes of a test.
type Compteurs struct {
	mu       sync.Mutex
	totaux   map[cleCompteur]compteur
	blocages map[cleBlocage]vigie.Blocage
	panne    error
	lignes   int
}

// NewCompteurs makes empty counters.
func NewCompteurs() *Compteurs {
	return &Compteurs{totaux: map[cleCompteur]compteur{}, blocages: map[cleBlocage]vigie.Blocage{}}
}

// EnPanne makes every call fail with err, until nil.
func (c *Compteurs) EnPanne(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.panne = err
}

// Lignes is the count of additions received.
func (c *Compteurs) Lignes() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lignes
}

// Ajouter is as the port says.
func (c *Compteurs) Ajouter(_ context.Context, lot []vigie.Ajout) ([]int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.panne != nil {
		return nil, c.panne
	}
	totaux := make([]int64, len(lot))
	for i, a := range lot {
		k := cleCompteur{a.Tenant, a.Genre, a.Sujet, a.Debut.UnixMilli()}
		v := compteur{total: c.totaux[k].total + a.N, fin: a.Fin}
		c.totaux[k] = v
		totaux[i] = v.total
		c.lignes++
	}
	return totaux, nil
}

// Bloquer is as the port says.
func (c *Compteurs) Bloquer(_ context.Context, lot []vigie.Blocage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.panne != nil {
		return c.panne
	}
	for _, b := range lot {
		k := cleBlocage{b.Tenant, b.Genre, b.Sujet}
		if c.blocages[k].Jusqua.Before(b.Jusqua) {
			c.blocages[k] = b
		}
	}
	return nil
}

// Blocages is as the port says.
func (c *Compteurs) Blocages(_ context.Context, depuis, encoreA time.Time) (liste []vigie.Blocage, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.panne != nil {
		return nil, c.panne
	}
	for _, b := range c.blocages {
		if !b.Depuis.Before(depuis) && b.Jusqua.After(encoreA) {
			liste = append(liste, b)
		}
	}
	slices.SortFunc(liste, func(a, b vigie.Blocage) int {
		return cmp.Or(a.Depuis.Compare(b.Depuis), cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Sujet, b.Sujet))
	})
	return liste[:min(len(liste), vigie.BlocagesLus)], nil
}

// Purger is as the port says.
func (c *Compteurs) Purger(_ context.Context, avant time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.panne != nil {
		return c.panne
	}
	for k, v := range c.totaux {
		if v.fin.Before(avant) {
			delete(c.totaux, k)
		}
	}
	for k, b := range c.blocages {
		if b.Jusqua.Before(avant) {
			delete(c.blocages, k)
		}
	}
	return nil
}

// Evenements keeps what was signalled.
type Evenements struct {
	mu    sync.Mutex
	liste []vigie.Evenement
}

// Signaler keeps e.
func (e *Evenements) Signaler(ev vigie.Evenement) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.liste = append(e.liste, ev)
}

// Tous gives the events so far.
func (e *Evenements) Tous() []vigie.Evenement {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.liste)
}
