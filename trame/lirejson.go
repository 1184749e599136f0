package trame

import (
	"errors"
	"reflect"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// lecteurJSON is a reader that remembers its source.
type lecteurJSON struct {
	jcs.Lecteur
	src []byte
}

// DecodeJSON reads an object, whatever the order of its members. The error is an
// *Erreur, and *v is then the zero value.
func (p *Plan[T]) DecodeJSON(b []byte, v *T) error {
	l, _ := p.json.Get().(*lecteurJSON)
	if l == nil {
		l = new(lecteurJSON)
	}
	defer p.rendreJSON(l)
	var zero T
	*v = zero
	l.Reset(b, jcs.Limites{Taille: TailleMax})
	l.src = b
	if err := p.lireJSON(l, v); err != nil {
		*v = zero
		return err.situer(b)
	}
	return nil
}

func (p *Plan[T]) rendreJSON(l *lecteurJSON) {
	l.Reset(nil, jcs.Limites{})
	l.src = nil
	p.json.Put(l)
}

func (p *Plan[T]) lireJSON(l *lecteurJSON, v *T) *Erreur {
	g, err := l.Suivant()
	if err != nil {
		return refusJSON(err)
	}
	if g != jcs.ObjetDebut {
		return refus(l.Position(), "objet attendu")
	}
	if e := p.racine.lireJSON(l, reflect.ValueOf(v).Elem()); e != nil {
		return e
	}
	if _, err = l.Suivant(); err != nil {
		return refusJSON(err)
	}
	return nil
}

// refusJSON keeps the reason and the place of the reader of the syntax.
func refusJSON(err error) *Erreur {
	var x *jcs.Erreur
	if errors.As(err, &x) {
		return &Erreur{Motif: x.Motif.String(), position: x.Position, cause: x}
	}
	return &Erreur{Motif: "JSON illisible", position: -1, cause: err}
}

// lireJSON reads the members of an object up to its end.
func (s *structure) lireJSON(l *lecteurJSON, v reflect.Value) *Erreur {
	var vus ensemble
	for {
		g, err := l.Suivant()
		if err != nil {
			return refusJSON(err)
		}
		if g == jcs.ObjetFin {
			return s.completsJSON(&vus, l.Position())
		}
		c := s.noms[string(l.Texte())]
		if c == nil {
			return refus(l.Position(), "membre inconnu")
		}
		if vus.a(c.rang) {
			return refus(l.Position(), tropDe(1)).sous(c.nom)
		}
		vus.met(c.rang)
		if e := c.lireJSON(l, v); e != nil {
			return e
		}
	}
}

func (s *structure) completsJSON(vus *ensemble, position int) *Erreur {
	for i := range s.champs {
		if c := &s.champs[i]; !vus.a(i) && c.requis() {
			return refus(position, tropPeu(c)).sous(c.nom)
		}
	}
	return s.choixFaits(vus, position)
}

// lireJSON reads the value of a member.
func (c *champ) lireJSON(l *lecteurJSON, v reflect.Value) *Erreur {
	g, err := l.Suivant()
	if err != nil {
		return refusJSON(err).sous(c.nom)
	}
	if c.liste {
		return c.tableau(l, g, v)
	}
	if e := c.nature.lireJSON(l, g, c.place(v)); e != nil {
		return e.sous(c.nom)
	}
	return nil
}

func (c *champ) tableau(l *lecteurJSON, g jcs.Genre, v reflect.Value) *Erreur {
	if g != jcs.TableauDebut {
		return refus(l.Position(), "tableau attendu").sous(c.nom)
	}
	for n := 0; ; n++ {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return refusJSON(err).sous(c.nom)
		case g == jcs.TableauFin && n < c.min:
			return refus(l.Position(), tropPeu(c)).sous(c.nom)
		case g == jcs.TableauFin:
			return nil
		case n == c.max:
			return refus(l.Position(), tropDe(c.max)).sous(c.nom)
		}
		if e := c.nature.lireJSON(l, g, c.place(v)); e != nil {
			return e.sousRang(c.nom, n)
		}
	}
}

// lireJSON reads a value into f, whose first token is g.
func (n *nature) lireJSON(l *lecteurJSON, g jcs.Genre, f reflect.Value) *Erreur {
	if g != n.jeton() {
		if g == jcs.Nul {
			return refus(l.Position(), "null refusé : un membre absent s'omet")
		}
		return refus(l.Position(), n.attenduJSON())
	}
	position := l.Position()
	switch n.genre {
	case genreStruct:
		return n.structure.lireJSON(l, f)
	case genreExtension:
		return f.Addr().Interface().(*Extension).lireJSON(l, n.espace)
	case genreOpaque:
		if err := l.Passer(g); err != nil {
			return refusJSON(err)
		}
		return nil
	}
	texte := l.Texte()
	if g != jcs.Chaine {
		texte = l.Brut()
	} else if premierIllegal(texte) >= 0 {
		return refus(position, "caractère interdit")
	}
	if e := n.lire(texte, f); e != nil {
		e.position = position
		return e
	}
	return nil
}

// jeton is the first token of the values of a nature.
func (n *nature) jeton() jcs.Genre {
	switch n.genre {
	case genreStruct, genreExtension, genreOpaque:
		return jcs.ObjetDebut
	case genreBool:
		return jcs.Booleen
	case genreEntier:
		return jcs.Nombre
	}
	return jcs.Chaine
}

func (n *nature) attenduJSON() string {
	switch n.jeton() {
	case jcs.ObjetDebut:
		return "objet attendu"
	case jcs.Booleen:
		return "true ou false attendu"
	case jcs.Nombre:
		return "nombre entier attendu"
	}
	return "chaîne attendue"
}
