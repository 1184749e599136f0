package calcul

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// chiffrage is the work sheet of a stay: each step reads the ones before.
type chiffrage struct {
	Moteur
	s Sejour
	p PrixSejour

	lourd                   bool
	joursTrente             int // days left for the TM at entry
	nuits30                 int // nights that fall among them
	fj30, fjReste, fjSortie []FJPeriode
	valeursFJ               []bareme.Valeur
	valeursTM               []bareme.Valeur
	compare                 bool // the exit day enters the comparison
	tmDeduit                bool // private clinic: the TM is the tariff minus the AMO
	fjPrime                 bool // the daily charge is billed instead of the TM
}

func somme(p []FJPeriode) (t sante.Montant) {
	for _, x := range p {
		t += x.Montant()
	}
	return t
}

func (c *chiffrage) etape(e Etape) { c.p.Etapes = append(c.p.Etapes, e) }

func (c *chiffrage) tauxAMO() error {
	classe, err := Classer(c.s.ExoTM, c.s.Nature)
	if err != nil {
		return err
	}
	c.lourd = lourd(c.s.ActeLourd, c.s.ExoTM, c.s.Nature)
	if c.lourd {
		classe = ClasseExoneree // ref: ROC §13.6
	}
	if c.p.TauxAMO, err = c.tauxDeClasse(classe, bareme.AMOSEJ, c.s.Entree); err != nil {
		return err
	}
	c.p.TauxTM = sante.Pourcent(100) - c.p.TauxAMO
	if t := c.s.TauxTM; t != nil && classe == ClasseCommune || t != nil && *t < c.p.TauxTM {
		c.p.TauxTM = *t
	}
	if c.p.TauxTM > sante.Pourcent(100) {
		return rejeter(CodeTaux, "taux du ticket modérateur au-dessus de 100 %%")
	}
	return nil
}

// joursTM counts the days that carry the TM: nights, or one for a stay of one
// day, within what is left of the thirty first days. ref: ROC §13.3
func (c *chiffrage) joursTM() error {
	v, err := c.Tables.At(bareme.TMJours, c.s.Entree)
	if err != nil {
		return err
	}
	c.joursTrente = max(0, v.Entier()-c.s.JoursAnterieurs)
	presence := max(1, c.p.Nuits)
	if c.s.JoursFactures > 0 && (c.s.Discipline == HAD || c.s.Hospitalisation.partielle()) {
		presence = c.s.JoursFactures
	}
	c.p.JoursTM = min(presence, c.joursTrente)
	c.nuits30 = min(c.p.Nuits, c.joursTrente)
	if c.s.Categorie == OQN {
		return c.ticketClinique(presence)
	}
	return nil
}

// ticket computes the ticket modérateur: rate × daily base × days, or the rest of
// the tariff in a private clinic. ref: ROC §§13.3, 13.5
func (c *chiffrage) ticket() error {
	if err := c.joursTM(); err != nil || c.tmDeduit || c.p.TauxTM == 0 {
		return err
	}
	base, err := c.baseJour()
	if err != nil {
		return err
	}
	c.p.BaseTM = base.Fois(c.p.JoursTM)
	c.p.TM = c.p.BaseTM.Part(c.p.TauxTM)
	source, prudence := sources("ROC §13.5", c.valeursTM...)
	c.etape(Etape{
		Objet: "Ticket modérateur", Montant: c.p.TM, Source: source, Prudence: prudence,
		Regle:  fmt.Sprintf("%s de %s × %s", pourcent(c.p.TauxTM), base.Euros(), jours(c.p.JoursTM)),
		Phrase: fmt.Sprintf("Le ticket modérateur est de %s par jour pendant %s, soit %s.", base.Part(c.p.TauxTM).Euros(), jours(c.p.JoursTM), c.p.TM.Euros()),
	})
	return nil
}

// ticketClinique takes the base of the AMO; beyond the thirtieth day the TM is
// due in proportion of the days before it. ref: ROC §13.3 [S21] // hyp: OQN-30-JOURS
func (c *chiffrage) ticketClinique(presence int) error {
	c.tmDeduit = true
	if c.s.Tarif == nil || c.p.TauxTM == 0 {
		if c.p.TauxTM == 0 {
			return nil
		}
		return rejeter(CodePrestation, "clinique privée : le ticket modérateur se calcule sur le tarif du séjour (ghs), absent")
	}
	entier := *c.s.Tarif - c.s.Tarif.Part(sante.Pourcent(100)-c.p.TauxTM)
	c.p.BaseTM = *c.s.Tarif
	c.p.TM = entier
	if c.p.JoursTM < presence {
		c.p.BaseTM = prorata(*c.s.Tarif, c.p.JoursTM, presence)
		c.p.TM = prorata(entier, c.p.JoursTM, presence)
	}
	c.etape(Etape{
		Objet: "Ticket modérateur", Montant: c.p.TM, Source: "ROC §13.3",
		Regle:  fmt.Sprintf("%s de la base de l'AMO, %s, %d jours sur %d", pourcent(c.p.TauxTM), c.s.Tarif.Euros(), c.p.JoursTM, presence),
		Phrase: fmt.Sprintf("En clinique, le ticket modérateur est la part du tarif que l'assurance maladie ne paie pas : %s.", c.p.TM.Euros()),
	})
	return nil
}

// prorata is m × n / d, rounded half-up to the cent.
func prorata(m sante.Montant, n, d int) sante.Montant {
	return (m*sante.Montant(n)*2 + sante.Montant(d)) / (2 * sante.Montant(d))
}

// baseJour is the daily base of the TM, given or read in the illustrative grid.
func (c *chiffrage) baseJour() (sante.Montant, error) {
	if c.s.TNJP != nil {
		return *c.s.TNJP, nil
	}
	forme := "COMPLETE"
	if c.s.Discipline != HAD && (c.s.Hospitalisation.partielle() || c.s.jourMeme()) {
		forme = "JOUR"
	}
	v, err := c.Tables.At(bareme.TNJP+string(c.s.Discipline)+"."+forme, c.s.Entree)
	if err != nil {
		return 0, err
	}
	transition, err := c.Tables.At(bareme.Transition, c.s.Entree)
	if err != nil {
		return 0, err
	}
	coefficient := transition.Taux()
	if c.s.Coefficient != nil {
		coefficient = *c.s.Coefficient
	}
	c.valeursTM = append(c.valeursTM, v, transition)
	base := v.Montant().Part(coefficient)
	c.p.Hypotheses = append(c.p.Hypotheses, Hypothese{"tnjp", base.String(), "base journalière absente : grille illustrative"})
	return base, nil
}

// pas is the fixed participation, one for a stay, at the day of the act, the
// entry when it is not said. Someone with CSS owes it too: the CSS pays it.
// ref: ROC §13.6, §13.9 // hyp: PAS-DATE, PAS-CSS
func (c *chiffrage) pas() error {
	if !c.lourd {
		return nil
	}
	v, err := c.Tables.At(bareme.PASMontant, c.s.DateActeLourd)
	if err != nil {
		return err
	}
	c.p.Lourd, c.p.PAS = true, v.Montant()
	if c.s.Tarif != nil {
		c.p.PAS = min(c.p.PAS, *c.s.Tarif)
	}
	source, prudence := sources("ROC §13.6", v)
	c.etape(Etape{
		Objet: "Participation pour acte lourd", Montant: c.p.PAS, Source: source, Prudence: prudence,
		Regle:  "une participation forfaitaire par séjour, à la place du ticket modérateur",
		Phrase: fmt.Sprintf("Un acte important a été réalisé : une participation unique de %s remplace le ticket modérateur.", c.p.PAS.Euros()),
	})
	return nil
}

// imputer applies FJ × TM: the greater of the two over the thirty first days,
// then the daily charge of the days after and of the exit day. The switch adds
// the exit day to the comparison, whatever the length of the stay.
// ref: ROC §13.5 // hyp: COMPARAISON-SORTIE
func (c *chiffrage) imputer() error {
	fj30, sortie := somme(c.fj30), somme(c.fjSortie)
	compare := fj30
	if c.compare {
		compare += sortie
	}
	c.fjPrime = c.p.TM < compare
	switch {
	case c.fjPrime || c.p.TM == 0:
		c.p.FJLignes = c.fj30FinAFin()
	default:
		c.p.TMFacture, c.p.FJLignes = c.p.TM, joindre(c.fjReste, c.fjSortie)
	}
	c.p.FJFacture = somme(c.p.FJLignes)
	c.p.Participation = c.p.TMFacture + c.p.FJFacture + c.p.PAS
	if len(c.valeursFJ) == 0 {
		return nil
	}
	source, prudence := sources("ROC §13.4, §13.5", c.valeursFJ...)
	c.etape(Etape{Objet: "Forfait journalier", Montant: c.p.FJFacture, Source: source, Prudence: prudence, Regle: c.regleFJ(), Phrase: c.phraseFJ()})
	return nil
}
