package etablissement

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Fermeture is how a coverage was closed.
type Fermeture struct {
	Instant time.Time     `fil:"instant" doc:"Instant de la clôture"`
	Avant   Etat          `fil:"avant" doc:"État d'avant la clôture"`
	Motif   string        `fil:"motif,opt,max=200" doc:"Pourquoi, quand une personne l'a décidé"`
	Perte   sante.Montant `fil:"perte,opt" doc:"Ce que l'AMC devait encore et n'est plus attendu"`
}

// motifClotureMax bounds the reason of a closure, in characters.
const motifClotureMax = 200

// reste is what an insurer still owes of the invoice of a coverage.
func (c *Couverture) reste() sante.Montant {
	switch {
	case c.Facture == nil || c.Facture.Nature == roc.Annulative:
		return 0
	case c.Etat == Payee, c.Etat == Annulee, c.Etat == Expiree:
		return 0 // paid, or given back: nothing is due
	}
	return c.Facture.reste()
}

// Clore closes a coverage: nothing more is expected of its insurer. What is paid, or
// was never due, needs no reason; anything else is a loss, which a person decides and
// explains. ref: ROC §3.3 // hyp: CLOTURE
func (s *Service) Clore(ctx context.Context, p Place, o Ordre, motif string) (*Venue, error) {
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		return c.clore(cv, s.maintenant(), o.Agent, strings.TrimSpace(motif))
	})
}

func (c *Chantier) clore(cv *Couverture, m time.Time, agent, motif string) error {
	if _, err := suivant(cv.Etat, Clore); err != nil {
		return refusEtape(cv.Etat, Clore, err)
	}
	sansSuite := map[Etat]bool{Payee: true, Annulee: true, Expiree: true, DroitsRefuses: true, CalculRefuse: true}
	switch {
	case motif == "" && !sansSuite[cv.Etat]:
		return refuser(ErrDonnees, "", "Clore une couverture qui n'est pas payée demande un motif.")
	case utf8.RuneCountInString(motif) > motifClotureMax || !utf8.ValidString(motif) || strings.ContainsFunc(motif, unicode.IsControl):
		return refuser(ErrDonnees, "", "Le motif tient sur une ligne de 200 caractères au plus.")
	case sante.ContientNIR(motif):
		return refuser(ErrDonnees, "", "Le motif : "+sante.ErrTexteNIR.Error()+".")
	}
	cv.Fermeture = &Fermeture{Instant: m, Avant: cv.Etat, Motif: motif, Perte: cv.reste()}
	return c.passer(cv, Clore, Moment{Instant: m, Code: cv.Code, Agent: agent})
}

// CloreSoldees closes the coverages paid, whose visits have not moved since an
// instant, and tells how many. Their returns were acknowledged as they were filed.
// It is called from time to time.
func (s *Service) CloreSoldees(ctx context.Context, avant time.Time) (n int, err error) {
	for {
		places, err := s.Depot.Soldees(ctx, avant, lot)
		if err != nil {
			return n, err
		}
		for _, p := range places {
			_, err := s.Depot.Changer(ctx, p.Venue, func(c *Chantier) error {
				cv := c.Venue.Couverture(p.Rang)
				if cv == nil || cv.Etat != Payee {
					return errRien
				}
				return c.clore(cv, s.maintenant(), "", "") // the visit itself has not changed: its other coverages wait for nothing
			})
			if err != nil && !errors.Is(err, errRien) {
				return n, err
			}
			if err == nil {
				n++
			}
		}
		if len(places) < lot {
			return n, nil
		}
	}
}
