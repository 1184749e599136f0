package trame

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// canonique writes the elements of an extension in exclusive canonical form, as
// if nothing surrounded them. Elements without namespace being refused, the form
// is the same inside a message.
// ref: Exclusive XML Canonicalization 1.0 §3
type canonique struct {
	sortie   []byte
	rendus   []rendu // declarations written by the open elements
	portees  []int   // how many were there before each of them
	a_rendre []rendu
}

type rendu struct{ prefixe, espace string }

func (c *canonique) ouvrir(l *xmlflux.Lecteur) {
	c.portees = append(c.portees, len(c.rendus))
	c.sortie = append(append(c.sortie, '<'), l.Nom()...)
	c.a_rendre = append(c.a_rendre[:0], rendu{string(l.Prefixe()), string(l.Espace())})
	attributs := make([]*xmlflux.Attribut, l.NbAttributs())
	for i := range attributs {
		attributs[i] = l.Attribut(i)
		if p := attributs[i].Prefixe; len(p) > 0 && string(p) != "xml" {
			c.a_rendre = append(c.a_rendre, rendu{string(p), string(attributs[i].Espace)})
		}
	}
	c.declarer()
	slices.SortFunc(attributs, func(a, b *xmlflux.Attribut) int {
		return cmp.Or(bytes.Compare(a.Espace, b.Espace), bytes.Compare(a.Local, b.Local))
	})
	for _, a := range attributs {
		c.attribut(string(a.Nom()), a.Valeur)
	}
	c.sortie = append(c.sortie, '>')
}

// declarer writes the declarations that the element uses and that no open
// element has written.
func (c *canonique) declarer() {
	slices.SortFunc(c.a_rendre, func(a, b rendu) int { return cmp.Compare(a.prefixe, b.prefixe) })
	for _, r := range slices.Compact(c.a_rendre) {
		if c.rendu(r) {
			continue
		}
		nom := "xmlns"
		if r.prefixe != "" {
			nom += ":" + r.prefixe
		}
		c.attribut(nom, []byte(r.espace))
		c.rendus = append(c.rendus, r)
	}
}

func (c *canonique) rendu(r rendu) bool {
	for _, d := range slices.Backward(c.rendus) {
		if d.prefixe == r.prefixe {
			return d.espace == r.espace
		}
	}
	return r.prefixe == "xml"
}

func (c *canonique) attribut(nom string, valeur []byte) {
	c.sortie = append(append(append(c.sortie, ' '), nom...), `="`...)
	c.sortie = append(echapperAttribut(c.sortie, valeur), '"')
}

func (c *canonique) fermer(l *xmlflux.Lecteur) {
	c.sortie = append(append(append(c.sortie, "</"...), l.Nom()...), '>')
	n := len(c.portees) - 1
	c.rendus, c.portees = c.rendus[:c.portees[n]], c.portees[:n]
}
