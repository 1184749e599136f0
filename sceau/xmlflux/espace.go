package xmlflux

import "bytes"

// EspaceXML is the namespace of the prefix xml, which needs no declaration.
const EspaceXML = "http://www.w3.org/XML/1998/namespace"

// EspaceXMLNS is the namespace of declarations, which nobody may declare.
const EspaceXMLNS = "http://www.w3.org/2000/xmlns/"

var espaceXML = []byte(EspaceXML)

// Portee designates the namespace declarations in scope at one place of the
// document. It is valid until the next Reset.
type Portee int32

// liaison is one declaration. Declarations are kept for the whole document,
// each pointing to the one before it in scope, so that a Portee stays valid.
type liaison struct {
	prefixe, espace []byte
	parent          Portee
	rang            int32 // declarations in scope, this one included
}

// declarer adds the declaration found at offset i.
// ref: Namespaces in XML 1.0 §3
func (l *Lecteur) declarer(prefixe, espace []byte, i int) error {
	switch reserve := string(espace) == EspaceXML; {
	case string(prefixe) == "xmlns":
		return l.refuser(MotifPrefixe, i, "le préfixe xmlns ne se déclare pas")
	case (string(prefixe) == "xml") != reserve:
		return l.refuser(MotifPrefixe, i, "le préfixe xml et son espace de noms vont ensemble")
	case string(espace) == EspaceXMLNS:
		return l.refuser(MotifPrefixe, i, "espace de noms réservé")
	case prefixe != nil && len(espace) == 0:
		return l.refuser(MotifPrefixe, i, "un préfixe ne peut pas être retiré")
	}
	for p := l.portee; p != l.dehors; p = l.liaisons[p].parent {
		if bytes.Equal(l.liaisons[p].prefixe, prefixe) {
			return l.refuser(MotifDoublon, i, "espace de noms déclaré deux fois")
		}
	}
	rang := l.liaisons[l.portee].rang + 1
	if rang > declarationsEnVue {
		return l.refuser(MotifAttributs, i, "trop d'espaces de noms déclarés")
	}
	if !l.dansDocument(espace) {
		debut := len(l.tamponURI)
		l.tamponURI = append(l.tamponURI, espace...)
		espace = l.tamponURI[debut:len(l.tamponURI):len(l.tamponURI)]
	}
	l.liaisons = append(l.liaisons, liaison{prefixe: prefixe, espace: espace, parent: l.portee, rang: rang})
	l.portee = Portee(len(l.liaisons) - 1)
	return nil
}

// dansDocument tells that v was not rewritten: only then does it outlive the
// current piece.
func (l *Lecteur) dansDocument(v []byte) bool {
	if len(v) == 0 {
		return true
	}
	return &v[0] == &l.b[l.pos-1-len(v)]
}

// Resoudre gives the namespace name bound to a prefix inside the current
// element; the empty prefix asks for the default namespace, which always
// exists (empty when none was declared). At a Fin the answer is that of the
// surrounding element.
func (l *Lecteur) Resoudre(prefixe []byte) (espace []byte, declare bool) {
	for p := l.portee; p != 0; p = l.liaisons[p].parent {
		if d := &l.liaisons[p]; string(d.prefixe) == string(prefixe) {
			return d.espace, true
		}
	}
	if string(prefixe) == "xml" {
		return espaceXML, true
	}
	return nil, len(prefixe) == 0
}

// PorteeExterne is the scope around the current element, to be given to
// Reprendre with the offset of the element.
func (l *Lecteur) PorteeExterne() Portee { return l.dehors }

// Reprendre reads again one element of the document, which begins at the given
// offset and is surrounded by the given scope: both must come from the Debut
// of that element in this same document. Termine follows its Fin. It may be
// called at any moment, and after the end.
func (l *Lecteur) Reprendre(debut int, exterieur Portee) {
	l.err = nil
	l.pos, l.vide, l.genre, l.etat = debut, false, 0, enFragment
	l.pile, l.attrs = l.pile[:0], l.attrs[:0]
	l.portee = exterieur
}

func (l *Lecteur) espaceElement() ([]byte, error) {
	prefixe := l.nom[:l.lgPrefixe]
	if n := len(l.pile); n > 0 && l.portee == l.dehors { // most often the prefix of the parent, bound alike
		if parent := &l.pile[n-1]; parent.prefixe == len(prefixe) && string(parent.nom[:parent.prefixe]) == string(prefixe) {
			return parent.espace, nil
		}
	}
	espace, declare := l.Resoudre(prefixe)
	if !declare {
		return nil, l.refuser(MotifPrefixe, l.debut, "préfixe d'élément non déclaré")
	}
	return espace, nil
}

// qualifierAttributs resolves the prefixes of attributes and refuses the same
// expanded name twice.
// ref: Namespaces in XML 1.0 §6.3
func (l *Lecteur) qualifierAttributs() error {
	for i := range l.attrs {
		a := &l.attrs[i]
		if len(a.Prefixe) > 0 {
			espace, declare := l.Resoudre(a.Prefixe)
			if !declare {
				return l.refuser(MotifPrefixe, a.pos, "préfixe d'attribut non déclaré")
			}
			a.Espace = espace
		}
		for j := range l.attrs[:i] {
			if autre := &l.attrs[j]; string(autre.Local) == string(a.Local) && string(autre.Espace) == string(a.Espace) {
				return l.refuser(MotifDoublon, a.pos, "attribut donné deux fois")
			}
		}
	}
	return nil
}
