package visiodroits

import (
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Heure is an hour of the day in Paris, 00:00 to 24:00.
type Heure string

// Motif is the pattern of the text form.
func (Heure) Motif() string { return `([01][0-9]|2[0-3]):[0-5][0-9]|24:00` }

// Horaire is a time of opening in the week.
type Horaire struct {
	Jour int   `fil:"jour,min=1,max=7" doc:"Jour de la semaine, 1 pour lundi"`
	De   Heure `fil:"de,min=5,max=5" doc:"Ouverture"`
	A    Heure `fil:"a,min=5,max=5" doc:"Fermeture"`
}

func validerHoraires(l []Horaire) error {
	for i, h := range l {
		if h.De >= h.A {
			return entreeRefusee("horaire qui finit avant de commencer : couper en deux à 24:00")
		}
		if i > 0 && (l[i-1].Jour > h.Jour || l[i-1].Jour == h.Jour && l[i-1].A > h.De) {
			return entreeRefusee("horaires hors de l'ordre, ou qui se chevauchent")
		}
	}
	return nil
}

// ouvertA tells whether the hours hold an instant, none being always.
func ouvertA(l []Horaire, t time.Time) bool {
	if len(l) == 0 {
		return true
	}
	local := t.In(sante.Paris())
	jour, heure := jourSemaine(local), Heure(local.Format("15:04"))
	for _, h := range l {
		if h.Jour == jour && h.De <= heure && heure < h.A {
			return true
		}
	}
	return false
}

// prochaineOuverture is the next instant at which the hours open, within a week;
// zero without hours.
func prochaineOuverture(l []Horaire, t time.Time) time.Time {
	local := t.In(sante.Paris())
	for i := range 8 {
		jour := time.Date(local.Year(), local.Month(), local.Day()+i, 0, 0, 0, 0, sante.Paris())
		for _, h := range l {
			if h.Jour != jourSemaine(jour) {
				continue
			}
			x := time.Date(jour.Year(), jour.Month(), jour.Day(), chiffres(h.De[:2]), chiffres(h.De[3:]), 0, 0, sante.Paris())
			if x.After(t) {
				return x.UTC()
			}
		}
	}
	return time.Time{}
}

// jourSemaine is 1 for Monday and 7 for Sunday.
func jourSemaine(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

func chiffres(h Heure) int { return int(h[0]-'0')*10 + int(h[1]-'0') }
