package sante

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestMontantTexte(t *testing.T) {
	for _, c := range []struct {
		texte string
		want  Montant
		ok    bool
	}{
		{"0.00", 0, true}, {"12.34", 1234, true}, {"-0.01", -1, true}, {"9999999999.99", MontantMax, true},
		{"10000000000.00", 0, false}, {"12", 0, false}, {"12.3", 0, false}, {"12,34", 0, false},
		{"012.34", 0, false}, {"-0.00", 0, false}, {"", 0, false}, {".00", 0, false}, {"+1.00", 0, false}, {" 1.00", 0, false},
	} {
		got, err := ParseMontant(c.texte)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("ParseMontant(%q) = %d, %v, want %d, %v", c.texte, got, err, c.want, c.ok)
		}
	}
}

func TestMontantAllerRetour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := Montant(rapid.Int64Range(-int64(MontantMax), int64(MontantMax)).Draw(t, "m"))
		if got, err := ParseMontant(m.String()); err != nil || got != m {
			t.Fatalf("ParseMontant(%s) = %d, %v, want %d", m, got, err, m)
		}
	})
}

// The rounding vectors are V24 of ROC §19.
func TestPart(t *testing.T) {
	for _, c := range []struct{ base, taux, want string }{
		{"16.13", "60", "9.68"}, {"16.13", "70", "11.29"}, {"8.49", "65", "5.52"},
		{"10.05", "65", "6.53"}, {"0.01", "70", "0.01"}, {"0.01", "30", "0.00"}, {"-10.05", "65", "-6.53"},
	} {
		m, _ := ParseMontant(c.base)
		tx, _ := ParseTaux(c.taux)
		if got := m.Part(tx).String(); got != c.want {
			t.Errorf("%s × %s %% = %s, want %s", c.base, c.taux, got, c.want)
		}
	}
}

func TestEuros(t *testing.T) {
	if got, want := Montant(-182000).Euros(), "−1\u202f820,00\u00a0€"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTaux(t *testing.T) {
	for _, c := range []struct {
		texte, want string
		ok          bool
	}{{"70", "70", true}, {"70.0", "70", true}, {"63.50", "63.5", true}, {"0", "0", true}, {"1000", "1000", true},
		{"1000.01", "", false}, {"-1", "", false}, {"7O", "", false}, {"1.234", "", false}, {"", "", false}} {
		got, err := ParseTaux(c.texte)
		if (err == nil) != c.ok || (c.ok && got.String() != c.want) {
			t.Errorf("ParseTaux(%q) = %v, %v", c.texte, got, err)
		}
	}
}

func TestJour(t *testing.T) {
	j, err := ParseJour("2026-03-01")
	if err != nil || j.String() != "2026-03-01" || (j-1).String() != "2026-02-28" || j.Francais() != "01/03/2026" {
		t.Fatalf("got %v %v %v", j, j-1, err)
	}
	for _, s := range []string{"2025-02-29", "2025-13-01", "2025-00-10", "2025-1-01", "1799-12-31", "2025-01-32", "abcd-ef-gh"} {
		if _, err := ParseJour(s); err == nil {
			t.Errorf("ParseJour(%q) accepted", s)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		j := Jour(rapid.Int32Range(657438, 3652059).Draw(t, "j"))
		if got, err := ParseJour(j.String()); err != nil || got != j {
			t.Fatalf("ParseJour(%s) = %d, %v, want %d", j, got, err, j)
		}
	})
}

func TestJourDuSite(t *testing.T) {
	reunion, _ := ParseFINESS("970400024")
	paris, _ := ParseFINESS("750712184")
	soir := time.Date(2026, 2, 28, 21, 30, 0, 0, time.UTC)
	if got := JourA(soir, reunion.Fuseau()).String(); got != "2026-03-01" {
		t.Errorf("La Réunion: %s", got)
	}
	if got := JourA(soir, paris.Fuseau()).String(); got != "2026-02-28" {
		t.Errorf("Paris: %s", got)
	}
}

// The numbers are those of the digests: public hospitals, public test
// professionals, invented test structures.
func TestIdentifiants(t *testing.T) {
	parse := map[string]func(string) error{
		"finess": func(s string) error { _, err := ParseFINESS(s); return err },
		"siren":  func(s string) error { _, err := ParseSIREN(s); return err },
		"siret":  func(s string) error { _, err := ParseSIRET(s); return err },
		"rpps":   func(s string) error { _, err := ParseRPPS(s); return err },
		"amc":    func(s string) error { _, err := ParseNumeroAMC(s); return err },
		"nir":    func(s string) error { _, err := ParseNIR(s); return err },
		"adh":    func(s string) error { _, err := ParseNumeroAdherent(s); return err },
		"ddn":    func(s string) error { _, err := ParseDateNaissance(s); return err },
	}
	for _, c := range []struct {
		genre, s string
		ok       bool
	}{
		{"finess", "750712184", true}, {"finess", "690781810", true}, {"finess", "990000127", true}, {"finess", "2A0000014", true},
		{"finess", "750712185", false}, {"finess", "75071218", false}, {"finess", "2C0000014", false}, {"finess", "7507121٨", false},
		{"siren", "999123458", true}, {"siren", "999123459", false},
		{"siret", "99912345800013", true}, {"siret", "99912345800014", false}, {"siret", "35600000000048", true}, {"siret", "35600000049837", true},
		{"rpps", "99700366240", true}, {"rpps", "99700218896", true}, {"rpps", "99900023351", true}, {"rpps", "899700366240", false}, {"rpps", "99700366241", false},
		{"amc", "775671993", true}, {"amc", "77565712", true}, {"amc", "1234567", false}, {"amc", "12345678901", false}, {"amc", "12345A78", false},
		{"nir", "255081416802538", true}, {"nir", "255081416802539", false}, {"nir", "2550814168025", false}, {"nir", "055081416802538", false},
		{"adh", "A-12 34/B", true}, {"adh", " A", false}, {"adh", "", false}, {"adh", "é", false}, {"adh", "123456789012345678901", false},
		{"ddn", "19721901", true}, {"ddn", "1972-19-01", false}, {"ddn", "1972190", false},
	} {
		if err := parse[c.genre](c.s); (err == nil) != c.ok {
			t.Errorf("%s %q: %v, want ok=%v", c.genre, c.s, err, c.ok)
		}
	}
}

func TestNIRCorse(t *testing.T) {
	for _, treize := range []string{"185052A004037", "185052B004037", "2990197401023"} {
		cle := CleNIR(treize)
		if cle == "" {
			t.Fatalf("no key for %s", treize)
		}
		if _, err := ParseNIR(treize + cle); err != nil {
			t.Errorf("%s%s: %v", treize, cle, err)
		}
	}
	if got := CleNIR("abc"); got != "" {
		t.Errorf("CleNIR(abc) = %q", got)
	}
}

// ISO 7064 MOD 37-2: the example of ISBT 128, G123 4 98 654 321 gives H.
func TestCleMod37(t *testing.T) {
	if got := CleMod37("G123498654321"); got != 'H' {
		t.Errorf("got %c, want H", got)
	}
	if got := CleMod37("a"); got != 0 {
		t.Errorf("got %c, want 0", got)
	}
}

// Every error of one character and every transposition of neighbours is seen.
func TestCleMod37Detecte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := []byte(rapid.StringMatching(`[0-9A-Z]{23}`).Draw(t, "s"))
		plein := append(append([]byte{}, s...), CleMod37(string(s)))
		i := rapid.IntRange(0, 22).Draw(t, "i")
		autre := append([]byte{}, plein...)
		if rapid.Bool().Draw(t, "transposition") && i < 22 {
			autre[i], autre[i+1] = autre[i+1], autre[i]
		} else {
			autre[i] = alphabet37[rapid.IntRange(0, 35).Draw(t, "c")]
		}
		if string(autre) != string(plein) && CleMod37(string(autre[:23])) == autre[23] {
			t.Fatalf("%s taken for %s", autre, plein)
		}
	})
}

func TestPlier(t *testing.T) {
	for in, want := range map[string]string{
		"Lefèvre-d'Ormesson": "LEFEVRE D ORMESSON", "  Œuvré ": "OEUVRE", "DUPONT": "DUPONT", "Straße": "STRASSE", "": "", "A  B": "A B", "É": "E",
	} {
		if got := Plier(in); got != want {
			t.Errorf("Plier(%q) = %q, want %q", in, got, want)
		}
		if got := Plier(Plier(in)); got != want {
			t.Errorf("Plier is not stable on %q: %q", in, got)
		}
	}
}

func TestAge(t *testing.T) {
	j, _ := ParseJour("2026-03-01")
	for _, c := range []struct {
		ddn  string
		want int
		sur  bool
	}{{"20000301", 26, true}, {"20000302", 25, true}, {"19721901", 54, false}} {
		d, _ := ParseDateNaissance(c.ddn)
		if got, sur := d.Age(j); got != c.want || sur != c.sur {
			t.Errorf("age of %s = %d, %v, want %d, %v", c.ddn, got, sur, c.want, c.sur)
		}
	}
}
