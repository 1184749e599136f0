package front

import (
	"context"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

type question = sceau.Lue[roc.Message[droits.DemandeDroits]]

// Services are the doors of an issuer. Without s, the insurer does not open the service
// and says so: 200, which nobody else says for it. Who answers in dépannage takes no
// counters: they wait for the insurer. ref: VISIO §14
func Services(s *accreditation.Service) []*gate.Service {
	regle := func(context.Context, question) (*droits.FournitDroits, error) { return accreditation.NonOuvert(), nil }
	if s != nil {
		regle = s.Droits
	}
	l := []*gate.Service{gate.OffrirOuverte(droits.EchangeDroits, regle, gate.Options[droits.DemandeDroits, droits.FournitDroits]{
		Sujet: func(d *droits.DemandeDroits) string { return d.Sujet() },
		Interdit: func(contenu []byte) *droits.FournitDroits {
			if !droits.ExaminerDelivrance(contenu, false) {
				return nil
			}
			return accreditation.Detaillee()
		},
	})}
	if s != nil && !s.Depanne() {
		l = append(l, gate.OffrirOuverte(droits.EchangeStatistiques, s.Statistiques, gate.Options[visiodroits.Statistiques, droits.AccuseStatistiques]{Engage: true}))
	}
	return l
}
