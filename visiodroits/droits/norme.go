package droits

import (
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Norme is the wire profile of the identity side: ours, in the spirit of Visiodroits,
// which it does not claim to be. Questions of rights may come without a seal: the base
// level authenticates the servers only. ref: VISIO §9.1, DEC 6, 31
var Norme = roc.NouvelleNorme(roc.Norme{Profil: "ecluse-droits/1", Espace: "urn:x-ecluse:droits:1", Racine: "/v1/droits",
	Services: []roc.Service{roc.DLD, roc.FAO, roc.STA}, Domaines: []roc.Domaine{roc.Pharmacie, roc.Laboratoire}, Ouverts: []roc.Service{roc.DLD, roc.STA},
	Refus: visiodroits.RefusDeVille})

// Publication describes the profile: WSDL, schemas, OpenAPI document, page to browse.
var Publication = &roc.Description{
	Norme: Norme, Nom: "Droits", Titre: "droits des patients en ville",
	Texte: "Profil propre à Écluse, dans l'esprit de Visiodroits ; il ne prétend pas être cette norme. La question peut venir sans sceau, sur une connexion TLS où seul le serveur s'authentifie ; la réponse est toujours scellée, et l'accréditation signée se vérifie hors ligne.",
	Operations: []roc.Operation{
		roc.Decrire(EchangeDroits, "droits d'un patient et accréditation", "garantie de paiement pendant la période de l'accréditation"),
		roc.Decrire(EchangeStatistiques, "compteurs d'une journée d'un poste", ""),
		roc.Decrire(EchangeFactures, "factures d'un professionnel, toujours scellées, et ce qu'elles deviennent", "une facture dont l'accréditation est bonne n'est jamais refusée pour ses droits"),
	},
	Codes: visiodroits.SignificationsROC(),
}
