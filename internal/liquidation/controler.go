package liquidation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// traiter controls the invoices of a batch, sets those accepted up to be paid and
// rejects the others, writes them where they stand then, and posts the returns, in
// the transaction of the batch. ref: ROC §17.2
func (s *Service) traiter(ctx context.Context, l []*Facture, instant time.Time) error {
	c := &chantier{s: s, instant: instant, passees: make(map[EtatGarantie][]roc.NumeroEngagement)}
	if err := c.ouvrir(ctx, l); err != nil {
		return err
	}
	for i := range c.pieces {
		if err := c.juger(ctx, l[i], &c.pieces[i]); err != nil {
			return err
		}
	}
	for _, f := range l {
		if err := c.liquider(f); err != nil {
			return err
		}
	}
	if err := c.ecrire(ctx, c.touchees, c.autres); err != nil {
		return err
	}
	if err := s.Factures.Inserer(ctx, l, c.moments); err != nil {
		return fmt.Errorf("liquidation: écrire un lot: %w", err)
	}
	return c.retours.poster(ctx, s, instant)
}

// liquider sets an accepted invoice up to be paid, and rejects a refused one.
func (c *chantier) liquider(f *Facture) error {
	switch f.Etat {
	case Acceptee:
		c.retours.ajouter(f, roc.RetourLiquidation, roc.FactureLiquidee)
		return c.passer(f, Liquider)
	case Refusee:
		c.retours.ajouter(f, roc.RetourRejet, roc.FactureRejetee)
		return c.passer(f, Rejeter)
	}
	return nil // annulled
}

func (s *Service) maintenant() time.Time { return s.Horloge().UTC().Truncate(time.Millisecond) }

// chantier is a lot of invoices under control.
type chantier struct {
	s         *Service
	instant   time.Time
	lot       []*Facture // under control
	pieces    []piece
	garanties map[roc.NumeroEngagement]*Garantie
	passees   map[EtatGarantie][]roc.NumeroEngagement
	touchees  []*Facture // beside those under control: the annulled ones
	autres    []Moment   // their moves
	moments   []Moment
	retours   retours
}

// ouvrir takes the guarantees that the invoices quote, all at once.
func (c *chantier) ouvrir(ctx context.Context, l []*Facture) error {
	c.lot, c.pieces = l, make([]piece, len(l))
	var numeros []roc.NumeroEngagement
	for i, f := range l {
		c.pieces[i] = piece{facture: f.recue, emetteur: f.Finess, recue: sante.JourA(f.Recue, sante.Paris())}
		if !f.Garantie.IsZero() {
			numeros = append(numeros, f.Garantie)
		}
	}
	var err error
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
	o, err := c.trouver(ctx, f)
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
	o, err := c.trouver(ctx, f)
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
	if slices.Contains(c.lot, o) {
		err = c.passer(o, Annuler)
	} else {
		var m Moment
		m, err = c.mouvoir(o, Annuler)
		c.touchees, c.autres = append(c.touchees, o), append(c.autres, m)
	}
	if err != nil {
		return err
	}
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

// trouver gives the invoice that another corrects: of the same batch, or held
// already and not touched since.
func (c *chantier) trouver(ctx context.Context, f *Facture) (*Facture, error) {
	for _, l := range [][]*Facture{c.lot, c.touchees} {
		for _, o := range l {
			if o.Numero == f.Corrige && o != f {
				return o, nil
			}
		}
	}
	return c.s.Factures.Facture(ctx, f.Finess, f.Corrige)
}

func (c *chantier) passer(f *Facture, e Evenement) error {
	m, err := c.mouvoir(f, e)
	if err == nil {
		c.moments = append(c.moments, m)
	}
	return err
}

// mouvoir moves an invoice along the table, and gives the move.
func (c *chantier) mouvoir(f *Facture, e Evenement) (Moment, error) {
	apres, err := suivant(f.Etat, e)
	if err != nil {
		return Moment{}, err
	}
	m := Moment{Finess: f.Finess, Annee: f.Annee, Numero: f.Numero, Avant: f.Etat, Evenement: e, Apres: apres, Code: f.Code, Instant: c.instant}
	f.Etat = apres
	return m, nil
}

// fermer writes what was decided of invoices that the book holds, and posts the
// returns.
func (c *chantier) fermer(ctx context.Context, l []*Facture) error {
	if err := c.ecrire(ctx, l, c.moments); err != nil {
		return err
	}
	return c.retours.poster(ctx, c.s, c.instant)
}

func (c *chantier) ecrire(ctx context.Context, l []*Facture, m []Moment) error {
	for etat, numeros := range c.passees {
		if err := c.s.Garanties.Passer(ctx, etat, numeros); err != nil {
			return fmt.Errorf("liquidation: passer les garanties: %w", err)
		}
	}
	if err := c.s.Factures.Ecrire(ctx, l, m); err != nil {
		return fmt.Errorf("liquidation: écrire des factures: %w", err)
	}
	return nil
}
