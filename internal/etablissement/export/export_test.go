package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// lignes makes lines of a slice.
func lignes(l ...[]Cellule) Lignes {
	return func(rendre func([]Cellule, error) bool) {
		for _, x := range l {
			if !rendre(x, nil) {
				return
			}
		}
	}
}

var mechants = []string{"=1+1", "+33", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'déjà", "=cmd|' /C calc'!A0", "a;b", `dit "oui"`, "deux\nlignes", "simple", ""}

func tableau() Lignes {
	var l [][]Cellule
	for i, m := range mechants {
		l = append(l, []Cellule{Texte(m), Entier(int64(i)), Montant(-123456), Taux(6550), {}})
	}
	return lignes(l...)
}

var colonnes = []string{"TEXTE", "ENTIER", "MONTANT", "TAUX", "VIDE"}

// A French spreadsheet reads the file as it is, and takes no text for a formula.
func TestCSV(t *testing.T) {
	var b bytes.Buffer
	if err := Ecrire(&b, CSV, "t", colonnes, tableau()); err != nil {
		t.Fatal(err)
	}
	texte, marque := strings.CutPrefix(b.String(), bom)
	if !marque || !strings.HasPrefix(texte, "TEXTE;ENTIER;MONTANT;TAUX;VIDE\r\n") {
		t.Fatalf("début : %.80q", b.String())
	}
	r := csv.NewReader(strings.NewReader(texte))
	r.Comma = ';'
	l, err := r.ReadAll()
	if err != nil || len(l) != len(mechants)+1 {
		t.Fatalf("%d lignes, %v", len(l), err)
	}
	for i, m := range mechants {
		got, want := l[i+1], m
		if m != "" && strings.ContainsRune("=+-@\t\r＝", []rune(m)[0]) {
			want = "'" + m
		}
		want = strings.ReplaceAll(want, "\r", "") // the ends of lines of this file are CRLF: it holds no other
		if got[0] != want || got[2] != "-1234,56" || got[3] != "65,50" || got[4] != "" {
			t.Errorf("%q : got %q", m, got)
		}
	}
}

// No text, whatever it is, begins a cell as a formula does.
func TestNeutraliser(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.SampledFrom(mechants)).Draw(t, "texte")
		n := neutraliser(s)
		if r, _ := utf8.DecodeRuneInString(n); n != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", r) {
			t.Fatalf("%q devient %q", s, n)
		}
		if n != s && n != "'"+s {
			t.Fatalf("%q devient %q", s, n)
		}
	})
}

// lireXLSX reads a workbook without our library: its cells as type and text.
const lireXLSX = `
import json, re, sys, zipfile
import xml.etree.ElementTree as E
n = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for nom in z.namelist():
    if nom.endswith(".xml") or nom.endswith(".rels"):
        E.fromstring(z.read(nom))
feuilles = [f.get("name") for f in E.fromstring(z.read("xl/workbook.xml")).iter(n + "sheet")]
f = E.fromstring(z.read("xl/worksheets/sheet1.xml"))
formules = len(list(f.iter(n + "f")))
lignes = []
for r in f.iter(n + "row"):
    l = {}
    for c in r.iter(n + "c"):
        t = c.get("t") or "n"
        v = "".join(x.text or "" for x in c.iter(n + "t")) if t == "inlineStr" else (c.findtext(n + "v") or "")
        l[re.match("[A-Z]+", c.get("r")).group()] = [t, v]
    lignes.append(l)
print(json.dumps({"feuilles": feuilles, "formules": formules, "lignes": lignes}))
`

func python(t *testing.T) string {
	t.Helper()
	p, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("python3 absent")
		}
		t.Skip("python3 absent")
	}
	return p
}

// Another reader opens the workbook: text is text, numbers are numbers, and there
// is no formula.
func TestXLSX(t *testing.T) {
	p := python(t)
	chemin := filepath.Join(t.TempDir(), "x.xlsx")
	f, err := os.Create(chemin)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Ecrire(f, XLSX, "Clôture", colonnes, tableau()), f.Close()); err != nil {
		t.Fatal(err)
	}
	sortie, err := exec.Command(p, "-c", lireXLSX, chemin).Output()
	if err != nil {
		t.Fatal(err)
	}
	var lu struct {
		Feuilles []string
		Formules int
		Lignes   []map[string][2]string
	}
	if err := json.Unmarshal(sortie, &lu); err != nil {
		t.Fatal(err)
	}
	if lu.Formules != 0 || !cmp.Equal(lu.Feuilles, []string{"Clôture"}) || len(lu.Lignes) != len(mechants)+1 || lu.Lignes[0]["A"] != [2]string{"inlineStr", "TEXTE"} {
		t.Fatalf("%d formules, feuilles %q, %d lignes, titre %v", lu.Formules, lu.Feuilles, len(lu.Lignes), lu.Lignes[0])
	}
	for i, m := range mechants {
		l := lu.Lignes[i+1]
		got := strings.NewReplacer("_x000D_", "\r", "_x0009_", "\t").Replace(l["A"][1])
		// XML itself reads a return as an end of line.
		if l["A"][0] != "inlineStr" || strings.ReplaceAll(got, "\r", "\n") != strings.ReplaceAll(m, "\r", "\n") {
			t.Errorf("%q : got %q", m, l["A"])
		}
		if l["C"] != [2]string{"n", "-1234.56"} || l["D"] != [2]string{"n", "65.5"} || l["B"][0] != "n" {
			t.Errorf("%q : %v", m, l)
		}
		if v, dit := l["E"]; dit && v[1] != "" {
			t.Errorf("une valeur inconnue est écrite %q", v)
		}
	}
}

// A sheet that is full is followed by another, with the names of the columns.
func TestXLSXFeuilles(t *testing.T) {
	p := python(t)
	chemin := filepath.Join(t.TempDir(), "x.xlsx")
	f, err := os.Create(chemin)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(ecrireXLSX(f, "Factures", colonnes, tableau(), 6), f.Close()); err != nil {
		t.Fatal(err)
	}
	const compter = `import sys, zipfile, xml.etree.ElementTree as E
n = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
z = zipfile.ZipFile(sys.argv[1])
print(*[f.get("name") for f in E.fromstring(z.read("xl/workbook.xml")).iter(n + "sheet")], sep="|")
print(*[len(list(E.fromstring(z.read("xl/worksheets/sheet%d.xml" % i)).iter(n + "row"))) for i in (1, 2, 3)])`
	sortie, err := exec.Command(p, "-c", compter, chemin).Output()
	if want := "Factures|Factures 2|Factures 3\n6 6 5\n"; err != nil || string(sortie) != want {
		t.Errorf("%q, %v, want %q", sortie, err, want)
	}
}

// JSON is read back, and an amount is never a float.
func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := Ecrire(&b, JSON, "t", colonnes, tableau()); err != nil {
		t.Fatal(err)
	}
	var l []map[string]any
	if err := json.Unmarshal(b.Bytes(), &l); err != nil || len(l) != len(mechants) {
		t.Fatalf("%d lignes, %v", len(l), err)
	}
	for i, m := range mechants {
		want := map[string]any{"TEXTE": m, "ENTIER": float64(i), "MONTANT": "-1234.56", "TAUX": "65.50", "VIDE": nil}
		if d := cmp.Diff(want, l[i]); d != "" {
			t.Error(d)
		}
	}
	b.Reset()
	if err := Ecrire(&b, JSON, "t", colonnes, lignes()); err != nil || strings.TrimSpace(b.String()) != "[\n]" {
		t.Errorf("sans ligne : %q, %v", b.String(), err)
	}
}

// What stops the lines stops the file, and is told.
func TestInterrompu(t *testing.T) {
	boum := errors.New("boum")
	for _, f := range []Format{CSV, XLSX, JSON, "zut"} {
		err := Ecrire(&bytes.Buffer{}, f, "t", colonnes, func(rendre func([]Cellule, error) bool) {
			if rendre(make([]Cellule, 5), nil) {
				rendre(nil, boum)
			}
		})
		want := boum
		if f == "zut" {
			want = ErrFormat
		}
		if !errors.Is(err, want) {
			t.Errorf("%s : %v", f, err)
		}
	}
}
