package tarif

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Jeton is what an insurer tells the third party about rights that it gave, without
// saying whose they are: the workstation carries it and cannot read it. It holds no
// identity and no accreditation number. ref: DEC 32
type Jeton struct {
	AMC        sante.NumeroAMC `fil:"amc" doc:"AMC qui a fourni les droits"`
	Grille     IDGrille        `fil:"grille" doc:"Grille de garanties des prestations spécifiques"`
	Effectif   int             `fil:"effectif,min=0,max=100000000" doc:"Nombre de bénéficiaires qui partagent la grille"`
	Lien       Lien            `fil:"lien" doc:"Ce que l'AMC garde avec l'accréditation, pour le contrôle de la facture"`
	Debut      sante.Jour      `fil:"droitsDebut" doc:"Premier jour des droits"`
	Fin        sante.Jour      `fil:"droitsFin" doc:"Dernier jour des droits"`
	Expiration sante.Jour      `fil:"expiration" doc:"Dernier jour où le jeton s'échange"`
	Nonce      Reference       `fil:"nonce" doc:"Tirage qui rend le jeton unique"`
}

var planJeton = trame.Pour[Jeton](Espace)

// Chiffrer makes the opaque text for the third party. A zero Nonce is drawn.
func (j Jeton) Chiffrer(d Destinataire) (c Chiffre, err error) {
	if j.Nonce.IsZero() {
		if j.Nonce, err = TirerReference(nil); err != nil {
			return "", err
		}
	}
	if err := planJeton.Verify(&j); err != nil {
		return "", fmt.Errorf("tarif: jeton: %w", err)
	}
	return d.Chiffrer(planJeton.AppendJSON(nil, &j))
}

// OuvrirJeton reads a token; ErrIndechiffrable for whatever was not made by Chiffrer
// for one of these keys.
func (t Trousseau) OuvrirJeton(c Chiffre) (*Jeton, error) {
	clair, err := t.Dechiffrer(c)
	if err != nil {
		return nil, err
	}
	j := new(Jeton)
	if err := planJeton.DecodeJSON(clair, j); err != nil {
		return nil, ErrIndechiffrable
	}
	return j, nil
}
