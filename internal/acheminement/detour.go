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

// sujets reads what a message speaks of; nil when nobody can tell.
func (t *Tournee) sujets(ctx context.Context, p *Pris) []string {
	if t.o.Sujets == nil || p.Ordre == "" || p.Reference != "" {
		return nil
	}
	c, err := t.ouvrir(ctx, p)
	if err != nil {
		return nil
	}
	defer c.Close() // read only
	m, ok := c.(memoire)
	if !ok {
		return nil
	}
	b := make([]byte, m.Len())
	if _, err := m.ReadAt(b, 0); err != nil {
		return nil
	}
	return t.o.Sujets.De(&p.Envoi, b)
}

// retenir holds back what speaks of a message put aside before it.
func (t *Tournee) retenir(ctx context.Context, p *Pris) (bool, error) {
	if !p.Ecarts {
		return false, nil
	}
	l := t.sujets(ctx, p)
	if l == nil {
		return false, nil
	}
	return t.o.File.Retenir(ctx, p, l)
}

// ecarter completes the outcome of a dead letter that its own content explains.
func (t *Tournee) ecarter(ctx context.Context, p *Pris, i *Issue) {
	if i.Sort == Rebute && t.o.Sujets != nil && i.Refuse && t.o.Sujets.Propre(i.Code) {
		i.Sujets = t.sujets(ctx, p)
	}
}
