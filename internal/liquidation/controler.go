package liquidation

import (
	"cmp"
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
func (s *Service) traiter(ctx context.Context, lot *Lot, l []*Facture, emis time.Time) error {
	c := &chantier{s: s, instant: lot.Recu, suivies: l, passees: make(map[roc.NumeroEngagement]EtatGarantie), scelleur: lot.Scelleur}
	if err := c.ouvrir(ctx, l); err != nil {
		return err
	}
	// A correction is judged after what it may correct.
	for _, n := range []roc.NatureFacture{roc.Initiale, roc.Annulative, roc.Rectificative} {
		for i, f := range l {
			if f.Nature != n || f.Etat != Recue {
				continue // or already annulled by its own batch
			}
			if err := c.juger(ctx, f, &c.pieces[i]); err != nil {
				return err
			}
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
	if err := s.noter(ctx, c.naissance(lot, emis)...); err != nil {
		return err
	}
	return c.retours.poster(ctx, s, c.instant)
}

// liquider sets an accepted invoice up to be paid, and rejects a refused one.
func (c *chantier) liquider(f *Facture) error {
	switch f.Etat {
	case Acceptee:
		c.retours.ajouter(f, roc.RetourLiquidation, roc.FactureLiquidee)
		if err := c.passer(f, Liquider); err != nil || f.Demande > 0 {
			return err
		}
		if !f.Garantie.IsZero() {
			c.passees[f.Garantie] = GarantiePayee
		}
		c.retour = ""             // its liquidation says it
		return c.passer(f, Payer) // nothing is due
	case Refusee:
		c.retour = c.retours.ajouter(f, roc.RetourRejet, roc.FactureRejetee)
		return c.passer(f, Rejeter)
	}
	return nil // annulled
}

func (s *Service) maintenant() time.Time { return s.Horloge().UTC().Truncate(time.Millisecond) }

// chantier is a lot of invoices under control.
type chantier struct {
	s         *Service
	scelleur  string // structure that sealed the batch
	instant   time.Time
	lot       []*Facture // under control
	pieces    []piece
	garanties map[roc.NumeroEngagement]*Garantie
	soins     map[string]string                     // live invoices by convention, by the name of their care
	passees   map[roc.NumeroEngagement]EtatGarantie // the last state of each
	touchees  []*Facture                            // beside those under control: the annulled ones
	autres    []Moment                              // their moves
	moments   []Moment
	retours   retours
	retour    string     // that tells the moves which end invoices
	suivies   []*Facture // whose moves are those of their batches
}

// ouvrir takes the guarantees that the invoices quote, all at once.
func (c *chantier) ouvrir(ctx context.Context, l []*Facture) error {
	c.lot, c.pieces = l, make([]piece, len(l))
	var numeros []roc.NumeroEngagement
	for i, f := range l {
		c.pieces[i] = piece{facture: f.recue, emetteur: f.Finess, recue: sante.JourA(f.Recue, fuseau(f.recue))}
		if !f.Garantie.IsZero() {
			numeros = append(numeros, f.Garantie)
		}
	}
	var err error
	slices.SortFunc(numeros, func(a, b roc.NumeroEngagement) int { return cmp.Compare(a.String(), b.String()) })
	if c.garanties, err = c.s.Garanties.Prendre(ctx, slices.Compact(numeros)); err != nil {
		return fmt.Errorf("liquidation: prendre les garanties: %w", err)
	}
	return c.prendreSoins(ctx)
}

// fuseau is the time zone of the site of care. ref: DEC 5
func fuseau(f *roc.Facture) *time.Location {
	e := &f.Calcul.Etablissement
	if e.FinessGeo.IsZero() {
		return e.FinessJuridique.Fuseau()
	}
	return e.FinessGeo.Fuseau()
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
	if x.facture.Fondement == roc.SurConvention && c.s.Membres != nil && c.s.Parametres.conventionne(f.Finess) {
		var err error
		if x.droits, x.contrat, err = c.s.Membres.DroitsDeFacture(ctx, c.scelleur, &x.facture.Calcul); err != nil {
			return fmt.Errorf("liquidation: droits d'une facture: %w", err)
		}
	}
	k := c.s.Parametres.controler(c.s.Moteur, x)
	if k.Accord() {
		var err error
		if k, err = c.dejaFacturee(ctx, f, x); err != nil {
			return err
		}
	}
	return c.conclure(ctx, f, x, k)
}

func (c *chantier) conclure(ctx context.Context, f *Facture, x *piece, k Constat) error {
	f.Code, f.Precision, f.Lignes = k.Code, k.Precision, k.Lignes
	if !k.Accord() {
		if err := c.passer(f, Refuser); err != nil {
			return err
		}
		c.retours.ajouter(f, roc.RetourControle, roc.ControleKO)
		return nil
	}
	if g := x.garantie; g != nil {
		if d := &x.facture.Calcul; g.Locale && (g.PeriodeDebut != d.PeriodeDebut || g.PeriodeFin != d.DernierJour()) {
			g.PeriodeDebut, g.PeriodeFin = d.PeriodeDebut, d.DernierJour()
			if err := c.s.Garanties.Resserrer(ctx, g.Numero, g.PeriodeDebut, g.PeriodeFin); err != nil {
				return fmt.Errorf("liquidation: resserrer une garantie: %w", err)
			}
		}
		g.Etat = GarantieFacturee
		c.passees[g.Numero] = GarantieFacturee
	}
	if f.Convention != "" && c.soins != nil {
		c.soins[f.Convention] = f.cle()
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
		return c.conclure(ctx, f, &piece{}, refuser(code, precision))
	}
	switch {
	case errors.Is(err, ErrFactureInconnue):
		return refus(roc.EngagementInconnu, "la facture annulée est inconnue")
	case err != nil:
		return fmt.Errorf("liquidation: facture annulée: %w", err)
	case -f.Demande != o.Demande || f.Garantie != o.Garantie:
		return refus(roc.MontantDifferent, "l'annulative ne rend pas ce que la facture demandait")
	}
	prise := o.Etat != Recue // of the same batch and not judged: it took nothing
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
	if c.soins[o.Convention] == o.cle() {
		delete(c.soins, o.Convention)
	}
	if n := o.Garantie; !n.IsZero() && prise {
		c.passees[n] = GarantieRendue
		if g := c.garanties[n]; g != nil {
			g.Etat = GarantieRendue
		}
	}
	f.Code = roc.Accepte
	if err := c.passer(f, Accepter); err != nil {
		return err
	}
	c.retours.ajouter(f, roc.RetourControle, roc.ControleOK)
	return c.passer(f, Annuler)
}

// trouver gives the invoice that another corrects, of the same dossier: of the same
// batch, or held already and not touched since.
func (c *chantier) trouver(ctx context.Context, f *Facture) (*Facture, error) {
	for _, l := range [][]*Facture{c.lot, c.touchees} {
		for _, o := range l {
			if o.Numero == f.Corrige && o != f && o.dossier() == f.dossier() {
				return o, nil
			}
		}
	}
	l, err := c.s.Factures.Homonymes(ctx, f.Finess, f.Corrige)
	if err != nil {
		return nil, err
	}
	for _, o := range l {
		if o.dossier() == f.dossier() {
			return o, nil
		}
	}
	return nil, ErrFactureInconnue
}

// dossier is the hospital's file of an invoice, "" when it cannot be read again.
func (f *Facture) dossier() string {
	if f.recue == nil {
		f.recue = new(roc.Facture)
		if err := planFacture.DecodeJSON(f.Contenu, f.recue); err != nil {
			f.recue.IDDossierES = ""
		}
	}
	return f.recue.IDDossierES
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
	if e == Rejeter || e == Payer || e == PayerEnPartie {
		m.Retour = c.retour
	}
	f.Etat = apres
	return m, nil
}

// fermer writes what was decided of invoices that the book holds, and posts the
// returns.
func (c *chantier) fermer(ctx context.Context, l []*Facture) error {
	if _, err := c.retours.former(c.instant); err != nil { // before anything is written
		return err
	}
	if err := c.ecrire(ctx, l, c.moments); err != nil {
		return err
	}
	c.suivies = l
	if err := c.s.noter(ctx, c.jalons(c.s.Parametres.Debitrices[0].String())...); err != nil {
		return err
	}
	return c.retours.poster(ctx, c.s, c.instant)
}

func (c *chantier) ecrire(ctx context.Context, l []*Facture, m []Moment) error {
	par := make(map[EtatGarantie][]roc.NumeroEngagement)
	for n, etat := range c.passees {
		par[etat] = append(par[etat], n)
	}
	for _, etat := range []EtatGarantie{GarantieFacturee, GarantieRendue, GarantieRejetee, GarantiePayeePart, GarantiePayee} {
		numeros := par[etat]
		// Always in the same order: two transactions never wait for each other.
		slices.SortFunc(numeros, func(a, b roc.NumeroEngagement) int { return cmp.Compare(a.String(), b.String()) })
		if len(numeros) == 0 {
			continue
		}
		if err := c.s.Garanties.Passer(ctx, etat, numeros); err != nil {
			return fmt.Errorf("liquidation: passer les garanties: %w", err)
		}
	}
	if err := c.s.Factures.Ecrire(ctx, l, m); err != nil {
		return fmt.Errorf("liquidation: écrire des factures: %w", err)
	}
	return nil
}
