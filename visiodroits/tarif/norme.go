package tarif

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Norme is the wire profile of the fine side: ours, in the spirit of Visiodroits, which
// it does not claim to be. Every message is sealed: those of the workstation by the
// professional's card, which the third party sees through every relay. ref: DEC 31
var Norme = roc.NouvelleNorme(roc.Norme{Profil: "ecluse-tarif/1", Espace: "urn:x-ecluse:tarif:1", Racine: "/v1/tarif",
	Services: []roc.Service{roc.DOS, roc.TAR, roc.GRI, roc.CTL}, Cartes: []roc.Service{roc.DOS, roc.TAR},
	Refus: visiodroits.RefusDeVille})

// The exchanges of the profile. ref: VISIO §11, DEC 32
var (
	EchangeDossier      = roc.NouvelEchange[DemandeDossier, ReponseDossier](Norme, roc.DOS, "Dossier")
	EchangeTarification = roc.NouvelEchange[DemandeTarification, ReponseTarification](Norme, roc.TAR, "Tarification")
	EchangeGrille       = roc.NouvelEchange[DemandeGrille, ReponseGrille](Norme, roc.GRI, "Grille")
	EchangeControle     = roc.NouvelEchange[DemandeControle, ReponseControle](Norme, roc.CTL, "Controle")
)

// Publication describes the profile: WSDL, schemas, OpenAPI document, page to browse.
var Publication = &roc.Description{
	Norme: Norme, Nom: "Tarif", Titre: "tarification des délivrances",
	Texte: "Profil propre à Écluse, dans l'esprit de Visiodroits ; il ne prétend pas être cette norme. Rien n'y dit qui est le patient. Chaque message est scellé ; ceux du poste de travail par la carte du professionnel, vue du tiers de confiance à travers tout relais.",
	Operations: []roc.Operation{
		roc.Decrire(EchangeDossier, "ouverture d'un dossier de tarification auprès du tiers de confiance", ""),
		roc.Decrire(EchangeTarification, "devis ou engagement sur un dossier", "un engagement est garanti"),
		roc.Decrire(EchangeGrille, "part de l'AMC sous une grille de garanties, demandée par le tiers de confiance", ""),
		roc.Decrire(EchangeControle, "conformité d'une facture à un engagement, par oui ou non", ""),
	},
	Codes: visiodroits.SignificationsROC(),
}
