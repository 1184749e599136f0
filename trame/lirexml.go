package trame

import (
	"errors"
	"reflect"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// espaceXSI is the namespace whose attributes are tolerated and ignored:
// ordinary SOAP clients write xsi:type. hyp: XSI-IGNORE
const espaceXSI = "http://www.w3.org/2001/XMLSchema-instance"

// limites bounds a message as TailleMax does.
var limites = xmlflux.Limites{Octets: TailleMax}

// lecteurXML reads the elements of one namespace.
type lecteurXML struct {
	*xmlflux.Lecteur
	ns string
}

// DecodeXML reads the element nom, which b holds whole with the declarations of
// its prefixes. The error is an *Erreur, and *v is then the zero value.
func (p *Plan[T]) DecodeXML(b []byte, nom string, v *T) error {
	l, _ := p.xml.Get().(*xmlflux.Lecteur)
	if l == nil {
		l = new(xmlflux.Lecteur)
	}
	defer p.rendreXML(l)
	l.Reset(b, limites)
	if _, err := l.Suivant(); err != nil {
		var zero T
		*v = zero
		return refusFlux(err).situer(b)
	}
	if err := p.LireXML(l, nom, v); err != nil {
		return err
	}
	if _, err := l.Suivant(); err != nil {
		var zero T
		*v = zero
		return refusFlux(err).situer(b)
	}
	return nil
}

func (p *Plan[T]) rendreXML(l *xmlflux.Lecteur) {
	l.Reset(nil, limites)
	p.xml.Put(l)
}

// LireXML reads the element nom from a reader whose current piece is its Debut,
// and leaves it at its Fin. It spares a copy to whoever holds a larger document.
// The error is an *Erreur, and *v is then the zero value.
func (p *Plan[T]) LireXML(l *xmlflux.Lecteur, nom string, v *T) error {
	var zero T
	*v = zero
	lx := lecteurXML{l, p.ns}
	err := lx.racine(nom)
	if err == nil {
		err = p.racine.lireXML(&lx, reflect.ValueOf(v).Elem())
	}
	if err == nil {
		return nil
	}
	*v = zero
	if err.position >= 0 {
		err.Ligne, err.Colonne = l.Place(err.position)
	}
	return err
}

func (l *lecteurXML) racine(nom string) *Erreur {
	if string(l.Local()) != nom {
		return refus(l.DebutBrut(), "élément attendu : "+nom)
	}
	return l.entete()
}

// entete checks the namespace and the attributes of the current Debut.
func (l *lecteurXML) entete() *Erreur {
	if string(l.Espace()) != l.ns {
		return refus(l.DebutBrut(), "espace de noms attendu : "+l.ns)
	}
	for i := range l.NbAttributs() {
		if string(l.Attribut(i).Espace) != espaceXSI {
			return refus(l.DebutBrut(), "attribut inconnu")
		}
	}
	return nil
}

// refusFlux keeps the reason and the place of the reader of the syntax.
func refusFlux(err error) *Erreur {
	var x *xmlflux.Erreur
	if errors.As(err, &x) {
		return &Erreur{Motif: x.Message, position: x.Position, cause: x}
	}
	return &Erreur{Motif: "XML illisible", position: -1, cause: err}
}

// lireXML reads the content of the current element up to its Fin: the fields in
// their order, each as many times as it may be.
func (s *structure) lireXML(l *lecteurXML, v reflect.Value) *Erreur {
	p := passage{s: s}
	for {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return refusFlux(err)
		case g == xmlflux.Texte:
			if len(serrer(l.Texte())) > 0 {
				return refus(l.DebutBrut(), "texte inattendu entre les éléments")
			}
		case g == xmlflux.Fin:
			return p.fin(l.DebutBrut())
		default:
			if e := p.element(l, v); e != nil {
				return e
			}
		}
	}
}

// element reads the element whose Debut is the current piece.
func (p *passage) element(l *lecteurXML, v reflect.Value) *Erreur {
	c := p.s.trouver(l.Local(), p.rang)
	if c == nil {
		return refus(l.DebutBrut(), "élément inconnu"+p.attendu())
	}
	if e := p.avancer(c, l.DebutBrut()); e != nil {
		return e
	}
	e := l.entete()
	if e == nil {
		e = c.lireXML(l, c.place(v))
	}
	switch {
	case e != nil && c.liste:
		return e.sousRang(c.nom, p.lus-1)
	case e != nil:
		return e.sous(c.nom)
	}
	return nil
}

// lireXML reads one value into f, the current piece being its Debut.
func (c *champ) lireXML(l *lecteurXML, f reflect.Value) *Erreur {
	switch c.nature.genre {
	case genreStruct:
		return c.nature.structure.lireXML(l, f)
	case genreExtension:
		return f.Addr().Interface().(*Extension).lireXML(l)
	case genreOpaque:
		if err := l.Sauter(); err != nil {
			return refusFlux(err)
		}
		return nil
	}
	return c.nature.lireXML(l, f)
}

// lireXML reads a scalar: a text, empty or not, and the Fin.
func (n *nature) lireXML(l *lecteurXML, f reflect.Value) *Erreur {
	position := l.FinBrut()
	g, err := l.Suivant()
	if err != nil {
		return refusFlux(err)
	}
	var texte []byte
	if g == xmlflux.Texte {
		texte = l.Texte()
		if n.serre() {
			texte = serrer(texte)
		}
	}
	if g != xmlflux.Debut {
		if e := n.lire(texte, f); e != nil {
			e.position = position
			return e
		}
	}
	if g == xmlflux.Texte {
		if g, err = l.Suivant(); err != nil {
			return refusFlux(err)
		}
	}
	if g != xmlflux.Fin {
		return refus(l.DebutBrut(), "texte attendu, sans élément")
	}
	return nil
}

// place makes room for one more value of the field and returns it.
func (c *champ) place(v reflect.Value) reflect.Value {
	f := c.valeur(v)
	switch {
	case c.liste:
		n := f.Len()
		if n == f.Cap() {
			f.Grow(max(n, min(4, c.max)))
		}
		f.SetLen(n + 1)
		return f.Index(n)
	case c.pointeur:
		f.Set(reflect.New(c.nature.typ))
		return f.Elem()
	}
	return f
}
