package liquidation

import (
	"context"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Ordre is a payment to make: the bank order of a day.
type Ordre struct {
	Comptable, Mandatement sante.Jour
	Payeur                 sante.NumeroAMC
	Reference              string // of the transfer
	Compte                 string // last four characters of the account credited
	Contact                string
}

// Payer pays up to max liquidated invoices of one hospital with an order, whole.
func (s *Service) Payer(ctx context.Context, o Ordre, finess sante.FINESS, max int) (n int, err error) {
	err = s.Transaction(ctx, func(ctx context.Context) error {
		l, err := s.Factures.APayer(ctx, finess, min(max, retourMax))
		n = len(l)
		if err != nil || n == 0 {
			return err
		}
		parts := make([]Part, len(l))
		for i, f := range l {
			parts[i] = Part{Facture: f, Montant: f.Demande - f.Paye}
		}
		return s.regler(ctx, o, finess, parts)
	})
	return n, err
}

// Solder pays what is due of one invoice.
func (s *Service) Solder(ctx context.Context, o Ordre, finess sante.FINESS, numero string) error {
	return s.Transaction(ctx, func(ctx context.Context) error {
		f, err := s.Factures.Facture(ctx, finess, numero)
		if err != nil {
			return fmt.Errorf("liquidation: solder la facture: %w", err)
		}
		return s.regler(ctx, o, finess, []Part{{Facture: f, Montant: f.Demande - f.Paye}})
	})
}

// Part is what an order pays of an invoice, and why it is not the whole.
type Part struct {
	Facture *Facture
	Montant sante.Montant
	Code    roc.Code
}

// Regler pays parts of invoices with an order: each pays more than nothing and no
// more than what is due.
func (s *Service) Regler(ctx context.Context, o Ordre, finess sante.FINESS, demandees map[string]Part) error {
	return s.Transaction(ctx, func(ctx context.Context) error {
		var parts []Part
		for numero, p := range demandees {
			f, err := s.Factures.Facture(ctx, finess, numero)
			if err != nil {
				return fmt.Errorf("liquidation: régler la facture: %w", err)
			}
			parts = append(parts, Part{Facture: f, Montant: p.Montant, Code: p.Code})
		}
		return s.regler(ctx, o, finess, parts)
	})
}

func (s *Service) regler(ctx context.Context, o Ordre, finess sante.FINESS, parts []Part) error {
	c := &chantier{s: s, instant: s.maintenant(), passees: make(map[roc.NumeroEngagement]EtatGarantie)}
	paiement := &roc.Paiement{DateComptable: o.Comptable, DateMandatement: o.Mandatement, Payeur: o.Payeur,
		ReferenceVirement: o.Reference, Compte: o.Compte, Contact: o.Contact}
	var l []*Facture
	var dites []roc.RetourFacture
	for _, p := range parts {
		f := p.Facture
		if p.Montant <= 0 || p.Montant > f.Demande-f.Paye {
			return fmt.Errorf("liquidation: facture %s : %s à payer, %s dus", f.Numero, p.Montant, f.Demande-f.Paye)
		}
		dite := roc.RetourFacture{Numero: f.Numero, Lot: f.Lot, Etat: roc.FacturePayee, Code: roc.Accepte,
			MontantFacture: f.Demande, MontantPaye: p.Montant, DejaPaye: f.Paye}
		evenement, etat := Payer, GarantiePayee
		if f.Paye += p.Montant; f.Paye < f.Demande {
			evenement, etat, dite.Etat, dite.Code = PayerEnPartie, GarantiePayeePart, roc.FactureLiquidee, p.Code
			if dite.Code == "" {
				dite.Code = roc.AvecReserve
			}
		}
		f.Code = dite.Code
		if err := c.passer(f, evenement); err != nil {
			return err
		}
		if !f.Garantie.IsZero() {
			c.passees[f.Garantie] = etat
		}
		paiement.Total += p.Montant
		l, dites = append(l, f), append(dites, dite)
	}
	c.retours.payer(finess, paiement, dites)
	return c.fermer(ctx, l)
}

// Rejeter rejects an invoice that its control had accepted: its papers are
// missing, or nobody knows where to pay it.
func (s *Service) Rejeter(ctx context.Context, finess sante.FINESS, numero string, code roc.Code, precision string) error {
	if code.Famille() != 'F' {
		return fmt.Errorf("liquidation: %s n'est pas un motif de rejet d'une facture", code)
	}
	return s.Transaction(ctx, func(ctx context.Context) error {
		f, err := s.Factures.Facture(ctx, finess, numero)
		if err != nil {
			return fmt.Errorf("liquidation: rejeter: %w", err)
		}
		c := &chantier{s: s, instant: s.maintenant(), passees: make(map[roc.NumeroEngagement]EtatGarantie)}
		f.Code, f.Precision = code, precision
		if err := c.passer(f, Rejeter); err != nil {
			return err
		}
		if !f.Garantie.IsZero() {
			c.passees[f.Garantie] = GarantieRejetee
		}
		c.retours.ajouter(f, roc.RetourRejet, roc.FactureRejetee)
		return c.fermer(ctx, []*Facture{f})
	})
}

// retours gathers what is to be said, by hospital and by nature.
type retours struct {
	ordre []cleRetour
	par   map[cleRetour]*roc.DemandeRET
}

type cleRetour struct {
	finess sante.FINESS
	nature roc.NatureRetour
}

func (r *retours) ajouter(f *Facture, n roc.NatureRetour, dit roc.EtatFacture) {
	d := r.un(cleRetour{f.Finess, n})
	d.Factures = append(d.Factures, roc.RetourFacture{Numero: f.Numero, Lot: f.Lot, Etat: dit, Code: f.Code,
		Precision: f.Precision, MontantFacture: max(f.Demande, -f.Demande), Lignes: f.Lignes})
}

func (r *retours) payer(finess sante.FINESS, p *roc.Paiement, l []roc.RetourFacture) {
	d := r.un(cleRetour{finess, roc.RetourPaiement})
	d.Paiement, d.Factures = p, l
}

func (r *retours) un(c cleRetour) *roc.DemandeRET {
	if d := r.par[c]; d != nil {
		return d
	}
	if r.par == nil {
		r.par = make(map[cleRetour]*roc.DemandeRET)
	}
	d := &roc.DemandeRET{Nature: c.nature}
	r.ordre, r.par[c] = append(r.ordre, c), d
	return d
}

// retourMax is how many invoices a return tells of.
const retourMax = 1000

func (r *retours) poster(ctx context.Context, s *Service, instant time.Time) error {
	for _, c := range r.ordre {
		d := r.par[c]
		d.Date = sante.JourA(instant, sante.Paris())
		for reste := d.Factures; len(reste) > 0; {
			n := len(reste)
			if d.Nature != roc.RetourPaiement {
				n = min(n, retourMax)
			}
			un := *d
			un.Factures, reste = reste[:n], reste[n:]
			if err := s.Retours.Poster(ctx, c.finess, &un); err != nil {
				return fmt.Errorf("liquidation: poster un retour: %w", err)
			}
		}
	}
	return nil
}
