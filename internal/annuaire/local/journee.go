package local

import "time"

// jour counts days since 1 January 1900, 0 for none.
type jour int32

var origine = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)

func jourDe(t time.Time) jour {
	a, m, d := t.Date()
	return jour(time.Date(a, m, d, 0, 0, 0, 0, time.UTC).Sub(origine) / (24 * time.Hour))
}

func (j jour) date() (int, time.Month, int) { return origine.AddDate(0, 0, int(j)).Date() }

// aujourdhui is the day of the files of day n.
func (n *National) aujourdhui(d int) jour { return jourDe(n.reglage.Du) + jour(d) }

// etat is what has become of a professional by a given day: how many times each thing
// has changed since day 0.
type etat struct {
	lieu, exercice, nom, diplome int
	parti                        bool // struck off: in no file any more
}

// Shares of the changes of a record, out of a hundred.
const (
	partLieu     = 55
	partExercice = 20
	partNom      = 10
	partDiplome  = 5 // the rest leaves
)

// bouge tells whether a professional's record changes on a day, and how.
func (n *National) bouge(i, d int) (int, bool) {
	a := n.graine.pour(dJournee, i, d)
	if a.part() >= n.reglage.Part {
		return 0, false
	}
	return a.sous(100), true
}

// etatDe is the state of a professional on a day. One who came later has not changed before.
func (n *National) etatDe(i, d int) (e etat) {
	for k := 1; k <= d; k++ {
		c, oui := n.bouge(i, k)
		switch {
		case !oui || i >= n.Professionnels(k-1):
		case c < partLieu:
			e.lieu++
		case c < partLieu+partExercice:
			e.exercice++
		case c < partLieu+partExercice+partNom:
			e.nom++
		case c < partLieu+partExercice+partNom+partDiplome:
			e.diplome++
		default:
			e.parti = true
		}
	}
	return e
}

// present tells whether a professional is in the files of a day.
func (n *National) present(i, d int) bool {
	return i >= 0 && i < n.Professionnels(d) && !n.etatDe(i, d).parti
}

// etatStructure is what has become of a structure.
type etatStructure struct {
	telephone, nom int
	fermee, maj    jour
}

const partStructure = 0.0012 // of the structures, by day

// bougeStructure tells whether a structure's record changes on a day, and how.
func (n *National) bougeStructure(j, d int) (int, bool) {
	a := n.graine.pour(dJournee, n.reserve+j, d)
	if a.part() >= partStructure {
		return 0, false
	}
	return a.sous(100), true
}

func (n *National) etatStructure(j, d int) (e etatStructure) {
	for k := 1; k <= d; k++ {
		c, oui := n.bougeStructure(j, k)
		switch {
		case !oui:
			continue
		case c < 60:
			e.telephone++
		case c < 90:
			e.nom++
		case e.fermee == 0:
			e.fermee = n.aujourdhui(k)
		}
		e.maj = n.aujourdhui(k)
	}
	return e
}
