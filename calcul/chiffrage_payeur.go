package calcul

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// amo is the share of the compulsory insurer. In a public hospital it does not
// depend on the ticket modérateur. ref: ROC §§13.2, 13.3, 19 note 1
func (c *chiffrage) amo() error {
	if c.s.Tarif == nil {
		return nil
	}
	c.p.AMOConnue = true
	c.p.AMO = c.s.Tarif.Part(c.p.TauxAMO)
	regle := fmt.Sprintf("%s du tarif du séjour, %s", pourcent(c.p.TauxAMO), c.s.Tarif.Euros())
	if c.tmDeduit {
		c.p.AMO = *c.s.Tarif - c.p.TM
		regle = fmt.Sprintf("tarif du séjour, %s, moins le ticket modérateur", c.s.Tarif.Euros())
	}
	source := "ROC §13.3"
	if c.lourd {
		deduite, err := c.bascule(c.s.PASDeduite, bareme.PASInsideTheStay)
		if err != nil {
			return err
		}
		if deduite {
			c.p.AMO = *c.s.Tarif - c.p.PAS
			regle += ", moins la participation pour acte lourd"
		}
		source = "ROC §13.6, §19 note 1"
	}
	c.etape(Etape{
		Objet: "Part de l'assurance maladie", Montant: c.p.AMO, Regle: regle, Source: source,
		Phrase: fmt.Sprintf("L'assurance maladie paie %s à l'établissement.", c.p.AMO.Euros()),
	})
	return nil
}

// substituer gives what the patient side owes to who pays it by law: the local
// scheme of Alsace-Moselle or the State. ref: ROC §13.4 code L, §13.9
func (c *chiffrage) substituer() error {
	switch {
	case c.s.AME:
		c.p.Payeur, c.p.PartAutre = PayeurEtat, sante.Pourcent(100)
	case c.s.PecFJ == FJLocal && c.s.Nature == NatureLocal:
		v, err := c.Tables.At(bareme.LocalHopital, c.s.Entree)
		if err != nil {
			return err
		}
		c.p.Payeur, c.p.PartAutre = PayeurRegimeLocal, min(v.Taux(), sante.Pourcent(100))
	}
	if c.p.Payeur != "" {
		c.p.AutrePayeur = c.p.TMFacture.Part(c.p.PartAutre) + c.p.PAS.Part(c.p.PartAutre) + c.p.FJFacture
	}
	if c.p.AutrePayeur == 0 {
		c.p.Payeur = ""
		return nil
	}
	c.p.Participation -= c.p.AutrePayeur
	qui := map[Payeur]string{PayeurRegimeLocal: "Le régime local d'Alsace-Moselle", PayeurEtat: "L'aide médicale de l'État"}[c.p.Payeur]
	c.etape(Etape{
		Objet: "Autre payeur", Montant: c.p.AutrePayeur, Regle: "substitution de payeur", Source: "ROC §13.4, §13.9",
		Phrase: fmt.Sprintf("%s paie %s à votre place.", qui, c.p.AutrePayeur.Euros()),
	})
	return nil
}

// conclure tells what the patient side owes.
func (c *chiffrage) conclure() {
	phrase := fmt.Sprintf("Ce que vous et votre complémentaire devez pour ce séjour, hors confort : %s.", c.p.Participation.Euros())
	regle := "ticket modérateur ou participation, plus forfait journalier facturé"
	if c.s.CSS {
		regle, phrase = "payé par la complémentaire santé solidaire", fmt.Sprintf("La complémentaire santé solidaire paie %s ; vous n'avez rien à payer.", c.p.Participation.Euros())
	}
	c.etape(Etape{Objet: "Participation", Montant: c.p.Participation, Regle: regle, Source: "ROC §13.5, §13.9", Phrase: phrase})
}
