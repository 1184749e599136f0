package front

import (
	"strings"

	"github.com/ecluse-sante/ecluse/internal/tiers"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// categories are the kinds of professionals by the label of their card. Any other is
// AutreCategorie. ref: PKI §4.1 // hyp: CARTE-CATEGORIE
var categories = map[string]vd.Categorie{
	"PHARMACIEN": vd.Pharmacie, "OPTICIEN-LUNETIER": vd.Opticien, "AUDIOPROTHÉSISTE": vd.Audioprothese,
	"INFIRMIER": vd.AuxiliaireMed, "MASSEUR-KINÉSITHÉRAPEUTE": vd.AuxiliaireMed, "ORTHOPHONISTE": vd.AuxiliaireMed,
	"ORTHOPTISTE": vd.AuxiliaireMed, "PÉDICURE-PODOLOGUE": vd.AuxiliaireMed,
}

// carteDe is the card that sealed a message, as the gate judged it for this very message.
// The card of a person known by his RPPS is asked; a list that let the card through though
// it was stale or missing judged nothing. ref: VISIO §9.2, §9.3, DEC 31
// hyp: CARTE-RPPS
func carteDe(p *sceau.Piece, e *roc.Enveloppe) (tiers.Carte, error) {
	v := p.Scelleur()
	if e.Emetteur.Type != roc.PS {
		return tiers.Carte{}, roc.Refuser(roc.AutreIdentifiant, "une tarification est demandée par un professionnel de santé")
	}
	rpps, ok := strings.CutPrefix(v.Porteur.CN(), "8")
	if _, err := sante.ParseRPPS(rpps); !ok || err != nil || !v.Porteur.Personne() {
		return tiers.Carte{}, roc.Refuser(roc.AutreIdentifiant, "la carte n'est pas celle d'un professionnel inscrit au RPPS")
	}
	// The circle links the card to the billing number of the emitter, at this instant: two
	// cards of one pharmacy share its files.
	c := tiers.Carte{Structure: e.Emetteur.ID, RPPS: rpps, Categorie: vd.AutreCategorie, VerifieeA: p.JugeeA()}
	if x, ok := categories[strings.ToUpper(v.Porteur.Titre())]; ok {
		c.Categorie = x
	}
	if v.Liste != nil && v.Souple == nil {
		c.ListeDu = v.Liste.Emission()
	}
	return c, nil
}
