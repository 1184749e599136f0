package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// What a return could not carry is refused before the book is opened, with the name
// of the option.
func TestCommandeFacturesRefuse(t *testing.T) {
	dir := t.TempDir()
	if _, err := lancer("quickstart", "--ports-libres", dir); err != nil {
		t.Fatal(err)
	}
	commun := []string{"--config", filepath.Join(dir, "ecluse.toml"), "--amc", "99000101", "--finess", "990001018"}
	payer := []string{"factures", "payer", "--reference", "VIR-1"}
	rejeter := []string{"factures", "rejeter", "--numero", "F-1", "--motif", "F605"}
	for nom, x := range map[string]struct {
		args   []string
		option string
	}{
		"référence vide":      {[]string{"factures", "payer", "--reference", ""}, "--reference"},
		"référence longue":    {[]string{"factures", "payer", "--reference", strings.Repeat("V", 200)}, "--reference"},
		"référence accentuée": {[]string{"factures", "payer", "--reference", "é"}, "--reference"},
		"compte":              {append(payer[:4:4], "--compte", "12345"), "--compte"},
		"motif d'une part":    {append(payer[:4:4], "--numero", "F-1", "--montant", "1.00", "--motif", "F999"), "--motif"},
		"montant":             {append(payer[:4:4], "--numero", "F-1", "--montant", "0.00"), "--montant"},
		"montant négatif":     {append(payer[:4:4], "--numero", "F-1", "--montant=-1.00"), "--montant"},
		"motif d'un rejet":    {[]string{"factures", "rejeter", "--numero", "F-1", "--motif", "F699"}, "--motif"},
		"motif d'un autre":    {[]string{"factures", "rejeter", "--numero", "F-1", "--motif", "T001"}, "--motif"},
		"précision":           {append(rejeter[:6:6], "--precision", strings.Repeat("é", 600)), "--precision"},
		"NIR":                 {append(rejeter[:6:6], "--precision", "voir 1 85 05 78 006 084"), "sécurité sociale"},
		"état":                {[]string{"factures", "lister", "--etat", "zut"}, "--etat"},
		"retour inconnu":      {[]string{"factures", "retours", "--renvoyer", "R0"}, "--renvoyer"},
	} {
		if s, err := lancer(append(x.args, commun...)...); err == nil || !strings.Contains(err.Error(), x.option) {
			t.Errorf("%s : %s, %v", nom, s, err)
		}
	}
	for _, etat := range []string{"a-payer", "paye", "rejete", "tout"} {
		if s, err := lancer(append([]string{"factures", "lister", "--etat", etat}, commun...)...); err != nil || !strings.Contains(s, "0 facture") {
			t.Errorf("%s : %s, %v", etat, s, err)
		}
	}
}
