package calcul

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul/bareme"
	"github.com/ecluse-sante/ecluse/sante"
)

// Etape tells how an amount was found.
type Etape struct {
	Objet    string        `json:"objet" doc:"Ce qui est calculé."`
	Montant  sante.Montant `json:"montant" doc:"Montant trouvé."`
	Regle    string        `json:"regle" doc:"Règle appliquée."`
	Source   string        `json:"source" doc:"Texte ou hypothèse d'où vient la règle ou le chiffre."`
	Phrase   string        `json:"phrase" doc:"Ce que l'on peut lire au patient."`
	Prudence string        `json:"prudence,omitempty" doc:"Ce qui reste à confirmer."`
}

// Hypothese is what was supposed for want of a datum. ref: ROC §8
type Hypothese struct {
	Champ  string `json:"champ" doc:"Donnée absente."`
	Valeur string `json:"valeur" doc:"Valeur retenue."`
	Raison string `json:"raison" doc:"Pourquoi celle-là."`
}

// sources joins the sources of the rows that gave the figures, once each, and
// their cautions. A section that a row names with its text is not said again.
func sources(regle string, v ...bareme.Valeur) (source, prudence string) {
	var s, p []string
	for _, x := range v {
		s = ajouterUne(s, strings.TrimPrefix(x.Source, "ref: "))
		if x.Incertain || x.EstHypothese() {
			p = ajouterUne(p, fmt.Sprintf("« %s » (%s) à confirmer : %s", x.Cle, x.Texte(), ouSinon(x.Note, "chiffre non sourcé")))
		}
	}
	if propres := sansSections(regle, s); propres != "" {
		s = append([]string{propres}, s...)
	}
	return strings.Join(s, " ; "), strings.Join(p, " ; ")
}

// sansSections leaves of "ROC §13.4, §13.5" the sections that no source names.
func sansSections(regle string, sources []string) string {
	var l []string
	for section := range strings.SplitSeq(strings.TrimPrefix(regle, "ROC "), ", ") {
		nommee := slices.ContainsFunc(sources, func(s string) bool {
			_, suite, ok := strings.Cut(s, section)
			return ok && (suite == "" || suite[0] != '.' && (suite[0] < '0' || suite[0] > '9'))
		})
		if !nommee {
			l = append(l, section)
		}
	}
	if len(l) == 0 {
		return ""
	}
	return "ROC " + strings.Join(l, ", ")
}

func ajouterUne(s []string, x string) []string {
	for _, y := range s {
		if x == y {
			return s
		}
	}
	return append(s, x)
}

func ouSinon(s, defaut string) string {
	if s == "" {
		return defaut
	}
	return s
}

// jours writes a number of days in French.
func jours(n int) string {
	if n < 2 {
		return fmt.Sprintf("%d jour", n)
	}
	return fmt.Sprintf("%d jours", n)
}

// pourcent writes a rate for a person: "63,5 %".
func pourcent(t sante.Taux) string {
	return strings.Replace(t.String(), ".", ",", 1) + "\u00a0%"
}
