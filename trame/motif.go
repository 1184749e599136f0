package trame

import (
	"fmt"
	"strings"
)

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
