package amc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
)

// IDB is IDBEngageante from end to end, in the transaction of the exchange.
func (s *Service) IDB(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeIDB]]) (*roc.ReponseIDB, error) {
	r, engager, err := s.IDBEngageante(ctx, d)
	if err != nil || engager == nil {
		return r, err
	}
	return engager(ctx)
}

// engagerIDB ends an IDB in the transaction of the exchange, which may be run again.
type engagerIDB = func(context.Context) (*roc.ReponseIDB, error)

// IDBEngageante tells a hospital whether a person is known and covered, until when,
// and by which rules. Refusals I101 to I104 say nothing of the candidates and do the
// same work as each other. When the hospital may compute alone, with our guarantee,
// engager opens it and gives the answer: nothing waits for the portfolio inside a
// transaction. ref: ROC §7, DEC 23, 24
func (s *Service) IDBEngageante(ctx context.Context, d sceau.Opened[roc.Message[roc.DemandeIDB]]) (r *roc.ReponseIDB, engager func(context.Context) (*roc.ReponseIDB, error), err error) {
	corps, err := corpsDe(d.Message())
	if err != nil {
		return nil, nil, err
	}
	q, err := s.recevoir(&d.Message().Enveloppe, roc.IDB)
	if err != nil {
		return nil, nil, err
	}
	if code, err := s.verifierEntete(q, &corps.Entete); err != nil || code != roc.Accepte {
		return refusIDB(code, roc.DroitInconnu), nil, err
	}
	return s.idb(ctx, q, d.Piece().Scelleur().Porteur.Structure(), &corps.Entete)
}

func refusIDB(c roc.Code, statut roc.StatutDroits) *roc.ReponseIDB {
	return &roc.ReponseIDB{Retour: roc.RetourDe(c, ""), StatutDroits: statut}
}

func (s *Service) idb(ctx context.Context, q question, scelleur string, e *roc.Entete) (*roc.ReponseIDB, engagerIDB, error) {
	b, corrigee, code, err := s.identifierLe(ctx, &Essai{Scelleur: scelleur}, e)
	if err != nil {
		return nil, nil, err
	}
	if code != roc.Accepte {
		return refusIDB(code, roc.DroitInconnu), nil, nil
	}
	dr := droitsAu(b.Adhesions, e.DateReference, e.PeriodeFin, s.reglages.Certitude)
	if dr.code == roc.DroitsFermes || dr.code == roc.DroitsSuspendus {
		if dr, err = s.tenirParole(ctx, q, e, dr); err != nil {
			return nil, nil, err
		}
	}
	if dr.code != roc.Accepte {
		return refusIDB(dr.code, dr.statut), nil, nil
	}
	c, err := s.Contrats.Contrat(ctx, dr.version.Empreinte)
	if err != nil {
		return nil, nil, fmt.Errorf("idb: lire le contrat: %w", err)
	}
	r := informer(c, b, e, dr, s.reglages.CalculLocal)
	r.IdentiteCorrigee = corrigee
	g := &IDBGardee{
		ID: "I" + rand.Text(), Finess: q.finess, Dossier: q.dossier, Patient: patient(&e.Beneficiaire),
		Beneficiaire: b.Reference, Version: dr.version.Empreinte, Debut: dr.debut, Fin: dr.fin, Rang: b.Rang, Instant: s.Horloge(),
	}
	r.IDReponseIDB = g.ID
	if r.CodeRetour == roc.Accepte && r.ModeCalcul != roc.CalculCLC && c.GarantieLocale {
		return nil, func(ctx context.Context) (*roc.ReponseIDB, error) { return s.promettre(ctx, q, e, c, *g, *r) }, nil
	}
	return r, nil, s.garderIDB(ctx, g)
}

// identifierLe searches the portfolio with what the hospital says.
func (s *Service) identifierLe(ctx context.Context, q *Essai, e *roc.Entete) (*Beneficiaire, *roc.IdentiteCorrigee, roc.Code, error) {
	c := CritereDe(&e.Beneficiaire)
	q.Adherent = c.NumeroAdherent
	conclure, err := s.tenter(ctx, q)
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

func (s *Service) tenter(ctx context.Context, q *Essai) (func(roc.Code), error) {
	if s.Tentatives == nil {
		return func(roc.Code) {}, nil
	}
	return s.Tentatives.Tenter(ctx, *q)
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

// garderIDB remembers an open answer.
func (s *Service) garderIDB(ctx context.Context, g *IDBGardee) error {
	if err := s.IDBs.Garder(ctx, g); err != nil {
		return fmt.Errorf("idb: garder la réponse: %w", err)
	}
	return nil
}
