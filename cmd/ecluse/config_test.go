package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/config"
)

// Each folder of testdata/config holds a bad configuration and what config check
// says of it: every fault at once, with the file and the line.
func TestConfigCheck(t *testing.T) {
	l, err := filepath.Glob("testdata/config/*/ecluse.toml")
	if err != nil || len(l) < 13 {
		t.Fatalf("%d configurations, %v", len(l), err)
	}
	for _, f := range l {
		dir := filepath.Dir(f)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var sortie bytes.Buffer
			c := racine()
			c.Writer, c.ErrWriter = &sortie, &sortie
			err := c.Run(context.Background(), []string{"ecluse", "config", "check", f})
			if err == nil || sortie.Len() > 0 {
				t.Fatalf("admise : %s", sortie.String())
			}
			obtenu := strings.ReplaceAll(err.Error(), dir+"/", "") + "\n"
			attendu := filepath.Join(dir, "attendu.txt")
			if *actualiser {
				if err := os.WriteFile(attendu, []byte(obtenu), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(attendu)
			if err != nil || string(b) != obtenu {
				t.Errorf("attendu :\n%s\nobtenu :\n%s", b, obtenu)
			}
		})
	}
}

// What config describe writes, each commented key uncommented, is a file whose
// keys are all known.
func TestConfigDescribe(t *testing.T) {
	var sortie bytes.Buffer
	c := racine()
	c.Writer = &sortie
	if err := c.Run(context.Background(), []string{"ecluse", "config", "describe"}); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	cles := 0
	for l := range strings.Lines(sortie.String()) {
		nu := strings.TrimPrefix(l, "# ")
		cle, _, egal := strings.Cut(nu, " = ")
		if egal && !strings.ContainsAny(cle, " '") || strings.HasPrefix(nu, "[") {
			b.WriteString(nu)
			cles++
		}
	}
	if cles < 100 {
		t.Fatalf("%d lignes seulement :\n%s", cles, b.String())
	}
	f := filepath.Join(t.TempDir(), "ecluse.toml")
	if err := os.WriteFile(f, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Lire(f)
	if err == nil || strings.Contains(err.Error(), "inconnue") || strings.Contains(err.Error(), "syntaxe") {
		t.Errorf("le fichier décrit ne se lit pas : %v", err)
	}
	// Its empty identities are refused, nothing else: every default is good.
	for l := range strings.Lines(err.Error()) {
		if strings.Contains(l, "environnement") || strings.Contains(l, " : vigie") || strings.Contains(l, " : ecoute.adresse") {
			t.Errorf("défaut refusé : %s", l)
		}
	}
}

// The parties of a laboratory say nothing that another contradicts; one that does is told.
func TestConfigAccord(t *testing.T) {
	dir := t.TempDir()
	if _, err := lancer("quickstart", "--separees", "--ports-libres", dir); err != nil {
		t.Fatal(err)
	}
	l, err := filepath.Glob(filepath.Join(dir, "*", "ecluse.toml"))
	if err != nil || len(l) < 5 {
		t.Fatal(l, err)
	}
	if s, err := lancer(append([]string{"config", "check"}, l...)...); err != nil || strings.Count(s, "configuration correcte") != len(l) {
		t.Fatalf("%s, %v", s, err)
	}
	tiers := filepath.Join(dir, "tiers", "ecluse.toml")
	b, err := os.ReadFile(tiers)
	if err != nil {
		t.Fatal(err)
	}
	autre := strings.Replace(string(b), "amc = [\"99000101\"]", "amc = [\"99000102\"]", 1)
	if err := os.WriteFile(tiers, []byte(autre), 0o600); err != nil || autre == string(b) {
		t.Fatal(err, string(b))
	}
	if s, err := lancer(append([]string{"config", "check"}, l...)...); err == nil || !strings.Contains(err.Error(), ".amc : 99000101 attendue aussi") || s != "" {
		t.Errorf("%s, %v", s, err)
	}
	b = []byte(strings.Replace(string(b), "[tiers]", "[tiers]\nconserve = 365", 1))
	if err := os.WriteFile(tiers, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := lancer("config", "check", tiers); err != nil {
		t.Fatalf("seul : %s, %v", s, err)
	}
	if s, err := lancer(append([]string{"config", "check"}, l...)...); err == nil || !strings.Contains(err.Error(), "tiers.conserve : plus de 730 jours attendus") || s != "" {
		t.Errorf("%s, %v", s, err)
	}
}

// Who serves each party of a laboratory on one machine, as quickstart says, meets no port
// that another holds.
func TestPortsSepares(t *testing.T) {
	dir := t.TempDir()
	if _, err := lancer("quickstart", "--separees", dir); err != nil {
		t.Fatal(err)
	}
	l, err := filepath.Glob(filepath.Join(dir, "*", "ecluse.toml"))
	if err != nil || len(l) < 12 {
		t.Fatal(l, err)
	}
	par := map[string]string{}
	for _, chemin := range l {
		f, err := config.Lire(chemin)
		if err != nil {
			t.Fatal(err)
		}
		adresses := []string{f.Ecoute.Ouverte, f.Surveillance.Adresse, f.Bureau.Adresse}
		if f.Ecoute.Certificat != "" {
			adresses = append(adresses, f.Ecoute.Adresse)
		}
		for _, e := range f.Etablissements {
			adresses = append(adresses, e.API.Adresse)
		}
		if f.Tiers != nil {
			adresses = append(adresses, f.Tiers.Listes)
		}
		if f.IGC != nil {
			adresses = append(adresses, f.IGC.Adresse)
		}
		partie := filepath.Base(filepath.Dir(chemin))
		for _, a := range adresses {
			if autre := par[a]; a != "" && autre != "" {
				t.Errorf("%s : %s et %s", a, autre, partie)
			}
			par[a] = partie
		}
	}
	if len(par) < 30 {
		t.Errorf("%d adresses seulement", len(par))
	}
}
