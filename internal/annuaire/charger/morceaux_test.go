package charger

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

func TestJourLu(t *testing.T) {
	j, err := sante.ParseJour("2026-03-01")
	if err != nil {
		t.Fatal(err)
	}
	for s, attendu := range map[string]sante.Jour{"2026-03-01": j, "01/03/2026": j, "20260301": j, "2026-03-01T12:00:00Z": j, "2026-03-01 08:00": j, "": 0} {
		if got, ok := jourLu(s); !ok || got != attendu {
			t.Errorf("%q : %v, %v", s, got, ok)
		}
	}
	for _, s := range []string{"31/02/2026", "2026", "1/3/2026", "mars", "99999999", "01-03-2026", "2026-03-01x"} {
		if got, ok := jourLu(s); ok {
			t.Errorf("%q : lu comme %v", s, got)
		}
	}
}

func TestCoordonnee(t *testing.T) {
	for s, attendu := range map[string]int32{"47.586100": 47586100, "-1,3359": -1335900, "0": 0, "+2": 2000000, "48.12345678": 48123456, ".5": 500000, "180": 180000000} {
		if got, ok := coordonnee(s); !ok || got != attendu {
			t.Errorf("%q : %d, %v ; attendu %d", s, got, ok, attendu)
		}
	}
	for _, s := range []string{"", "-", ".", "abc", "1.2.3", "181", "99999999999999999999", "4 7", "1e5"} {
		if got, ok := coordonnee(s); ok {
			t.Errorf("%q : lu comme %d", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(-180_000_000, 180_000_000).Draw(t, "n")
		if got, ok := coordonnee(degres(n)); !ok || got != n {
			t.Errorf("%d écrit %s, relu %d", n, degres(n), got)
		}
	})
}

// A structure is the same whoever names it, and two are never one.
func TestClesDesFiches(t *testing.T) {
	cle := func(n NumerosStructure[string]) string { return string(n.AppendCle(nil)) }
	for _, c := range []struct {
		nom  string
		n    NumerosStructure[string]
		want string
	}{
		{"site FINESS", NumerosStructure[string]{FINESS: "990000127", FINESSJuridique: "990000341", IDTechnique: "R1", SIRET: "9"}, "F990000127"},
		{"entité juridique", NumerosStructure[string]{FINESSJuridique: "990000341", SIREN: "999123458", Juridique: true}, "F990000341"},
		{"cabinet", NumerosStructure[string]{IDTechnique: "R10100000240453", SIREN: "999123458"}, "R10100000240453"},
		{"SIRET seul", NumerosStructure[string]{SIRET: "99912345800011"}, "C99912345800011"},
		{"SIREN seul", NumerosStructure[string]{SIREN: "999123458"}, "S999123458"},
		{"sans numéro", NumerosStructure[string]{Raison: "CABINET", CodePostal: "41000", Voie: "RUE"}, "R|CABINET|41000|RUE"},
		{"rien", NumerosStructure[string]{CodePostal: "41000"}, ""},
	} {
		if got := cle(c.n); got != c.want {
			t.Errorf("%s : %q, attendu %q", c.nom, got, c.want)
		}
	}
	for _, c := range [][3]string{{"1", "990000127", "F990000127"}, {"FINESS", "990000127", "F990000127"}, {"1", "1990000127", "F990000127"},
		{"3", "399912345800011", "C99912345800011"}, {"SIREN", "999123458", "S999123458"}, {"", "R10100000240453", "R10100000240453"}} {
		if got := string(appendCleParType(nil, c[0], c[1])); got != c[2] {
			t.Errorf("%v : %q", c, got)
		}
	}
	if ClePraticien("8999", "10", "C") != ClePraticien("8999", "10", "") || ClePraticien("8999", "10", "M") == ClePraticien("8999", "10", "C") {
		t.Error("catégories")
	}
}

// The tables behave as maps do.
func TestTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x table
		var e ensemble
		oracle := map[uint64]uint32{}
		for i, h := range rapid.SliceOf(rapid.Uint64Range(0, 300)).Draw(t, "h") {
			if h == 0 {
				h = 1 // 0 and 1 are one: texts are compared where it matters
			}
			v, deja := oracle[h]
			if !deja {
				oracle[h], v = uint32(i), uint32(i)
			}
			if got, neuf := x.poser(h, uint32(i)); neuf == deja || got != v {
				t.Fatalf("%d : %d %v, attendu %d %v", h, got, neuf, v, !deja)
			}
			if neuf := e.ajouter(h); neuf == deja {
				t.Fatalf("%d : ensemble %v", h, neuf)
			}
		}
		for h := uint64(1); h <= 300; h++ {
			got, ok := x.trouver(h)
			if v, la := oracle[h]; ok != la || la && got != v {
				t.Fatalf("%d : %d %v, attendu %d %v", h, got, ok, v, la)
			}
		}
	})
}

// What is put in drawers comes out, all of it and once, with its own.
func TestTiroirs(t *testing.T) {
	dossier := t.TempDir()
	verifier(t, func(rt *rapid.T) {
		x := nouveauxTiroirs(dossier, "essai")
		v := versement{t: x}
		mis := map[string]int{}
		for _, s := range rapid.SliceOfN(rapid.StringN(1, 40, 4000), 0, 400).Draw(rt, "pièces") {
			mis[fmt.Sprint(hacher(s)>>(64-bitsTiroirs), s)]++
			v.poser(hacher(s), pSavoir, 'A', []byte(s))
		}
		if err := v.finir(); err != nil {
			rt.Fatal(err)
		}
		if err := x.fermer(); err != nil {
			rt.Fatal(err)
		}
		for i := range nombreTiroirs {
			b, err := x.lire(nil, i)
			if err != nil {
				rt.Fatal(err)
			}
			l, err := morceaux(string(b), nil)
			if err != nil {
				rt.Fatal(err)
			}
			for k := range l {
				if l[k].quoi != pSavoir || l[k].op != 'A' {
					rt.Fatal("étiquette")
				}
				mis[fmt.Sprint(i, l[k].texte(string(b)))]--
			}
		}
		for s, n := range mis {
			if n != 0 {
				rt.Fatalf("%q : %d de trop", s, n)
			}
		}
	})
}

// A drawer that was damaged is told, never read out of its bounds.
func FuzzMorceaux(f *testing.F) {
	f.Add("\x03\x01A12345678abc")
	f.Add(strings.Repeat("\xff", 40))
	f.Fuzz(func(t *testing.T, s string) {
		l, err := morceaux(s, nil)
		if err != nil {
			return
		}
		n := 0
		for i := range l {
			n += len(l[i].texte(s)) + 11
		}
		if n > len(s) {
			t.Errorf("%d octets de pièces dans %d", n, len(s))
		}
	})
}

func TestSuite(t *testing.T) {
	s := suite{chemin: filepath.Join(t.TempDir(), "suite")}
	var mis []string
	for i := range 5000 {
		x := strings.Repeat("x", i%300)
		mis = append(mis, x)
		if err := s.poser(rBAL, 'R', []byte(x)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.fermer(); err != nil {
		t.Fatal(err)
	}
	i := 0
	if err := s.lire(func(e etiquette, op byte, b []byte) error {
		if e != rBAL || op != 'R' || string(b) != mis[i] {
			t.Fatalf("pièce %d", i)
		}
		i++
		return nil
	}); err != nil || i != len(mis) {
		t.Fatal(err, i)
	}
}

func TestSeuils(t *testing.T) {
	s, err := LireSeuils("sur;règle;pour mille;toujours permis;depuis\n*;ampleur;50;10;2026-01-01\npraticien;ampleur;10;0;2026-01-01\npraticien;ampleur;500;0;2027-01-01\n")
	if err != nil {
		t.Fatal(err)
	}
	j1, _ := sante.ParseJour("2026-06-01")
	j2, _ := sante.ParseJour("2027-06-01")
	for _, c := range []struct {
		sur      string
		n, total int64
		j        sante.Jour
		trop     bool
	}{
		{"structure", 10, 20, j1, false}, {"structure", 11, 20, j1, true}, {"structure", 50, 1000, j1, false}, {"structure", 51, 1000, j1, true},
		{"praticien", 11, 1000, j1, true}, {"praticien", 10, 1000, j1, false}, {"praticien", 400, 1000, j2, false}, {"structure", 0, 0, j1, false},
	} {
		if got := s.depasse(c.sur, "ampleur", c.n, c.total, c.j); got != c.trop {
			t.Errorf("%+v : %v", c, got)
		}
	}
	if s.depasse("structure", "retrait", 100, 100, j1) {
		t.Error("une règle qui n'est pas dite refuse")
	}
	for _, x := range []string{"a;b;1;1;2026-01-01", "*;ampleur;x;1;2026-01-01", "*;ampleur;1;1;hier", "*;ampleur;1"} {
		if _, err := LireSeuils("e;e;e;e;e\n" + x + "\n"); err == nil {
			t.Errorf("%s : lue", x)
		}
	}
	if _, err := LireSeuils(seuilsDuProgramme); err != nil {
		t.Error(err)
	}
}

func TestJugerFlux(t *testing.T) {
	f := nouveauMonde(1, 10).flux()
	fiches := Flux{Fiches: func(func(annuaire.Changement, error) bool) {}}
	for nom, l := range map[string][]Flux{"aucun": nil, "deux fois le même": {f[0], f[0]}, "sans lecture": {{Fichier: f[0].Fichier}}, "de sorte inconnue": {{Ouvrir: f[0].Ouvrir}},
		"fiches avec fichiers": {fiches, f[0]}} {
		if err := jugerFlux(l); err == nil {
			t.Error(nom)
		}
	}
	if err := jugerFlux(f); err != nil {
		t.Error(err)
	}
	if err := jugerFlux([]Flux{fiches}); err != nil {
		t.Error(err)
	}
}
