package amc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// IDB tells a hospital whether a person is known and covered, until when, and by
// which rules. Refusals I101 to I104 say nothing of the candidates and do the
// same work as each other. ref: ROC §7, DEC 23
func (s *Service) IDB(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeIDB]]) (*roc.ReponseIDB, error) {
	corps, err := corpsDe(d.Message())
	if err != nil {
		return nil, err
	}
	q, err := s.recevoir(&d.Message().Enveloppe, roc.IDB)
	if err != nil {
		return nil, err
	}
	if code, err := s.verifierEntete(q, &corps.Entete); err != nil || code != roc.Accepte {
		return refusIDB(code, roc.DroitInconnu), err
	}
	return s.idb(ctx, q, d.Piece().Scelleur().Porteur.Structure(), &corps.Entete)
}

func refusIDB(c roc.Code, statut roc.StatutDroits) *roc.ReponseIDB {
	return &roc.ReponseIDB{Retour: roc.RetourDe(c, ""), StatutDroits: statut}
}

func (s *Service) idb(ctx context.Context, q question, scelleur string, e *roc.Entete) (*roc.ReponseIDB, error) {
	b, corrigee, code, err := s.identifierLe(ctx, scelleur, e)
	if err != nil {
		return nil, err
	}
	if code != roc.Accepte {
		return refusIDB(code, roc.DroitInconnu), nil
	}
	dr := droitsAu(b.Adhesions, e.DateReference, e.PeriodeFin, s.reglages.Certitude)
	if dr.code == roc.DroitsFermes || dr.code == roc.DroitsSuspendus {
		if dr, err = s.tenirParole(ctx, q, e, dr); err != nil {
			return nil, err
		}
	}
	if dr.code != roc.Accepte {
		return refusIDB(dr.code, dr.statut), nil
	}
	c, err := s.Contrats.Contrat(ctx, dr.version.Empreinte)
	if err != nil {
		return nil, fmt.Errorf("idb: lire le contrat: %w", err)
	}
	r := informer(c, b, e, dr, s.reglages.CalculLocal)
	r.IdentiteCorrigee = corrigee
	return r, s.garderIDB(ctx, q, e, b, c, dr, r)
}

// identifierLe searches the portfolio with what the hospital says.
func (s *Service) identifierLe(ctx context.Context, scelleur string, e *roc.Entete) (*Beneficiaire, *roc.IdentiteCorrigee, roc.Code, error) {
	c := CritereDe(&e.Beneficiaire)
	conclure, err := s.tenter(ctx, scelleur, c.NumeroAdherent)
	if err != nil {
		return nil, nil, "", err
	}
	l, err := s.Portefeuille.Chercher(ctx, &c, e.DateReference)
	if err != nil {
		conclure(roc.DelaiInterne)
		return nil, nil, "", indisponible("chercher un bénéficiaire", err)
	}
	b, code := identifier(&c, l)
	conclure(code)
	if code != roc.Accepte {
		return nil, nil, code, nil
	}
	return b, corriger(&c, b), code, nil
}

func (s *Service) tenter(ctx context.Context, scelleur string, adherent sante.NumeroAdherent) (func(roc.Code), error) {
	if s.Tentatives == nil {
		return func(roc.Code) {}, nil
	}
	return s.Tentatives.Tenter(ctx, scelleur, adherent)
}

// tenirParole honours the certainty that an earlier answer gave for the same
// dossier and the same patient. ref: ROC §9.3 rule 6
func (s *Service) tenirParole(ctx context.Context, q question, e *roc.Entete, d droits) (droits, error) {
	avant, err := s.IDBs.Certitude(ctx, q.finess, q.dossier, patient(&e.Beneficiaire), e.DateReference)
	if errors.Is(err, ErrIDBInconnue) {
		return d, nil
	}
	if err != nil {
		return d, fmt.Errorf("idb: chercher une certitude: %w", err)
	}
	return droits{
		code: roc.Accepte, statut: roc.DroitsOuverts, debut: avant.Debut, fin: avant.Fin,
		version: Version{Empreinte: avant.Version, Debut: avant.Debut, Fin: avant.Fin},
	}, nil
}

// garderIDB remembers an open answer, with its guarantee when the hospital may
// compute alone.
func (s *Service) garderIDB(ctx context.Context, q question, e *roc.Entete, b *Beneficiaire, c *Contrat, d droits, r *roc.ReponseIDB) error {
	g := &IDBGardee{
		ID: "I" + rand.Text(), Finess: q.finess, Dossier: q.dossier, Patient: patient(&e.Beneficiaire),
		Beneficiaire: b.Reference, Version: d.version.Empreinte, Debut: d.debut, Fin: d.fin, Rang: b.Rang, Instant: s.Horloge(),
	}
	r.IDReponseIDB = g.ID
	if r.CodeRetour == roc.Accepte && r.ModeCalcul != roc.CalculCLC && c.GarantieLocale {
		if err := s.promettre(ctx, q, c, g, r); err != nil {
			return err
		}
	}
	if err := s.IDBs.Garder(ctx, g); err != nil {
		return fmt.Errorf("idb: garder la réponse: %w", err)
	}
	return nil
}

// promettre gives the number of the guarantee of a local calculation. It covers
// the days made certain. ref: ROC §7.2, DEC 24 // hyp: GARANTIE-LOCALE
func (s *Service) promettre(ctx context.Context, q question, c *Contrat, g *IDBGardee, r *roc.ReponseIDB) error {
	n, err := roc.TirerNumeroEngagement(s.reglages.Numero, s.Alea)
	if err != nil {
		return err
	}
	engagement := &EngagementGarde{
		Numero: n, Genre: GarantieLocale, Finess: q.finess, Dossier: q.dossier, PeriodeDebut: g.Debut, PeriodeFin: g.Fin,
		Etat: Engage, Debut: g.Debut, Fin: q.aujourdhui + sante.Jour(s.reglages.ValiditeEngagement),
		IDB: g.ID, Beneficiaire: g.Beneficiaire, Version: g.Version, Instant: g.Instant,
	}
	if c.MontantMaxLocal != nil {
		engagement.Total = *c.MontantMaxLocal
	}
	if err := s.Engagements.Promettre(ctx, engagement); err != nil {
		return fmt.Errorf("idb: garantir le calcul local: %w", err)
	}
	g.NumeroLocal = n
	r.GarantieLocale = &roc.GarantieLocale{Numero: n, Debut: g.Debut, Fin: plusTot(g.Fin, engagement.Fin), MontantMax: c.MontantMaxLocal}
	return nil
}
