package etablissement

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// RecevoirRetour files what an insurer says of invoices and acknowledges it, which
// frees the insurer. It runs in the transaction of the exchange; the gate answers
// a return sent twice as it did the first time. What does not concern this
// hospital, or comes too late to change anything, is acknowledged all the same and
// told in the answer. ref: ROC §17.1, §17.3
func (s *Service) RecevoirRetour(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeRET]]) (*roc.ReponseRET, error) {
	corps := d.Message().Corps
	if corps == nil {
		return nil, roc.Refuser(roc.Illisible, "corps en clair attendu")
	}
	emetteur := d.Message().Enveloppe.Emetteur
	if emetteur.Type != roc.AMC {
		return nil, roc.Refuser(roc.AutreIdentifiant, "numéro d'AMC attendu")
	}
	r := &roc.ReponseRET{Retour: roc.RetourDe(roc.Accepte, ""), NumeroRetour: corps.Numero}
	var refus *roc.Refus
	if err := corps.Verifier(); errors.As(err, &refus) {
		r.Retour = roc.RetourDe(refus.Code, refus.Detail)
		return r, nil
	}
	l, err := s.connues(ctx, emetteur.ID, corps.Factures)
	if err != nil {
		return nil, fmt.Errorf("etablissement: factures d'un retour: %w", err)
	}
	m := s.maintenant()
	for i := range corps.Factures {
		x := &corps.Factures[i]
		f := l[deLot{x.Numero, x.Lot}]
		if f == nil {
			continue
		}
		fait, err := s.signaler(ctx, f, m, func(c *Chantier, cv *Couverture) error {
			err := c.retourner(cv, corps, x, m)
			if err == nil {
				cv.Facture.Preuve = "" // what a file said before, the insurer now seals
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if fait || corps.Nature != roc.RetourPaiement {
			r.Connues++ // money that no invoice here expects is never said to be filed
		}
	}
	if r.Connues < len(corps.Factures) {
		r.Retour = roc.RetourDe(roc.AvecReserve, "des factures de ce retour ne sont pas connues ici, ou n'attendent pas ce paiement")
	}
	return r, nil
}

// deLot names an invoice as a return does.
type deLot struct{ numero, lot string }

// connues gives the invoices of a return that were sent to its insurer.
func (s *Service) connues(ctx context.Context, amc string, l []roc.RetourFacture) (map[deLot]*FactureEmise, error) {
	numeros := make([]string, len(l))
	for i := range l {
		numeros[i] = l[i].Numero
	}
	emises, err := s.Factures.ParNumero(ctx, amc, numeros)
	m := make(map[deLot]*FactureEmise, len(emises))
	for _, f := range emises {
		m[deLot{f.Numero, f.Lot}] = f
	}
	return m, err
}

// retourner applies a return to the coverage of an invoice. A return that says
// what is known already changes nothing.
func (c *Chantier) retourner(cv *Couverture, d *roc.DemandeRET, x *roc.RetourFacture, m time.Time) error {
	if cv.FactureAvant != nil {
		return c.retournerAnnulation(cv, d, x, m)
	}
	f := cv.Facture
	if f.Accusee.IsZero() && (cv.Etat == Facturee || cv.Etat == Rejetee && cv.Code == roc.PanneRelais) {
		// The return overtook the acknowledgement of its batch, or that batch was given
		// up here and had arrived there.
		if err := c.accuser(cv, x.Numero, x.Lot, m, false, roc.Accepte, ""); err != nil {
			return err
		}
	}
	moment := Moment{Instant: m, Code: x.Code}
	switch d.Nature {
	case roc.RetourPaiement:
		return c.encaisser(cv, d.Paiement, x, moment)
	case roc.RetourRejet:
		if _, err := suivant(cv.Etat, Rejeter); err != nil {
			return errRien
		}
		cv.Code, f.Notifiee, f.Precision, f.Lignes = x.Code, x.Etat, x.Precision, x.Lignes
		return c.passer(cv, Rejeter, moment)
	}
	if avance(f.Notifiee) > avance(x.Etat) {
		return errRien // a later return overtook this one
	}
	f.Notifiee, f.Precision, f.Lignes = x.Etat, x.Precision, x.Lignes
	return nil
}

// avance is how far a notified state is in the life of an invoice.
func avance(e roc.EtatFacture) int { return slices.Index(e.Codes(), string(e)) }

// encaisser files a payment: what was paid before must be what is known here, so
// that a payment told twice, by two returns, is counted once.
func (c *Chantier) encaisser(cv *Couverture, p *roc.Paiement, x *roc.RetourFacture, moment Moment) error {
	f := cv.Facture
	if x.DejaPaye != f.Paye || x.MontantPaye <= 0 || x.MontantPaye > f.reste() {
		return errRien // hyp: PAIEMENT-DISCORDANT
	}
	evenement := Payer
	if f.Paye += x.MontantPaye; f.reste() > 0 {
		evenement = PayerEnPartie
	}
	if _, err := suivant(cv.Etat, evenement); err != nil {
		return errRien
	}
	cv.Code, f.Notifiee, f.Precision, f.Virement, f.Mandatee = x.Code, x.Etat, x.Precision, p.ReferenceVirement, p.DateMandatement
	return c.passer(cv, evenement, moment)
}
