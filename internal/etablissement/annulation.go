package etablissement

import (
	"context"
	"errors"

	"github.com/ecluse-sante/ecluse/roc"
)

// Annuler gives an engagement back to its insurer. The ranks above are given
// back first: they were computed on what this one pays. ref: ROC §10, §13.8
func (s *Service) Annuler(ctx context.Context, p Place, o Ordre, motif roc.MotifAnnulation) (*Venue, error) {
	v, q, err := s.poser(ctx, p, o, roc.DEL, DemanderAnnulation, func(c *Chantier, cv *Couverture) ([]byte, error) {
		if _, err := suivant(cv.Etat, DemanderAnnulation); err != nil {
			return nil, &Erreur{Sorte: ErrTransition, Code: cv.codeAnnulation(), Cause: err,
				Detail: "Il n'y a rien à annuler dans l'état « " + cv.Etat.Libelle() + " »."}
		}
		if cv.FactureAvant != nil && cv.Facture.Notifiee == "" {
			return nil, refuser(ErrTransition, roc.EngagementFacture, "L'AMC n'a pas encore reçu l'annulation de la facture : patienter.")
		}
		if cv.numeroEngagement().IsZero() {
			return nil, refuser(ErrTransition, roc.EngagementInconnu, "Aucun engagement n'a été donné pour cette couverture.")
		}
		for _, autre := range c.Venue.Couvertures {
			if autre.Rang > cv.Rang && (autre.retenu() && autre.Etat != SansEngagement || autre.Etat == CalculDemande || autre.Etat == AnnulationDemandee) {
				return nil, refuser(ErrTransition, roc.RangIncoherent, "Annuler d'abord l'engagement de l'AMC de rang supérieur.")
			}
		}
		return ecrireCorps(planDEL, &roc.DemandeDEL{NumeroEngagement: cv.numeroEngagement(), Motif: motif,
			NumeroFactureES: cv.Calcul.Demande.NumeroFactureES})
	})
	if err != nil {
		return nil, err
	}
	return s.envoyer(ctx, v, q)
}

// codeAnnulation is the code under which a cancellation is refused here, as the
// insurer would. ref: ROC §18, DEC 26
func (c *Couverture) codeAnnulation() roc.Code {
	switch c.Etat {
	case Facturee, Accusee, Payee, PayeePartiellement, Corrigee:
		return roc.EngagementFacture
	case Annulee:
		return roc.EngagementAnnule
	case Expiree:
		return roc.EngagementExpire
	}
	return roc.EngagementInconnu
}

// engageur is the way to the insurer that gave the engagement of a rank.
func (c *Couverture) engageur() roc.Routage {
	if c == nil {
		return roc.Routage{}
	}
	return c.Calcul.routage()
}

// destinataire is the way to the insurer that gave what a DEL gives back.
func (c *Couverture) destinataire(d *roc.DemandeDEL) roc.Routage {
	if c != nil && d.IDSimulation != "" {
		return c.Simulation.routage()
	}
	return c.engageur()
}

func (k *Calcul) routage() roc.Routage {
	if k == nil {
		return roc.Routage{}
	}
	return k.Demande.Routage()
}

// suites is where the insurer's word on its engagement leads. An engagement that
// it does not know binds nobody. hyp: DEL-INCONNU
var suites = map[roc.EtatEngagement]Evenement{
	roc.EtatAnnule: Annuler, roc.EtatDejaAnnule: Annuler, roc.EngagementPasTrouve: Annuler,
	roc.EtatDejaFacture: Facturer, roc.EtatDejaPaye: Payer,
	roc.EtatExpire: Expirer, roc.EngagementEnCours: RestaurerGarantie,
}

// recevoirDEL files what became of the engagement.
func (s *Service) recevoirDEL(c *Chantier, cv *Couverture, q *Question, d *roc.DemandeDEL, r *roc.ReponseDEL) error {
	cv.Code = r.CodeRetour
	if d.IDSimulation != "" {
		return s.recevoirOubli(c, cv, q, d, r)
	}
	e, connu := suites[r.EtatEngagement]
	if !connu {
		return nil // the engagement stays in doubt: it may be asked again
	}
	return c.passer(cv, e, s.moment(q, cv.Code))
}

// Consulter asks the insurer what it knows of an engagement. Nothing changes
// here; a difference is told by the answer. ref: ROC §4
func (s *Service) Consulter(ctx context.Context, p Place) (*roc.ReponseEngagement, error) {
	v, err := s.Depot.Venue(ctx, p.Venue)
	if err != nil {
		return nil, err
	}
	cv := v.Couverture(p.Rang)
	if cv == nil || cv.numeroEngagement().IsZero() {
		return nil, refuser(ErrInconnue, roc.EngagementInconnu, "Aucun engagement pour cette couverture.")
	}
	r, err := s.Exchange.Engagement(ctx, v.Dossier.Numero, cv.engageur(), &roc.DemandeEngagement{NumeroEngagement: cv.numeroEngagement()})
	if err != nil {
		return nil, consultationEnEchec(err, "L'AMC n'a pas répondu.")
	}
	return r, nil
}

// consultationEnEchec tells why a consultation had no answer; nothing was asked
// that should be followed.
func consultationEnEchec(cause error, silence string) error {
	var r *roc.Refus
	if errors.As(cause, &r) {
		return refusDe(ErrRefus, r, r.Detail, cause)
	}
	return &Erreur{Sorte: ErrRefus, Code: roc.PanneRelais, Detail: silence, Cause: cause}
}
