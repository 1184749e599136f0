package front

import (
	"context"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Historique gives the versions of a record that are past. The image has the last one.
type Historique interface {
	// Versions are those before a number, the latest first, at most max. None is no error.
	Versions(ctx context.Context, n annuaire.Nature, id string, avant uint32, max int) ([]annuaire.Changement, error)
}

// Traces keeps who read what, for the views that are traced. ref: RASS §8
type Traces interface {
	// Tracer keeps a reading before its answer leaves; an error holds the answer back.
	Tracer(ctx context.Context, l Lecture) error
}

// Lecture is one reading, by whom and what for.
type Lecture struct {
	Acteur, Motif, Regard string
	Operation             string // lecture, recherche, historique, export
	Lues                  []Lue  // what the answer shows; natures alone for an export
}

// Lue is a record that was shown.
type Lue struct {
	Nature annuaire.Nature
	ID     string
}

// lue notes a record that the answer shows.
func (d *demande) lue(n annuaire.Nature, id string) {
	if d.compte != nil {
		d.compte(id)
	}
	if d.g.Regard().Tracee {
		d.lues = append(d.lues, Lue{n, strings.Clone(id)})
	}
}

// tracer keeps the trace of an answer, when its view asks for one.
func (d *demande) tracer(operation string) error {
	if !d.g.Regard().Tracee {
		return nil
	}
	return d.p.tracer(d.r.Context(), d.g, operation, d.lues)
}

func (p *Porte) tracer(ctx context.Context, g *annuaire.Vision, operation string, l []Lue) error {
	if p.o.Traces == nil {
		return errSansTrace
	}
	a := g.Acteur()
	if err := p.o.Traces.Tracer(ctx, Lecture{Acteur: a.ID, Motif: a.Motif, Regard: g.Regard().Entete(), Operation: operation, Lues: l}); err != nil {
		return fmt.Errorf("%w: %w", errSansTrace, err)
	}
	return nil
}
