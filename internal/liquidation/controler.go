package liquidation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Controler controls up to max invoices received, in one transaction, writes the
// report of each and posts it to its hospital. It tells how many it took.
// ref: ROC §17.2
func (s *Service) Controler(ctx context.Context, max int) (n int, err error) {
	err = s.Transaction(ctx, func(ctx context.Context) error {
		l, err := s.Factures.Prendre(ctx, Recue, max)
		if err != nil || len(l) == 0 {
			n = 0
			return err
		}
		n = len(l)
		c := &chantier{s: s, instant: s.maintenant()}
		if err := c.ouvrir(ctx, l); err != nil {
			return err
		}
		for i := range c.pieces {
			if err := c.juger(ctx, l[i], &c.pieces[i]); err != nil {
				return err
			}
		}
		return c.fermer(ctx, l)
	})
	return n, err
}

func (s *Service) maintenant() time.Time { return s.Horloge().UTC().Truncate(time.Millisecond) }

// chantier is a lot of invoices under control.
type chantier struct {
	s         *Service
	instant   time.Time
	pieces    []piece
	garanties map[roc.NumeroEngagement]*Garantie
	passees   map[EtatGarantie][]roc.NumeroEngagement
	touchees  []*Facture // beside those under control: the annulled ones
	moments   []Moment
	retours   retours
}

// ouvrir reads the invoices and takes the guarantees that they quote, all at once.
func (c *chantier) ouvrir(ctx context.Context, l []*Facture) error {
	c.pieces = make([]piece, len(l))
	var numeros []roc.NumeroEngagement
	for i, f := range l {
		x := new(roc.Facture)
		if err := planFacture.DecodeJSON(f.Contenu, x); err != nil {
			return fmt.Errorf("liquidation: facture gardée illisible: %w", err)
		}
		c.pieces[i] = piece{facture: x, emetteur: f.Finess, recue: sante.JourA(f.Recue, sante.Paris())}
		if !x.NumeroEngagement.IsZero() {
			numeros = append(numeros, x.NumeroEngagement)
		}
	}
	var err error
	c.passees = make(map[EtatGarantie][]roc.NumeroEngagement)
	if c.garanties, err = c.s.Garanties.Prendre(ctx, numeros); err != nil {
		return fmt.Errorf("liquidation: prendre les garanties: %w", err)
	}
	return nil
}

// juger controls an invoice and moves it; what it takes of its guarantee is seen
// by the next.
func (c *chantier) juger(ctx context.Context, f *Facture, x *piece) error {
	if x.facture.Nature == roc.Annulative {
		return c.annuler(ctx, f)
	}
	x.garantie = c.garanties[x.facture.NumeroEngagement]
	if g := x.garantie; g != nil && g.Locale {
		var err error
		if x.contrat, x.compteurs, err = c.s.Garanties.Contrat(ctx, g); err != nil {
			return fmt.Errorf("liquidation: contrat d'une garantie: %w", err)
		}
	}
	k := c.s.Parametres.controler(c.s.Moteur, x)
	if x.facture.Nature == roc.Rectificative && k.Accord() {
		rejetee, err := c.corrigee(ctx, f)
		if err != nil {
			return err
		}
		if !rejetee {
			k = refuser(roc.FactureEnDouble, "la facture rectifiée n'a pas été rejetée")
		}
	}
	return c.conclure(f, x, k)
}

// corrigee tells whether the invoice that a rectification names was rejected, or
// annulled by its hospital.
func (c *chantier) corrigee(ctx context.Context, f *Facture) (bool, error) {
	o, err := c.s.Factures.Facture(ctx, f.Finess, f.Corrige)
	if errors.Is(err, ErrFactureInconnue) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("liquidation: facture rectifiée: %w", err)
	}
	return o.Etat == Rejetee || o.Etat == AnnuleeParES, nil
}

func (c *chantier) conclure(f *Facture, x *piece, k Constat) error {
	f.Code, f.Precision, f.Lignes = k.Code, k.Precision, k.Lignes
	if !k.Accord() {
		if err := c.passer(f, Refuser); err != nil {
			return err
		}
		c.retours.ajouter(f, roc.RetourControle, roc.ControleKO)
		return nil
	}
	if g := x.garantie; g != nil {
		g.Etat = GarantieFacturee
		c.passees[GarantieFacturee] = append(c.passees[GarantieFacturee], g.Numero)
	}
	if err := c.passer(f, Accepter); err != nil {
		return err
	}
	c.retours.ajouter(f, roc.RetourControle, roc.ControleOK)
	return nil
}

// annuler takes an invoice back before it is paid: its guarantee may be given back
// or invoiced again. ref: DEC 26
func (c *chantier) annuler(ctx context.Context, f *Facture) error {
	o, err := c.s.Factures.Facture(ctx, f.Finess, f.Corrige)
	refus := func(code roc.Code, precision string) error {
		return c.conclure(f, &piece{}, refuser(code, precision))
	}
	switch {
	case errors.Is(err, ErrFactureInconnue):
		return refus(roc.EngagementInconnu, "la facture annulée est inconnue")
	case err != nil:
		return fmt.Errorf("liquidation: facture annulée: %w", err)
	case -f.Demande != o.Demande:
		return refus(roc.MontantDifferent, "l'annulative ne rend pas ce que la facture demandait")
	}
	if _, err := suivant(o.Etat, Annuler); err != nil {
		return refus(roc.EngagementFacture, "la facture est déjà "+o.Etat.libelle())
	}
	if err := c.passer(o, Annuler); err != nil {
		return err
	}
	c.touchees = append(c.touchees, o)
	if g := o.Garantie; !g.IsZero() {
		c.passees[GarantieRendue] = append(c.passees[GarantieRendue], g)
	}
	f.Code = roc.Accepte
	if err := c.passer(f, Accepter); err != nil {
		return err
	}
	c.retours.ajouter(f, roc.RetourControle, roc.ControleOK)
	return c.passer(f, Annuler)
}

func (c *chantier) passer(f *Facture, e Evenement) error {
	apres, err := suivant(f.Etat, e)
	if err != nil {
		return err
	}
	c.moments = append(c.moments, Moment{Finess: f.Finess, Annee: f.Annee, Numero: f.Numero, Avant: f.Etat, Evenement: e, Apres: apres, Code: f.Code, Instant: c.instant})
	f.Etat = apres
	return nil
}

// fermer writes what was decided and posts the returns.
func (c *chantier) fermer(ctx context.Context, l []*Facture) error {
	for etat, numeros := range c.passees {
		if err := c.s.Garanties.Passer(ctx, etat, numeros); err != nil {
			return fmt.Errorf("liquidation: passer les garanties: %w", err)
		}
	}
	if err := c.s.Factures.Ecrire(ctx, append(l, c.touchees...), c.moments); err != nil {
		return fmt.Errorf("liquidation: écrire les contrôles: %w", err)
	}
	return c.retours.poster(ctx, c.s, c.instant)
}
