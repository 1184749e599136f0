package calcul_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// A hospital prices a stay, writes its invoice and computes what the insurer
// pays, from a contract as an IDB answer gives it.
func Example() {
	m, err := calcul.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	entree, _ := sante.ParseJour("2025-06-01")
	tarif, base := sante.Montant(450_000), sante.Montant(90_000)
	f, prix, err := m.FactureSejour(calcul.DossierSejour{Sejour: calcul.Sejour{
		Entree: entree, Sortie: entree + 10, ModeSortie: calcul.SortieDomicile,
		ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, PecFJ: calcul.FJAssure, Tarif: &tarif, TNJP: &base,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := m.Calculer(calcul.Responsable100(), f, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("participation", prix.Participation, "AMO", r.TotalAMO, "AMC", r.TotalAMC, "patient", r.TotalPatient, r.Garantie)
	// Output: participation 1820.00 AMO 3600.00 AMC 1820.00 patient 0.00 TOTALE
}

// The tool reads one object a line.
func ExampleMoteur_Lignes() {
	m, err := calcul.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	lignes := `{"id":"V03","kind":"acte","in":{"br":"30.00","depense":"50.00","rate":"70","formula":"F03","p":"150"}}`
	if _, err := m.Lignes(strings.NewReader(lignes), os.Stdout, calcul.OptionsLignes{}); err != nil {
		fmt.Println(err)
	}
	// Output: {"id":"V03","out":{"amo":"21.00","tm":"9.00","pas":"0.00","amc":"24.00","patient":"5.00"}}
}
