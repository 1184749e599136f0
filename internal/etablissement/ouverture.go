package etablissement

import (
	"context"
	"errors"
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
)

// OuvrirComptes opens the accounts of the coverages of before accounts were kept,
// from their history, and tells how many visits it opened: up to a bound, so that
// it may be called again. // hyp: CLOTURE-REPRISE
func (s *Service) OuvrirComptes(ctx context.Context) (n int, err error) {
	l, err := s.Comptes.AOuvrir(ctx, lot)
	if err != nil {
		return 0, err
	}
	for _, id := range l {
		moments, err := s.Traces.Moments(ctx, id)
		if err != nil {
			return n, err
		}
		_, err = s.Depot.Changer(ctx, id, func(c *Chantier) error {
			for _, cv := range c.Venue.Couvertures {
				c.ouvrir(cv, moments)
			}
			return nil
		})
		switch {
		case errors.Is(err, ErrInconnue): // a coverage of no visit: the control tells it
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}

// ouvrir plays the history of a coverage again since its last engagement, with
// the amounts that are known now.
func (c *Chantier) ouvrir(cv *Couverture, moments []Moment) {
	if cv.Compte != nil {
		return
	}
	l := slices.DeleteFunc(slices.Clone(moments), func(m Moment) bool { return m.Rang != cv.Rang })
	debut := -1
	for i, m := range l {
		if m.Apres == Engagee && m.Evenement != RestaurerGarantie || m.Apres == SansEngagement && m.Avant == ConventionRetenue {
			debut = i
		}
	}
	dernier := Moment{Instant: c.Venue.Modifiee}
	if debut >= 0 {
		l = l[debut:]
		x := *cv
		for i, m := range l {
			x.Etat, x.Code = m.Apres, m.Code
			x.Facture, x.FactureAvant = cv.factureAlors(l[:i+1], l[i+1:]), nil
			c.porter(&x, m)
			dernier = m
		}
		cv.Compte = x.Compte
	}
	c.porter(cv, dernier) // what the history does not tell
}

// factureAlors is the invoice as it was after some moves, before others.
func (c *Couverture) factureAlors(avant, apres []Moment) *SuiviFacture {
	f := &SuiviFacture{Nature: roc.Initiale}
	if c.suivie() != nil && !slices.ContainsFunc(apres, func(m Moment) bool { return m.Evenement == Facturer }) {
		f.Numero = c.suivie().Numero
	}
	for _, m := range avant {
		if m.Evenement == Accuser {
			f.Accusee = m.Instant
		}
	}
	if s := c.suivie(); f.Numero != "" && !s.Remise.After(avant[len(avant)-1].Instant) {
		f.Remise = s.Remise
	}
	paye := func(m Moment) bool { return m.Evenement == Payer || m.Evenement == PayerEnPartie }
	if c.suivie() != nil && slices.ContainsFunc(avant, paye) && !slices.ContainsFunc(apres, func(m Moment) bool { return m.Evenement == PayerEnPartie }) {
		f.Paye = c.suivie().Paye
	}
	return f
}

// Solder moves the money of every coverage where its state says, whatever changed
// it; a store calls it before it writes a visit. Nothing is written when the
// moves of the table were declared, as they are. A coverage of before accounts
// were kept, that changes before its own is opened, enters them as it is.
func (c *Chantier) Solder() {
	for _, cv := range c.Venue.Couvertures {
		c.porter(cv, Moment{Instant: c.Venue.Modifiee})
	}
}
