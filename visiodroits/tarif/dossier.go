package tarif

import (
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Espace is the XML namespace of the profile. ref: DEC 6
const Espace = visiodroits.Espace

// DemandeDossier exchanges the token that came with the rights for a file number: the
// body of the service DOS, from the workstation to the third party, sealed by the
// card. ref: VISIO §10, DEC 32
type DemandeDossier struct {
	Jeton Chiffre `fil:"jeton,max=4096" doc:"Jeton opaque remis avec les droits, lisible du tiers de confiance seul"`
}

// ReponseDossier gives the file number, to the workstation only.
type ReponseDossier struct {
	Retour
	NumeroDossier NumeroDossier `fil:"numeroDossier,opt" doc:"Numéro de dossier, sans signification, à citer dans chaque tarification"`
	Expiration    sante.Jour    `fil:"expiration,opt" doc:"Dernier jour où le dossier se tarifie"`
}

// Controler looks for what may not be said. The error is an *Interdit.
func (d *DemandeDossier) Controler() error { return d.Jeton.Controler("jeton") }
