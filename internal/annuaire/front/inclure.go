package front

import (
	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"
)

const (
	inclusMax = 2000 // resources that a page may include
	toursMax  = 4    // times that :iterate goes on
)

// inclusions gathers what _include and _revinclude bring. ref: FHIR R4 search §3.1.1.5.6
type inclusions struct {
	x     *recherche
	vus   map[image.Ref]bool // matches and included
	file  []image.Ref        // included, in order
	trop  bool
	actif bool
}

func (x *recherche) nouvellesInclusions() *inclusions {
	i := &inclusions{x: x, actif: len(x.a.q.Includes) > 0}
	if i.actif {
		i.vus = make(map[image.Ref]bool, 2*len(x.page.Refs))
		for _, r := range x.page.Refs {
			i.vus[r] = true
		}
	}
	return i
}

// lienDe is a reference of the record that was read last: its parameter and where it
// leads.
type lienDe struct {
	param int
	vers  annuaire.Nature
	id    string
}

// liensDe are the references of the record that was read last of a nature.
func (a *atelier) liensDe(n annuaire.Nature) (l [2]lienDe) {
	switch n {
	case annuaire.Situations:
		l[0] = lienDe{pPraticien, annuaire.Praticiens, a.situation.Praticien}
		l[1] = lienDe{pStructure, annuaire.Structures, a.situation.Structure}
	case annuaire.Structures:
		l[0] = lienDe{pPartOf, annuaire.Structures, a.structure.Juridique}
	case annuaire.Activites:
		l[0] = lienDe{pStructure, annuaire.Structures, a.activite.Structure}
	case annuaire.Equipements:
		l[0] = lienDe{pStructure, annuaire.Structures, a.equipement.Structure}
	case annuaire.Acces:
		l[0] = lienDe{pStructure, annuaire.Structures, a.acces.Organisme}
	}
	return l
}

// noter gathers what a record brings, which was read last; a match brings all that is
// asked, an included one what is asked again.
func (i *inclusions) noter(r image.Ref, id string, trouve bool) {
	if !i.actif {
		return
	}
	liens := i.x.a.liensDe(r.Nature) // a search by reference reads no record
	for k := range i.x.a.q.Includes {
		inc := &i.x.a.q.Includes[k]
		switch {
		case !trouve && !inc.Iterate:
		case inc.Reverse:
			i.revenir(inc, r.Nature, id)
		case inc.Source == nil || inc.Source.Name == ressource.Nom(r.Nature):
			for _, l := range liens {
				if l.id != "" && (inc.Param == nil || inc.Param.ID == l.param) && (inc.Target == "" || inc.Target == ressource.Nom(l.vers)) {
					i.suivre(l)
				}
			}
		}
	}
}

func (i *inclusions) suivre(l lienDe) {
	if r, ok := i.x.v.ParID(l.vers, l.id); ok {
		i.ajouter(r)
	}
}

func (i *inclusions) ajouter(r image.Ref) {
	switch {
	case i.vus[r]:
	case len(i.file) == inclusMax:
		i.trop = true
	default:
		i.vus[r] = true
		i.file = append(i.file, r)
	}
}

// revenir gathers the records that refer to one.
func (i *inclusions) revenir(inc *fhir.Include, n annuaire.Nature, id string) {
	for t := range i.x.p.table.Types {
		source := &i.x.p.table.Types[t]
		if inc.Source != nil && inc.Source != source {
			continue
		}
		for k := range source.Params {
			p := &source.Params[k]
			if p.Kind != fhir.KindReference || !p.Reverse || p.Targets[0] != ressource.Nom(n) || inc.Param != nil && inc.Param != p {
				continue
			}
			de := ressource.NatureDe(source.Name)
			k := parmiVisibles(i.x.g, annuaire.Critere{Op: annuaire.Egal, Champ: champs[p.ID][0].champ, Valeur: id}, p.ID, de)
			q := &annuaire.Question{Nature: de, Nombre: inclusMax + 1 - len(i.file), Critere: &k}
			if i.x.g.Admet(q) != nil {
				continue // this view does not follow that reference
			}
			page, err := i.x.v.Chercher(q)
			if err != nil {
				i.trop = true
				continue
			}
			for _, r := range page.Refs {
				i.ajouter(r)
			}
		}
	}
}

// ecrire writes what was gathered, and what that brings in turn.
func (i *inclusions) ecrire(b *fhir.Bundle) {
	fin := len(i.file)
	for k, tours := 0, 0; k < len(i.file); k++ {
		if k == fin {
			if tours++; tours == toursMax {
				return
			}
			fin = len(i.file)
		}
		r := i.file[k]
		h, vu := i.x.a.lire(i.x.v, r)
		if !vu {
			continue
		}
		b.Begin(i.x.p.o.Base, ressource.Nom(r.Nature), h.ID)
		i.x.a.ecrireCoupe(r.Nature, coupeDe(&i.x.a.q, r.Nature))
		b.End(fhir.Included)
		i.x.lue(r.Nature, h.ID)
		i.noter(r, h.ID, false)
	}
}
