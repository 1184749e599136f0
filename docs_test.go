// Package ecluse_test guards what no single package can see: the walls between
// the rooms, and the documents that must follow the code.
package ecluse_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// arbre calls f with every file of the tree, by its path with slashes.
func arbre(t *testing.T, f func(chemin string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(chemin string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if nom := d.Name(); d.IsDir() && chemin != "." && (strings.HasPrefix(nom, ".") || nom == "testdata" || nom == "node_modules") {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() {
			f(filepath.ToSlash(chemin))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func lire(t *testing.T, chemin string) string {
	t.Helper()
	b, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	hypothese = regexp.MustCompile(`hyp: ([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*(?:, [A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*)*)(?:[^A-Za-z0-9-]|$)`)
	sansNom   = regexp.MustCompile(`// hyp: +[^A-Z]`)
	ecart     = regexp.MustCompile("(?m)^\\| `([A-Z0-9-]+)` \\|.*\\|$")
)

// Each hypothesis of the code has its line in docs/ecarts.md, which cites the files where
// it stands, and no other. ref: house-style §16
func TestEcarts(t *testing.T) {
	connues := map[string][]string{}
	arbre(t, func(chemin string) {
		ext := filepath.Ext(chemin)
		if strings.HasSuffix(chemin, "_test.go") || ext != ".go" && ext != ".csv" && ext != ".sql" {
			return
		}
		s := lire(t, chemin)
		for _, m := range hypothese.FindAllStringSubmatch(s, -1) {
			for _, nom := range strings.Split(m[1], ", ") {
				if !slices.Contains(connues[nom], chemin) {
					connues[nom] = append(connues[nom], chemin)
				}
			}
		}
		if x := sansNom.FindString(s); x != "" {
			t.Errorf("%s : hypothèse sans nom (%q) : lui en donner un, en capitales", chemin, x)
		}
	})
	page := map[string]string{}
	for _, m := range ecart.FindAllStringSubmatch(lire(t, "docs/ecarts.md"), -1) {
		if page[m[1]] != "" {
			t.Errorf("docs/ecarts.md : %s a deux lignes", m[1])
		}
		page[m[1]] = m[0]
	}
	for _, nom := range slices.Sorted(maps.Keys(connues)) {
		ligne, ok := page[nom]
		if !ok {
			t.Errorf("docs/ecarts.md : pas de ligne pour %s (%s)", nom, strings.Join(connues[nom], ", "))
			continue
		}
		for _, f := range connues[nom] {
			if !strings.Contains(ligne, "`"+f+"`") {
				t.Errorf("docs/ecarts.md : la ligne de %s ne cite pas %s", nom, f)
			}
		}
	}
	for _, nom := range slices.Sorted(maps.Keys(page)) {
		if connues[nom] == nil {
			t.Errorf("docs/ecarts.md : %s n'est plus dans le code", nom)
			continue
		}
		colonnes := strings.Split(page[nom], "|")
		for _, m := range fichierCite.FindAllStringSubmatch(colonnes[len(colonnes)-3], -1) { // where it stands, before what depends on it
			if !slices.Contains(connues[nom], m[1]) {
				t.Errorf("docs/ecarts.md : la ligne de %s cite %s, qui ne porte pas « hyp: %s »", nom, m[1], nom)
			}
		}
	}
}

// documents are the pages that people read.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	arbre(t, func(chemin string) {
		if strings.HasSuffix(chemin, ".md") {
			pages[chemin] = lire(t, chemin)
		}
	})
	return pages
}

var (
	lien = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	code = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
)

// A link of a page leads somewhere.
func TestLiens(t *testing.T) {
	for chemin, page := range documents(t) {
		for _, m := range lien.FindAllStringSubmatch(code.ReplaceAllString(page, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(chemin), m[1])); err != nil {
				t.Errorf("%s : le lien %s ne mène nulle part", chemin, m[1])
			}
		}
	}
}

var (
	essaiCite   = regexp.MustCompile("`(?:([\\w/]+)\\.)?((?:Test|Fuzz|Benchmark)[A-Z][A-Za-z0-9]*)`")
	essaiDefini = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)[A-Z]\w*)\(`)
	fichierCite = regexp.MustCompile("`((?:cmd|internal|sante|sceau|certificat|trame|calcul|roc|preuve|noemie|b2|visiodroits|rass|fhir|clients|docs|\\.ci)/[\\w./-]+\\.(?:go|md|sql|csv|sh))`")
)

// A test that a page names exists, and so does a file. One that several packages have is
// named with its own: `internal/amc/store.TestPurger`.
func TestCitations(t *testing.T) {
	definis := map[string][]string{} // packages, by test
	arbre(t, func(chemin string) {
		if strings.HasSuffix(chemin, "_test.go") {
			for _, m := range essaiDefini.FindAllStringSubmatch(lire(t, chemin), -1) {
				p := path.Dir(chemin)
				if p == "." {
					p = "ecluse"
				}
				if !slices.Contains(definis[m[1]], p) {
					definis[m[1]] = append(definis[m[1]], p)
				}
			}
		}
	})
	for chemin, page := range documents(t) {
		for _, m := range essaiCite.FindAllStringSubmatch(page, -1) {
			switch p := definis[m[2]]; {
			case len(p) == 0 || m[1] != "" && !slices.Contains(p, m[1]):
				t.Errorf("%s : %s n'existe pas", chemin, m[0])
			case m[1] == "" && len(p) > 1:
				t.Errorf("%s : %s est de plusieurs paquets : écrire `PAQUET.%s`, un de %s", chemin, m[0], m[2], strings.Join(p, ", "))
			}
		}
		for _, m := range fichierCite.FindAllStringSubmatch(page, -1) {
			if _, err := os.Stat(m[1]); err != nil {
				t.Errorf("%s : %s n'existe pas", chemin, m[1])
			}
		}
	}
}

var exige = regexp.MustCompile(`(?m)^\t(\S+) (v\S+)$`)

// Each direct dependency has its line, with the version in use.
func TestDependances(t *testing.T) {
	page := lire(t, "docs/dependances.md")
	for _, m := range exige.FindAllStringSubmatch(lire(t, "go.mod"), -1) {
		if !strings.Contains(page, "| `"+m[1]+"` | "+m[2]+" |") {
			t.Errorf("docs/dependances.md : ligne attendue pour %s, version %s", m[1], m[2])
		}
	}
}
