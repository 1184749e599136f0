// Package front offers pricing at the gate, to a third party.
package front

import (
	"context"

	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/tarif"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// Services are the doors of a pricing service: of a party that keeps no trace.
func Services(s *tarif.Service) []*gate.Rejouable {
	grille := func(ctx context.Context, q sceau.Opened[roc.Message[vd.DemandeGrille]]) (*vd.ReponseGrille, func(context.Context) (*vd.ReponseGrille, error), error) {
		if q.Message().Enveloppe.Emetteur.Type != roc.Tiers {
			return nil, nil, roc.Refuser(roc.AutreIdentifiant, "une grille est demandée par un tiers de confiance")
		}
		r, err := s.Tarifer(ctx, q.Message().Corps)
		return r, nil, err
	}
	return []*gate.Rejouable{gate.OffrirRejouable(vd.EchangeGrille, grille, gate.Options[vd.DemandeGrille, vd.ReponseGrille]{})}
}
