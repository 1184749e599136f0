package etablissement

import (
	"context"
	"errors"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Comptes keeps the accounts and their counters. Lines are written by
// Depot.Changer.
type Comptes interface {
	// Journee reads the counters of a day, in one snapshot: folded or not yet,
	// every line written counts. Lines are in the order of CleCompteur. delai
	// serves when nothing was folded yet.
	Journee(ctx context.Context, jour sante.Jour, delai int) (*Journee, error)
	// FacturesDe lists what is behind a figure, post after post, the last come first;
	// avec tells whether to read the coverages too.
	FacturesDe(ctx context.Context, f *FiltreFactures, avec bool) ([]FactureVue, error)
	// NomsAMC gives the names of insurers, as their coverages last said them; one that
	// none says is left out.
	NomsAMC(ctx context.Context, l []sante.NumeroAMC) (map[sante.NumeroAMC]string, error)
	// Plier folds up to max lines in the counters, and tells how many it folded.
	// Of several nodes one folds at a time. With nothing left, it carries forward
	// the stocks of the days up to a day. A delay other than the last one makes all
	// the counters again.
	Plier(ctx context.Context, jusque sante.Jour, delai, max int) (int, error)
	// Recompter makes all the counters again from the lines, for a delay.
	Recompter(ctx context.Context, delai int) error
	// AOuvrir lists visits of before accounts were kept.
	AOuvrir(ctx context.Context, max int) ([]string, error)
	// Relire gives, in one snapshot, every coverage with its lines, in order, then
	// every counter of a day beside what the lines make of it.
	Relire(ctx context.Context, compte func(*CompteLu) error, compteur func(*CompteurLu) error) error
	// GarderControle keeps the outcome of a control; it is that of a day, when one is
	// given, and that day is done.
	GarderControle(ctx context.Context, c *Controle, jour sante.Jour) error
	// PrendreControle claims the control of a day until fin, and tells whether it is
	// still to be made and no other node has it.
	PrendreControle(ctx context.Context, jour sante.Jour, maintenant, fin time.Time) (bool, error)
}

// Plier folds what was written in the counters, and carries stocks forward.
func (s *Service) Plier(ctx context.Context) error {
	for {
		// The day before yesterday: a transaction may end after midnight.
		n, err := s.Comptes.Plier(ctx, s.Aujourdhui()-2, s.delaiPaiement(), pliMax)
		if err != nil || n < pliMax {
			return err
		}
	}
}

// pliMax bounds what one transaction folds, so that payments never wait for it.
const pliMax = 1000

// ErrControle: the control of the accounts found differences.
var ErrControle = errors.New("etablissement: les comptes ne sont pas ceux des factures")

// heureControle is when the night's control may begin: after the hours that a
// change of time takes away or plays twice, in every zone of the country.
const heureControle = 4

// JourControle is the day whose control is due at an instant, where the hospital
// is: a night ends at four o'clock, on the night of a change of time too.
func (s *Service) JourControle() sante.Jour {
	t := s.maintenant().In(s.Maison.Etablissement.FinessGeo.Fuseau())
	j := sante.JourA(t, t.Location())
	if t.Hour() < heureControle {
		j--
	}
	return j
}

// bailControle is how long a node has to make a control: another takes it after that,
// if its outcome was not written.
const bailControle = time.Hour

// ControlerLaNuit runs the control of a day once, whatever the number of nodes and
// of calls; nil when it was done or is another node's. One cut short is made again.
func (s *Service) ControlerLaNuit(ctx context.Context) (*Controle, error) {
	if err := s.Plier(ctx); err != nil {
		return nil, err
	}
	jour, m := s.JourControle(), s.maintenant()
	pris, err := s.Comptes.PrendreControle(ctx, jour, m, m.Add(bailControle))
	if err != nil || !pris {
		return nil, err
	}
	return s.controler(ctx, jour)
}

// RouvrirComptes opens all the accounts of before accounts were kept.
func (s *Service) RouvrirComptes(ctx context.Context) (total int, err error) {
	for {
		n, err := s.OuvrirComptes(ctx)
		if total += n; err != nil || n == 0 {
			return total, err
		}
	}
}

// FactureOuverte is one invoice behind a figure, and its own story.
type FactureOuverte struct {
	Venue    *Venue
	Rang     int
	Moments  []Moment  // of its coverage
	Reserves []Reserve // what returns said of it without effect
	Messages []Message
}

// Raconter gives the story of the invoice of a coverage: its states, when, why, and
// the messages of its file.
func (s *Service) Raconter(ctx context.Context, p Place) (*FactureOuverte, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	if v.Couverture(p.Rang) == nil {
		return nil, refuser(ErrInconnue, "", "Aucune couverture à ce rang.")
	}
	f := &FactureOuverte{Venue: v, Rang: p.Rang}
	l, err := s.Traces.Moments(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	for _, m := range l {
		if m.Rang == p.Rang {
			f.Moments = append(f.Moments, m)
		}
	}
	if f.Messages, err = s.Traces.Messages(ctx, v.Dossier.Numero); err != nil {
		return nil, err
	}
	if i := v.Couverture(p.Rang).Facture; i != nil && s.Reserves != nil {
		f.Reserves, err = s.Reserves.ListerReserves(ctx, &FiltreReserves{Levees: true, Facture: i.Numero, Max: reservesMax})
	}
	return f, err
}

// Recompter makes all the counters again from the lines.
func (s *Service) Recompter(ctx context.Context) error {
	return s.Comptes.Recompter(ctx, s.delaiPaiement())
}
