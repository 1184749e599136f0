package charger

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/rass"
	"github.com/ecluse-sante/ecluse/sante"
)

// FluxLu is what was read of a feed.
type FluxLu struct {
	Nom       string // of the file
	Cle       string // the kind of feed, under which counts are compared between runs
	Instant   time.Time
	Empreinte string // SHA-256 in hexadecimal, empty when it cannot be told
	Portee    Portee
	Lignes    int64 // read and understood
	Rejetees  int64 // left out
	Reparees  int64 // bytes that are not of UTF-8 were replaced
}

// Mouvement counts what becomes of the records of one nature.
type Mouvement struct {
	Avant                                   int // how many stood
	Nouvelles, Changees, Finies, Inchangees int64
}

// Touchees is how many change or end.
func (m Mouvement) Touchees() int64 { return m.Changees + m.Finies }

// Rapport tells what a run did. It names no one.
type Rapport struct {
	Course      string // digest of the inputs
	Debut, Fin  time.Time
	Flux        []FluxLu
	Mouvements  map[annuaire.Nature]Mouvement
	Constats    map[string]int64 // by code, those of lines included
	Releve      *annuaire.Releve `json:"-"` // with samples, to be sent to who can correct
	AccepteePar string           // who accepted beyond the guard
	Repris      bool             // the reading of an interrupted run was used
}

// Lignes is how many lines were read.
func (r *Rapport) Lignes() (n int64) {
	for _, f := range r.Flux {
		n += f.Lignes + f.Rejetees
	}
	return n
}

// Codes are the codes that were met, in order.
func (r *Rapport) Codes() []string { return slices.Sorted(maps.Keys(r.Constats)) }

// Inchange tells whether nothing changes.
func (r *Rapport) Inchange() bool {
	for _, m := range r.Mouvements {
		if m.Nouvelles+m.Changees+m.Finies > 0 {
			return false
		}
	}
	return true
}

// compte gathers what is wrong. It is safe for concurrent use.
type compte struct {
	mu     sync.Mutex
	releve annuaire.Releve  // of the joining of files
	lignes map[string]int64 // of the reading of lines, by code
	o      *Options
	jour   sante.Jour
}

func nouveauCompte(o *Options) *compte {
	return &compte{lignes: map[string]int64{}, o: o, jour: sante.JourA(o.Maintenant, o.lieu())}
}

// ligne notes what is wrong with a line, whose content is not told.
func (c *compte) ligne(a rass.Anomalie) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lignes[a.Motif.Code()]++
}

// fiche notes what is wrong with a record, or between two.
func (c *compte) fiche(code annuaire.CodeConstat, n annuaire.Nature, id, autorite, champ, valeur string) {
	g := annuaire.Avertir
	if c.o.Donnees != nil {
		if g = c.o.Donnees.Controle(code, c.jour).Gravite; g == annuaire.Ignorer {
			return
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.releve.Noter(0, []annuaire.Constat{{Code: code, Gravite: g, Nature: n, ID: id, Autorite: autorite, Champ: champ, Valeur: valeur}})
}

// ajouter adds what a worker found.
func (c *compte) ajouter(r *annuaire.Releve) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.releve.Ajouter(r)
}

// comptes are all the codes met.
func (c *compte) comptes() map[string]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.releve.Comptes()
	maps.Copy(m, c.lignes)
	return m
}
