package droits

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// EchangeStatistiques sends back the counters of a day. ref: VISIO §12
var EchangeStatistiques = roc.NouvelEchange[visiodroits.Statistiques, AccuseStatistiques](Norme, roc.STA, "Statistiques")

// AccuseStatistiques tells how many lines were kept: those of who answers.
type AccuseStatistiques struct {
	visiodroits.Retour
	Retenues int `fil:"retenues,min=0,max=500" doc:"Lignes retenues : celles de l'AMC qui répond"`
}
