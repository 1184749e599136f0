// Package front offers the services of an insurer at the gate.
package front

import (
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
)

// Services are the doors of an insurer, in the order of the reference. CLC and
// DEL commit it, and IDB when it guarantees a local calculation: their rule ends
// inside the transaction of the leaf.
// ref: ROC §4, DEC 17
func Services(s *amc.Service) []*gate.Service {
	return []*gate.Service{
		gate.OffrirEngageante(roc.EchangeIDB, s.IDBEngageante, gate.Options[roc.DemandeIDB, roc.ReponseIDB]{
			Sujet: func(d *roc.DemandeIDB) string { return d.Sujet() },
			Engagement: func(_ *roc.DemandeIDB, r *roc.ReponseIDB) string {
				if r.GarantieLocale == nil {
					return ""
				}
				return r.GarantieLocale.Numero.String()
			},
		}),
		gate.Offrir(roc.EchangeSIM, s.SIM, gate.Options[roc.DemandeCalcul, roc.ReponseCalcul]{
			Sujet: func(d *roc.DemandeCalcul) string { return d.Sujet() },
		}),
		gate.Offrir(roc.EchangeCLC, s.CLC, gate.Options[roc.DemandeCalcul, roc.ReponseCalcul]{
			Engage:     true,
			Sujet:      func(d *roc.DemandeCalcul) string { return d.Sujet() },
			Engagement: func(_ *roc.DemandeCalcul, r *roc.ReponseCalcul) string { return r.NumeroEngagement.String() },
		}),
		gate.Offrir(roc.EchangeDEL, s.DEL, gate.Options[roc.DemandeDEL, roc.ReponseDEL]{
			Engage:     true,
			Engagement: func(d *roc.DemandeDEL, _ *roc.ReponseDEL) string { return d.NumeroEngagement.String() },
		}),
		gate.Offrir(roc.EchangeEngagement, s.Engagement, gate.Options[roc.DemandeEngagement, roc.ReponseEngagement]{
			Engagement: func(d *roc.DemandeEngagement, _ *roc.ReponseEngagement) string { return d.NumeroEngagement.String() },
		}),
		gate.Offrir(roc.EchangeEtat, s.Etat, gate.Options[roc.DemandeEtat, roc.ReponseEtat]{}),
	}
}
