package tarif

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/calcul"
)

// familles are those that a professional outside of a hospital invoices.
var familles = []calcul.Famille{calcul.FamilleMED, calcul.FamilleDMI, calcul.FamilleACTE, calcul.FamilleCONS, calcul.FamilleBIO, calcul.FamilleDIV}

// Verifier tells what is wrong in a guarantee of a grid. Those that count what a person
// already had are refused: who prices knows no person. // hyp: TARIF-SANS-COMPTEUR
func (g Garantie) Verifier() error {
	if !slices.Contains(familles, g.Famille) {
		return fmt.Errorf("famille « %.8s » : une parmi %v attendue", g.Famille, familles)
	}
	if g.PlafondPeriode != 0 || g.Fenetre != "" {
		return errors.New("un plafond par période demande de connaître la personne : la tarification ne la connaît pas")
	}
	if g.PlafondLigne < 0 {
		return errors.New("plafond négatif")
	}
	for _, r := range []*calcul.Regle{&g.Formule.Regle, g.Formule.F, g.Formule.G} {
		if r != nil && (r.Numero == calcul.F08 || r.Numero == calcul.F10) {
			return fmt.Errorf("formule %s : elle compte ce que la personne a déjà eu, la tarification ne la connaît pas", r.Numero)
		}
	}
	return nil
}

// SeConfond tells whether two guarantees of a grid, the same day, claim one line with
// the same precision.
func (g Garantie) SeConfond(h Garantie) bool {
	if g.Famille != h.Famille || g.Classe != h.Classe || Precision(g) != Precision(h) {
		return false
	}
	return len(g.Codes) == 0 || slices.ContainsFunc(g.Codes, func(c string) bool { return slices.Contains(h.Codes, c) })
}
