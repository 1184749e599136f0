package liquidation

import (
	"context"
	"fmt"
	"strings"
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

// Solder pays what is due of one invoice; ErrDejaVire as for Regler.
func (s *Service) Solder(ctx context.Context, o Ordre, finess sante.FINESS, numero string) error {
	return s.Transaction(ctx, func(ctx context.Context) error {
		f, err := s.Factures.Facture(ctx, finess, numero)
		if err != nil {
			return fmt.Errorf("liquidation: solder la facture: %w", err)
		}
		parts := []Part{{Facture: f, Montant: f.Demande - f.Paye}}
		if err := s.virer(ctx, o, parts); err != nil {
			return err
		}
		return s.regler(ctx, o, finess, parts)
	})
}

// Part is what an order pays of an invoice, and why it is not the whole.
type Part struct {
	Facture *Facture
	Montant sante.Montant
	Code    roc.Code
}

// Regler pays parts of invoices with an order: each pays more than nothing and no
// more than what is due. The same order given twice pays once: an invoice has one
// part under the reference of a transfer, ErrDejaVire for another.
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
		if err := s.virer(ctx, o, parts); err != nil {
			return err
		}
		return s.regler(ctx, o, finess, parts)
	})
}

// virer notes which invoices an order names. What a whole group is due needs none of
// it: given twice, that order finds nothing left. // hyp: UNE-PART-PAR-VIREMENT
func (s *Service) virer(ctx context.Context, o Ordre, parts []Part) error {
	for _, p := range parts {
		if p.Montant <= 0 || p.Montant > p.Facture.Demande-p.Facture.Paye {
			continue // regler says so
		}
		if err := s.Factures.Virer(ctx, p.Facture, o.Reference, p.Montant, s.maintenant()); err != nil {
			return fmt.Errorf("liquidation: facture %s : %w", p.Facture.Numero, err)
		}
	}
	return nil
}

func (s *Service) regler(ctx context.Context, o Ordre, finess sante.FINESS, parts []Part) error {
	c := &chantier{s: s, instant: s.maintenant(), passees: make(map[roc.NumeroEngagement]EtatGarantie)}
	paiement := &roc.Paiement{DateComptable: o.Comptable, DateMandatement: o.Mandatement, Payeur: o.Payeur,
		ReferenceVirement: o.Reference, Compte: o.Compte, Contact: o.Contact}
	dit, numero := c.retours.payer(finess, paiement)
	c.retour = numero
	var l []*Facture
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
		l, dit.Factures = append(l, f), append(dit.Factures, dite)
	}
	return c.fermer(ctx, l)
}

// Rejeter rejects an invoice that its control had accepted: its papers are
// missing, or nobody knows where to pay it.
func (s *Service) Rejeter(ctx context.Context, finess sante.FINESS, numero string, code roc.Code, precision string) error {
	if code.Famille() != 'F' {
		return fmt.Errorf("liquidation: %s n'est pas un motif de rejet d'une facture", code)
	}
	if sante.ContientNIR(precision) {
		return fmt.Errorf("liquidation: précision d'un rejet : %w", sante.ErrTexteNIR)
	}
	return s.Transaction(ctx, func(ctx context.Context) error {
		f, err := s.Factures.Facture(ctx, finess, numero)
		if err != nil {
			return fmt.Errorf("liquidation: rejeter: %w", err)
		}
		c := &chantier{s: s, instant: s.maintenant(), passees: make(map[roc.NumeroEngagement]EtatGarantie)}
		f.Code, f.Precision = code, precision
		c.retour = c.retours.ajouter(f, roc.RetourRejet, roc.FactureRejetee)
		if err := c.passer(f, Rejeter); err != nil {
			return err
		}
		if !f.Garantie.IsZero() {
			c.passees[f.Garantie] = GarantieRejetee
		}
		return c.fermer(ctx, []*Facture{f})
	})
}

// retours gathers what is to be said, by hospital and by nature.
type retours struct {
	ordre []cleRetour
	par   map[cleRetour]*annonce
}

type cleRetour struct {
	finess sante.FINESS
	nature roc.NatureRetour
}

// annonce is what will be told by one return, or by several when there is much.
type annonce struct {
	roc.DemandeRET
	numeros []string // of the returns
}

// ajouter tells an invoice, and gives the number of the return that will.
func (r *retours) ajouter(f *Facture, n roc.NatureRetour, dit roc.EtatFacture) (numero string) {
	a := r.un(cleRetour{f.Finess, n})
	a.Factures = append(a.Factures, roc.RetourFacture{Numero: f.Numero, Lot: f.Lot, Etat: dit, Code: f.Code,
		Precision: f.Precision, MontantFacture: max(f.Demande, -f.Demande), Lignes: f.Lignes})
	if len(a.Factures) > len(a.numeros)*retourMax {
		a.numeros = append(a.numeros, numeroRetour())
	}
	return a.numeros[len(a.numeros)-1]
}

// payer gives the number of the return that will tell a payment; its total and its
// invoices are known later.
func (r *retours) payer(finess sante.FINESS, p *roc.Paiement) (a *annonce, numero string) {
	a = r.un(cleRetour{finess, roc.RetourPaiement})
	a.Paiement, a.numeros = p, []string{numeroRetour()}
	return a, a.numeros[0]
}

func (r *retours) un(c cleRetour) *annonce {
	if a := r.par[c]; a != nil {
		return a
	}
	if r.par == nil {
		r.par = make(map[cleRetour]*annonce)
	}
	a := &annonce{DemandeRET: roc.DemandeRET{Nature: c.nature}}
	r.ordre, r.par[c] = append(r.ordre, c), a
	return a
}

// numeroRetour draws the number of a return: opaque, and unique without asking the
// database, fifteen hexadecimal digits.
func numeroRetour() string {
	return "R" + strings.ReplaceAll(roc.NouvelUUID().String(), "-", "")[:15]
}

// retourMax is how many invoices a return tells of.
const retourMax = 1000

func (r *retours) poster(ctx context.Context, s *Service, instant time.Time) error {
	l, err := r.former(instant)
	if err != nil {
		return err
	}
	for i := range l {
		if err := s.Retours.Poster(ctx, l[i].finess, &l[i].DemandeRET); err != nil {
			return fmt.Errorf("liquidation: poster un retour: %w", err)
		}
	}
	return nil
}
