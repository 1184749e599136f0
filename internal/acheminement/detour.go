package acheminement

import "context"

// Sujets tells what messages speak of. With it, a message refused for itself alone is
// put aside: the line of its Ordre goes on, except for what speaks of the same things.
type Sujets interface {
	// De lists what a message speaks of, invoice numbers for instance; nil when it
	// cannot be told: it is then never put aside.
	De(e *Envoi, contenu []byte) []string
	// Propre tells whether a refusal is of this message alone. Any other would meet
	// those that follow too: they wait.
	Propre(code string) bool
}

// EcartesMax is how many dead letters of an Ordre may be put aside: the next holds the
// line. A partner that refuses them all has a cause of its own. // hyp: DETOUR
const EcartesMax = 3

// Detour is the part of File, and of Rebut, that messages put aside need.
type Detour interface {
	// Retenir puts aside a message taken that speaks of what an earlier one of its
	// Ordre, put aside too, speaks of, and tells whether it did. The line goes on
	// without it; it is due again once nothing before it is left. ErrBail.
	Retenir(ctx context.Context, p *Pris, sujets []string) (bool, error)
	// Devant is the key of the message that holds another back: the dead letter of its
	// line, or the first put aside that speaks of the same things; "" when none does.
	Devant(ctx context.Context, cle string) (string, error)
}

// sujets reads what a message speaks of; nil when nobody can tell. An error when its
// bytes cannot be read now.
func (t *Tournee) sujets(ctx context.Context, p *Pris) ([]string, error) {
	if t.o.Sujets == nil || p.Ordre == "" || p.Reference != "" {
		return nil, nil
	}
	b := p.Contenu
	if b == nil {
		var err error
		if b, err = t.o.File.Contenu(ctx, p.Cle); err != nil {
			return nil, err
		}
	}
	return t.o.Sujets.De(&p.Envoi, b), nil
}

// retenir holds back what speaks of a message put aside before it.
func (t *Tournee) retenir(ctx context.Context, p *Pris) (bool, error) {
	if !p.Ecarts {
		return false, nil
	}
	l, err := t.sujets(ctx, p)
	if err != nil || l == nil {
		return false, err
	}
	return t.o.File.Retenir(ctx, p, l)
}

// ecarter completes the outcome of a dead letter that its own content explains.
func (t *Tournee) ecarter(ctx context.Context, p *Pris, i *Issue) {
	if i.Sort == Rebute && t.o.Sujets != nil && i.Refuse && t.o.Sujets.Propre(i.Code) {
		l, err := t.sujets(ctx, p)
		if err != nil { // it holds the line: nothing is overtaken
			t.o.Journal.Error("acheminement : lettre morte illisible", "cle", p.Cle, "erreur", err)
		}
		i.Sujets = l
	}
}
