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

// vieNormale is how many days a normal accreditation lives when no table says it.
const vieNormale = 400

// FinNormale is the last day of care of a normal accreditation issued at an instant, for who
// pays without the register of who signed it: vie gives how many days it lives, by the day of
// issue; 400 when it is nil or gives 0. Who signs and who pays count the same.
// hyp: OFFICINE-SANS-REGISTRE
func FinNormale(emission time.Time, vie func(sante.Jour) int) sante.Jour {
	j, n := sante.JourA(emission, sante.Paris()), 0
	if vie != nil {
		n = vie(j)
	}
	if n <= 0 {
		n = vieNormale
	}
	return j + sante.Jour(n)
}
