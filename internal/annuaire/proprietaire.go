package annuaire

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

var nomsGroupes = [...]string{"", "identite", "qualites", "contact", "messagerie", "cartes", "lieu", "exercice", "localisation", "raccordement"}

// Groupes are all the groups of fields, in their order.
var Groupes = [...]Groupe{Identite, Qualites, Contact, Messagerie, Cartes, Lieu, Exercice, Localisation, Raccordement}

// String is the word of the tables.
func (g Groupe) String() string {
	if int(g) < len(nomsGroupes) {
		return nomsGroupes[g]
	}
	return ""
}

// ParseGroupe reads the word of the tables.
func ParseGroupe(s string) (Groupe, bool) {
	for _, g := range Groupes {
		if g.String() == s {
			return g, true
		}
	}
	return 0, false
}

// porteeTous is the scope of who keeps a group of every record.
const porteeTous = nombrePortees

// Propriete is a row of the table of owners.
type Propriete struct {
	Groupe  Groupe
	Famille string
	Delai   time.Duration // to decide on a proposal
	Source  string

	natures [NombreNatures]bool
	portee  Portee
}

// Proprietes say who keeps what. ref: RASS §9
type Proprietes []Propriete

func lireProprietes(s *sources, r *Regards) (l Proprietes) {
	for _, x := range s.lire("proprietaires.csv", "groupe", "nature", "famille", "portee", "delai", "source") {
		g, ok := ParseGroupe(x.champs[0])
		p := Propriete{Groupe: g, Famille: x.champs[2], Source: x.champs[5], portee: porteeTous}
		if x.champs[3] != "tous" {
			var connue bool
			p.portee, connue = parsePortee(x.champs[3])
			ok = ok && connue && p.portee != SansPortee
		}
		for _, mot := range strings.Fields(x.champs[1]) {
			n, connue := ParseNature(mot)
			ok = ok && connue
			p.natures[n] = true
		}
		jours, err := strconv.Atoi(x.champs[4])
		if _, connue := r.familles[p.Famille]; !ok || !connue || err != nil || jours < 1 || jours > 366 {
			x.faute("groupe, natures, famille et portée connus, et délai de 1 à 366 jours, attendus")
			continue
		}
		p.Delai = time.Duration(jours) * 24 * time.Hour
		l = append(l, p)
	}
	return l
}

// De are the families that keep a group of a nature, with the delay of the slowest.
func (l Proprietes) De(n Nature, g Groupe) (familles []string, delai time.Duration) {
	for i := range l {
		if p := &l[i]; p.Groupe == g && p.natures[n] {
			familles = append(familles, p.Famille)
			delai = max(delai, p.Delai)
		}
	}
	return familles, delai
}

// Tient tells whether an actor keeps a group of a record; cle is the address, for the
// mailboxes, which are kept one by one.
func (l Proprietes) Tient(a *Acteur, g Groupe, c *Changement, cle string) bool {
	n, e := c.Entete()
	for i := range l {
		p := &l[i]
		if p.Groupe != g || !p.natures[n] || p.Famille != a.Famille {
			continue
		}
		switch p.portee {
		case porteeTous:
			return true
		case PorteeSoi:
			if id := c.personne(); id != "" && slices.Contains(a.Praticiens, id) {
				return true
			}
		case PorteeStructure:
			if slices.ContainsFunc(c.lieux(), func(id string) bool { return id != "" && slices.Contains(a.Structures, id) }) {
				return true
			}
		case PorteeAutorite:
			if code := e.Trace.Autorite.Code; code != "" && slices.Contains(a.Autorites, code) {
				return true
			}
		case PorteeDomaines:
			domaine := strings.ToLower(cle[strings.LastIndexByte(cle, '@')+1:])
			if domaine != "" && slices.ContainsFunc(a.Domaines, func(d string) bool { return strings.ToLower(d) == domaine }) {
				return true
			}
		}
	}
	return false
}

// personne is the professional that a record is of.
func (c *Changement) personne() string {
	switch {
	case c.Praticien != nil:
		return c.Praticien.ID
	case c.Situation != nil:
		return c.Situation.Praticien
	}
	return ""
}

// lieux are the structures that a record belongs to.
func (c *Changement) lieux() []string {
	switch {
	case c.Situation != nil:
		return []string{c.Situation.Structure}
	case c.Structure != nil:
		return []string{c.Structure.ID, c.Structure.Juridique}
	case c.Activite != nil:
		return []string{c.Activite.Structure}
	case c.Equipement != nil:
		return []string{c.Equipement.Structure}
	case c.Acces != nil:
		return []string{c.Acces.Organisme}
	}
	return nil
}
