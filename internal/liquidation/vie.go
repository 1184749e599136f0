package liquidation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Jalon is a state that a batch came to: that of the first of its invoices to come
// to it. The states of each invoice are its moves. ref: ROC §17.6
type Jalon struct {
	Finess    sante.FINESS
	Lot       string
	Etat      roc.EtatFacture
	Auteur    string // who says so: the number of a party
	Code      roc.Code
	Instant   time.Time
	IDMessage roc.UUID // sealed message that says so; may be zero
}

// Vie keeps what batches went through, in the transaction of ctx. Returns tell it to
// the hospital, by batch. hyp: NOTIFICATIONS
type Vie interface {
	Noter(ctx context.Context, l ...Jalon) error
}

func (s *Service) noter(ctx context.Context, l ...Jalon) error {
	if s.Vie == nil || len(l) == 0 {
		return nil
	}
	if err := s.Vie.Noter(ctx, l...); err != nil {
		return fmt.Errorf("liquidation: noter la vie d'un lot: %w", err)
	}
	return nil
}

// naissance is the life of a batch that has just been controlled: sent by its
// hospital, received, and what became of its invoices.
func (c *chantier) naissance(lot *Lot, emis time.Time) []Jalon {
	moi := lot.NumeroAMC.String()
	l := []Jalon{{Finess: lot.Finess, Lot: lot.Numero, Etat: roc.FactureEnvoyee, Auteur: lot.Finess.String(), Instant: emis, IDMessage: lot.IDMessage},
		{Finess: lot.Finess, Lot: lot.Numero, Etat: roc.FactureRecue, Auteur: moi, Instant: c.instant, IDMessage: lot.IDMessage}}
	for _, j := range c.jalons(moi) {
		j.IDMessage = lot.IDMessage // decided in the transaction of its message
		l = append(l, j)
	}
	return l
}

// jalons are the states that the moves made bring batches to, each once.
func (c *chantier) jalons(moi string) (l []Jalon) {
	lots := make(map[string]string, len(c.suivies))
	for _, f := range c.suivies {
		lots[f.cle()] = f.Lot
	}
	for i := range c.moments {
		m := &c.moments[i]
		etat := m.Apres.Notification()
		lot := lots[Cle(m.Annee, m.Numero)]
		if m.Apres == PayeePartie || m.Apres == AnnuleeParES || lot == "" {
			continue // no state that the exchange names
		}
		if !slices.ContainsFunc(l, func(j Jalon) bool { return j.Lot == lot && j.Etat == etat && j.Finess == m.Finess }) {
			l = append(l, Jalon{Finess: m.Finess, Lot: lot, Etat: etat, Auteur: moi, Code: m.Code, Instant: m.Instant})
		}
	}
	return l
}

// Acquitter notes that a hospital acknowledged a return: it frees the insurer. What
// it tells of a payment or of a reject ends the life of the batches concerned.
func (s *Service) Acquitter(ctx context.Context, r *RetourEmis) error {
	if r.Nature != roc.RetourPaiement && r.Nature != roc.RetourRejet {
		return nil
	}
	l := make([]Jalon, len(r.Lots))
	for i, lot := range r.Lots {
		l[i] = Jalon{Finess: r.Finess, Lot: lot, Etat: roc.FactureAcquittee, Auteur: r.Finess.String(), Code: r.Code, Instant: r.Acquitte, IDMessage: r.IDMessage}
	}
	return s.noter(ctx, l...)
}
