package cercle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// essais bounds how often a decision is tried again when other nodes decide at the
// same moment.
const essais = 20

// ErrDejaTenu: the identifier belongs to another structure.
var ErrDejaTenu = errors.New("cercle: identifiant déjà tenu par une autre structure")

// ErrEtat: the link is not in a state that allows the decision.
var ErrEtat = errors.New("cercle: l'état du partenaire ne le permet pas")

// Cercle answers from memory and decides in the store. It is safe for concurrent
// use.
type Cercle struct {
	depot   Depot
	mandats Mandats
	horloge func() time.Time
	vue     atomic.Pointer[vue]
	lu      atomic.Int64 // Unix milliseconds of the last successful look at the store
	mu      sync.Mutex   // held while the snapshot is brought up to date
}

// Ouvrir reads the circle. mandats may be nil: then no operator is mandated.
func Ouvrir(ctx context.Context, d Depot, mandats Mandats, horloge func() time.Time) (*Cercle, error) {
	c := &Cercle{depot: d, mandats: mandats, horloge: horloge}
	c.vue.Store(&vue{})
	return c, c.Rafraichir(ctx)
}

// Rafraichir brings the snapshot up to date with the store. It costs one short
// query when nothing changed; call it every second at most.
func (c *Cercle) Rafraichir(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := c.vue.Load()
	n, err := c.depot.Version(ctx)
	if err != nil {
		return fmt.Errorf("cercle: %w", err)
	}
	if n != v.version {
		faits, err := c.depot.Faits(ctx, v.version)
		if err != nil {
			return fmt.Errorf("cercle: %w", err)
		}
		c.vue.Store(v.avec(faits))
	}
	c.lu.Store(c.horloge().UnixMilli())
	return nil
}

// Fraicheur is when the store was last looked at with success: a readiness probe
// compares it with now.
func (c *Cercle) Fraicheur() time.Time { return time.UnixMilli(c.lu.Load()).UTC() }

// Suivre calls Rafraichir every periode until ctx ends. A failure is told to
// signaler, which may be nil, and the last snapshot goes on answering.
func (c *Cercle) Suivre(ctx context.Context, periode time.Duration, signaler func(error)) {
	t := time.NewTicker(periode)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := c.Rafraichir(ctx); err != nil && signaler != nil && ctx.Err() == nil {
				signaler(err)
			}
		}
	}
}

// Periode is when a link is good; a zero Au is no end.
type Periode struct{ Du, Au time.Time }

// Admettre brings structures into the circle under identifiers, all or none. An
// identifier belongs to one structure at a time, but a billing number. A link that is admitted already
// stays as it is; a suspended one is for Reprendre.
func (c *Cercle) Admettre(ctx context.Context, liens []Lien, p Periode, par string) error {
	if !p.Au.IsZero() && !p.Au.After(p.Du) {
		return fmt.Errorf("%w: fin avant le début", ErrFait)
	}
	return c.decider(ctx, par, func(v *vue) ([]Fait, error) {
		var faits []Fait
		vus := make(map[Lien]string, len(liens)) // without their structure
		for _, l := range liens {
			k := Lien{Tenant: l.Tenant, Role: l.Role, Identifiant: l.Identifiant}
			if s, deja := vus[k]; deja && s != l.Structure && l.Role != RoleProfessionnel {
				return nil, fmt.Errorf("%w: %s %s est demandé deux fois", ErrDejaTenu, l.Role, l.Identifiant)
			}
			vus[k] = l.Structure
			f, err := admission(v, l, p)
			if err != nil {
				return nil, err
			}
			faits = append(faits, f...)
		}
		return faits, nil
	})
}

// admission gives the facts that admit one link, none when it is admitted already.
func admission(v *vue, l Lien, p Periode) ([]Fait, error) {
	if autres := v.titulaires(l, p.Du); len(autres) > 0 {
		return nil, fmt.Errorf("%w: %s %s est à %s", ErrDejaTenu, l.Role, l.Identifiant, autres[0])
	}
	switch v.etat(l, p.Du) {
	case EtatSuspendu:
		return nil, fmt.Errorf("%w: %s %s est suspendu ; le reprendre", ErrEtat, l.Role, l.Identifiant)
	case EtatAdmis:
		if p.Au.IsZero() {
			return nil, nil
		}
		return []Fait{{Lien: l, Etat: EtatRetire, Effet: p.Au}}, nil
	}
	faits := []Fait{{Lien: l, Etat: EtatAdmis, Effet: p.Du}}
	if !p.Au.IsZero() {
		faits = append(faits, Fait{Lien: l, Etat: EtatRetire, Effet: p.Au})
	}
	return faits, nil
}

// Suspendre refuses a link from an instant on, until Reprendre.
func (c *Cercle) Suspendre(ctx context.Context, l Lien, des time.Time, par string) error {
	return c.changer(ctx, l, EtatSuspendu, des, par, EtatAdmis)
}

// Reprendre makes a suspended link good again.
func (c *Cercle) Reprendre(ctx context.Context, l Lien, des time.Time, par string) error {
	return c.changer(ctx, l, EtatAdmis, des, par, EtatSuspendu)
}

// Retirer takes a link out of the circle; its identifier may then be another's.
func (c *Cercle) Retirer(ctx context.Context, l Lien, des time.Time, par string) error {
	return c.changer(ctx, l, EtatRetire, des, par, EtatAdmis, EtatSuspendu)
}

func (c *Cercle) changer(ctx context.Context, l Lien, e Etat, des time.Time, par string, depuis ...Etat) error {
	return c.decider(ctx, par, func(v *vue) ([]Fait, error) {
		actuel := v.etat(l, des)
		if !slices.Contains(depuis, actuel) {
			return nil, fmt.Errorf("%w: %s %s est %s à cette date", ErrEtat, l.Role, l.Identifiant, cmp.Or(string(actuel), "inconnu"))
		}
		return []Fait{{Lien: l, Etat: e, Effet: des}}, nil
	})
}

// AdmettrePortage lets a relay carry for a structure, or for everyone.
func (c *Cercle) AdmettrePortage(ctx context.Context, p Portage, des time.Time, par string) error {
	return c.porter(ctx, p, EtatAdmis, des, par)
}

// SuspendrePortage stops a relay from carrying for a structure, even when it may
// carry for everyone else.
func (c *Cercle) SuspendrePortage(ctx context.Context, p Portage, des time.Time, par string) error {
	return c.porter(ctx, p, EtatSuspendu, des, par)
}

func (c *Cercle) porter(ctx context.Context, p Portage, e Etat, des time.Time, par string) error {
	return c.decider(ctx, par, func(v *vue) ([]Fait, error) {
		f := v.de(p.Tenant).portages[clePortage{motDe(p.Relais), motDe(p.Pour)}]
		if f.a(des.UnixMilli()) == e {
			return nil, nil
		}
		return []Fait{{Portage: p, Etat: e, Effet: des}}, nil
	})
}

// decider asks a decision for the facts to write in the circle as it is now. A
// decision of another node in between is read, and the question asked again.
func (c *Cercle) decider(ctx context.Context, par string, decision func(*vue) ([]Fait, error)) error {
	err := ErrVersion
	for i := 0; i < essais && errors.Is(err, ErrVersion); i++ {
		if err := c.Rafraichir(ctx); err != nil {
			return err
		}
		v := c.vue.Load()
		faits, err2 := decision(v)
		if err2 != nil {
			return err2
		}
		if err2 := c.dater(faits, par); err2 != nil {
			return err2
		}
		err = c.depot.Ajouter(ctx, v.version, faits)
	}
	if err != nil {
		return err
	}
	return c.Rafraichir(ctx)
}

// dater signs and dates facts, and refuses those that are not well formed.
func (c *Cercle) dater(faits []Fait, par string) error {
	le := c.horloge().UTC().Truncate(time.Millisecond)
	for i := range faits {
		faits[i].Par, faits[i].Le, faits[i].Effet = par, le, faits[i].Effet.UTC().Truncate(time.Millisecond)
		if err := faits[i].verifier(); err != nil {
			return err
		}
	}
	return nil
}

// EtatLien is a link and its state at an instant.
type EtatLien struct {
	Lien
	Etat   Etat      `json:"etat"` // "" when not admitted yet
	Depuis time.Time `json:"depuis"`
}

// Lister gives the links of a tenant with their state at an instant, in the order
// of structures.
func (c *Cercle) Lister(tenant string, a time.Time) []EtatLien {
	var l []EtatLien
	t := a.UnixMilli()
	for s, p := range c.vue.Load().de(tenant).structures {
		for _, x := range p.liens() {
			e := EtatLien{Lien: Lien{tenant, s.String(), codesRole[x.role], x.identifiant.String()}, Etat: x.frise.a(t)}
			for _, s := range x.frise.etapes() {
				if s.effet <= t || e.Depuis.IsZero() {
					e.Depuis = time.UnixMilli(s.effet).UTC()
				}
			}
			l = append(l, e)
		}
	}
	slices.SortFunc(l, func(a, b EtatLien) int {
		return cmp.Or(cmp.Compare(a.Structure, b.Structure), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Identifiant, b.Identifiant))
	})
	return l
}

// EtatPortage is a portage and its state at an instant.
type EtatPortage struct {
	Portage
	Etat Etat `json:"etat"`
}

// ListerPortages gives who carries for whom in a tenant at an instant.
func (c *Cercle) ListerPortages(tenant string, a time.Time) []EtatPortage {
	var l []EtatPortage
	for k, f := range c.vue.Load().de(tenant).portages {
		l = append(l, EtatPortage{Portage{tenant, k.relais.String(), k.pour.String()}, f.a(a.UnixMilli())})
	}
	slices.SortFunc(l, func(a, b EtatPortage) int {
		return cmp.Or(cmp.Compare(a.Relais, b.Relais), cmp.Compare(a.Pour, b.Pour))
	})
	return l
}
