package accreditation

import (
	"context"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Compteurs keeps what workstations count.
type Compteurs interface {
	// Compter keeps the counters of a professional for a day, durable with the answer.
	// Sealed, they take the place of those that he sealed for that day on the same
	// workstation, and of no others; unsealed, they take nobody's place. ErrTropDEnvois when
	// the sender sent too many, ErrTropDePostes when too many workstations count for him.
	Compter(ctx context.Context, s *visiodroits.Statistiques, e Envoi) error
	// Sommer adds the counters of days, both included.
	Sommer(ctx context.Context, du, au sante.Jour) (*Sommes, error)
}

// Envoi is how counters came.
type Envoi struct {
	Scelle     bool       // by the professional who counts: the gate has checked it
	Expediteur string     // who sealed, else where it comes from
	Recu       sante.Jour // day of reception
	Max        int        // days of counters that a sender may send on one day
	MaxSans    int        // and that all may send together without a seal
	MaxPostes  int        // workstations of a professional for one day
}

// Sommes are the counters that were sealed, and apart those that nothing proves: they
// never add up. What came without a seal for a day that its professional sealed is left
// out. ref: VISIO §15
type Sommes struct {
	Scellees, Sans                 visiodroits.Somme
	JourneesScellees, JourneesSans int
}

// ErrTropDEnvois: a sender sent more days of counters than a day lets him.
var ErrTropDEnvois = errors.New("trop de journées de compteurs reçues aujourd'hui de cet expéditeur")

// ErrTropDePostes: too many workstations count for a professional on a day.
var ErrTropDePostes = errors.New("trop de postes comptent pour ce professionnel ce jour-là")

// postesMax are the workstations that count for a professional on a day: what he says of
// them is not proved, and each takes a row. hyp: VISIO-POSTES
const postesMax = 100

// Statistiques keeps the counters that a workstation sends back, of this insurer only.
// Unsealed, they are what somebody says: they are told apart. ref: VISIO §12, §15
func (s *Service) Statistiques(ctx context.Context, q sceau.Lue[roc.Message[visiodroits.Statistiques]]) (*droits.AccuseStatistiques, error) {
	m := q.Message()
	c := m.Corps
	_, scelle := q.Ouverte()
	switch {
	case c == nil:
		return nil, roc.Refuser(roc.Illisible, "corps absent")
	case m.Enveloppe.Emetteur.Type != roc.PS || m.Enveloppe.Emetteur.ID != c.NumeroFacturation.String():
		return nil, roc.Refuser(roc.AutreIdentifiant, "l'émetteur n'est pas le professionnel qui compte")
	}
	if err := c.Valider(); err != nil {
		return nil, &roc.Refus{Code: roc.Illisible, Detail: err.Error(), Cause: err}
	}
	jour := sante.JourA(s.Horloge(), sante.Paris())
	if c.Jour > jour || c.Jour < jour-sante.Jour(s.r.Passe) {
		return nil, roc.Refuser(roc.Illisible, "compteurs d'un jour à venir, ou trop ancien")
	}
	r := &droits.AccuseStatistiques{Retour: visiodroits.RetourDe(visiodroits.Fournis, "")}
	r.Libelle = "Compteurs reçus"
	notres := *c
	notres.Lignes = nil
	for _, l := range c.Lignes {
		if s.r.repond(l.NumeroAMC) {
			notres.Lignes = append(notres.Lignes, l)
		}
	}
	if r.Retenues = len(notres.Lignes); r.Retenues == 0 {
		return r, nil
	}
	err := s.Compteurs.Compter(ctx, &notres, Envoi{Scelle: scelle, Expediteur: s.Demandeur(ctx), Recu: jour, Max: s.r.Envois, MaxSans: s.r.EnvoisSansSceau, MaxPostes: postesMax})
	switch {
	case errors.Is(err, ErrTropDEnvois):
		return nil, &roc.Refus{Code: roc.Quota, Detail: err.Error() + " : les renvoyer demain", Cause: err}
	case errors.Is(err, ErrTropDePostes):
		return nil, &roc.Refus{Code: roc.Quota, Detail: err.Error() + " : un poste garde son fichier d'un jour à l'autre", Cause: err}
	case err != nil:
		return nil, fmt.Errorf("statistiques: %w", err)
	}
	return r, nil
}
