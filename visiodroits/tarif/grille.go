package tarif

import "github.com/ecluse-sante/ecluse/sante"

// DemandeGrille is what the third party asks the pricing service: nothing that came
// with the rights, nothing that lasts. ref: DEC 32
type DemandeGrille struct {
	Reference  Reference  `fil:"reference" doc:"Référence d'un seul usage"`
	Grille     IDGrille   `fil:"grille" doc:"Grille de garanties, partagée"`
	Jour       sante.Jour `fil:"jour" doc:"Jour de la délivrance"`
	Categorie  Categorie  `fil:"categorie" doc:"Catégorie du professionnel"`
	Pseudonyme Pseudonyme `fil:"pseudonyme" doc:"Pseudonyme du professionnel, tiré pour un dossier"`
	Lignes     []Ligne    `fil:"lignes,n=1..50" doc:"Lignes délivrées"`
}

// ReponseGrille gives amounts only.
type ReponseGrille struct {
	Retour
	Reference Reference      `fil:"reference" doc:"Référence de la demande"`
	Lignes    []LigneTarifee `fil:"lignes,opt,n=0..50" doc:"Part de l'AMC sur chaque ligne"`
}
