package visiodroits

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// Partielle makes the list that leads from one complete list to a later one of the
// same issuer. A reader that holds de needs no other.
func Partielle[E Entree[E]](de, vers *Liste[E]) (*Liste[E], error) {
	a, b := &de.EnTete, &vers.EnTete
	switch {
	case a.Partielle() || b.Partielle():
		return nil, fmt.Errorf("%w : une liste partielle se fait entre deux listes complètes", ErrListe)
	case a.Emetteur != b.Emetteur || a.Numero >= b.Numero:
		return nil, fmt.Errorf("%w : la seconde liste doit suivre la première, du même émetteur", ErrListe)
	}
	avant, apres := releverListe(de), releverListe(vers)
	return vers.depuis(a.Numero, &avant, &apres), nil
}

// releve is what tells two editions of a list apart, entry by entry.
type releve struct {
	cles   []string
	sommes [][sha256.Size]byte
}

func releverListe[E Entree[E]](l *Liste[E]) releve {
	r := releve{make([]string, len(l.Entrees)), make([][sha256.Size]byte, len(l.Entrees))}
	var b []byte
	for i := range l.Entrees {
		b = l.Entrees[i].plan().AppendJSON(b[:0], &l.Entrees[i])
		r.cles[i], r.sommes[i] = l.Entrees[i].Cle(), sha256.Sum256(b)
	}
	return r
}

// depuis makes the partial list that leads to l from the edition of that number.
func (l *Liste[E]) depuis(numero int64, de, vers *releve) *Liste[E] {
	p := &Liste[E]{EnTete: l.EnTete}
	p.EnTete.Base = numero
	for i, j := 0, 0; i < len(de.cles) || j < len(vers.cles); {
		switch {
		case j == len(vers.cles) || i < len(de.cles) && de.cles[i] < vers.cles[j]:
			p.Retraits = append(p.Retraits, de.cles[i])
			i++
		case i == len(de.cles) || de.cles[i] > vers.cles[j]:
			p.Entrees = append(p.Entrees, l.Entrees[j])
			j++
		default:
			if de.sommes[i] != vers.sommes[j] {
				p.Entrees = append(p.Entrees, l.Entrees[j])
			}
			i, j = i+1, j+1
		}
	}
	return p
}

// comparerTetes orders the first entries of two sorted lists, the end being last.
func comparerTetes[E Entree[E]](a, b []E) int {
	switch {
	case len(a) == 0:
		return 1
	case len(b) == 0:
		return -1
	}
	return strings.Compare(a[0].Cle(), b[0].Cle())
}

// Appliquer gives the complete list to which a partial one leads. Neither is
// changed; the error is a *RefusListe.
func (l *Liste[E]) Appliquer(p *Liste[E]) (*Liste[E], error) {
	h := p.EnTete
	if h.Base != l.EnTete.Numero || h.Emetteur != l.EnTete.Emetteur || l.EnTete.Partielle() {
		return nil, refuser(MotifSansBase, &h, "")
	}
	h.Base = 0
	r := &Liste[E]{EnTete: h, Entrees: make([]E, 0, len(l.Entrees)+len(p.Entrees))}
	avant, change, retraits := l.Entrees, p.Entrees, p.Retraits
	for len(avant) > 0 || len(change) > 0 {
		if ordre := comparerTetes(avant, change); ordre >= 0 {
			r.Entrees, change = append(r.Entrees, change[0]), change[1:]
			if ordre == 0 {
				avant = avant[1:]
			}
			continue
		}
		if len(retraits) > 0 && retraits[0] == avant[0].Cle() {
			retraits = retraits[1:]
		} else {
			r.Entrees = append(r.Entrees, avant[0])
		}
		avant = avant[1:]
	}
	if err := r.conforme(&p.EnTete); err != nil {
		return nil, err
	}
	return r, nil
}
