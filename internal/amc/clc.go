package amc

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// CLC computes the exact share of the insurer and commits it to pay. It runs in
// the transaction of the exchange, which may be run again. ref: ROC §9
func (s *Service) CLC(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeCalcul]]) (*roc.ReponseCalcul, error) {
	corps, err := corpsDe(d.Message())
	if err != nil {
		return nil, err
	}
	q, err := s.recevoir(&d.Message().Enveloppe, roc.CLC)
	if err != nil {
		return nil, err
	}
	if code, err := s.verifierEntete(q, &corps.Entete); err != nil || code != roc.Accepte {
		return refusCalcul(code, "", roc.Engagement), err
	}
	if rejet := exiger(corps); rejet != nil {
		return repondreRejet(rejet, roc.Engagement)
	}
	return s.clc(ctx, q, corps)
}

func (s *Service) clc(ctx context.Context, q question, d *roc.DemandeCalcul) (*roc.ReponseCalcul, error) {
	b, code, err := s.baseIDB(ctx, q, d)
	if err != nil {
		return nil, err
	}
	if code == roc.Accepte {
		code = b.admettreCalcul(d)
	}
	if code != roc.Accepte {
		return refusCalcul(code, "", roc.Engagement), nil
	}
	if s.reglages.Simulation == SIMObligatoire && d.EstSejour() {
		existe, err := s.Simulations.Existe(ctx, q.finess, q.dossier)
		if err != nil {
			return nil, fmt.Errorf("clc: chercher une simulation: %w", err)
		}
		if !existe {
			return refusCalcul(roc.SimulationRequise, "", roc.Engagement), nil
		}
	}
	deja, promesses, err := s.engagementEnCours(ctx, q, d)
	if err != nil || deja != nil {
		return deja, err
	}
	r, err := s.engager(ctx, q, b, d)
	if err != nil || r.NumeroEngagement.IsZero() {
		return r, err
	}
	for _, n := range promesses {
		if err := s.Engagements.Passer(ctx, n, Annule, q.aujourdhui); err != nil {
			return nil, fmt.Errorf("clc: remplacer la garantie d'un calcul local: %w", err)
		}
	}
	return r, nil
}

// engagementEnCours locks the dossier. A live engagement that shares a day with
// the period is given back with C310; those not invoiced in time are ended. The
// promises of local calculations that the engagement will replace are listed.
// ref: ROC §9.3 rule 5, DEC 21 // hyp: GARANTIE-LOCALE
func (s *Service) engagementEnCours(ctx context.Context, q question, d *roc.DemandeCalcul) (deja *roc.ReponseCalcul, promesses []roc.NumeroEngagement, err error) {
	l, err := s.Engagements.Dossier(ctx, q.finess, q.dossier)
	if err != nil {
		return nil, nil, fmt.Errorf("clc: verrouiller le dossier: %w", err)
	}
	for i := range l {
		e := &l[i]
		switch {
		case e.echu(q.aujourdhui):
			if err := s.expirer(ctx, e); err != nil {
				return nil, nil, err
			}
		case !e.vivant(q.aujourdhui) || !e.chevauche(d.PeriodeDebut, d.DernierJour()):
		case e.Genre == GarantieLocale && e.Etat == Engage:
			promesses = append(promesses, e.Numero)
		default:
			deja = refusCalcul(roc.EngagementExistant, "", roc.Engagement)
			deja.NumeroEngagement, deja.EngagementDebut, deja.EngagementFin = e.Numero, e.Debut, e.Fin
		}
	}
	return deja, promesses, nil
}

// engager computes and, when the insurer pays something, commits it.
func (s *Service) engager(ctx context.Context, q question, b *base, d *roc.DemandeCalcul) (*roc.ReponseCalcul, error) {
	var compteurs calcul.Compteurs
	var err error
	if b.contrat.compte() {
		if compteurs, err = s.Compteurs.Prendre(ctx, b.beneficiaire); err != nil {
			return nil, fmt.Errorf("clc: prendre les compteurs: %w", err)
		}
	}
	r, pris, err := roc.Repartir(s.moteur, b.calcul(), d, compteurs)
	if err != nil {
		return repondreRejet(err, roc.Engagement)
	}
	r.Caractere = roc.Engagement
	if *r.TotalAMC == 0 {
		return r, nil // nothing to guarantee. hyp: GARANTIE-ETENDUE
	}
	e := &EngagementGarde{
		Genre: GarantieCLC, Finess: q.finess, Dossier: q.dossier, PeriodeDebut: d.PeriodeDebut, PeriodeFin: d.DernierJour(),
		Etat: Engage, Debut: q.aujourdhui, Fin: q.aujourdhui + sante.Jour(s.reglages.ValiditeEngagement), Total: *r.TotalAMC,
		IDB: b.idb, Beneficiaire: b.beneficiaire, Patient: patient(&d.Beneficiaire), Calcul: roc.EmpreinteCalcul(d), Version: b.version,
		Lignes: r.Lignes, Instant: s.Horloge(),
	}
	if err := s.ouvrir(ctx, e); err != nil {
		return nil, err
	}
	if len(pris) > 0 {
		if err := s.Compteurs.Consommer(ctx, e.Numero, e.Beneficiaire, pris); err != nil {
			return nil, fmt.Errorf("clc: consommer les compteurs: %w", err)
		}
	}
	r.NumeroEngagement, r.EngagementDebut, r.EngagementFin = e.Numero, e.Debut, e.Fin
	return r, nil
}

// tiragesMax bounds the draws of a number; two in a row have no chance to meet.
const tiragesMax = 8

// ouvrir writes an engagement under a number that nobody had. ref: DEC 22
func (s *Service) ouvrir(ctx context.Context, e *EngagementGarde) (err error) {
	for range tiragesMax {
		if e.Numero, err = roc.TirerNumeroEngagement(s.reglages.Numero, s.Alea); err != nil {
			return err
		}
		if err = s.Engagements.Ouvrir(ctx, e); !errors.Is(err, ErrNumeroPris) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("ouvrir un engagement: %w", err)
	}
	return nil
}
