package etablissement

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"
)

// signal is what an insurer says of an invoice, and what became of it here.
type signal struct {
	f *FactureEmise
	// faire changes its coverage; errRien when it changes nothing.
	faire func(*Chantier, *Couverture) error
	fait  bool // it had its effect; something less may have been written

	faits []fait // for the comptable
}

// lotSignaux bounds the visits changed at once.
const lotSignaux = 64

// signaler changes the coverages of invoices, when each is still the last one of its
// coverage, the one that its last one takes back, or an annulative that was given up.
// What the comptable must know of it is noted, even when nothing changes here. Visits
// are locked in the order of their ids.
func (s *Service) signaler(ctx context.Context, m time.Time, l *livre, signaux ...*signal) error {
	restent := slices.Clone(signaux)
	slices.SortStableFunc(restent, func(a, b *signal) int { return cmp.Compare(a.f.Venue, b.f.Venue) })
	for len(restent) > 0 {
		par, ids, suite := make(map[string]*signal, lotSignaux), make([]string, 0, lotSignaux), restent[:0:0]
		for _, x := range restent {
			if par[x.f.Venue] != nil || len(ids) == lotSignaux {
				suite = append(suite, x) // one at a time for each visit
				continue
			}
			par[x.f.Venue] = x
			ids = append(ids, x.f.Venue)
		}
		err := s.Depot.ChangerTous(ctx, ids, func(c *Chantier) (bool, error) { return par[c.Venue.ID].jouer(c, m) })
		if err != nil {
			return err
		}
		restent = suite
	}
	for _, x := range signaux {
		l.noter(x.f, x.faits...)
	}
	return nil
}

// jouer gives a signal its effect on its visit. It may run more than once.
func (x *signal) jouer(c *Chantier, m time.Time) (bool, error) {
	x.fait, x.faits = false, nil
	cv, err := c.couverture(x.f.Rang)
	if err != nil {
		return false, err
	}
	if !cv.Facture.est(x.f.Numero) && !cv.FactureAvant.est(x.f.Numero) && !cv.Annulative.est(x.f.Numero) {
		return false, nil
	}
	c.Venue.Modifiee = m
	err = x.faire(c, cv)
	x.faits = c.faits
	if errors.Is(err, errRien) {
		return c.garder, nil
	}
	x.fait = err == nil
	return x.fait, err
}
