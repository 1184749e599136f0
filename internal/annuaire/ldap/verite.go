package ldap

import (
	"bytes"

	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// verite is the value of a filter on an entry: false, undefined, true, in this
// order, so that AND is the least and OR the greatest. ref: RFC 4511 §4.5.1.7
type verite int8

const (
	faux     verite = -1
	indefini verite = 0
	vrai     verite = 1
)

// evaluer puts the filter to an entry.
func (f *Filtre) evaluer(e *Entree) verite { return f.evaluerNoeud(0, e) }

func (f *Filtre) evaluerNoeud(i int32, e *Entree) verite {
	n := &f.noeuds[i]
	switch n.test {
	case testEt:
		v := vrai
		for j := n.fils; j >= 0 && v > faux; j = f.noeuds[j].suivant {
			v = min(v, f.evaluerNoeud(j, e))
		}
		return v
	case testOu:
		v := faux
		for j := n.fils; j >= 0 && v < vrai; j = f.noeuds[j].suivant {
			v = max(v, f.evaluerNoeud(j, e))
		}
		return v
	case testNon:
		return -f.evaluerNoeud(n.fils, e)
	case testIndefini:
		return indefini
	}
	return n.feuille(e)
}

// feuille puts a test of one attribute to each of its values.
func (n *noeud) feuille(e *Entree) verite {
	r := definitions[n.attr].regle
	for i := range e.valeurs {
		if e.valeurs[i].attr != n.attr {
			continue
		}
		if n.test == testPresent {
			return vrai
		}
		var ok bool
		if e.pli, ok = plier(e.pli[:0], e.valeur(i), r); ok && n.tient(e.pli) {
			return vrai
		}
	}
	return faux
}

func (n *noeud) tient(v []byte) bool {
	switch n.test {
	case testEgal:
		return bytes.Equal(v, n.pli)
	case testApproche:
		return proche(v, n.pli)
	case testMin:
		return bytes.Compare(v, n.pli) >= 0
	case testMax:
		return bytes.Compare(v, n.pli) <= 0
	}
	for i := range n.parties {
		switch p := &n.parties[i]; p.ou {
		case auDebut:
			if !bytes.HasPrefix(v, p.pli) {
				return false
			}
			v = v[len(p.pli):]
		case aLaFin:
			return bytes.HasSuffix(v, p.pli)
		default:
			j := bytes.Index(v, p.pli)
			if j < 0 {
				return false
			}
			v = v[j+len(p.pli):]
		}
	}
	return true
}

// proche tells whether each word asked for is, or sounds as, a word of the value, in
// any order.
func proche(v, mots []byte) bool {
	var t1, t2 [64]byte
	for m := range bytes.FieldsSeq(mots) {
		son, trouve := lexique.Phonetique(t1[:0], m), false
		for x := range bytes.FieldsSeq(v) {
			if trouve = bytes.Equal(m, x) || len(son) >= sonMin && bytes.Equal(son, lexique.Phonetique(t2[:0], x)); trouve {
				break
			}
		}
		if !trouve {
			return false
		}
	}
	return true
}

// sonMin is how long a sound must be to be compared: too many short words are alike.
const sonMin = 2
