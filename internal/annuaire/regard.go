package annuaire

import (
	"strconv"
	"strings"
)

// Portee is what makes a record one's own. ref: RASS §8
type Portee uint8

// The scopes.
const (
	SansPortee      Portee = iota
	PorteeSoi              // the professional's own records and situations
	PorteeDomaines         // mailboxes of the operator's domains
	PorteeStructure        // structures of the director, their agents, activities and equipments
	PorteeAutorite         // records that the authority keeps
	nombrePortees
)

var nomsPortees = [nombrePortees]string{"", "soi", "domaines", "structures", "autorites"}

func parsePortee(s string) (Portee, bool) {
	for p, nom := range nomsPortees {
		if nom == s {
			return Portee(p), true
		}
	}
	return 0, false
}

// Regard is a named, versioned view: what its readers may see, and of which records.
type Regard struct {
	Nom          string
	Version      int
	Base         string // the view it adds to, empty for none
	Portee       Portee // what its own records are
	Tracee       bool   // each reading has a purpose and leaves a trace
	Titre        string
	Habilitation string // what it takes to have it
	Qui          string // who may change it
	Source       string

	entete    string
	actives   [NombreNatures]Chemins
	inactives [NombreNatures]Chemins
	siennes   [nombrePortees][NombreNatures]Chemins // over the others, on one's own
	regles    []regleRegard
}

// regleRegard is a row of the table, kept to be told.
type regleRegard struct {
	regard  string
	natures [NombreNatures]bool
	lignes  lignes
	portee  Portee
	chemins Chemins
	ou      string // file:line
	source  string
}

type lignes uint8

const (
	actives lignes = iota
	inactives
	siennes
)

var nomsLignes = [...]string{"actives", "inactives", "siennes"}

// Entete is what answers carry: "V1/3". ref: RASS §8
func (r *Regard) Entete() string { return r.entete }

// Voit tells whether the view gives a path of every active record of a nature.
func (r *Regard) Voit(n Nature, c Chemin) bool { return r.actives[n].Voit(c) }

// Regards are the views and the families of actors that have them.
type Regards struct {
	par      map[string]*Regard
	noms     []string // in the order of the table
	familles map[string]Famille
	ordre    []string
}

// Famille is a family of actors.
type Famille struct{ Nom, Regard, Titre, Source string }

// Regard is a view by its name.
func (l *Regards) Regard(nom string) (*Regard, bool) {
	r, ok := l.par[nom]
	return r, ok
}

// Noms are the names of the views.
func (l *Regards) Noms() []string { return l.noms }

// Famille is a family by its name.
func (l *Regards) Famille(nom string) (Famille, bool) {
	f, ok := l.familles[nom]
	return f, ok
}

// Familles are the names of the families.
func (l *Regards) Familles() []string { return l.ordre }

func lireRegards(s *sources) *Regards {
	l := &Regards{par: map[string]*Regard{}, familles: map[string]Famille{}}
	for _, r := range s.lire("vues.csv", "regard", "version", "base", "portee", "tracee", "titre", "habilitation", "qui", "source") {
		l.vue(&r)
	}
	for _, r := range s.lire("regards.csv", "regard", "nature", "lignes", "chemins", "source") {
		l.regle(&r)
	}
	faits := map[string]bool{}
	for _, nom := range l.noms {
		l.heriter(s, l.par[nom], faits, 0)
	}
	for _, r := range s.lire("familles.csv", "famille", "regard", "titre", "source") {
		f := Famille{r.champs[0], r.champs[1], r.champs[2], r.champs[3]}
		if l.par[f.Regard] == nil || f.Nom == "" || l.familles[f.Nom].Nom != "" {
			r.faute("famille nommée une fois, et d'un regard qui existe, attendue")
			continue
		}
		l.familles[f.Nom] = f
		l.ordre = append(l.ordre, f.Nom)
	}
	return l
}

func (l *Regards) vue(r *rangee) {
	version, err := strconv.Atoi(r.champs[1])
	p, ok := parsePortee(r.champs[3])
	nom := r.champs[0]
	if err != nil || version < 1 || !ok || nom == "" || l.par[nom] != nil || r.champs[4] != "oui" && r.champs[4] != "non" {
		r.faute("regard nommé une fois, avec une version, une portée connue et « oui » ou « non » sous tracee, attendu")
		return
	}
	l.par[nom] = &Regard{Nom: nom, Version: version, Base: r.champs[2], Portee: p, Tracee: r.champs[4] == "oui", Titre: r.champs[5],
		Habilitation: r.champs[6], Qui: r.champs[7], Source: r.champs[8], entete: nom + "/" + strconv.Itoa(version)}
	l.noms = append(l.noms, nom)
}

func (l *Regards) regle(r *rangee) {
	v := l.par[r.champs[0]]
	if v == nil {
		r.faute("regard inconnu de vues.csv : « %s »", r.champs[0])
		return
	}
	x := regleRegard{regard: v.Nom, lignes: 255, portee: v.Portee, ou: r.fichier + ":" + strconv.Itoa(r.ligne), source: r.champs[4]}
	for i, nom := range nomsLignes {
		if nom == r.champs[2] {
			x.lignes = lignes(i)
		}
	}
	for _, mot := range strings.Fields(r.champs[3]) {
		c, ok := ParseChemin(mot)
		if !ok {
			r.faute("chemin inconnu : « %s »", mot)
		}
		x.chemins = x.chemins.Avec(c)
	}
	if !x.surNatures(r.champs[1]) || x.lignes > siennes || x.lignes == siennes && v.Portee == SansPortee {
		r.faute("nature connue, et lignes actives, inactives ou, si le regard a une portée, siennes, attendues")
		return
	}
	for n, oui := range x.natures {
		if inutiles := x.chemins &^ cheminsDe[n]; oui && inutiles != 0 && r.champs[1] != "*" {
			r.faute("%s n'a pas de chemin « %s »", Nature(n), inutiles.Liste()[0])
		}
	}
	v.regles = append(v.regles, x)
}

func (x *regleRegard) surNatures(s string) bool {
	for _, mot := range strings.Fields(s) {
		n, ok := ParseNature(mot)
		switch {
		case mot == "*":
			for _, n := range Natures {
				x.natures[n] = true
			}
		case ok:
			x.natures[n] = true
		default:
			return false
		}
	}
	return s != ""
}

// heriter gives a view what its base gives, and compiles its rows.
func (l *Regards) heriter(s *sources, v *Regard, faits map[string]bool, profondeur int) {
	if faits[v.Nom] {
		return
	}
	base := l.par[v.Base]
	if v.Base != "" && base == nil || profondeur > len(l.noms) {
		s.fautes = append(s.fautes, &ErreurDonnees{"vues.csv", 0, "base absente, ou qui revient sur elle-même, du regard " + v.Nom})
		faits[v.Nom] = true
		return
	}
	propres := v.regles
	if base != nil {
		l.heriter(s, base, faits, profondeur+1)
		v.actives, v.inactives, v.siennes = base.actives, base.inactives, base.siennes
		v.regles = append(append([]regleRegard(nil), base.regles...), propres...)
	}
	for _, x := range propres {
		for n, oui := range x.natures {
			if oui {
				x.vers(v)[n] |= x.chemins & cheminsDe[n]
			}
		}
	}
	faits[v.Nom] = true
}

func (x *regleRegard) vers(v *Regard) *[NombreNatures]Chemins {
	switch x.lignes {
	case actives:
		return &v.actives
	case inactives:
		return &v.inactives
	}
	return &v.siennes[x.portee]
}
