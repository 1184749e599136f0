// Package front offers the invoices of the professionals at the gate.
package front

import (
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/internal/officine"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Services are the doors of who pays the professionals. The invoice is always sealed; a
// batch commits who receives it. ref: VISIO §13
func Services(s *officine.Service) []*gate.Service {
	return []*gate.Service{gate.OffrirEngageante(droits.EchangeFactures, s.Recevoir, gate.Options[droits.DemandeFactures, droits.ReponseFactures]{
		Interdit: func(contenu []byte) *droits.ReponseFactures {
			if !droits.ExaminerDelivrance(contenu, true) {
				return nil
			}
			return officine.Detaillees()
		}})}
}
