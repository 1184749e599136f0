package amc

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// DEL cancels an engagement, or forgets a simulation. It runs in the transaction
// of the exchange; asked twice it answers twice. ref: ROC §10, DEC 26
func (s *Service) DEL(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeDEL]]) (*roc.ReponseDEL, error) {
	corps, err := corpsDe(d.Message())
	if err != nil {
		return nil, err
	}
	q, err := s.recevoir(&d.Message().Enveloppe, roc.DEL)
	if err != nil {
		return nil, err
	}
	if corps.NumeroEngagement.IsZero() {
		return s.oublier(ctx, q, corps.IDSimulation)
	}
	return s.annuler(ctx, q, corps.NumeroEngagement)
}

func (s *Service) annuler(ctx context.Context, q question, n roc.NumeroEngagement) (*roc.ReponseDEL, error) {
	e, err := s.Engagements.Engagement(ctx, n)
	if errors.Is(err, ErrEngagementInconnu) || err == nil && (e.Finess != q.finess || e.Dossier != q.dossier) {
		return &roc.ReponseDEL{Retour: roc.RetourDe(roc.EngagementInconnu, ""), EtatEngagement: roc.EngagementPasTrouve}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("del: lire l'engagement: %w", err)
	}
	dec := deciderAnnulation(e, q.aujourdhui)
	if dec.passer != "" {
		if err := s.Engagements.Passer(ctx, n, dec.passer, dec.reponse.DateAnnulation); err != nil {
			return nil, fmt.Errorf("del: annuler: %w", err)
		}
		if err := s.Compteurs.Liberer(ctx, n); err != nil {
			return nil, fmt.Errorf("del: libérer les compteurs: %w", err)
		}
	}
	return &dec.reponse, nil
}

// annulation is what DEL answers, and the state to go to, "" for none.
type annulation struct {
	reponse roc.ReponseDEL
	passer  EtatGarde
}

// deciderAnnulation tells what DEL does of an engagement: it cancels it while
// engaged, after a final rejection or an annulled invoice. ref: DEC 26
func deciderAnnulation(e *EngagementGarde, aujourdhui sante.Jour) annulation {
	repondre := func(c roc.Code, etat roc.EtatEngagement, le sante.Jour) roc.ReponseDEL {
		return roc.ReponseDEL{Retour: roc.RetourDe(c, ""), DateAnnulation: le, EtatEngagement: etat}
	}
	switch {
	case e.echu(aujourdhui):
		return annulation{repondre(roc.EngagementExpire, roc.EtatExpire, 0), Expire}
	case e.Etat == Engage || e.Etat == Rejete || e.Etat == FactureAnnulee:
		return annulation{repondre(roc.Accepte, roc.EtatAnnule, aujourdhui), Annule}
	case e.Etat == Annule:
		return annulation{repondre(roc.Accepte, roc.EtatDejaAnnule, e.AnnuleLe), ""}
	case e.Etat == Expire:
		return annulation{repondre(roc.EngagementExpire, roc.EtatExpire, 0), ""}
	case e.Etat == Paye:
		return annulation{repondre(roc.EngagementFacture, roc.EtatDejaPaye, 0), ""}
	}
	return annulation{repondre(roc.EngagementFacture, roc.EtatDejaFacture, 0), ""}
}

func (s *Service) oublier(ctx context.Context, q question, id string) (*roc.ReponseDEL, error) {
	sim, err := s.Simulations.Simulation(ctx, q.finess, q.dossier, id)
	if errors.Is(err, ErrSimulationInconnu) {
		return &roc.ReponseDEL{Retour: roc.RetourDe(roc.EngagementInconnu, ""), EtatEngagement: roc.EngagementPasTrouve}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("del: lire la simulation: %w", err)
	}
	r := &roc.ReponseDEL{Retour: roc.RetourDe(roc.Accepte, ""), DateAnnulation: sim.OublieeLe, EtatEngagement: roc.EtatDejaAnnule}
	if !sim.OublieeLe.IsZero() {
		return r, nil
	}
	r.DateAnnulation, r.EtatEngagement = q.aujourdhui, roc.EtatAnnule
	if err := s.Simulations.Oublier(ctx, q.finess, q.dossier, id, q.aujourdhui); err != nil {
		return nil, fmt.Errorf("del: oublier la simulation: %w", err)
	}
	return r, nil
}
