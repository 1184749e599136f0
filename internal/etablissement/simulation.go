package etablissement

import (
	"context"

	"github.com/ecluse-sante/ecluse/roc"
)

// Simuler asks an estimate for a stay, on forecast data; it binds nobody and may
// be repeated. ref: ROC §3.2, §8
func (s *Service) Simuler(ctx context.Context, p Place, o Ordre, k Passage) (*Venue, error) {
	v, q, err := s.poser(ctx, p, o, roc.SIM, "", func(c *Chantier, cv *Couverture) ([]byte, error) {
		if !c.Venue.Dossier.Contexte.Sejour() {
			return nil, &Erreur{Sorte: ErrDonnees, Code: roc.AucunService, Detail: "La simulation n'existe que pour un séjour.", QuiAgit: agent,
				AFaire: "Demander directement le calcul : pour des soins externes, il donne la part exacte de l'AMC."} // ref: ROC §3.1
		}
		if _, err := suivant(cv.Etat, Simuler); err != nil {
			return nil, cv.modifiableOu(Simuler, err)
		}
		if cv.Rang > 1 && len(k.Lignes) == 0 && k.Faits == nil {
			return nil, refuser(ErrDonnees, roc.Illisible, "Sans ligne, seule l'AMC de rang 1 peut être interrogée : les autres le sont sur ce qu'elle laisse.")
		}
		d, err := s.demander(c.Venue, cv, &k, estimation)
		if err != nil {
			return nil, err
		}
		return ecrireCorps(planCalcul, d)
	})
	if err != nil {
		return nil, err
	}
	return s.envoyer(ctx, v, q)
}

// OublierSimulation asks the insurer to forget an estimate, and forgets it.
// ref: ROC §10
func (s *Service) OublierSimulation(ctx context.Context, p Place, o Ordre, motif roc.MotifAnnulation) (*Venue, error) {
	v, q, err := s.poser(ctx, p, o, roc.DEL, "", func(_ *Chantier, cv *Couverture) ([]byte, error) {
		switch {
		case cv.Etat.EnAttente():
			return nil, cv.modifiable()
		case cv.Simulation == nil || cv.Simulation.Reponse.IDSimulation == "":
			return nil, refuser(ErrTransition, roc.EngagementInconnu, "Aucune simulation à oublier pour cette couverture.")
		}
		return ecrireCorps(planDEL, &roc.DemandeDEL{IDSimulation: cv.Simulation.Reponse.IDSimulation, Motif: motif})
	})
	if err != nil {
		return nil, err
	}
	return s.envoyer(ctx, v, q)
}

// recevoirOubli forgets the estimate that the insurer forgot, or never knew.
func (s *Service) recevoirOubli(c *Chantier, cv *Couverture, q *Question, d *roc.DemandeDEL, r *roc.ReponseDEL) error {
	if suites[r.EtatEngagement] != Annuler || cv.Simulation == nil || cv.Simulation.Reponse.IDSimulation != d.IDSimulation {
		return nil
	}
	cv.Simulation = nil
	if cv.Etat != Simulee {
		return nil // the visit went further: only the estimate is forgotten
	}
	return c.passer(cv, OublierSimulation, s.moment(q, cv.Code))
}

// estimation is what a rank is expected to pay: its commitment, else its estimate.
func estimation(cv *Couverture) *Calcul {
	if cv.retenu() {
		return cv.Calcul
	}
	return cv.Simulation
}

// recevoirSIM keeps an estimate; a refusal changes nothing but the code.
func (s *Service) recevoirSIM(c *Chantier, cv *Couverture, q *Question, d *roc.DemandeCalcul, r *roc.ReponseCalcul) error {
	cv.Code = r.CodeRetour
	if !r.CodeRetour.Accord() {
		return nil
	}
	if err := verifierParts(d, r); err != nil {
		cv.Code = roc.TotalFaux
		return nil
	}
	if _, err := suivant(cv.Etat, Simuler); err != nil {
		return nil // the visit went further while the estimate travelled: it is of no use
	}
	cv.Simulation = &Calcul{Fait: s.maintenant(), IDMessage: q.IDMessage, Demande: *d, Reponse: *r}
	return c.passer(cv, Simuler, s.moment(q, cv.Code))
}
