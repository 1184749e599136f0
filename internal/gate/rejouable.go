package gate

import (
	"context"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Rejouable is a service whose rule may be run again with the same question and gives
// the same answer: no answer need be remembered, and none is. Those of pricing are
// amounts, which nobody on the way may keep. ref: DEC 13, 32
type Rejouable struct{ s *Service }

// OffrirRejouable ties a rule that may be run again to the two faces of its service. The
// rule promises that, run again, it answers the same and writes nothing more.
func OffrirRejouable[Q, R any, P interface {
	*R
	roc.CorpsCode
}](e *roc.Echange[Q, R], regle Engageante[Q, R], o Options[Q, R]) *Rejouable {
	x := OffrirEngageante[Q, R, P](e, regle, o).typee.(*service[Q, R])
	x.rejouable = true
	return &Rejouable{offert(x)}
}

// Oublieux is the service for a party that has a journal: of a message, its memory keeps
// the key and the fingerprint, so that another question under its number is refused
// (T012), and not what was answered.
func (r *Rejouable) Oublieux() *Service { return r.s }

// refaire runs a rule that may be run again and answers; only the leaf is written.
func (s *service[Q, R]) refaire(ctx context.Context, t *transit, q sceau.Lue[roc.Message[Q]]) error {
	conclure := func(ctx context.Context) (*R, error) { return s.entiere(ctx, q) }
	if !s.o.Engage {
		r, engager, err := s.regle(ctx, q)
		if err != nil {
			return err
		}
		if conclure = engager; engager == nil {
			conclure = func(context.Context) (*R, error) { return r, nil }
		}
		if engager == nil && t.porte.sansTrace { // nothing to write: no transaction
			return s.sceller(t, q.Message(), r)
		}
	}
	return t.portail.Base.Grouper(ctx, func(ctx context.Context) error {
		r, err := conclure(ctx)
		if err != nil {
			return err
		}
		if err := s.sceller(t, q.Message(), r); err != nil {
			return err
		}
		return t.tracer(ctx)
	})
}
