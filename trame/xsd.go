package trame

import (
	"fmt"
	"strconv"
)

const motifEntier = `0|-?[1-9][0-9]*`

// XSD is the XML Schema 1.0 of the messages, which says all that DecodeXML checks
// except what a schema cannot: the keys of identifiers, the namespaces inside an
// extension, and that a list is absent or of two at least (a nested optional
// sequence would say it, which zeep cannot read). It panics when a plan is of another namespace, or when two types
// share a name.
func XSD(ns string, elements []Element) []byte {
	x := &ecritXSD{inv: inventorier(elements)}
	x.ligne(`<?xml version="1.0" encoding="UTF-8"?>`)
	x.ouvre(`xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="%s" targetNamespace="%s" elementFormDefault="qualified"`, ns, ns)
	for _, e := range elements {
		if e.Plan.Espace() != ns {
			panic("trame: " + e.Nom + " : plan d'un autre espace de noms")
		}
		s := e.Plan.forme()
		x.ouvre(`xs:element name="%s" type="t:%s"`, e.Nom, s.nom)
		x.annoter(documentation(e.Doc, s.doc))
		x.ferme("xs:element")
	}
	for _, s := range x.inv.structures {
		x.structure(s)
	}
	for _, t := range x.inv.textes {
		x.nomme(t)
	}
	x.ferme("xs:schema")
	return x.b
}

type ecritXSD struct {
	inv   *inventaire
	b     []byte
	marge int
}

func (x *ecritXSD) ligne(format string, a ...any) {
	for range x.marge {
		x.b = append(x.b, "  "...)
	}
	x.b = append(fmt.Appendf(x.b, format, a...), '\n')
}

func (x *ecritXSD) ouvre(format string, a ...any) { x.ligne("<"+format+">", a...); x.marge++ }

func (x *ecritXSD) ferme(nom string) { x.marge--; x.ligne("</%s>", nom) }

func (x *ecritXSD) facette(nom, valeur string) {
	x.ligne(`<xs:%s value="%s"/>`, nom, echapperAttribut(nil, []byte(valeur)))
}

func (x *ecritXSD) annoter(doc string) {
	if doc != "" {
		x.ligne(`<xs:annotation><xs:documentation xml:lang="fr">%s</xs:documentation></xs:annotation>`, echapperXML(nil, []byte(doc)))
	}
}

func (x *ecritXSD) structure(s *structure) {
	x.ouvre(`xs:complexType name="%s"`, s.nom)
	x.annoter(s.doc)
	x.ouvre("xs:sequence")
	for i := range s.champs {
		c := &s.champs[i]
		if premier(s, i) {
			x.ouvre("xs:choice")
		}
		if c.requis() || c.choix != "" {
			x.champ(c, c.min)
		} else {
			x.champ(c, 0)
		}
		if dernier(s, i) {
			x.ferme("xs:choice")
		}
	}
	x.ferme("xs:sequence")
	x.ferme("xs:complexType")
}

func premier(s *structure, i int) bool {
	return s.champs[i].choix != "" && (i == 0 || s.champs[i-1].choix != s.champs[i].choix)
}

func dernier(s *structure, i int) bool {
	return s.champs[i].choix != "" && (i+1 == len(s.champs) || s.champs[i+1].choix != s.champs[i].choix)
}

func (x *ecritXSD) champ(c *champ, minimum int) {
	n, nom := c.nature, c.nature.nomSchema()
	attributs := fmt.Sprintf(`name="%s"`, c.nom)
	entier := nom != "" && (n.genre == genreStruct || !x.inv.plusLache(n))
	if entier {
		attributs += fmt.Sprintf(` type="t:%s"`, nom)
	}
	if minimum != 1 {
		attributs += fmt.Sprintf(` minOccurs="%d"`, minimum)
	}
	if c.max != 1 {
		attributs += fmt.Sprintf(` maxOccurs="%d"`, c.max)
	}
	x.ouvre("xs:element %s", attributs)
	x.annoter(c.doc)
	switch {
	case entier:
	case nom != "":
		x.restreindre("", "t:"+nom, func() { x.longueurs(n.min, n.max) })
	case n.genre == genreEntier:
		x.restreindre("", "xs:long", func() {
			x.facette("pattern", motifEntier)
			x.facette("minInclusive", strconv.FormatInt(n.min, 10))
			x.facette("maxInclusive", strconv.FormatInt(n.max, 10))
		})
	default:
		x.restreindre("", "xs:string", func() { x.longueurs(n.min, n.max) })
	}
	x.ferme("xs:element")
}

func (x *ecritXSD) longueurs(bas, haut int64) {
	x.facette("minLength", strconv.FormatInt(bas, 10))
	x.facette("maxLength", strconv.FormatInt(haut, 10))
}

// restreindre writes a simple type; nom is empty inside an element.
func (x *ecritXSD) restreindre(nom, base string, facettes func()) {
	if nom != "" {
		nom = ` name="` + nom + `"`
	}
	x.ouvre("xs:simpleType%s", nom)
	x.ouvre(`xs:restriction base="%s"`, base)
	facettes()
	x.ferme("xs:restriction")
	x.ferme("xs:simpleType")
}

// nomme writes a type that several fields share.
func (x *ecritXSD) nomme(t *texteNomme) {
	switch {
	case t.genre == genreExtension:
		x.contenuLibre(t.nom, "", `namespace="##other" processContents="lax"`)
	case t.genre == genreOpaque:
		x.contenuLibre(t.nom, ` mixed="true"`, `processContents="skip" minOccurs="0"`)
	case t.genre == genreInstant:
		x.restreindre(t.nom, "xs:dateTime", func() { x.facette("pattern", motifInstant) })
	case t.genre == genreBool:
		x.restreindre(t.nom, "xs:boolean", func() { x.facette("pattern", "true|false") })
	case t.typ == typeJour:
		x.restreindre(t.nom, "xs:date", func() {
			x.facette("pattern", t.motif)
			x.facette("minInclusive", "1800-01-01")
		})
	case t.codes != nil:
		x.restreindre(t.nom, "xs:string", func() { x.codes(t.nature) })
	default:
		x.restreindre(t.nom, "xs:string", func() {
			x.facette("pattern", t.motif)
			if t.mesure {
				x.longueurs(t.min, t.max)
			}
		})
	}
}

func (x *ecritXSD) contenuLibre(nom, mixte, quoi string) {
	x.ouvre(`xs:complexType name="%s"%s`, nom, mixte)
	x.ouvre("xs:sequence")
	x.ligne(`<xs:any %s maxOccurs="unbounded"/>`, quoi)
	x.ferme("xs:sequence")
	x.ferme("xs:complexType")
}

func (x *ecritXSD) codes(n *nature) {
	for _, code := range n.codes {
		if n.libelles[code] == "" {
			x.facette("enumeration", code)
			continue
		}
		x.ouvre(`xs:enumeration value="%s"`, echapperAttribut(nil, []byte(code)))
		x.annoter(n.libelles[code])
		x.ferme("xs:enumeration")
	}
}
