package visiodroits

import (
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
)

// techniques are the technical and security refusals that all profiles share, as they are
// said in town: who acts is a pharmacy or the editor of its software, never a hospital.
// ref: VISIO §14, ROC §18
var techniques = map[roc.Code]Signification{
	roc.Illisible:        {Qui: editeur, AFaire: "Prévenir l'éditeur du logiciel : la demande n'est pas lue, ou se contredit."},
	roc.Version:          {Qui: editeur, AFaire: "Mettre à jour le logiciel : sa version n'est plus prise en charge."},
	roc.Ferme:            {Reessai: "plus tard", AFaire: "Demander de nouveau plus tard."},
	roc.DelaiInterne:     {Reessai: "tout de suite", AFaire: "Demander de nouveau."},
	roc.MemeID:           {Qui: editeur, AFaire: "Prévenir l'éditeur du logiciel : deux demandes différentes ont le même identifiant."},
	roc.PanneRelais:      {Qui: "le concentrateur ou l'opérateur", Reessai: "tout de suite", AFaire: "Demander de nouveau, au besoin sans concentrateur."},
	roc.Saturation:       {Reessai: "après le délai indiqué", AFaire: "Attendre le délai indiqué, puis demander de nouveau."},
	roc.Interne:          {Qui: "l'organisme qui répond, avec le numéro de demande", Reessai: "tout de suite", AFaire: "Demander de nouveau ; si cela dure, donner le numéro de demande à l'organisme."},
	roc.AutreIdentifiant: {Qui: officine, AFaire: "Vérifier le numéro de facturation du poste et son certificat : ils ne sont pas du même professionnel."},
	roc.SceauInvalide:    {Qui: editeur, AFaire: "Prévenir l'éditeur du logiciel : le sceau de la demande est faux."},
	roc.CertificatRefuse: {Qui: officine, AFaire: "Faire renouveler le certificat de l'officine, ou la carte du professionnel."},
	roc.Rejeu:            {Qui: officine, AFaire: "Régler l'horloge du poste."},
	roc.HorsCercle:       {Qui: officine, AFaire: "Faire admettre l'officine par l'AMC, par son opérateur ou par le tiers de confiance."},
	roc.Quota:            {Qui: officine, Reessai: "plus tard", AFaire: "Attendre avant de demander autre chose, et vérifier que personne n'emploie le poste à cela."},
}

const (
	officine = "l'officine"
	editeur  = "l'éditeur du logiciel de l'officine"
)

// SignificationTechnique is what a technical or security refusal means to a pharmacy; the
// zero Signification for another code.
func SignificationTechnique(c roc.Code) Signification {
	s, ok := techniques[c]
	if !ok {
		return Signification{}
	}
	s.Code, s.Libelle = Code(c), c.Libelle()
	return s
}

// RefusDeVille says it for the profiles of the exchange in town. Two services are asked by
// no pharmacy: who acts is then who asked.
func RefusDeVille(s roc.Service, c roc.Code) roc.Signification {
	x := SignificationTechnique(c)
	demandeur := map[roc.Service]string{roc.GRI: "le tiers de confiance", roc.CTL: "l'organisme qui contrôle la facture"}[s]
	if demandeur != "" && strings.HasSuffix(x.Qui, officine) {
		x.Qui = demandeur
	}
	return roc.Signification{Code: c, Libelle: x.Libelle, Reessai: x.Reessai, Qui: x.Qui}
}
