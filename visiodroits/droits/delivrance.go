package droits

import "regexp"

// What looks like the code of a product: a CIP of 13 digits, or in a name any run of 6
// digits. ref: VISIO §10 (2)
var (
	cip13  = regexp.MustCompile(`34009[0-9]{8}`)
	nombre = regexp.MustCompile(`[0-9]{6}`)
)

// PorteDelivrance tells whether a question of rights speaks of what is dispensed, in one
// of its free fields: T621. Its other fields have no room for it, and unknown ones are
// refused by the schema. ref: VISIO §10 (2), §14
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
