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
		f.Notifiee = roc.FactureRejetee // the insurer holds neither
		return nil
	}
	f.Accusee, f.Notifiee, f.Lot = m, roc.FactureRecue, lot
	if f == cv.FactureAvant {
		c.tenir(numero)
		c.garder = true
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
			c.garder = true
		}
		if d.Nature != roc.RetourPaiement && d.Nature != roc.RetourRejet {
			return nil
		}
		if d.Nature == roc.RetourPaiement && !cv.FactureAvant.attend(x) {
			return errRien // hyp: PAIEMENT-DISCORDANT
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
	if f.Accusee.IsZero() { // its acknowledgement was overtaken, or its batch given up
		f.Accusee, f.Lot, f.Notifiee = m, x.Lot, ""
	}
	if avance(f.Notifiee) > avance(x.Etat) {
		return errRien
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
	if moment.Code == roc.PanneRelais {
		garde := *cv.Facture
		cv.Annulative = &garde
	}
	if !cv.FactureAvant.tenue() {
		cv.Facture.Notifiee, cv.Facture.Precision = roc.FactureRejetee, precision
		return nil
	}
	c.rendre(cv.FactureAvant.Numero, ParAnnulation, cv.Facture.Numero)
	cv.Facture, cv.FactureAvant = cv.FactureAvant, nil
	cv.Facture.Precision = precision
	return c.passer(cv, MaintenirFacture, moment)
}

// retrouver applies a return to an annulative invoice whose batch was given up here
// and had arrived there: the insurer let the invoice go, and will not pay it.
func (c *Chantier) retrouver(cv *Couverture, d *roc.DemandeRET, x *roc.RetourFacture, m time.Time) error {
	a := cv.Annulative
	if d.Nature == roc.RetourPaiement {
		return errRien // nothing is paid of an annulative
	}
	cv.Annulative = nil
	if d.Nature == roc.RetourRejet || x.Etat == roc.ControleKO {
		return nil // it changed nothing: the invoice is followed already
	}
	a.Accusee, a.Lot, a.Notifiee, a.Precision = m, x.Lot, x.Etat, x.Precision
	moment := Moment{Instant: m, Code: x.Code}
	switch {
	case cv.Facture.est(a.Numero): // both were given up
		cv.Facture = a
		return nil
	case cv.FactureAvant.est(a.Corrige): // another annulative was made since: it is of no use
		cv.Facture, cv.Code = a, x.Code
		return nil
	case cv.Facture.est(a.Corrige):
		if _, err := suivant(cv.Etat, AnnulerFacture); err != nil {
			return nil // paid before: the comptable sees both
		}
		cv.Facture, cv.FactureAvant, cv.Code = a, cv.Facture, x.Code
		return c.passer(cv, AnnulerFacture, moment)
	}
	return nil // another invoice has taken its place
}
