package trame

import (
	"reflect"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// AppendXML appends v as the element nom of the plan's namespace, in exclusive
// canonical form: the default namespace is declared on it, and nothing else.
// ref: Exclusive XML Canonicalization 1.0 §2
func (p *Plan[T]) AppendXML(dst []byte, nom string, v *T) []byte {
	dst = append(append(dst, '<'), nom...)
	dst = append(append(append(dst, ` xmlns="`...), p.ns...), `">`...)
	dst = p.racine.ecrireXML(dst, reflect.ValueOf(v).Elem())
	return append(append(append(dst, "</"...), nom...), '>')
}

// Verify tells whether v can be sent: nothing required is missing, every text,
// code and number is one that the other party accepts. The error is an *Erreur
// without a line. Encoders check nothing: a value that Verify refuses is written
// as it can be, and refused by whoever reads it.
func (p *Plan[T]) Verify(v *T) error {
	var relu T
	err := p.DecodeXML(p.AppendXML(nil, "verification", v), "verification", &relu)
	if e, ok := err.(*Erreur); ok {
		e.Ligne, e.Colonne = 0, 0
	}
	return err
}

func (s *structure) ecrireXML(dst []byte, v reflect.Value) []byte {
	for i := range s.champs {
		c := &s.champs[i]
		f := c.valeur(v)
		switch {
		case c.absent(f):
		case c.liste:
			for k := range f.Len() {
				dst = c.elementXML(dst, f.Index(k))
			}
		case c.pointeur:
			dst = c.elementXML(dst, f.Elem())
		default:
			dst = c.elementXML(dst, f)
		}
	}
	return dst
}

func (c *champ) elementXML(dst []byte, v reflect.Value) []byte {
	dst = append(dst, c.ouvre...)
	switch n := c.nature; n.genre {
	case genreStruct:
		dst = n.structure.ecrireXML(dst, v)
	case genreExtension:
		dst = v.Addr().Interface().(*Extension).appendXML(dst)
	case genreOpaque:
	default:
		debut := len(dst)
		dst = n.ecrire(dst, v)
		if (n.genre == genreChaine || n.genre == genreTexte) && !nu(dst[debut:]) {
			texte := append([]byte(nil), dst[debut:]...)
			dst = echapperXML(dst[:debut], texte)
		}
	}
	return append(dst, c.ferme...)
}

// AppendJSON appends v as an object in the canonical form of RFC 8785.
func (p *Plan[T]) AppendJSON(dst []byte, v *T) []byte {
	return p.racine.ecrireJSON(dst, reflect.ValueOf(v).Elem())
}

func (s *structure) ecrireJSON(dst []byte, v reflect.Value) []byte {
	dst = append(dst, '{')
	debut := len(dst)
	for _, c := range s.tri {
		f := c.valeur(v)
		if c.absent(f) {
			continue
		}
		if len(dst) > debut {
			dst = append(dst, ',')
		}
		dst = append(dst, c.cle...)
		switch {
		case c.liste:
			dst = c.tableauJSON(dst, f)
		case c.pointeur:
			dst = c.nature.ecrireJSON(dst, f.Elem())
		default:
			dst = c.nature.ecrireJSON(dst, f)
		}
	}
	return append(dst, '}')
}

func (c *champ) tableauJSON(dst []byte, f reflect.Value) []byte {
	dst = append(dst, '[')
	for k := range f.Len() {
		if k > 0 {
			dst = append(dst, ',')
		}
		dst = c.nature.ecrireJSON(dst, f.Index(k))
	}
	return append(dst, ']')
}

func (n *nature) ecrireJSON(dst []byte, v reflect.Value) []byte {
	switch n.genre {
	case genreStruct:
		return n.structure.ecrireJSON(dst, v)
	case genreBool, genreEntier:
		return n.ecrire(dst, v)
	case genreExtension:
		return v.Addr().Interface().(*Extension).appendJSON(dst)
	case genreOpaque:
		return append(dst, "{}"...)
	}
	dst = append(dst, '"')
	debut := len(dst)
	dst = n.ecrire(dst, v)
	if nu(dst[debut:]) {
		return append(dst, '"')
	}
	texte := assainir(append([]byte(nil), dst[debut:]...))
	return jcs.AppendChaine(dst[:debut-1], texte)
}
