package annuaire

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// Demandes is the service of requests for change: what owners write themselves, and what
// others propose to them. ref: RASS §9
type Demandes struct {
	Donnees  *Donnees
	Fiches   Fiches
	Registre Registre
	// Avertisseur tells those concerned; nil to tell nobody.
	Avertisseur Avertisseur
	Horloge     sante.Horloge
	// Numeroter gives the number of a new request.
	Numeroter func() (string, error)
}

// courante is a record as it stands: the last version of an owner, or that of the
// image when it is later; nil when there is none.
func (s *Demandes) courante(ctx context.Context, n Nature, id string) (*Changement, error) {
	proprietaire, err := s.Registre.Verrouiller(ctx, n, id)
	if err != nil {
		return nil, err
	}
	image, err := s.Fiches.Fiche(ctx, n, id)
	if errors.Is(err, ErrInconnu) {
		return proprietaire, nil
	}
	if err != nil {
		return nil, err
	}
	if proprietaire != nil {
		_, p := proprietaire.Entete()
		if _, i := image.Entete(); p.Version > i.Version {
			return proprietaire, nil
		}
	}
	return image, nil
}

// Deposer receives a request: it is applied at once when who asks keeps the fields, and
// waits for the owner otherwise. The findings are those of the new record. A request
// given with an error is kept: somebody could not be told.
func (s *Demandes) Deposer(ctx context.Context, a *Acteur, v *Vision, d Demande) (*Demande, []Constat, error) {
	numero, err := s.Numeroter()
	if err != nil {
		return nil, nil, fmt.Errorf("numéroter une demande: %w", err)
	}
	var faite Demande
	var constats []Constat
	err = s.Registre.Transaction(ctx, func(ctx context.Context) error {
		faite, constats = d.copie(), nil
		faite.Numero = numero
		courante, err := s.courante(ctx, d.Nature, d.ID)
		if err != nil {
			return err
		}
		droits, maintenant := s.Donnees.Droits(), s.Horloge()
		if err := droits.Deposer(&faite, a, v, courante, maintenant); err != nil {
			return err
		}
		if err := s.Registre.Inscrire(ctx, &faite); err != nil {
			return err
		}
		if faite.Proprietaire {
			constats, err = s.appliquer(ctx, droits, &faite, a, courante)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return &faite, constats, s.avertir(ctx, &faite)
}

func (d *Demande) copie() Demande {
	c := *d
	c.Modifications = append([]Modification(nil), d.Modifications...)
	return c
}

// appliquer writes the record of a request that its owner accepts.
func (s *Demandes) appliquer(ctx context.Context, droits Droits, d *Demande, a *Acteur, courante *Changement) ([]Constat, error) {
	maintenant := s.Horloge()
	apres, err := droits.Appliquer(d, a, courante, maintenant)
	if err != nil {
		return nil, err
	}
	constats, err := s.controler(ctx, apres, d.Fiche != nil)
	if err != nil {
		return nil, err
	}
	if err := s.Registre.Changer(ctx, d, Deposee); err != nil {
		return nil, err
	}
	return constats, s.Registre.Appliquer(ctx, courante, apres, d.Numero, maintenant)
}

// controler judges the new record; the references of a new one must lead somewhere.
func (s *Demandes) controler(ctx context.Context, c *Changement, nouvelle bool) ([]Constat, error) {
	v := s.Donnees.Verificateur(sante.JourA(s.Horloge(), sante.Paris()))
	refs := &referencesDe{ctx: ctx, fiches: s.Fiches}
	if nouvelle {
		v.References = refs
	}
	l := v.Changement(c)
	if refs.err != nil {
		return nil, refs.err
	}
	for i := range l {
		if l[i].Gravite == Refuser || nouvelle && l[i].Code == DRefOrpheline {
			return nil, fmt.Errorf("%w : %s (%s)", ErrFicheRefusee, l[i].Code, l[i].Champ)
		}
	}
	return l, nil
}

// Changement controls a record, whatever its nature.
func (v *Verificateur) Changement(c *Changement) []Constat {
	switch {
	case c.Praticien != nil:
		return v.Praticien(c.Praticien)
	case c.Situation != nil:
		return v.Situation(c.Situation)
	case c.Structure != nil:
		return v.Structure(c.Structure)
	case c.Activite != nil:
		return v.Activite(c.Activite)
	case c.Equipement != nil:
		return v.Equipement(c.Equipement)
	case c.Acces != nil:
		return v.Acces(c.Acces)
	}
	return nil
}

// referencesDe looks references up one by one.
type referencesDe struct {
	ctx    context.Context
	fiches Fiches
	err    error
}

// Existe implements References.
func (r *referencesDe) Existe(n Nature, id string) bool {
	_, err := r.fiches.Fiche(r.ctx, n, id)
	if err != nil && !errors.Is(err, ErrInconnu) {
		r.err = err
	}
	return err == nil
}

// Accepter applies a request that waits, in the name of who keeps the fields.
func (s *Demandes) Accepter(ctx context.Context, a *Acteur, numero string) (*Demande, []Constat, error) {
	var constats []Constat
	d, err := s.decider(ctx, numero, func(ctx context.Context, d *Demande, courante *Changement) (err error) {
		if d.Etat != Deposee {
			return ErrDejaDecidee
		}
		constats, err = s.appliquer(ctx, s.Donnees.Droits(), d, a, courante)
		if errors.Is(err, ErrAncienne) && d.Etat == Perimee {
			return s.Registre.Changer(ctx, d, Deposee) // kept so, and told below
		}
		return err
	})
	if err == nil && d.Etat == Perimee {
		err = ErrAncienne
	}
	return d, constats, err
}

// Refuser closes a request that waits, for a reason; who asked may take it back.
func (s *Demandes) Refuser(ctx context.Context, a *Acteur, numero, motif string) (*Demande, error) {
	return s.decider(ctx, numero, func(ctx context.Context, d *Demande, courante *Changement) error {
		if err := s.Donnees.Droits().Refuser(d, a, courante, motif, s.Horloge()); err != nil {
			return err
		}
		return s.Registre.Changer(ctx, d, Deposee)
	})
}

func (s *Demandes) decider(ctx context.Context, numero string, f func(ctx context.Context, d *Demande, courante *Changement) error) (d *Demande, err error) {
	err = s.Registre.Transaction(ctx, func(ctx context.Context) error {
		if d, err = s.Registre.Demande(ctx, numero); err != nil {
			return err
		}
		courante, err := s.courante(ctx, d.Nature, d.ID)
		if err != nil {
			return err
		}
		if courante == nil {
			return ErrInconnu
		}
		return f(ctx, d, courante)
	})
	if err != nil {
		return nil, err
	}
	return d, s.avertir(ctx, d)
}

// avertir tells who decides of a request that waits, and who asked of one that moved.
func (s *Demandes) avertir(ctx context.Context, d *Demande) error {
	if s.Avertisseur == nil {
		return nil
	}
	a := Avis{Demande: d, A: []string{d.Par}}
	if d.Etat == Deposee {
		a.A, _ = s.Donnees.Proprietes.De(d.Nature, d.Groupe)
	}
	if err := s.Avertisseur.Avertir(ctx, a); err != nil {
		return fmt.Errorf("avertir d'une demande: %w", err)
	}
	return nil
}
