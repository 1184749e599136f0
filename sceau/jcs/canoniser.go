package jcs

import (
	"bytes"
	"slices"
	"sync"
)

// tamponMax is the size above which the buffers of one text are not kept for the next.
const tamponMax = 64 << 10

// reserve keeps readers and their buffers between calls. It holds no content:
// ranger clears what it takes back.
var reserve = sync.Pool{New: func() any { return new(ecrivain) }}

// Canoniser appends the canonical form of src to dst and returns it. A text that
// is already canonical is copied as it is, after one reading. dst and src must not
// overlap. The error is an *Erreur; dst is then returned as it was.
// ref: RFC 8785 §3.2
func Canoniser(dst, src []byte, lim Limites) ([]byte, error) {
	e := reserve.Get().(*ecrivain)
	defer e.ranger()
	ok, err := e.dejaCanonique(src, lim)
	if err != nil {
		return dst, err
	}
	if ok {
		return append(dst, src...), nil
	}
	e.lecteur.Reset(src, lim)
	e.sortie = dst
	if err := e.ecrire(); err != nil {
		return dst, err
	}
	return e.sortie, nil
}

// EstCanonique tells whether src is a valid text in canonical form, so that it
// can be used as it is. False with no error says nothing of the rest of the text:
// reading stops at the first difference.
func EstCanonique(src []byte, lim Limites) (bool, error) {
	e := reserve.Get().(*ecrivain)
	defer e.ranger()
	return e.dejaCanonique(src, lim)
}

// ecrivain writes the tokens of its reader in canonical form, then puts the
// members of each object in order when the object closes.
type ecrivain struct {
	lecteur Lecteur
	sortie  []byte
	debuts  []int  // where each member of the open objects starts in sortie
	tri     []byte // members of one object, in order
	nombre  []byte
	virgule bool // the next value or key follows another
}

// ranger gives e back, holding nothing of the text.
func (e *ecrivain) ranger() {
	l := &e.lecteur
	l.Reset(nil, Limites{})
	if cap(l.tampon)+cap(l.arene)+cap(e.tri)+len(l.cles[:cap(l.cles)])*32 > tamponMax {
		*e = ecrivain{}
		return
	}
	clear(l.tampon[:cap(l.tampon)])
	clear(l.arene[:cap(l.arene)])
	clear(e.tri[:cap(e.tri)])
	clear(e.nombre[:cap(e.nombre)])
	e.sortie, e.debuts, e.virgule = nil, e.debuts[:0], false
	reserve.Put(e)
}

func (e *ecrivain) dejaCanonique(src []byte, lim Limites) (bool, error) {
	l := &e.lecteur
	l.Reset(src, lim)
	for {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return false, err
		case !l.canonique:
			return false, nil
		case g == Termine:
			return true, nil
		case g == Nombre && !court(l.Brut()):
			var ok bool
			if e.nombre, ok = appendBrut(e.nombre[:0], l.Brut()); !ok {
				return false, &Erreur{Motif: MotifHorsIntervalle, Position: l.Position()}
			}
			if !bytes.Equal(e.nombre, l.Brut()) {
				return false, nil
			}
		}
	}
}

func (e *ecrivain) ecrire() error {
	for {
		g, err := e.lecteur.Suivant()
		if err != nil {
			return err
		}
		if g == Termine {
			return nil
		}
		if err := e.jeton(g); err != nil {
			return err
		}
	}
}

func (e *ecrivain) jeton(g Genre) error {
	switch g {
	case ObjetFin:
		e.ordonner()
		e.sortie = append(e.sortie, '}')
		e.virgule = true
		return nil
	case TableauFin:
		e.sortie = append(e.sortie, ']')
		e.virgule = true
		return nil
	}
	if e.virgule {
		e.sortie = append(e.sortie, ',')
	}
	e.virgule = g != Cle && g != ObjetDebut && g != TableauDebut
	return e.valeur(g)
}

func (e *ecrivain) valeur(g Genre) error {
	l := &e.lecteur
	switch g {
	case Cle:
		e.debuts = append(e.debuts, len(e.sortie))
		e.chaine()
		e.sortie = append(e.sortie, ':')
	case Chaine:
		e.chaine()
	case Nombre:
		if court(l.Brut()) {
			e.sortie = append(e.sortie, l.Brut()...)
			return nil
		}
		var ok bool
		if e.sortie, ok = appendBrut(e.sortie, l.Brut()); !ok {
			return &Erreur{Motif: MotifHorsIntervalle, Position: l.Position()}
		}
	default:
		e.sortie = append(e.sortie, l.Brut()...)
	}
	return nil
}

// chaine writes the current string. Without an escape it is canonical as it stands.
func (e *ecrivain) chaine() {
	if l := &e.lecteur; l.echappe {
		e.sortie = AppendChaine(e.sortie, l.Texte())
	} else {
		e.sortie = append(e.sortie, l.Brut()...)
	}
}

// ordonner puts the members of the object being closed in the order of their
// keys, which the reader has sorted if they were not.
func (e *ecrivain) ordonner() {
	cles := e.lecteur.fermees
	debuts := e.debuts[len(e.debuts)-len(cles):]
	e.debuts = e.debuts[:len(e.debuts)-len(cles)]
	if slices.IsSortedFunc(cles, func(a, b cle) int { return a.rang - b.rang }) {
		return
	}
	e.tri = e.tri[:0]
	for i, c := range cles {
		if i > 0 {
			e.tri = append(e.tri, ',')
		}
		terme := len(e.sortie)
		if c.rang+1 < len(debuts) {
			terme = debuts[c.rang+1] - 1 // without the comma
		}
		e.tri = append(e.tri, e.sortie[debuts[c.rang]:terme]...)
	}
	copy(e.sortie[debuts[0]:], e.tri)
}
