package droits

import "github.com/ecluse-sante/ecluse/roc"

// Norme is the wire profile of the identity side: ours, in the spirit of Visiodroits,
// which it does not claim to be. Questions of rights may come without a seal: the base
// level authenticates the servers only. ref: VISIO §9.1, DEC 6, 31
var Norme = roc.NouvelleNorme(roc.Norme{Profil: "ecluse-droits/1", Espace: "urn:x-ecluse:droits:1", Racine: "/v1/droits",
	Services: []roc.Service{roc.DLD, roc.FAO, roc.STA}, Domaines: []roc.Domaine{roc.Pharmacie, roc.Laboratoire}, Ouverts: []roc.Service{roc.DLD, roc.STA}})
