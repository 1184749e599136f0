package droits

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// DureeDepannage is how long dépannage accreditations live, from a day on.
type DureeDepannage struct {
	Depuis sante.Jour // first day of issue that it is for
	Jours  int        // days after the day of issue
}

// depannageDefaut is the life when no duration is given: through the day after.
// ref: VISIO §8.3 // hyp: DEPANNAGE-DUREE
const depannageDefaut = 1

// FinDepannage is the last day of care of a dépannage accreditation issued at an
// instant: the duration in force is the latest that began. Days are of Paris.
func FinDepannage(emission time.Time, durees ...DureeDepannage) sante.Jour {
	jour := sante.JourA(emission, sante.Paris())
	enVigueur := DureeDepannage{Jours: depannageDefaut}
	for _, d := range durees {
		if d.Depuis <= jour && d.Depuis >= enVigueur.Depuis {
			enVigueur = d
		}
	}
	return jour + sante.Jour(max(0, enVigueur.Jours))
}
