package front

import (
	"bytes"
	"flag"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

var maj = flag.Bool("update", false, "écrire les fichiers de référence")

func etapeDe(p pupitre.Parts) *pupitre.Etape {
	return &pupitre.Etape{Numero: 4, Totaux: &p, Lignes: []pupitre.LigneParts{{Rang: 1, Libelle: "Consultation (CS)", Parts: p, Regle: "F03", Phrase: "Il vous reste 6,00 €."}}}
}

// The drawing and its table, as they are written.
func TestFragments(t *testing.T) {
	e := etapeDe(pupitre.Parts{Depense: 4500, AMO: 2100, AMC: 1800, Patient: 600})
	base := lirePages()["etape"]
	for nom, x := range map[string]any{"barre": dessiner("b", e.Totaux, e.Colonnes()), "tableau": e} {
		var b bytes.Buffer
		if err := base.ExecuteTemplate(&b, nom, x); err != nil {
			t.Fatal(err)
		}
		fichier := "testdata/" + nom + ".html"
		if *maj {
			if err := os.WriteFile(fichier, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(fichier)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), b.String()); d != "" {
			t.Errorf("%s : -attendu +obtenu (-update pour le reprendre)\n%s", fichier, d)
		}
	}
}

// Whatever the shares, the segments follow each other, stay inside, and a
// coherent expense fills the bar.
func TestBarre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := func(nom string) sante.Montant { return sante.Montant(rapid.Int64Range(-100, 1_000_000).Draw(t, nom)) }
		p := pupitre.Parts{AMO: m("amo"), AutrePayeur: m("autre"), AMC: m("amc"), Patient: m("patient")}
		coherent := rapid.Bool().Draw(t, "cohérent") && p.AMO >= 0 && p.AutrePayeur >= 0 && p.AMC >= 0 && p.Patient >= 0
		p.Depense = p.AMO + p.AutrePayeur + p.AMC + p.Patient
		if !coherent {
			p.Depense = m("dépense")
		}
		e := etapeDe(p)
		somme := 0.0
		for _, s := range dessiner("b", e.Totaux, e.Colonnes()).Segments {
			d, _ := strconv.ParseFloat(strings.TrimSuffix(s.Debut, "%"), 64)
			l, err := strconv.ParseFloat(strings.TrimSuffix(s.Largeur, "%"), 64)
			if err != nil || l < 0 || d < 0 || d+l > 100.002 || math.Abs(d-somme) > 0.002 {
				t.Fatalf("segment %+v après %f", s, somme)
			}
			somme += l
		}
		if coherent && p.Depense > 0 && math.Abs(somme-100) > 0.01 {
			t.Fatalf("somme %f", somme)
		}
	})
}

func TestJoli(t *testing.T) {
	for _, c := range []struct{ nom, brut, want string }{
		{"texte sur sa ligne", `<a xmlns="u"><b>1</b><c/></a>`, "<a xmlns=\"u\">\n  <b>1</b>\n  <c/>\n</a>"},
		{"vide ouvert", "<a><b></b></a>", "<a>\n  <b></b>\n</a>"},
		{"déjà mis en page", "<a>\n <b>x</b>\n</a>", "<a>\n  <b>x</b>\n</a>"},
		{"mêlé", "<a>x<b/>y</a>", "<a>x\n  <b/>\n  y\n</a>"},
		{"coupé", "<a><b>", "<a><b>"},
		{"JSON", `{"a":[1]}`, "{\n  \"a\": [\n    1\n  ]\n}"},
		{"JSON coupé", `{"a":`, `{"a":`},
		{"JSON très profond", "{" + strings.Repeat("[", 9000), "{" + strings.Repeat("[", 9000)},
		{"JSON profond et complet", `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}"},
	} {
		if got := joli(pupitre.FaceDe([]byte(c.brut)), []byte(c.brut)); got != c.want {
			t.Errorf("%s : got %q, attendu %q", c.nom, got, c.want)
		}
	}
}

// Laying out changes blanks only.
func FuzzJoli(f *testing.F) {
	for _, s := range []string{`<a><b>1</b><c/></a>`, `{"a":[1,"x"]}`, "<a>x<b/>y</a>", "<a>&amp;<![CDATA[ z ]]></a>"} {
		f.Add([]byte(s))
	}
	blancs := regexp.MustCompile(`\s+`)
	f.Fuzz(func(t *testing.T, b []byte) {
		face := pupitre.FaceDe(b)
		got := joli(face, b)
		if face == sceau.SOAP && bytes.Contains(b, []byte("<!--")) || bytes.Contains(b, []byte("<?")) || bytes.HasPrefix(b, []byte("\ufeff")) {
			return // comments and declarations are not pieces of the message
		}
		if blancs.ReplaceAllString(got, "") != blancs.ReplaceAllString(string(b), "") {
			t.Errorf("%q devient %q", b, got)
		}
	})
}

// Text is readable on its ground, in both modes. ref: WCAG 2.2 §1.4.3
func TestContraste(t *testing.T) {
	css, err := fichiers.ReadFile("statique/pupitre.css")
	if err != nil {
		t.Fatal(err)
	}
	clair, reste, _ := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	sombre, _, _ := strings.Cut(reste, "*, *::before")
	variable := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6})`)
	for mode, texte := range map[string]string{"clair": clair, "sombre": sombre} {
		couleurs := map[string]string{}
		for _, m := range variable.FindAllStringSubmatch(texte, -1) {
			couleurs[m[1]] = m[2]
		}
		for _, paire := range strings.Fields(`texte/fond texte/carte sous/fond sous/carte sous/doux lien/fond lien/carte sur-eau/eau bon/bon-fond bon/carte bon/fond
			mauvais/mauvais-fond mauvais/carte mauvais/fond texte/bon-fond texte/mauvais-fond texte/note-fond sous/bon-fond sous/mauvais-fond
			sur-part/amo sur-part/autre sur-part/rang sur-part/amc sur-part/patient`) {
			a, b, _ := strings.Cut(paire, "/")
			if couleurs[a] == "" || couleurs[b] == "" {
				t.Fatalf("mode %s : couleur absente de %s", mode, paire)
			}
			if r := contraste(couleurs[a], couleurs[b]); r < 4.5 {
				t.Errorf("mode %s : %s a un contraste de %.2f", mode, paire, r)
			}
		}
	}
}

func contraste(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c string) float64 {
	poids, l := [3]float64{0.2126, 0.7152, 0.0722}, 0.0
	for i := range poids {
		n, _ := strconv.ParseUint(c[1+2*i:3+2*i], 16, 8)
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		l += poids[i] * v
	}
	return l
}
