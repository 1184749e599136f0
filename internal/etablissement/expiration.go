package etablissement

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// errRien: on reading anew there was nothing to do.
var errRien = errors.New("etablissement: rien à faire")

// Expirer moves the engagements whose last day to invoice is over, and returns
// how many. It is called from time to time. The day is that of the site of care.
// ref: ROC §3.3 rule 3, §11.3, DEC 5
func (s *Service) Expirer(ctx context.Context) (n int, err error) {
	m := s.maintenant()
	// The latest day of the globe: each visit is judged at its own site below.
	places, err := s.Depot.Echues(ctx, sante.JourA(m, time.UTC)+1, lot)
	if err != nil {
		return 0, err
	}
	for _, p := range places {
		_, err := s.Depot.Changer(ctx, p.Venue, func(c *Chantier) error { return s.expirer(c, p.Rang, m) })
		switch {
		case errors.Is(err, errRien):
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}

func (s *Service) expirer(c *Chantier, rang int, m time.Time) error {
	cv := c.Venue.Couverture(rang)
	if cv == nil || !cv.echue(c.Venue, m) {
		return errRien
	}
	c.Venue.Modifiee = m
	cv.Code = roc.EngagementExpire
	return c.passer(cv, Expirer, Moment{Instant: m, Code: cv.Code})
}

// echue tells whether the last day to invoice is over, where the care was given.
func (c *Couverture) echue(v *Venue, m time.Time) bool {
	return c.Etat == Engagee && c.Echeance() < sante.JourA(m, v.fuseau())
}

// Echeance is the last day to invoice an engagement, zero when there is none.
func (c *Couverture) Echeance() sante.Jour {
	if c.Calcul == nil || c.Calcul.Reponse.NumeroEngagement.IsZero() {
		return 0
	}
	return c.Calcul.Reponse.EngagementFin
}
