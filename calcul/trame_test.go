package calcul

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// The contract travels in both faces without a converter, and computes the same.
func TestContratSurLeFil(t *testing.T) {
	plan := trame.Pour[Contrat]("urn:essai:calcul")
	c := Responsable100()
	c.Debut, c.Exclusions = jour("2025-01-01"), []Exclusion{{Famille: FamilleMED, TauxAMO: ptr(sante.Pourcent(15))}}
	c.Garanties = append(c.Garanties,
		Garantie{Code: "CP", Famille: FamilleCP, Codes: []string{"CP"}, PlafondPeriode: 60000, Fenetre: ParAnnee,
			Formule: Formule{Regle: Regle{Numero: F12}, Op: Min, F: &Regle{Numero: F07, M: 5000}, G: &Regle{Numero: F11, Reseau: "R", Tarifs: []TarifConvenu{{"CP", 6000}}}}},
		Garantie{Code: "ACC", Famille: FamilleACC, Formule: Simple(Regle{Numero: F08, M: 2000, N: 5, Fenetre: ParSejour}), HorsOptam: ptr(Simple(Regle{Numero: F01}))})
	var parXML, parJSON Contrat
	if err := plan.DecodeXML(plan.AppendXML(nil, "contrat", &c), "contrat", &parXML); err != nil {
		t.Fatal(err)
	}
	if err := plan.DecodeJSON(plan.AppendJSON(nil, &c), &parJSON); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(c, parXML); d != "" {
		t.Errorf("by XML:\n%s", d)
	}
	if d := cmp.Diff(c, parJSON); d != "" {
		t.Errorf("by JSON:\n%s", d)
	}
}
