package calcul

import (
	"fmt"
	"strings"

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
	grille                  bool // the daily base is the illustrative one
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

// pas is the fixed participation, one for a stay, at the day of the act.
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
// then the daily charge of the days after and of the exit day. ref: ROC §13.5
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
