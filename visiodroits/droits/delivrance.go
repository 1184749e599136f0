package droits

import (
	"errors"
	"regexp"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// What looks like the code of a product: a CIP of 13 digits, or in a name any run of 6
// digits. ref: VISIO §10 (2)
var (
	cip13  = regexp.MustCompile(`34009[0-9]{8}`)
	nombre = regexp.MustCompile(`[0-9]{6}`)
)

// PorteDelivrance tells whether a question of rights speaks of what is dispensed, in one
// of its free fields: T621. Its other fields have no room for it, and unknown ones are
// refused by the schema: see ExaminerDelivrance. ref: VISIO §10 (2), §14
func (d *DemandeDroits) PorteDelivrance() bool {
	for _, s := range []string{d.Patient.Nom, d.Patient.Prenom} {
		if nombre.MatchString(s) {
			return true
		}
	}
	for _, s := range []string{d.Carte.CSR, d.PS.IdentifiantCPS, d.Patient.NumeroAdherent.String()} {
		if cip13.MatchString(s) {
			return true
		}
	}
	return false
}

// produits are members of the fine side, whatever their case, that no message of the identity
// side has. hyp: DROITS-DELIVRANCE
var produits = regexp.MustCompile(`(?i)^(.*produits?|.*medicaments?|(code_?)?(cip|ucd|lpp|acl|ean)[0-9_]*|delivrances?|posologie|dci|prixUnitaire|lignesChiffrees|numeroDossier)$`)

// lignes are members that a question of rights does not have, and that an invoice has.
var lignes = regexp.MustCompile(`(?i)^(lignes?|quantite|codePrestation|montant.*|base_?AMO|taux_?AMO)$`)

var errDelivrance = errors.New("droits: détail de délivrance")

// ExaminerDelivrance looks in a message that its schema refuses for what tells a product that
// is dispensed: to tell T621 from a mere mistake. A question of rights has no line at all; an
// invoice has some, without products. ref: VISIO §10 (2), §14
func ExaminerDelivrance(contenu []byte, facture bool) bool {
	return visiodroits.Visite{
		Membre: func(nom string) error {
			if produits.MatchString(nom) || !facture && lignes.MatchString(nom) {
				return errDelivrance
			}
			return nil
		},
		Valeur: func(s string) error {
			if cip13.MatchString(s) {
				return errDelivrance
			}
			return nil
		},
	}.ParcourirMessage(contenu) != nil
}
