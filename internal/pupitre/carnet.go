package pupitre

import (
	"slices"
	"sync"
)

// Carnet keeps the steps of a story as it is played; it is a Source. The zero
// value is empty and ready. It is safe for concurrent use.
type Carnet struct {
	mu     sync.RWMutex
	etapes []Etape
}

// Noter adds a step, gives it the next number, and returns it.
func (c *Carnet) Noter(e Etape) Etape {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.Numero = len(c.etapes) + 1
	c.etapes = append(c.etapes, e)
	return e
}

// Etapes lists the steps noted so far, in order.
func (c *Carnet) Etapes() []Etape {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.etapes)
}

// Etape gives a step by its number.
func (c *Carnet) Etape(numero int) (Etape, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if numero < 1 || numero > len(c.etapes) {
		return Etape{}, false
	}
	return c.etapes[numero-1], true
}
