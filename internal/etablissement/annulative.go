package etablissement

import (
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// An invoice is taken back when its annulative one is made; the insurer may have
// paid it meanwhile. Until he says that he lets it go, both are followed.

// accuserAnnulation files the acknowledgement of an annulative invoice, or of the
// one that it takes back.
func (c *Chantier) accuserAnnulation(cv *Couverture, numero, lot string, m time.Time, refusee bool, code roc.Code, precision string) error {
	f := cv.Facture
	if !f.est(numero) {
		f = cv.FactureAvant
	}
	switch {
	case !f.Accusee.IsZero():
		return errRien
	case refusee && f == cv.Facture:
		return c.maintenir(cv, Moment{Instant: m, Code: code}, precision)
	case refusee:
		c.perdre(numero, ParRejet, lot)
		return errRien // the insurer holds neither
	}
	f.Accusee, f.Notifiee, f.Lot = m, roc.FactureRecue, lot
	if f == cv.FactureAvant {
		c.tenir(numero)
	}
	if f == cv.FactureAvant && cv.Facture.Notifiee == roc.FactureRejetee {
		return c.maintenir(cv, Moment{Instant: m, Code: cv.Code}, cv.Facture.Precision)
	}
	return nil
}

// retournerAnnulation applies a return to an annulative invoice, or to the one that
// it takes back: a payment or a reject of that one crossed the annulation, which its
// insurer will refuse.
func (c *Chantier) retournerAnnulation(cv *Couverture, d *roc.DemandeRET, x *roc.RetourFacture, m time.Time) error {
	f, moment := cv.Facture, Moment{Instant: m, Code: x.Code}
	if !f.est(x.Numero) {
		if cv.FactureAvant.Accusee.IsZero() {
			cv.FactureAvant.Accusee, cv.FactureAvant.Notifiee, cv.FactureAvant.Lot = m, roc.FactureRecue, x.Lot
			c.tenir(x.Numero)
			c.rendre(x.Numero, ParRejet, x.Lot)
		}
		if d.Nature != roc.RetourPaiement && d.Nature != roc.RetourRejet {
			return nil
		}
		if err := c.maintenir(cv, moment, ""); err != nil {
			if d.Nature == roc.RetourRejet {
				c.perdre(x.Numero, ParRejet, d.Numero) // whatever becomes of its coverage
			}
			return err
		}
		return c.retourner(cv, d, x, m)
	}
	if d.Nature == roc.RetourRejet || x.Etat == roc.ControleKO {
		return c.maintenir(cv, moment, x.Precision)
	}
	if avance(f.Notifiee) > avance(x.Etat) {
		return errRien
	}
	if f.Accusee.IsZero() {
		f.Accusee, f.Lot = m, x.Lot
	}
	f.Notifiee, f.Precision = x.Etat, x.Precision
	if x.Etat == roc.ControleOK {
		c.perdre(cv.FactureAvant.Numero, ParAnnulation, f.Numero)
	}
	return nil
}

// maintenir puts back the invoice whose annulation was refused, when the insurer
// holds it.
func (c *Chantier) maintenir(cv *Couverture, moment Moment, precision string) error {
	if _, err := suivant(cv.Etat, MaintenirFacture); err != nil {
		return errRien // its engagement is being given back, or has been
	}
	cv.Code = moment.Code
	if cv.FactureAvant.Accusee.IsZero() {
		cv.Facture.Notifiee, cv.Facture.Precision = roc.FactureRejetee, precision
		return nil
	}
	c.rendre(cv.FactureAvant.Numero, ParAnnulation, cv.Facture.Numero)
	cv.Facture, cv.FactureAvant = cv.FactureAvant, nil
	cv.Facture.Precision = precision
	return c.passer(cv, MaintenirFacture, moment)
}
