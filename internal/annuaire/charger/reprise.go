package charger

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// lus is what a finished reading leaves beside its drawers.
type lus struct {
	Flux                  []FluxLu
	Personnes, Structures [nombreTiroirs]int64
	SommesP, SommesS      [nombreTiroirs]uint32
	Rattacher             int64
	SommeR                uint32
	Constats              map[string]int64
}

func (c *course) marque() string { return filepath.Join(c.dossier, "lu.json") }

// reprendre takes the drawers of a run with the same inputs that was interrupted.
func (c *course) reprendre() bool {
	b, err := os.ReadFile(c.marque())
	var m lus
	if err != nil || json.Unmarshal(b, &m) != nil {
		return false
	}
	d, err := os.Stat(c.l.rattacher.chemin)
	if m.Rattacher > 0 && (err != nil || d.Size() != m.Rattacher) || !c.l.personnes.rouvrir(m.Personnes, m.SommesP) || !c.l.structures.rouvrir(m.Structures, m.SommesS) {
		return false
	}
	c.l.rattacher.taille, c.l.rattacher.somme = m.Rattacher, m.SommeR
	c.rapport.Flux = m.Flux
	for k, n := range m.Constats {
		c.compte.lignes[k] += n
	}
	return true
}

// marquer says that the reading is over.
func (c *course) marquer() error {
	m := lus{Flux: c.rapport.Flux, Personnes: c.l.personnes.tailles, Structures: c.l.structures.tailles, Rattacher: c.l.rattacher.taille,
		SommesP: c.l.personnes.sommes, SommesS: c.l.structures.sommes, SommeR: c.l.rattacher.somme}
	c.compte.mu.Lock()
	m.Constats = make(map[string]int64, len(c.compte.lignes))
	for k, n := range c.compte.lignes {
		m.Constats[k] = n
	}
	c.compte.mu.Unlock()
	b, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(c.marque()+".neuf", b, 0o600)
	}
	if err == nil {
		err = os.Rename(c.marque()+".neuf", c.marque())
	}
	if err != nil {
		return &Refus{Motif: MotifTravail, Cause: err}
	}
	return nil
}
