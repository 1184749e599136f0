package annuaireamc

import (
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Fusionner gives the entries as they would be once others are published.
func Fusionner(presentes, nouvelles []Entree) []Entree {
	remplacees := make(map[string]bool, len(nouvelles))
	for _, e := range nouvelles {
		remplacees[e.ID] = true
	}
	var l []Entree
	for _, e := range presentes {
		if !remplacees[e.ID] {
			l = append(l, e)
		}
	}
	return append(l, nouvelles...)
}

// Accorder checks entries together: the same routing said twice for the same
// day, replacements in a loop.
func Accorder(entrees []Entree) error {
	par := make(map[sante.NumeroAMC][]*Entree)
	for i := range entrees {
		e := &entrees[i]
		for _, autre := range par[e.NumeroAMC] {
			if autre.ID == e.ID || meme(autre, e) {
				return fmt.Errorf("%w : %s et %s disent la même chose au même moment", ErrEntree, autre.ID, e.ID)
			}
		}
		par[e.NumeroAMC] = append(par[e.NumeroAMC], e)
	}
	for numero := range par {
		if boucle(par, numero) {
			return fmt.Errorf("%w : remplacements en boucle à partir de %s", ErrEntree, numero)
		}
	}
	return nil
}

// meme tells whether two entries of an insurer answer the same questions.
func meme(a, b *Entree) bool {
	periodes := (a.Fin == 0 || b.Debut <= a.Fin) && (b.Fin == 0 || a.Debut <= b.Fin)
	domaines := len(a.Domaines) == 0 || len(b.Domaines) == 0 ||
		slices.ContainsFunc(a.Domaines, func(d roc.Domaine) bool { return slices.Contains(b.Domaines, d) })
	return periodes && domaines && a.TypeConvention == b.TypeConvention && a.CSR == b.CSR
}

// boucle follows the replacements of an insurer.
func boucle(par map[sante.NumeroAMC][]*Entree, depart sante.NumeroAMC) bool {
	vus := map[sante.NumeroAMC]bool{}
	var suivre func(n sante.NumeroAMC) bool
	suivre = func(n sante.NumeroAMC) bool {
		if n == depart && len(vus) > 0 {
			return true
		}
		if vus[n] {
			return false
		}
		vus[n] = true
		for _, e := range par[n] {
			if !e.Remplacante.IsZero() && suivre(e.Remplacante) {
				return true
			}
		}
		return false
	}
	return suivre(depart)
}
