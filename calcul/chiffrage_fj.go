package calcul

import (
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// forfait prices each day of the daily charge at its own date. ref: DEC 20, ROC §13.4
func (c *chiffrage) forfait() (err error) {
	if c.s.sansForfait() || c.s.forfaitExempte() {
		return nil
	}
	trente := c.s.Entree + sante.Jour(c.nuits30)
	if c.fj30, err = c.fj(c.s.Entree, trente-1); err != nil {
		return err
	}
	if c.fjReste, err = c.fj(trente, c.s.Sortie-1); err != nil {
		return err
	}
	if c.s.ModeSortie.jourDeSortieDu() {
		if c.fjSortie, err = c.fj(c.s.Sortie, c.s.Sortie); err != nil {
			return err
		}
	}
	c.compare, err = c.bascule(c.s.ExitDayCompared, bareme.ExitDayCompared)
	c.p.FJDu = somme(c.fj30) + somme(c.fjReste) + somme(c.fjSortie)
	for _, p := range c.fj30FinAFin() {
		c.p.JoursFJ += p.Jours()
	}
	return err
}

// bascule is a switch as the caller says it, or as the tables have it.
func (c *chiffrage) bascule(dite *bool, cle string) (bool, error) {
	if dite != nil {
		return *dite, nil
	}
	v, err := c.Tables.At(cle, c.s.Entree)
	return v.Oui(), err
}

func (c *chiffrage) fj(debut, fin sante.Jour) (p []FJPeriode, err error) {
	periodes, err := c.Tables.Periodes(cleFJ(c.s.Discipline), debut, fin)
	for _, x := range periodes {
		p = append(p, FJPeriode{Debut: x.Debut, Fin: x.Fin, Prix: x.Valeur.Montant()})
		c.valeursFJ = append(c.valeursFJ, x.Valeur)
	}
	return p, err
}

// fj30FinAFin is every day of the daily charge, runs of one price joined.
func (c *chiffrage) fj30FinAFin() []FJPeriode { return joindre(c.fj30, c.fjReste, c.fjSortie) }

func joindre(listes ...[]FJPeriode) (p []FJPeriode) {
	for _, l := range listes {
		for _, x := range l {
			if n := len(p); n > 0 && p[n-1].Fin+1 == x.Debut && p[n-1].Prix == x.Prix {
				p[n-1].Fin = x.Fin
				continue
			}
			p = append(p, x)
		}
	}
	return p
}

func (c *chiffrage) regleFJ() string {
	switch {
	case c.p.TM == 0:
		return "pas de ticket modérateur : tous les jours sont dus"
	case c.fjPrime:
		return "le forfait journalier dépasse le ticket modérateur : lui seul est dû"
	}
	return "compris dans le ticket modérateur ; s'ajoutent les jours au-delà du trentième et le jour de sortie"
}

func (c *chiffrage) phraseFJ() string {
	if len(c.p.FJLignes) == 0 {
		return "Le forfait journalier est compris dans le ticket modérateur ; le jour de la sortie n'est pas dû."
	}
	var detail []string
	for _, p := range c.p.FJLignes {
		detail = append(detail, fmt.Sprintf("%s à %s", jours(p.Jours()), p.Prix.Euros()))
	}
	phrase := fmt.Sprintf("Le forfait journalier facturé est de %s (%s)", c.p.FJFacture.Euros(), strings.Join(detail, ", "))
	if c.fjPrime && c.p.TM > 0 {
		return phrase + " ; il remplace le ticket modérateur, moins élevé."
	}
	if c.p.TMFacture > 0 {
		return phrase + " ; les autres jours sont compris dans le ticket modérateur."
	}
	return phrase + "."
}
