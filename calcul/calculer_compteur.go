package calcul

import (
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// regles are the rules of a formula that may use a counter.
func (f Formule) regles() []Regle {
	if f.Numero == F12 {
		return []Regle{*f.F, *f.G}
	}
	return []Regle{f.Regle}
}

// compter reads what the counters of a formula have already given.
func (k *calculateur) compter(a *assiette, g Garantie, f Formule, l Ligne) error {
	for _, r := range f.regles() {
		switch r.Numero {
		case F08:
			a.dejaPris = k.compteurs.At(g.Code, k.periode(r.Fenetre, l)).Unites
		case F10:
			v, err := k.Tables.At(bareme.PMSS, l.DateDebut)
			if err != nil {
				return err
			}
			a.pmss = v.Montant()
			a.consomme = k.compteurs.At(g.Code, k.periode(ParAnnee, l)).Montant
		}
	}
	return nil
}

// consommer takes an amount from every counter of a guarantee, each window once.
func (k *calculateur) consommer(g Garantie, f Formule, l Ligne, montant sante.Montant, unites Quantite) {
	pris := map[string]*limite{}
	noter := func(fenetre Fenetre) *limite {
		periode := k.periode(fenetre, l)
		if pris[periode] == nil {
			pris[periode] = &limite{garantie: g.Code, periode: periode}
		}
		return pris[periode]
	}
	if g.PlafondPeriode > 0 {
		noter(g.Fenetre).montant = g.PlafondPeriode
	}
	for _, r := range f.regles() {
		switch r.Numero {
		case F08:
			noter(r.Fenetre).unites = Unites(r.N)
		case F10:
			x := noter(ParAnnee)
			plafond := k.pmss(l).Part(r.P)
			if x.montant == 0 || plafond < x.montant {
				x.montant = plafond
			}
		}
	}
	if montant == 0 {
		unites = 0
	}
	for _, x := range pris {
		c := Compteur{Garantie: g.Code, Periode: x.periode, Montant: montant}
		if x.unites > 0 {
			c.Unites = unites
		}
		k.compteurs = k.compteurs.Plus(c)
		k.conso = k.conso.Plus(c)
		k.retenirLimite(*x)
	}
}

func (k *calculateur) pmss(l Ligne) sante.Montant {
	v, err := k.Tables.At(bareme.PMSS, l.DateDebut)
	if err != nil {
		return 0 // compter has already refused the line
	}
	return v.Montant()
}

func (k *calculateur) retenirLimite(x limite) {
	for i, y := range k.limites {
		if y.garantie == x.garantie && y.periode == x.periode {
			k.limites[i] = x
			return
		}
	}
	k.limites = append(k.limites, x)
}

// consommations tells what each counter gave and what is left of it.
func (k *calculateur) consommations() (r []Consommation) {
	for _, c := range k.conso {
		x := Consommation{Compteur: c}
		for _, lim := range k.limites {
			if lim.garantie != c.Garantie || lim.periode != c.Periode {
				continue
			}
			etat := k.compteurs.At(c.Garantie, c.Periode)
			if lim.montant > 0 {
				reste := max(0, lim.montant-etat.Montant)
				x.Restant = &reste
			}
			if lim.unites > 0 {
				reste := max(0, lim.unites-etat.Unites)
				x.RestantUnites = &reste
			}
		}
		r = append(r, x)
	}
	return r
}

// titre names a family at the head of a sentence.
func titre(f Famille) string {
	l := f.Libelle()
	if l == "" {
		return string(f)
	}
	return strings.ToUpper(l[:1]) + l[1:]
}

// expliquer tells the rule of a line and what a patient can be read.
func (k *calculateur) expliquer(l Ligne, g Garantie, f Formule, x LigneCalculee, a assiette) Etape {
	regle := fmt.Sprintf("%s, %s", f.Numero, f.Numero.LibellePour(l.Famille))
	if f.Numero == F12 {
		regle = fmt.Sprintf("%s, %s de %s (%s) et %s (%s)", f.Numero, f.Op.Libelle(), f.F.Numero, f.F.Numero.LibellePour(l.Famille), f.G.Numero, f.G.Numero.LibellePour(l.Famille))
	}
	if g.PlafondLigne > 0 || g.PlafondPeriode > 0 {
		regle += ", avec plafond"
	}
	phrase := fmt.Sprintf("%s : sur %s, ", titre(l.Famille), l.MontantDepense.Euros())
	if l.MontantAMO > 0 {
		phrase += fmt.Sprintf("l'assurance maladie paie %s, ", l.MontantAMO.Euros())
	}
	if l.AutrePayeur > 0 {
		phrase += fmt.Sprintf("un autre organisme paie %s, ", l.AutrePayeur.Euros())
	}
	if bas := l.inferieurs(); bas > 0 {
		phrase += fmt.Sprintf("une autre complémentaire paie %s, ", bas.Euros())
	}
	phrase += fmt.Sprintf("votre complémentaire paie %s ; ", x.MontantAMC.Euros())
	switch {
	case x.Patient == 0:
		phrase += "il ne vous reste rien à payer."
	case x.Motif == CodePlafond:
		phrase += fmt.Sprintf("le plafond de la garantie est atteint, il vous reste %s.", x.Patient.Euros())
	case x.Motif == CodeNonCouvrable:
		phrase += fmt.Sprintf("la majoration hors parcours de soins n'est pas remboursable, il vous reste %s.", x.Patient.Euros())
	default:
		phrase += fmt.Sprintf("il vous reste %s.", x.Patient.Euros())
	}
	return Etape{Objet: titre(l.Famille), Montant: x.MontantAMC, Regle: regle, Source: "ROC §12 " + string(f.Numero), Phrase: phrase}
}
