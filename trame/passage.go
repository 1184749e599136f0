package trame

import (
	"fmt"
	"strings"
)

// maxChamps bounds the fields of a struct.
const maxChamps = 256

// ensemble is a set of fields of a struct.
type ensemble [maxChamps / 64]uint64

func (e *ensemble) met(i int)    { e[i/64] |= 1 << (i % 64) }
func (e *ensemble) a(i int) bool { return e[i/64]&(1<<(i%64)) != 0 }

// passage is where the reading of a sequence stands.
type passage struct {
	s    *structure
	rang int // field being read
	lus  int // its occurrences
	vus  ensemble
}

// trouver finds a field by its name, trying the one being read and the next
// first, which is where it nearly always is.
func (s *structure) trouver(nom []byte, rang int) *champ {
	for i := rang; i < len(s.champs) && i < rang+2; i++ {
		if s.champs[i].nom == string(nom) {
			return &s.champs[i]
		}
	}
	return s.noms[string(nom)]
}

// avancer moves to the field c, which must come next.
func (p *passage) avancer(c *champ, position int) *Erreur {
	switch {
	case c.rang < p.rang:
		return refus(position, "élément répété ou hors de l'ordre"+p.attendu()).sous(c.nom)
	case c.rang > p.rang:
		if e := p.complets(c.rang, position); e != nil {
			return e
		}
		p.rang, p.lus = c.rang, 0
	}
	if p.lus++; p.lus > c.max {
		return refus(position, tropDe(c.max)).sous(c.nom)
	}
	if c.choix != "" && !p.vus.a(c.rang) && p.s.choisi(c.choix, &p.vus) != 0 {
		return refus(position, p.s.motifChoix(c.choix)).sous(c.nom)
	}
	p.vus.met(c.rang)
	return nil
}

// complets checks that the fields from the current one up to fin have what they
// require.
func (p *passage) complets(fin, position int) *Erreur {
	for ; p.rang < fin; p.rang, p.lus = p.rang+1, 0 {
		c := &p.s.champs[p.rang]
		if p.lus < c.min && (p.lus > 0 || c.requis()) {
			return refus(position, tropPeu(c)).sous(c.nom)
		}
	}
	return nil
}

// fin checks what is required at the end of the sequence.
func (p *passage) fin(position int) *Erreur {
	if e := p.complets(len(p.s.champs), position); e != nil {
		return e
	}
	return p.s.choixFaits(&p.vus, position)
}

// choisi counts the fields of a choice that are there.
func (s *structure) choisi(choix string, vus *ensemble) (n int) {
	for _, c := range s.groupe[choix] {
		if vus.a(c.rang) {
			n++
		}
	}
	return n
}

// choixFaits checks that one field of each choice is there, and only one.
func (s *structure) choixFaits(vus *ensemble, position int) *Erreur {
	if len(s.groupe) == 0 {
		return nil
	}
	for i := range s.champs {
		if g := s.champs[i].choix; g != "" && s.choisi(g, vus) != 1 {
			return refus(position, s.motifChoix(g))
		}
	}
	return nil
}

func tropDe(n int) string {
	if n == 1 {
		return "présent plus d'une fois"
	}
	return fmt.Sprintf("présent plus de %d fois", n)
}

func tropPeu(c *champ) string {
	if c.min <= 1 {
		return "absent alors qu'il est obligatoire"
	}
	return fmt.Sprintf("présent moins de %d fois", c.min)
}

func (s *structure) motifChoix(choix string) string {
	var noms []string
	for _, c := range s.groupe[choix] {
		noms = append(noms, c.nom)
	}
	return "un élément et un seul attendu parmi : " + strings.Join(noms, ", ")
}

// attendu names what could come instead, up to the next required field.
func (p *passage) attendu() string {
	var noms []string
	for i := p.rang; i < len(p.s.champs) && len(noms) < 4; i++ {
		c := &p.s.champs[i]
		if i == p.rang && p.lus >= c.max {
			continue
		}
		noms = append(noms, c.nom)
		if c.requis() && !(i == p.rang && p.lus >= c.min) {
			break
		}
	}
	if len(noms) == 0 {
		return " ; rien n'est attendu ici"
	}
	return " ; attendu : " + strings.Join(noms, ", ")
}
