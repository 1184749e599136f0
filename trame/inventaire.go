package trame

import (
	"fmt"
	"reflect"
)

// Element is a message to describe: the name of its element on the XML face, and
// how it is written.
type Element struct {
	Nom  string
	Plan Forme
	Doc  string // a French sentence; that of the type when empty
}

// Forme is any *Plan.
type Forme interface {
	// Espace is the XML namespace of the plan.
	Espace() string
	forme() *structure
}

// inventaire is every type that some messages use, once each, in the order in
// which a reader meets them.
type inventaire struct {
	structures []*structure
	textes     []*texteNomme
	noms       map[string]reflect.Type
}

// texteNomme is a text type that has a name in the schemas, with the loosest
// bounds that a field gives it.
type texteNomme struct {
	*nature
	nom      string
	min, max int64
	mesure   bool
}

func inventorier(elements []Element) *inventaire {
	inv := &inventaire{noms: map[string]reflect.Type{}}
	for _, e := range elements {
		inv.structure(e.Plan.forme())
	}
	return inv
}

// nommer tells whether the type is met for the first time, and panics when two
// types of the programme would share a name: a bug of whoever declares them.
func (inv *inventaire) nommer(nom string, t reflect.Type) bool {
	deja, ok := inv.noms[nom]
	if ok && deja != t {
		panic(fmt.Sprintf("trame: %s et %s ont le même nom de schéma %q", deja, t, nom))
	}
	inv.noms[nom] = t
	return !ok
}

func (inv *inventaire) structure(s *structure) {
	if !inv.nommer(s.nom, s.typ) {
		return
	}
	inv.structures = append(inv.structures, s)
	for i := range s.champs {
		switch n := s.champs[i].nature; {
		case n.genre == genreStruct:
			inv.structure(n.structure)
		case n.nomSchema() != "":
			inv.texte(n)
		}
	}
}

func (inv *inventaire) texte(n *nature) {
	if inv.nommer(n.nomSchema(), n.typ) {
		inv.textes = append(inv.textes, &texteNomme{n, n.nomSchema(), n.min, n.max, n.mesure})
		return
	}
	t := inv.trouver(n)
	t.min, t.max, t.mesure = min(t.min, n.min), max(t.max, n.max), t.mesure && n.mesure
}

func (inv *inventaire) trouver(n *nature) *texteNomme {
	for _, t := range inv.textes {
		if t.typ == n.typ {
			return t
		}
	}
	return nil
}

// plusLache tells whether the named type of a text accepts lengths that the field
// does not.
func (inv *inventaire) plusLache(n *nature) bool {
	t := inv.trouver(n)
	return n.mesure && !(t.mesure && t.min == n.min && t.max == n.max)
}

// nomSchema is the name of the type of a value in the schemas, empty when it is
// described where it stands.
func (n *nature) nomSchema() string {
	switch {
	case n.genre == genreStruct:
		return n.structure.nom
	case n.genre == genreInstant:
		return "Instant"
	case n.genre == genreBool:
		return "Booleen"
	case n.genre == genreExtension || n.genre == genreOpaque, n.motif != "" || n.codes != nil:
		return nomDeType(n.typ)
	}
	return ""
}

func documentation(docs ...string) string {
	for _, d := range docs {
		if d != "" {
			return d
		}
	}
	return ""
}
