package etablissement

import (
	"context"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// calculerIci computes the share of an insurer from the formulas of its signed
// answer on rights. Within the guarantee of that answer it binds the insurer as
// a CLC does; without one, it is an estimate and is said so.
// ref: ROC §3.1, §11.1, DEC 24, DEC 28
func (s *Service) calculerIci(ctx context.Context, p Place, o Ordre, k Passage) (*Venue, error) {
	return s.changer(ctx, p.Venue, o, func(c *Chantier) error {
		cv, err := c.couverture(p.Rang)
		if err != nil {
			return err
		}
		if _, err := suivant(cv.Etat, CalculerIci); err != nil {
			return cv.localImpossible(err)
		}
		d, err := s.demandeComplete(c.Venue, cv, &k, true)
		if err != nil {
			return err
		}
		r, err := repartir(s.Moteur, d, cv.Droits.Reponse.Contrat())
		if err != nil {
			return err
		}
		if err := verifierParts(d, r); err != nil {
			return &Erreur{Sorte: ErrDonnees, Code: roc.TotalFaux, Detail: "Les parts calculées ne font pas la dépense.", Cause: err}
		}
		return s.retenir(c, cv, o, d, r)
	})
}

// localImpossible tells that the guarantee of a local calculation serves once.
func (c *Couverture) localImpossible(err error) error {
	switch c.Etat {
	case Annulee, Expiree, CalculRefuse:
		return refuser(ErrDroits, roc.EngagementAnnule,
			"La garantie du calcul local ne sert qu'une fois : demander les droits de nouveau pour en obtenir une autre.")
	}
	return c.modifiableOu(CalculerIci, err)
}

// retenir keeps a local calculation, as a commitment when the guarantee of the
// insurer covers it.
func (s *Service) retenir(c *Chantier, cv *Couverture, o Ordre, d *roc.DemandeCalcul, r *roc.ReponseCalcul) error {
	m := s.maintenant()
	g := cv.Droits.Reponse.GarantieLocale
	k := &Calcul{Fait: m, Local: true, Demande: *d, Reponse: *r}
	cv.Code = roc.Accepte
	if g == nil {
		k.Reponse.Caractere, k.Reponse.Garantie = roc.Indicatif, roc.GarantieAucune
		cv.Simulation = k
		return c.passer(cv, Simuler, Moment{Instant: m, Code: cv.Code, Agent: o.Agent})
	}
	if err := couvert(g, cv.Calcul, d, r, sante.JourA(m, c.Venue.fuseau())); err != nil {
		return err
	}
	k.Reponse.Caractere, k.Reponse.NumeroEngagement = roc.Engagement, g.Numero
	k.Reponse.EngagementDebut, k.Reponse.EngagementFin = g.Debut, g.Fin
	k.Reponse.Garantie = roc.GarantieTotale
	cv.Calcul = k
	return c.passer(cv, CalculerIci, Moment{Instant: m, Code: cv.Code, Agent: o.Agent})
}

// couvert tells why the guarantee of a local calculation does not cover it, or
// nil. ref: ROC §7.2 garantieLocale
func couvert(g *roc.GarantieLocale, precedent *Calcul, d *roc.DemandeCalcul, r *roc.ReponseCalcul, jour sante.Jour) error {
	switch {
	case g.Numero.IsZero():
		return refuser(ErrDroits, roc.IDBInconnue, "L'AMC n'a pas donné de numéro de garantie.")
	case precedent != nil && precedent.Reponse.NumeroEngagement == g.Numero:
		return refuser(ErrDroits, roc.EngagementAnnule, "Cette garantie a déjà servi : demander les droits de nouveau.")
	case d.DateReference < g.Debut || d.PeriodeFin > g.Fin:
		return refuser(ErrDroits, roc.EngagementExpire, "Les soins sont hors de la période garantie par l'AMC.")
	case jour > g.Fin:
		return refuser(ErrDroits, roc.EngagementExpire, "La garantie donnée par l'AMC a expiré.")
	case g.MontantMax != nil && *r.TotalAMC > *g.MontantMax:
		return refuser(ErrDroits, roc.PlafondAtteint, "La part de l'AMC dépasse ce qu'elle garantit pour un calcul local : demander un calcul en ligne si l'AMC l'accepte.")
	}
	return nil
}
