package ldap

import (
	"context"
	"sync/atomic"
	"time"
)

// operation is the search under way: where its entries go, and when it must stop. It
// is also the context that the directory sees, made once for the connection: a timer
// for each search would cost more than the search.
type operation struct {
	c        *connexion
	id       atomic.Int32
	arretee  atomic.Bool // abandoned, or the client is gone
	echeance time.Time

	entree   Entree
	filtre   *Filtre
	choix    selection
	besoin   selection
	retenue  bool // nothing is sent before the end
	types    bool
	limite   int // entries at most
	page     bool
	rendues  int
	donnees  int // by the pages before
	debut    int // where its answer starts in what is not sent yet
	vues     int
	depassee bool // there was one more than the limit
	err      error
}

// The read-ahead starts once a search has seen so many records: most have one.
const vuesAvantLecture = 64

var _ context.Context = (*operation)(nil)

// commencer makes a new operation of this number.
func (o *operation) commencer(id int32) {
	o.arretee.Store(false)
	o.id.Store(id)
}

func (o *operation) abandonner() { o.arretee.Store(true) }

// Deadline is when the time limit of the search is reached.
func (o *operation) Deadline() (time.Time, bool) { return o.echeance, true }

// Done is closed with the connection; the time limit and an abandon show in Err.
func (o *operation) Done() <-chan struct{} { return o.c.fin.Done() }

// Err says why the search must stop.
func (o *operation) Err() error {
	switch {
	case o.arretee.Load():
		return context.Canceled
	case !time.Now().Before(o.echeance):
		return context.DeadlineExceeded
	}
	return o.c.fin.Err()
}

// Value is that of no context.
func (o *operation) Value(any) any { return nil }

// Entree is where the next entry is written.
func (o *operation) Entree() *Entree {
	o.entree.Vider()
	o.entree.besoin = o.besoin
	return &o.entree
}

// Rendre puts the filter to the entry and writes it when it passes.
func (o *operation) Rendre() (pris, encore bool) {
	if o.vues++; o.vues%16 == 0 || o.arretee.Load() {
		if o.err = o.Err(); o.err != nil {
			return false, false
		}
		if o.vues == vuesAvantLecture && o.c.tls != nil {
			o.c.lireEnAvance()
		}
	}
	if o.filtre.evaluer(&o.entree) != vrai {
		return false, true
	}
	if o.rendues == o.limite {
		o.depassee = true
		return false, false
	}
	o.rendues++
	o.entree.encoder(&o.c.w, o.id.Load(), o.choix, o.types)
	if len(o.c.w.b) >= 16<<10 && !o.retenue {
		if o.err = o.c.envoyer(); o.err != nil {
			return true, false
		}
	}
	return true, !o.page || o.rendues < o.limite
}
