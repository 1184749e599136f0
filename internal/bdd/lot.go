package bdd

import "context"

// Lot holds rows that a rule asked to write before there was a transaction, so
// that whoever called the rule writes them with his own, in one commit.
type Lot struct{ insertions []Insertion }

type cleLot struct{ b *Base }

// AvecLot gives a ctx in which Differer keeps its rows in the Lot instead of
// writing them. Everything else is as in ctx. Not for concurrent use.
func (b *Base) AvecLot(ctx context.Context) (context.Context, *Lot) {
	l := new(Lot)
	return context.WithValue(ctx, cleLot{b}, l), l
}

// Verser leaves the rows of the lot for the end of the transaction of ctx;
// without one it writes them, all or nothing, and returns once they are durable,
// as Inserer does. It may be called again when the closure is run again.
func (b *Base) Verser(ctx context.Context, l *Lot) error {
	if len(l.insertions) == 0 {
		return nil
	}
	if b.DansTransaction(ctx) {
		return b.Differer(ctx, l.insertions...)
	}
	return b.Inserer(ctx, l.insertions...)
}

func (b *Base) lot(ctx context.Context) *Lot {
	l, _ := ctx.Value(cleLot{b}).(*Lot)
	return l
}
