package amc

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// SIM estimates the share of the insurer on a stay. It is never refused for lack
// of detail, engages nobody, and touches no counter. ref: ROC §8
func (s *Service) SIM(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeCalcul]]) (*roc.ReponseCalcul, error) {
	corps, err := corpsDe(d.Message())
	if err != nil {
		return nil, err
	}
	q, err := s.recevoir(&d.Message().Enveloppe, roc.SIM)
	if err != nil {
		return nil, err
	}
	if code, err := s.verifierEntete(q, &corps.Entete); err != nil || code != roc.Accepte {
		return refusCalcul(code, "", roc.Indicatif), err
	}
	switch {
	case s.reglages.Simulation == SIMFermee:
		return refusCalcul(roc.AucunService, "cette AMC ne rend pas la simulation", roc.Indicatif), nil
	case !corps.EstSejour(): // ref: ROC §3.1 // hyp: SIM-SEJOUR
		return refusCalcul(roc.AucunService, "la simulation n'existe que pour les séjours", roc.Indicatif), nil
	}
	return s.sim(ctx, q, d.Piece().Scelleur().Porteur.Structure(), corps)
}

func (s *Service) sim(ctx context.Context, q question, scelleur string, d *roc.DemandeCalcul) (*roc.ReponseCalcul, error) {
	b, code, err := s.baseSIM(ctx, q, scelleur, d)
	if err != nil {
		return nil, err
	}
	if code == roc.Accepte {
		code = b.admettreCalcul(d)
	}
	if code != roc.Accepte {
		return refusCalcul(code, "", roc.Indicatif), nil
	}
	var compteurs calcul.Compteurs
	if b.contrat.compte() {
		if compteurs, err = s.Compteurs.Lire(ctx, b.beneficiaire); err != nil {
			return nil, fmt.Errorf("sim: lire les compteurs: %w", err)
		}
	}
	r, err := roc.Estimer(s.moteur, b.calcul(), d, compteurs)
	if err != nil {
		return repondreRejet(err, roc.Indicatif)
	}
	sim := &SimulationGardee{ID: "S" + rand.Text(), Finess: q.finess, Dossier: q.dossier, Instant: s.Horloge()}
	if err := s.Simulations.Garder(ctx, sim); err != nil {
		return nil, fmt.Errorf("sim: garder la simulation: %w", err)
	}
	r.Caractere, r.Garantie, r.IDSimulation = roc.Indicatif, roc.GarantieAucune, sim.ID
	r.DateFinIndicative = max(q.aujourdhui, plusTot(b.fin, q.aujourdhui+sante.Jour(s.reglages.ValiditeSimulation)))
	return r, nil
}

// baseSIM is the base of the IDB that is quoted, when it is still of use;
// otherwise the rights are read again.
func (s *Service) baseSIM(ctx context.Context, q question, scelleur string, d *roc.DemandeCalcul) (*base, roc.Code, error) {
	if b, code, err := s.baseIDB(ctx, q, d); err != nil || code == roc.Accepte {
		return b, code, err
	}
	ben, _, code, err := s.identifierLe(ctx, &Essai{Scelleur: scelleur}, &d.Entete)
	if err != nil || code != roc.Accepte {
		return nil, code, err
	}
	dr := droitsAu(ben.Adhesions, d.DateReference, d.PeriodeFin, s.reglages.Certitude)
	if dr.code != roc.Accepte {
		return nil, dr.code, nil
	}
	c, err := s.Contrats.Contrat(ctx, dr.version.Empreinte)
	if err != nil {
		return nil, "", fmt.Errorf("sim: lire le contrat: %w", err)
	}
	return &base{contrat: c, debut: dr.debut, fin: dr.fin, rang: ben.Rang, beneficiaire: ben.Reference, version: dr.version.Empreinte}, code, nil
}
