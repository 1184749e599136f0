package pupitre

import (
	"context"
	"slices"
	"sync"

	"github.com/ecluse-sante/ecluse/roc"
)

// Temoin is a roc.Registre that passes on to another, and remembers for the desk
// how the exchanges of an observed context ended. Exchanges of other contexts
// only pass.
type Temoin struct{ roc.Registre }

// Observation gathers the exchanges made under the context that Observer gave:
// the question asked, and that of the directory before it when it was needed.
type Observation struct {
	mu       sync.Mutex
	arrivees []roc.Arrivee
}

type cleObservation struct{}

// Observer gives a context whose exchanges a Temoin remembers.
func Observer(ctx context.Context) (context.Context, *Observation) {
	o := new(Observation)
	return context.WithValue(ctx, cleObservation{}, o), o
}

// Arrivees lists how the exchanges ended, in order; each attempt is one.
func (o *Observation) Arrivees() []roc.Arrivee {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.arrivees)
}

// Derniere is the last exchange of a service, nil when there was none.
func (o *Observation) Derniere(s roc.Service) *roc.Arrivee {
	for _, a := range slices.Backward(o.Arrivees()) {
		if a.Depart.Service == s {
			return &a
		}
	}
	return nil
}

// Reponse remembers how an exchange ended, once the registre behind has written
// it.
func (t Temoin) Reponse(ctx context.Context, a *roc.Arrivee) error {
	if err := t.Registre.Reponse(ctx, a); err != nil {
		return err
	}
	if o, ok := ctx.Value(cleObservation{}).(*Observation); ok {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.arrivees = append(o.arrivees, *a)
	}
	return nil
}
