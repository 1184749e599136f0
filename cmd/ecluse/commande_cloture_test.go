package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/export"
	"github.com/ecluse-sante/ecluse/sante"
)

// The list of late payments says once what to do of them all; a list without any says
// nothing of it. The close of the day sends there.
func TestDireRetards(t *testing.T) {
	n := len(export.ColonnesFactures())
	lignes := func(qui, faire string) export.Lignes {
		return func(rendre func([]export.Cellule, error) bool) {
			for range 2 {
				l := make([]export.Cellule, n)
				l[12], l[n-3], l[n-2] = export.Texte("FA-1"), export.Texte(qui), export.Texte(faire)
				if !rendre(l, nil) {
					return
				}
			}
		}
	}
	var b bytes.Buffer
	if err := direFactures(&b, lignes("le service de facturation", "Demander à l'AMC.")); err != nil || strings.Count(b.String(), "Demander à l'AMC.") != 1 ||
		strings.Count(b.String(), "le service de facturation") != 3 || !strings.Contains(b.String(), "ecluse envois suivre") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := direFactures(&b, lignes("", "")); err != nil || strings.Contains(b.String(), "que faire") {
		t.Errorf("%v\n%s", err, b.String())
	}
	amc := et.Carte(t, "775671993").NumeroAMC
	j := &etablissement.Journee{Jour: et.Jour(t, "2026-05-20"), Delai: 12, Reserves: 2, Lignes: []etablissement.LigneJournee{
		{CleCompteur: etablissement.CleCompteur{AMC: amc, Poste: etablissement.PosteRetard}, Ouverture: etablissement.Montants{Nombre: 3, Montant: 795}}}}
	b.Reset()
	if err := direJournee(&b, "CH", j, map[sante.NumeroAMC]string{}); err != nil || !strings.Contains(b.String(), "3 factures en retard de paiement : « ecluse cloture factures --poste RETARD »") ||
		!strings.Contains(b.String(), "2 retours de factures d'AMC sans effet") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// The command on a laboratory that has invoiced nothing: the forms of its output,
// its refusals, its control.
func TestCommandeCloture(t *testing.T) {
	dir := t.TempDir()
	if _, err := lancer("quickstart", "--ports-libres", dir); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "ecluse.toml")
	if s, err := lancer("cloture", "--config", config); err != nil || !strings.Contains(s, "les postes font le compte") || strings.Count(s, "journée du") != 3 {
		t.Errorf("texte : %s, %v", s, err)
	}
	if s, err := lancer("cloture", "--config", config, "--format", "json", "--finess", "990001018"); err != nil || !json.Valid([]byte(s)) {
		t.Errorf("json : %s, %v", s, err)
	}
	for _, format := range []string{"csv", "xlsx"} {
		sortie := filepath.Join(dir, "cloture."+format)
		if _, err := lancer("cloture", "--config", config, "--format", format, "--sortie", sortie); err != nil {
			t.Errorf("%s : %v", format, err)
		}
		if i, err := os.Stat(sortie); err != nil || i.Size() == 0 || i.Mode().Perm() != 0o600 {
			t.Errorf("%s : %v, %v", format, i, err)
		}
	}
	sortie := filepath.Join(dir, "sans-format.csv")
	if _, err := lancer("cloture", "--config", config, "--sortie", sortie); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(sortie); err != nil || !strings.Contains(string(b), "ECL_MENTION") {
		t.Errorf("le format de l'extension : %s, %v", b, err)
	}
	if s, err := lancer("cloture", "factures", "--config", config, "--poste", "A_CORRIGER"); err != nil || !strings.Contains(s, "DOSSIER") {
		t.Errorf("factures : %s, %v", s, err)
	}
	if s, err := lancer("cloture", "controler", "--config", config, "--recompter"); err != nil || strings.Count(s, "0 écart") != 3 {
		t.Errorf("contrôle : %s, %v", s, err)
	}
	for _, faux := range [][]string{{"--jour", "hier"}, {"--jour", "2999-01-01"}, {"--format", "zut"}, {"--format", "xlsx"}, {"--finess", "000000000"}} {
		if _, err := lancer(append([]string{"cloture", "--config", config}, faux...)...); err == nil {
			t.Errorf("%v : accepté", faux)
		}
	}
	if l, _ := filepath.Glob(filepath.Join(dir, ".cloture-*")); len(l) > 0 {
		t.Errorf("restes : %v", l)
	}
}
