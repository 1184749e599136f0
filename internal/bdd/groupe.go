package bdd

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// groupe is the group commit: callers queue, a few writers take whoever waits,
// run them in one transaction, commit once and release all. While a commit
// waits for the disk the next lot gathers by itself: no timer, no added delay.
type groupe struct {
	b    *Base
	file chan *travail
	fin  sync.WaitGroup

	porte  sync.RWMutex
	fermee bool
}

// The life of a travail: whoever moves it out of enAttente owns its outcome.
const (
	enAttente int32 = iota
	pris
	abandonne
)

// travail is one caller's work.
type travail struct {
	ctx        context.Context
	f          func(context.Context) error
	insertions []Insertion
	etat       atomic.Int32
	fait       chan struct{}

	// Written by the writer before fait is closed.
	err     error
	panique any
}

func nouveauGroupe(b *Base) *groupe {
	g := &groupe{b: b, file: make(chan *travail, b.options.File)}
	for range b.options.Groupes {
		g.fin.Add(1)
		go g.ecrire()
	}
	return g
}

// Grouper runs f in a transaction shared with the other callers of the moment,
// and returns once it is durable. An error of f undoes what f wrote and is
// returned to its caller only; an error of the commit is returned to all. A
// panic of f undoes it and is raised again in the caller.
//
// The end of ctx is heard until f starts; from then on the outcome is waited
// for, within Options.DelaiLot: nil means committed. f may run more than once.
// When ctx already carries a transaction, Grouper is EnTransaction.
func (b *Base) Grouper(ctx context.Context, f func(ctx context.Context) error) error {
	if b.courante(ctx) != nil {
		return b.EnTransaction(ctx, f)
	}
	return b.groupe.soumettre(&travail{ctx: ctx, f: f, fait: make(chan struct{})})
}

// soumettre queues t and waits for its outcome.
func (g *groupe) soumettre(t *travail) error {
	if err := g.deposer(t); err != nil {
		return err
	}
	select {
	case <-t.fait:
	case <-t.ctx.Done():
		if t.etat.CompareAndSwap(enAttente, abandonne) {
			return t.ctx.Err()
		}
		<-t.fait
	}
	if t.panique != nil {
		panic(t.panique)
	}
	return t.err
}

func (g *groupe) deposer(t *travail) error {
	g.porte.RLock()
	defer g.porte.RUnlock()
	if g.fermee {
		return ErrFermee
	}
	select {
	case g.file <- t:
		return nil
	case <-t.ctx.Done():
		return t.ctx.Err()
	}
}

// fermer refuses new work and waits for what is queued.
func (g *groupe) fermer() {
	g.porte.Lock()
	if !g.fermee {
		g.fermee = true
		close(g.file)
	}
	g.porte.Unlock()
	g.fin.Wait()
}

func (g *groupe) ecrire() {
	defer g.fin.Done()
	lot := make([]*travail, 0, g.b.options.LotMax)
	for t := range g.file {
		lot = g.puiser(append(lot[:0], t))
		g.traiter(lot)
		clear(lot)
	}
}

// puiser adds to the lot whoever waits now.
func (g *groupe) puiser(lot []*travail) []*travail {
	for len(lot) < cap(lot) {
		select {
		case t, ok := <-g.file:
			if !ok {
				return lot
			}
			lot = append(lot, t)
		default:
			return lot
		}
	}
	return lot
}

// traiter runs a lot to its end and releases its callers. Three manners, from
// the cheapest: inserts merged; one savepoint for each caller when a merged
// insert was refused; one transaction for each when the lot was undone as a
// whole (a conflict, or a caller who hid a failed statement), so that only the
// guilty hears of it.
func (g *groupe) traiter(lot []*travail) {
	vivants := lot[:0]
	for _, t := range lot {
		if t.etat.CompareAndSwap(enAttente, pris) {
			vivants = append(vivants, t)
		}
	}
	if len(vivants) == 0 {
		return
	}
	err := g.essayer(vivants, false)
	if errors.Is(err, errInsertionFondue) && len(vivants) > 1 {
		err = g.essayer(vivants, true)
	}
	switch {
	case err == nil:
	case rejouable(err):
		g.separer(vivants)
	default:
		conclure(vivants, err)
	}
	for _, t := range vivants {
		close(t.fait)
	}
}

// separer gives each caller a transaction of its own, tried again on conflict.
func (g *groupe) separer(lot []*travail) {
	for _, t := range lot {
		ctx := context.WithoutCancel(t.ctx)
		err := g.b.reprendre(ctx, func() error {
			if err := g.essayer([]*travail{t}, true); err != nil {
				return err
			}
			return t.err
		})
		if t.panique == nil {
			t.err = err
		}
	}
}

// conclure gives all the callers of a lot the error of the lot.
func conclure(lot []*travail, err error) {
	for _, t := range lot {
		if t.panique == nil {
			t.err = err
		}
	}
}

// errInsertionFondue: a merged insert was refused; one of its callers is at fault.
var errInsertionFondue = errors.New("bdd: insertion fondue refusée")

// essayer runs a lot in one transaction. Each caller's own error is left in its
// travail; the error returned is that of the whole lot, of which nothing is
// written.
func (g *groupe) essayer(lot []*travail, prudent bool) error {
	ctx, annuler := context.WithTimeout(context.Background(), g.b.options.DelaiLot)
	defer annuler()
	tx, err := g.b.ecriture.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("bdd: ouvrir la transaction: %w", err)
	}
	t := &transaction{tx: tx}
	if err := g.derouler(ctx, t, lot, prudent); err != nil {
		tx.Rollback() // the first error is the one to tell
		return defait{err}
	}
	if aucun(lot) {
		tx.Rollback() // each caller has its own error to tell
		return nil
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("bdd: valider la transaction: %w", err)
	}
	return nil
}

// defait is the error of a lot of which, for certain, nothing was written. That
// of a commit is not, unless the engine says so (a conflict, or [defaite]): a
// lost connection may hide a success, and running the lot again would write it
// twice.
type defait struct{ error }

func (d defait) Unwrap() error { return d.error }

func rejouable(err error) bool {
	var d defait
	return errors.As(err, &d) || Reprenable(err) || defaite(err)
}

func aucun(lot []*travail) bool {
	for _, t := range lot {
		if t.err == nil {
			return false
		}
	}
	return true
}

func (g *groupe) derouler(ctx context.Context, t *transaction, lot []*travail, prudent bool) error {
	points := 0
	for _, w := range lot {
		w.err, w.panique = nil, nil
		if w.f == nil && !prudent {
			t.differees = append(t.differees, w.insertions...)
			continue
		}
		// Alone, a caller needs no savepoint: the whole transaction is its own.
		if len(lot) > 1 {
			if err := g.point(ctx, t, points); err != nil {
				return err
			}
			points++
		}
		if err := g.un(ctx, t, w, prudent, len(lot) > 1); err != nil {
			return err
		}
	}
	if err := g.b.vider(ctx, t); err != nil {
		if len(lot) == 1 && !Reprenable(err) {
			lot[0].err = err
			return nil
		}
		return fmt.Errorf("%w: %w", errInsertionFondue, err)
	}
	return nil
}

// point sets the savepoint of the next caller; on PostgreSQL the previous one
// is dropped in the same round trip.
func (g *groupe) point(ctx context.Context, t *transaction, n int) error {
	texte := "SAVEPOINT ecluse_lot"
	if n > 0 && g.b.moteur == PostgreSQL {
		texte = "RELEASE SAVEPOINT ecluse_lot; SAVEPOINT ecluse_lot"
	} else if n > 0 {
		if _, err := t.tx.ExecContext(ctx, "RELEASE SAVEPOINT ecluse_lot"); err != nil {
			return fmt.Errorf("bdd: lever un point de reprise: %w", err)
		}
	}
	if err := script(ctx, g.b.moteur, t.tx, texte); err != nil {
		return fmt.Errorf("bdd: poser un point de reprise: %w", err)
	}
	return nil
}

// un runs one caller; its error is kept in w, and undone when it has
// neighbours. What it returns condemns the lot.
func (g *groupe) un(ctx context.Context, t *transaction, w *travail, prudent, voisins bool) error {
	deja := len(t.differees)
	w.err = w.jouer(g.b.avec(delai{Context: w.ctx, horloge: ctx}, t), t)
	if w.err == nil && prudent {
		w.err = g.b.vider(ctx, t)
	}
	if w.err == nil {
		return nil
	}
	t.differees = t.differees[:min(deja, len(t.differees))]
	if Reprenable(w.err) {
		return w.err
	}
	if !voisins {
		return nil
	}
	if _, err := t.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT ecluse_lot"); err != nil {
		return fmt.Errorf("bdd: revenir au point de reprise: %w", err)
	}
	return nil
}

// jouer runs the caller's closure, or hands over its rows.
func (w *travail) jouer(ctx context.Context, t *transaction) (err error) {
	if w.f == nil {
		t.differees = append(t.differees, w.insertions...)
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			w.panique, err = p, fmt.Errorf("bdd: panique: %v", p)
		}
	}()
	return w.f(ctx)
}
