package droits

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// dureeDepannage is how many days after its issue a dépannage accreditation lives: through
// the day after. Who signs and who pays count the same. ref: VISIO §8.3 // hyp: DEPANNAGE-DUREE
const dureeDepannage = 1

// FinDepannage is the last day of care of a dépannage accreditation issued at an instant.
// Days are of Paris.
func FinDepannage(emission time.Time) sante.Jour {
	return sante.JourA(emission, sante.Paris()) + dureeDepannage
}
