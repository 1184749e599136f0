package tarif

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/trame"
)

// typJeton keeps a token from being shown as something else that the same key signs, and
// the other way round.
const (
	typJeton = "ecluse-jeton-dossier+json"
	jetonMax = 2 << 10
)

// ErrJeton refuses a token that the published keys of its insurer do not verify.
var ErrJeton = errors.New("tarif: jeton que les clés publiées de l'AMC ne vérifient pas")

// ErrNomInconnu wraps ErrJeton: no list that is held names the key of the token. One published
// since may.
var ErrNomInconnu = fmt.Errorf("%w : aucune ne porte ce nom", ErrJeton)

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

// Sceller makes the opaque text for the third party: signed by the insurer, or by who signs
// its accreditations, under the name that its list of keys gives the key, then encrypted. A
// zero Nonce is drawn. hyp: JETON-SIGNE
func (j Jeton) Sceller(d Destinataire, kid string, cle crypto.Signer) (c Chiffre, err error) {
	if j.Nonce.IsZero() {
		if j.Nonce, err = TirerReference(nil); err != nil {
			return "", err
		}
	}
	if err := planJeton.Verify(&j); err != nil {
		return "", fmt.Errorf("tarif: jeton: %w", err)
	}
	signe, err := jades.SignerNomme(planJeton.AppendJSON(nil, &j), kid, typJeton, cle)
	if err != nil {
		return "", fmt.Errorf("tarif: signer le jeton: %w", err)
	}
	return d.Chiffrer([]byte(signe))
}

// OuvrirJeton reads a token and believes it or not: ErrIndechiffrable for whatever was not
// encrypted to one of these keys, ErrJeton for what was not signed under the key that cle
// gives. cle finds the key of that name of who signs for an insurer, in force now; its
// errors are returned.
func (t Trousseau) OuvrirJeton(c Chiffre, cle func(amc sante.NumeroAMC, kid string) (*ecdsa.PublicKey, error)) (*Jeton, error) {
	clair, err := t.Dechiffrer(c)
	if err != nil {
		return nil, err
	}
	n, err := jades.LireNomme(clair, jetonMax)
	if err != nil || n.Type != typJeton {
		return nil, ErrJeton
	}
	j := new(Jeton)
	if err := planJeton.DecodeJSON(n.Contenu, j); err != nil || !bytes.Equal(planJeton.AppendJSON(nil, j), n.Contenu) {
		return nil, ErrJeton
	}
	publique, err := cle(j.AMC, n.Kid)
	if err != nil {
		return nil, err
	}
	if err := n.Verifier(publique); err != nil {
		return nil, ErrJeton
	}
	return j, nil
}
