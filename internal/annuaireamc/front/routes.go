// Package front offers the directory of insurers at the gate.
package front

import (
	"github.com/ecluse-sante/ecluse/internal/annuaireamc"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/roc"
)

// Services are the doors of the directory.
func Services(s *annuaireamc.Service) []*gate.Service {
	return []*gate.Service{
		gate.Offrir(roc.EchangeAnnuaire, s.Annuaire, gate.Options[roc.DemandeAnnuaire, roc.ReponseAnnuaire]{}),
		gate.Offrir(roc.EchangeEtat, s.Etat, gate.Options[roc.DemandeEtat, roc.ReponseEtat]{}),
	}
}
