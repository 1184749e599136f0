package journal

import (
	"strings"
	"time"
)

// Classe is a class of retention. The zero value is "not said": Ecrire then
// chooses by the service.
type Classe string

// The three classes. ref: ROC §16.4
const (
	// ClasseEngagement: what commits (CLC, DEL, invoices), evidence for years.
	ClasseEngagement Classe = "engagement"
	// ClasseInformation: IDB, SIM.
	ClasseInformation Classe = "information"
	// ClasseTechnique: the directory, the state of services, relays' legs.
	ClasseTechnique Classe = "technique"
)

// Classes lists them.
var classes = [...]Classe{ClasseEngagement, ClasseInformation, ClasseTechnique}

// ClasseDe gives the class of a service. An unknown service is kept as long as
// what commits: too long rather than lost.
func ClasseDe(service string) Classe {
	switch strings.ToUpper(service) {
	case "IDB", "SIM":
		return ClasseInformation
	case "ANNUAIRE", "ETAT", "SANTE":
		return ClasseTechnique
	}
	return ClasseEngagement
}

// Retention is how long a class is kept.
type Retention struct{ Annees, Mois int }

// Politique gives the retention of each class; a class absent keeps its default.
type Politique map[Classe]Retention

// retention gives the term of a class. ref: ROC §16.4
func (p Politique) retention(c Classe) Retention {
	if r, ok := p[c]; ok {
		return r
	}
	switch c {
	case ClasseInformation:
		return Retention{Annees: 1}
	case ClasseTechnique:
		return Retention{Mois: 6}
	}
	return Retention{Annees: 10}
}

// formatMois writes the month of a key.
const formatMois = "2006-01"

// echu says whether the last instant of a month is past the term of a class.
// hyp: EFFACEMENT-MOIS a leaf is erased with its whole month, up to 31 days after its own term
func (p Politique) echu(c Classe, mois time.Time, maintenant time.Time) bool {
	r := p.retention(c)
	return !mois.AddDate(r.Annees, r.Mois+1, 0).After(maintenant)
}
