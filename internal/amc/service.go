package amc

import (
	"errors"
	"fmt"
	"io"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Ports is what the rules ask of others. All are needed but
// Tentatives and Alea.
type Ports struct {
	Portefeuille Portefeuille
	Contrats     Contrats
	IDBs         IDBs
	Engagements  Engagements
	Simulations  Simulations
	Compteurs    Compteurs
	Tentatives   Tentatives // nil: no cap for each adherent
	Horloge      sante.Horloge
	Alea         io.Reader // of the numbers; nil: crypto/rand
}

// Service answers for one insurer. It is safe for concurrent use.
type Service struct {
	Ports
	reglages Reglages
	moteur   calcul.Moteur
}

// New makes the service of an insurer from its settings, its ports and the
// engine of calculation.
func New(r Reglages, p Ports, m calcul.Moteur) (*Service, error) {
	r, err := r.Completer()
	if err != nil {
		return nil, err
	}
	if p.Portefeuille == nil || p.Contrats == nil || p.IDBs == nil || p.Engagements == nil ||
		p.Simulations == nil || p.Compteurs == nil || p.Horloge == nil || m.Tables == nil {
		return nil, errors.New("amc: un port manque")
	}
	return &Service{Ports: p, reglages: r, moteur: m}, nil
}

// Reglages are the settings in force, defaults included.
func (s *Service) Reglages() Reglages { return s.reglages }

// question is what every rule needs of the envelope.
type question struct {
	finess     sante.FINESS // of the hospital that sealed the question
	dossier    string
	aujourdhui sante.Jour // where care is given. ref: DEC 5
}

// recevoir refuses a question while its service is closed, or when it does not
// come from a hospital.
func (s *Service) recevoir(e *roc.Enveloppe, service roc.Service) (question, error) {
	maintenant := s.Horloge()
	if err := s.verifierOuvert(service, maintenant); err != nil {
		return question{}, err
	}
	finess, err := sante.ParseFINESS(e.Emetteur.ID)
	if e.Emetteur.Type != roc.ES || err != nil {
		return question{}, roc.Refuser(roc.AutreIdentifiant, "seul un établissement, par son FINESS juridique, pose cette question")
	}
	site := e.Emetteur.FinessGeo
	if site.IsZero() {
		site = finess
	}
	return question{finess: finess, dossier: e.IDDossierES, aujourdhui: sante.JourA(maintenant, site.Fuseau())}, nil
}

// corpsDe is the body in clear; the gate decrypts before the rule.
func corpsDe[C any](m *roc.Message[C]) (*C, error) {
	if m.Corps == nil {
		return nil, roc.Refuser(roc.Illisible, "corps absent")
	}
	return m.Corps, nil
}

// verifierEntete refuses a header that speaks for another hospital than the one
// that sealed, or of another insurer.
func (s *Service) verifierEntete(q question, e *roc.Entete) (roc.Code, error) {
	if e.Etablissement.FinessJuridique != q.finess {
		return "", roc.Refuser(roc.AutreIdentifiant, "l'établissement du corps n'est pas celui qui scelle")
	}
	if !s.reglages.repond(e.Carte.NumeroAMC) {
		return roc.AMCInconnue, nil
	}
	if !e.PeriodeDebut.IsZero() && !e.PeriodeFin.IsZero() && e.PeriodeFin < e.PeriodeDebut {
		return roc.DatesIncoherentes, nil
	}
	return roc.Accepte, nil
}

// patient is a digest of what the hospital said of the person: SIM and CLC must
// say the same as the IDB that they quote.
func patient(b *roc.Beneficiaire) string { return b.Empreinte() }

// indisponible turns the silence of the insurer's own system into a technical
// refusal that can be tried again. ref: ROC §18
func indisponible(quoi string, err error) error {
	if errors.Is(err, ErrIndisponible) {
		r := roc.Refuser(roc.DelaiInterne, "le système de l'AMC ne répond pas")
		r.Reprise, r.Cause = 5, err
		return r
	}
	return fmt.Errorf("%s: %w", quoi, err)
}
