package accreditation

import (
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Compteurs keeps what workstations count.
type Compteurs interface {
	// Compter keeps the counters of a professional for a day, in the place of those that
	// he sent before; those that he sealed are not replaced by unsealed ones. Durable with
	// the answer.
	Compter(ctx context.Context, s *visiodroits.Statistiques, scelle bool) error
	// Sommer adds the counters of days, both included, and tells how many professionals'
	// days there are, and how many were sealed.
	Sommer(ctx context.Context, du, au sante.Jour) (s visiodroits.Somme, journees, scellees int, err error)
}

// Statistiques keeps the counters that a workstation sends back, of this insurer only.
// Unsealed, they are what somebody says: they are told apart. ref: VISIO §12, §15
func (s *Service) Statistiques(ctx context.Context, q sceau.Lue[roc.Message[visiodroits.Statistiques]]) (*droits.AccuseStatistiques, error) {
	m := q.Message()
	c := m.Corps
	_, scelle := q.Ouverte()
	switch {
	case c == nil:
		return nil, roc.Refuser(roc.Illisible, "corps absent")
	case m.Enveloppe.Emetteur.Type != roc.PS || m.Enveloppe.Emetteur.ID != string(c.NumeroFacturation):
		return nil, roc.Refuser(roc.AutreIdentifiant, "l'émetteur n'est pas le professionnel qui compte")
	}
	if err := c.Valider(); err != nil {
		return nil, &roc.Refus{Code: roc.Illisible, Detail: err.Error(), Cause: err}
	}
	if jour := sante.JourA(s.Horloge(), sante.Paris()); c.Jour > jour || c.Jour < jour-sante.Jour(s.r.Passe) {
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
	if err := s.Compteurs.Compter(ctx, &notres, scelle); err != nil {
		return nil, fmt.Errorf("statistiques: %w", err)
	}
	return r, nil
}
