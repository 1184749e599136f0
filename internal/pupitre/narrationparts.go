package pupitre

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/sante"
)

// Colonne is a payer of a table of shares.
type Colonne struct {
	Nom    string // short: AMO
	Long   string // for who does not know the short one: assurance maladie
	Cle    string // amo, autre, rang, amc, patient: one class of colour
	valeur func(*Parts) sante.Montant
}

// Valeur is what the payer pays of these shares.
func (c *Colonne) Valeur(p *Parts) sante.Montant { return c.valeur(p) }

// Colonnes lists the payers that a table of these lines needs: always AMO, AMC
// and the patient; the others when they pay something.
func (e *Etape) Colonnes() []Colonne {
	var tout Parts
	for i := range e.Lignes {
		tout.ajouter(&e.Lignes[i].Parts)
	}
	if e.Totaux != nil {
		tout.ajouter(e.Totaux)
	}
	l := []Colonne{{"AMO", "Assurance maladie", "amo", func(p *Parts) sante.Montant { return p.AMO }}}
	if tout.AutrePayeur != 0 {
		l = append(l, Colonne{"Autre payeur", "Régime local ou État", "autre", func(p *Parts) sante.Montant { return p.AutrePayeur }})
	}
	for _, r := range tout.Rangs {
		nom, long := fmt.Sprintf("AMC rang %d", r.Rang), fmt.Sprintf("Complémentaire de rang %d", r.Rang)
		if r.Rang == 0 {
			nom, long = "Autres AMC", "Autres complémentaires"
		}
		l = append(l, Colonne{nom, long, "rang", func(p *Parts) sante.Montant { return p.duRang(r.Rang) }})
	}
	nom, long := "AMC", "Complémentaire"
	if len(tout.Rangs) > 0 {
		nom, long = "Cette AMC", "Cette complémentaire"
	}
	return append(l, Colonne{nom, long, "amc", func(p *Parts) sante.Montant { return p.AMC }},
		Colonne{"Patient", "Patient", "patient", func(p *Parts) sante.Montant { return p.Patient }})
}

func (p *Parts) duRang(rang int) (m sante.Montant) {
	for _, r := range p.Rangs {
		if r.Rang == rang {
			m += r.Montant
		}
	}
	return m
}

// parts writes the table of the shares, and under each line why.
func (n *narrateur) parts(e *Etape) {
	if len(e.Lignes) == 0 && e.Totaux == nil {
		return
	}
	const chiffres = 13
	colonnes := e.Colonnes()
	premiere := Largeur - len(marge) - chiffres*(len(colonnes)+1)
	rangee := func(t teinte, nom, depense string, valeur func(*Colonne) string) {
		if premiere < 24 && nom != "" { // many payers: the name has its own line
			n.ecrire("%s\n", n.peindre(t, marge+couper(nom, Largeur-len(marge))))
			nom = ""
		}
		s := marge + garnir(couper(nom, premiere-1), premiere) + aDroite(depense, chiffres)
		for i := range colonnes {
			s += aDroite(valeur(&colonnes[i]), chiffres)
		}
		n.ecrire("%s\n", n.peindre(t, strings.TrimRight(s, " ")))
	}
	n.ecrire("\n")
	rangee(pale, "", "Dépense", func(c *Colonne) string { return c.Nom })
	for i := range e.Lignes {
		l := &e.Lignes[i]
		rangee("", fmt.Sprintf("%d. %s", l.Rang, l.Libelle), l.Depense.Euros(), func(c *Colonne) string { return c.Valeur(&l.Parts).Euros() })
		n.pourquoi(l)
	}
	if e.Totaux != nil {
		nom := "Total"
		if e.Indicatif {
			nom = "Total, indicatif"
		}
		rangee(gras, nom, e.Totaux.Depense.Euros(), func(c *Colonne) string { return c.Valeur(e.Totaux).Euros() })
	}
	for _, h := range e.Hypotheses {
		n.paragraphe(marge+"supposé : ", marge+"          ", h)
	}
	n.ecrire("\n")
}

func (n *narrateur) pourquoi(l *LigneParts) {
	var faits []string
	for _, s := range []string{l.Phrase, l.Regle, l.Source} {
		if s != "" {
			faits = append(faits, s)
		}
	}
	if l.Motif != "" {
		faits = append(faits, string(l.Motif)+" "+l.Motif.Libelle())
	}
	if len(faits) > 0 {
		n.paragraphe(marge+"   ↳ ", marge+"     ", strings.Join(faits, " · "))
	}
}

func garnir(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}

func aDroite(s string, n int) string {
	return strings.Repeat(" ", max(1, n-utf8.RuneCountInString(s))) + s
}

// couper keeps n characters of a text, the last one a sign that there are more.
func couper(s string, n int) string {
	r := []rune(propre(s))
	if len(r) <= n {
		return string(r)
	}
	return string(r[:max(0, n-1)]) + "…"
}
