package liquidation

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
)

// cleConvention names the care that an invoice asks to pay, whatever its number: the
// dossier and all that the share follows from, its dates included. Nothing else
// tells two invoices that no guarantee covers apart. // hyp: DOUBLE-CONVENTION
func cleConvention(f *roc.Facture) string {
	h := sha256.Sum256([]byte(f.IDDossierES + "\x00" + roc.EmpreinteCalcul(&f.Calcul)))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// Soins is what the books keep of an invoice by convention while it is neither
// rejected nor annulled, "" of any other: two invoices of a hospital never have the
// same.
func (f *Facture) Soins() string {
	switch f.Etat {
	case Refusee, Rejetee, AnnuleeParES:
		return ""
	}
	return f.Convention
}

// prendreSoins looks for the live invoices by convention of the same care as those
// of the batch, all at once; a hospital without convention has none.
func (c *chantier) prendreSoins(ctx context.Context) error {
	if len(c.lot) == 0 {
		return nil
	}
	finess := c.lot[0].Finess
	if !c.s.Parametres.conventionne(finess) {
		return nil
	}
	var cles []string
	for i, f := range c.lot {
		if f.Nature == roc.Annulative {
			continue
		}
		x := &c.pieces[i]
		if x.soins = f.Convention; x.soins == "" {
			x.soins = cleConvention(x.facture)
		}
		cles = append(cles, x.soins)
	}
	var err error
	if c.soins, err = c.s.Factures.ParSoins(ctx, finess, cles); err != nil {
		return fmt.Errorf("liquidation: soins déjà facturés: %w", err)
	}
	return nil
}

// dejaFacturee refuses an invoice whose care another one already asks to pay: by
// convention, on an engagement, or as the correction of the same invoice.
// ref: ROC §17.2, DEC 26, 28
func (c *chantier) dejaFacturee(ctx context.Context, f *Facture, x *piece) (Constat, error) {
	if autre := c.soins[x.soins]; autre != "" && autre != f.cle() {
		return refuser(roc.FactureEnDouble, "ces soins sont déjà facturés par convention, sous un autre numéro"), nil
	}
	if f.Convention != "" {
		if k, err := c.engagee(ctx, x); err != nil || !k.Accord() {
			return k, err
		}
	}
	if f.Nature == roc.Rectificative {
		return c.rectifiable(ctx, f)
	}
	return Constat{Code: roc.Accepte}, nil
}

// engagee refuses an invoice by convention of care for which the insurer is engaged,
// or has promised the calculation of the hospital: it is invoiced on that number.
func (c *chantier) engagee(ctx context.Context, x *piece) (Constat, error) {
	d := &x.facture.Calcul
	l, err := c.s.Garanties.DuDossier(ctx, x.emetteur, x.facture.IDDossierES)
	if err != nil {
		return Constat{}, fmt.Errorf("liquidation: garanties d'un dossier: %w", err)
	}
	for _, g := range l {
		if d.DernierJour() < g.PeriodeDebut || d.PeriodeDebut > g.PeriodeFin {
			continue
		}
		etat := g.Etat
		if pris := c.garanties[g.Numero]; pris != nil {
			etat = pris.Etat // as this batch leaves it
		}
		switch etat {
		case GarantieFacturee, GarantiePayeePart, GarantiePayee:
			return refuser(roc.EngagementFacture, "ces soins ont déjà été facturés sur un engagement de ce dossier"), nil
		case GarantieEngagee:
			if x.recue <= g.Fin {
				return refuser(roc.EngagementExistant, g.vivante()), nil
			}
		case GarantieRejetee, GarantieRendue:
			if x.recue <= g.Fin {
				return refuser(roc.EngagementExistant, "un engagement couvre ces soins : corriger la facture qui le cite, ou l'annuler d'abord"), nil
			}
		}
	}
	return Constat{Code: roc.Accepte}, nil
}

// vivante tells a hospital what a guarantee that nobody invoiced yet asks of it: it is
// better than a convention, and frees its days once given back, or over.
func (g *Garantie) vivante() string {
	quoi := "un engagement couvre ces soins, n° " + g.Numero.String()
	if g.Locale {
		quoi = "l'AMC a promis de payer le calcul local de ces soins, sous le n° " + g.Numero.String()
	}
	return quoi + ", jusqu'au " + g.Fin.Francais() + " : l'établissement les facture sur ce numéro, avec sa garantie, ou l'annule d'abord (DEL) ; après ce jour, ils se facturent par convention"
}

// correctionsMax bounds the corrections of one invoice that are followed.
const correctionsMax = 100

// rectifiable tells whether the invoice that a rectification names may be corrected:
// it was rejected, or annulled by its hospital, and no other correction of it, or of
// what it corrects itself, is live. // hyp: DOUBLE-CONVENTION
func (c *chantier) rectifiable(ctx context.Context, f *Facture) (Constat, error) {
	o, err := c.trouver(ctx, f)
	if err != nil && !errors.Is(err, ErrFactureInconnue) {
		return Constat{}, fmt.Errorf("liquidation: facture rectifiée: %w", err)
	}
	if err != nil || o.Etat != Rejetee && o.Etat != AnnuleeParES {
		return refuser(roc.FactureEnDouble, "la facture rectifiée n'a pas été rejetée"), nil
	}
	for vues := 0; o.Nature == roc.Rectificative && vues < correctionsMax; vues++ {
		avant, err := c.trouver(ctx, o)
		if errors.Is(err, ErrFactureInconnue) {
			break // forgotten at its term, or never known
		}
		if err != nil {
			return Constat{}, fmt.Errorf("liquidation: facture rectifiée: %w", err)
		}
		o = avant
	}
	vive, err := c.correctionVive(ctx, o, f)
	if err != nil {
		return Constat{}, fmt.Errorf("liquidation: corrections d'une facture: %w", err)
	}
	if vive {
		return refuser(roc.FactureEnDouble, "la facture rectifiée a déjà été corrigée"), nil
	}
	return Constat{Code: roc.Accepte}, nil
}

// correctionVive tells whether an invoice, or one that descends from it, has a
// correction that may be paid, beside f which is judged.
func (c *chantier) correctionVive(ctx context.Context, o, f *Facture) (bool, error) {
	vues := make(map[string]bool)
	for reste := []*Facture{o}; len(reste) > 0; {
		o, reste = reste[0], reste[1:]
		if vues[o.Numero] {
			continue
		}
		if vues[o.Numero] = true; len(vues) > correctionsMax {
			return true, nil // nobody corrects so much
		}
		l, err := c.corrections(ctx, f, o.Numero)
		if err != nil {
			return false, err
		}
		for _, x := range l {
			switch x.Etat {
			case Acceptee, Liquidee, PayeePartie, Payee:
				return true, nil
			}
		}
		reste = append(reste, l...)
	}
	return false, nil
}

// corrections are those of a number, but f, in the dossier of f: of the same batch,
// or held already and as this batch leaves them.
func (c *chantier) corrections(ctx context.Context, f *Facture, numero string) (l []*Facture, err error) {
	garder := func(o *Facture) {
		if o.Nature == roc.Rectificative && o.Corrige == numero && o.cle() != f.cle() && o.dossier() == f.recue.IDDossierES {
			l = append(l, o)
		}
	}
	for _, o := range c.lot {
		garder(o)
	}
	tenues, err := c.s.Factures.Corrections(ctx, f.Finess, numero)
	for _, o := range tenues {
		for _, t := range c.touchees {
			if t.cle() == o.cle() {
				o = t
			}
		}
		garder(o)
	}
	return l, err
}
