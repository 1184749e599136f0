package bareme

import (
	"fmt"
	"slices"
	"sort"

	"github.com/ecluse-sante/ecluse/sante"
)

// Valeur is one row: a value in force from Debut to Fin, both included.
type Valeur struct {
	Cle       string
	Debut     sante.Jour
	Fin       sante.Jour // zero: still in force
	Source    string     // "ref: …" or "hyp: …", never empty
	Incertain bool       // the figure or its dates are to be confirmed
	Note      string     // what is uncertain, for a reader
	Fichier   string     // where it is written
	Ligne     int

	nombre int64
	texte  string
}

// Montant is the value of a key that holds an amount.
func (v Valeur) Montant() sante.Montant { return sante.Montant(v.nombre) }

// Taux is the value of a key that holds a rate.
func (v Valeur) Taux() sante.Taux { return sante.Taux(v.nombre) }

// Entier is the value of a key that holds a whole number.
func (v Valeur) Entier() int { return int(v.nombre) }

// Oui is the value of a switch.
func (v Valeur) Oui() bool { return v.nombre == 1 }

// Texte is the value as the file writes it; the category of a key that holds one.
func (v Valeur) Texte() string { return v.texte }

// EstHypothese tells whether no text gives the value.
func (v Valeur) EstHypothese() bool { return len(v.Source) > 4 && v.Source[:4] == sourceHypothese }

func (v Valeur) couvre(j sante.Jour) bool {
	return j >= v.Debut && (v.Fin.IsZero() || j <= v.Fin)
}

// Absent tells that no row of a key covers a day.
type Absent struct {
	Cle  string
	Jour sante.Jour
}

// Error tells the key and the day.
func (a *Absent) Error() string {
	if a.Jour.IsZero() {
		return fmt.Sprintf("barème : « %s » demande une date", a.Cle)
	}
	return fmt.Sprintf("barème : aucune valeur de « %s » au %s", a.Cle, a.Jour.Francais())
}

// Tables is a checked set of tables. It never changes; it may be shared.
type Tables struct {
	series map[string][]Valeur // by day, without gap or overlap
}

// At is the row of a key in force at a day, or an *Absent.
func (t *Tables) At(cle string, j sante.Jour) (Valeur, error) {
	if !j.IsZero() {
		for _, v := range t.series[cle] {
			if v.couvre(j) {
				return v, nil
			}
		}
	}
	return Valeur{}, &Absent{Cle: cle, Jour: j}
}

// Has tells whether a key has a row at a day.
func (t *Tables) Has(cle string, j sante.Jour) bool {
	_, err := t.At(cle, j)
	return err == nil
}

// Periode is a run of days that share a row.
type Periode struct {
	Debut, Fin sante.Jour // both included
	Valeur     Valeur
}

// Jours is the number of days of the run.
func (p Periode) Jours() int { return int(p.Fin-p.Debut) + 1 }

// Periodes cuts the days from debut to fin, both included, wherever the value
// of a key changes. It returns none when fin is before debut, and an *Absent
// for the first day without value.
func (t *Tables) Periodes(cle string, debut, fin sante.Jour) ([]Periode, error) {
	var p []Periode
	for j := debut; j <= fin; {
		v, err := t.At(cle, j)
		if err != nil {
			return nil, err
		}
		dernier := fin
		if !v.Fin.IsZero() && v.Fin < fin {
			dernier = v.Fin
		}
		p = append(p, Periode{Debut: j, Fin: dernier, Valeur: v})
		j = dernier + 1
	}
	return p, nil
}

// Cles lists the keys in order.
func (t *Tables) Cles() []string {
	cles := make([]string, 0, len(t.series))
	for c := range t.series {
		cles = append(cles, c)
	}
	sort.Strings(cles)
	return cles
}

// Serie lists the rows of a key by day.
func (t *Tables) Serie(cle string) []Valeur { return slices.Clone(t.series[cle]) }
