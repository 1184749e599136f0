package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/amc/local"
)

// The documentation names every column of the CSV form.
func TestColonnesDocumentees(t *testing.T) {
	doc, err := os.ReadFile("../../docs/exploitation.md")
	if err != nil {
		t.Fatal(err)
	}
	aide := colonnesCSV()
	for _, c := range local.Colonnes() {
		marque := ""
		if c.Obligatoire {
			marque = "obligatoire"
		}
		if ligne := fmt.Sprintf("| `%s` | %s | %s |", c.Nom, marque, c.Sens); !strings.Contains(string(doc), ligne) {
			t.Errorf("docs/exploitation.md : manque %s", ligne)
		}
		if !strings.Contains(aide, c.Nom) || !strings.Contains(aide, c.Sens) {
			t.Errorf("l'aide de l'import ne dit pas %s", c.Nom)
		}
	}
}

// What is refused of an import is counted against what is not.
func TestRefusees(t *testing.T) {
	for r, veut := range map[local.Rapport]string{
		{Lignes: 3, Refusees: 3}: "3 lignes refusées sur 3 ; rien n'est importé", {Lignes: 3, Refusees: 2}: "2 lignes refusées sur 3 ; l'autre est importée",
		{Lignes: 3, Refusees: 1}: "1 ligne refusée sur 3 ; les 2 autres sont importées",
	} {
		if dit := refusees(r).Error(); dit != veut {
			t.Errorf("%+v : %s", r, dit)
		}
	}
}
