package ldap

import (
	"slices"
	"sync"
)

// file reads what a client sends while an operation is long, so that an abandon is
// seen. Once a connection has one it keeps it: its questions then wait here.
type file struct {
	messages chan []byte
	err      error // why the reading ended; read once messages is closed

	mu       sync.Mutex
	attente  []int32 // numbers of the operations that wait
	ecartees []int32 // those of them that were abandoned
}

// lireEnAvance starts the reading, once per connection.
func (c *connexion) lireEnAvance() {
	if c.file != nil {
		return
	}
	f := &file{messages: make(chan []byte, c.s.bornes.Attente)}
	c.file = f
	c.s.en.Add(1)
	go func() {
		defer c.s.en.Done()
		defer close(f.messages)
		for f.err == nil {
			f.err = f.lire(c)
		}
		c.op.abandonner() // nobody is there to read the answer, or what follows is no LDAP
	}()
}

// lire takes one message in. The buffer of the reader is copied: what waits outlives it.
func (f *file) lire(c *connexion) error {
	b, err := trame(c.r, c.s.bornes.Message, func() {})
	if err != nil {
		return err
	}
	m, ok := lireMessage(b)
	switch {
	case !ok:
		return errBER
	case m.op == opDelier:
		return errPartir
	case m.op == opAbandonner:
		if id, ok := valeurEntiere(m.corps); ok {
			f.abandonner(c, id)
		}
		return nil
	}
	f.mu.Lock()
	f.attente = append(f.attente, m.id)
	f.mu.Unlock()
	select {
	case f.messages <- slices.Clone(b):
		return nil
	case <-c.fin.Done():
		return errPartir
	}
}

// abandonner stops the operation of this number, under way or waiting.
func (f *file) abandonner(c *connexion, id int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if slices.Contains(f.attente, id) {
		f.ecartees = append(f.ecartees, id)
	} else if c.op.id.Load() == id {
		c.op.abandonner()
	}
}

// suivant gives the next message that was not abandoned.
func (f *file) suivant(c *connexion) ([]byte, error) {
	for {
		if len(f.messages) == 0 {
			if err := c.envoyer(); err != nil {
				return nil, err
			}
		}
		c.accorder(c.s.bornes.Inactif)
		b, ok := <-f.messages
		if !ok {
			return nil, f.err
		}
		if !f.prendre(c, b) {
			continue
		}
		return b, nil
	}
}

// prendre takes a message out of what waits, and makes it the operation under way.
// It says false when it was abandoned meanwhile.
func (f *file) prendre(c *connexion, b []byte) bool {
	m, _ := lireMessage(b)
	f.mu.Lock()
	defer f.mu.Unlock()
	if i := slices.Index(f.attente, m.id); i >= 0 {
		f.attente = slices.Delete(f.attente, i, i+1)
	}
	if i := slices.Index(f.ecartees, m.id); i >= 0 {
		f.ecartees = slices.Delete(f.ecartees, i, i+1)
		return false
	}
	c.op.commencer(m.id)
	return true
}
