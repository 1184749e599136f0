package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is not TOML is told in French, with its line, and never as the library says it.
func TestSyntaxe(t *testing.T) {
	anglais := regexp.MustCompile(`(?i)\b(expected|invalid|cannot|should|already|unexpected|toml:|character|string)\b`)
	for texte, veut := range map[string]string{
		"base = \"sqlite:x\n":                          ":1 : syntaxe refusée, colonne 17 : il manque le guillemet",
		"base = \n":                                    ":1 : ",
		"base\n":                                       ":1 : syntaxe refusée, colonne 5 : il manque = après la clé",
		"\nlaboratoire = vrai\n":                       ":2 : ",
		"laboratoire = true false\n":                   ":1 : laboratoire : syntaxe refusée, colonne 20 : un seul « clé = valeur » par ligne",
		"[ecoute\nadresse = \"x\"\n":                   ":1 : ",
		"[confiance]\nlistes = [\"a\" \"b\"]\n":        ":2 : ",
		"[confiance]\nlistes = [\"a\"\n":               ":3 : syntaxe refusée, colonne 1 : il manque un crochet ]",
		"base = \"a\"\nbase = \"b\"\n":                 ":2 : base : dit deux fois",
		"[ecoute]\n[ecoute]\n":                         ":2 : ecoute : dit deux fois",
		"base = \"C:\\zut\"\n":                         ":1 : ",
		"été = 1\n":                                    ":1 : ",
		"base = 12abc\n":                               ":1 : ",
		"base = \"\xff\"\n":                            ":1 : syntaxe refusée, colonne 9 : le fichier n'est pas en UTF-8",
		"[vigie]\npar-minute = 99999999999999999999\n": ":2 : ",
		"amc = 3\n":                                    ":1 : amc : ",
		"[[ecoute]]\nadresse = \"x\"\n":                ":1 : ecoute : table d'une autre forme attendue",
	} {
		chemin := filepath.Join(t.TempDir(), "x.toml")
		if err := os.WriteFile(chemin, []byte(texte), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Lire(chemin)
		if err == nil || !strings.Contains(err.Error(), "x.toml"+veut) || anglais.MatchString(strings.TrimPrefix(err.Error(), chemin)) {
			t.Errorf("%q : attendu « %s » : %v", texte, veut, err)
		}
	}
}

// Another document tells where its keys stand, and what the field is for when the
// value is of another kind.
func TestDocument(t *testing.T) {
	type reglages struct {
		Mode     []int `toml:"mode" comment:"un, deux ou trois"`
		Horaires []struct {
			De string `toml:"de"`
		} `toml:"horaires"`
	}
	lire := func(texte string) (*Document, error) {
		chemin := filepath.Join(t.TempDir(), "r.toml")
		if err := os.WriteFile(chemin, []byte(texte), 0o600); err != nil {
			t.Fatal(err)
		}
		return LireDocument(chemin, new(reglages))
	}
	d, err := lire("mode = [1]\n\n[[horaires]]\nde = \"08:00\"\n[[horaires]]\nde = \"09:00\"\n")
	if err != nil {
		t.Fatal(err)
	}
	if e := d.Erreur("horaires[2].de", "trop tard"); e.Ligne != 6 {
		t.Errorf("%v", e)
	}
	if e := d.Erreur("horaires[1].a", "absent"); e.Ligne != 3 {
		t.Errorf("%v", e)
	}
	for texte, veut := range map[string]string{
		"mode = \"un\"\n": "r.toml:1 : mode : valeur d'un autre genre attendue ; un, deux ou trois",
		"\nmdoe = 1\n":    "r.toml:2 : mdoe : clé inconnue",
	} {
		if _, err := lire(texte); err == nil || !strings.Contains(err.Error(), veut) {
			t.Errorf("%q : %v", texte, err)
		}
	}
}
