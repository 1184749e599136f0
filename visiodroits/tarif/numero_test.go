package tarif_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// A number is written, read, and never drawn twice.
func TestNumeros(t *testing.T) {
	vus := map[string]bool{}
	for range 200 {
		d := tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(nil))
		lu, err := tarif.ParseNumeroDossier(d.String())
		if err != nil || lu != d || vus[d.String()] {
			t.Fatalf("%q : %v, déjà vu %t", d, err, vus[d.String()])
		}
		vus[d.String()] = true
		if _, err := tarif.ParseLien(d.String()); err == nil {
			t.Fatal("un numéro de dossier passe pour un lien")
		}
	}
	for _, s := range []string{"", "D", strings.Repeat("0", 27), "D8" + strings.Repeat("0", 25), "D" + strings.Repeat("U", 26), "d" + strings.Repeat("0", 26)} {
		if _, err := tarif.ParseNumeroDossier(s); err == nil {
			t.Errorf("%q est admis", s)
		}
	}
}

// 128 bits are kept whole, and one changed character of a pricing number is seen.
func TestNumeroTarification(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "a"))
		b := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "b"))
		n, ok := tarif.NumeroTarificationDe(a)
		if !ok {
			t.Skip("clé hors de l'alphabet")
		}
		if lu, err := tarif.ParseNumeroTarification(n.String()); err != nil || lu != n {
			t.Fatalf("%q : %v", n, err)
		}
		if m, ok := tarif.NumeroTarificationDe(b); ok && (m == n) != (a == b) {
			t.Fatal("deux tirages, un numéro")
		}
		s := []byte(n.String())
		i := rapid.IntRange(1, len(s)-1).Draw(t, "place")
		s[i] = rapid.SampledFrom([]byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ")).Draw(t, "caractère")
		if _, err := tarif.ParseNumeroTarification(string(s)); err == nil && string(s) != n.String() {
			t.Fatalf("%s passe pour %s", s, n)
		}
	})
}

// Numbers hide from logs.
func TestNumeroMuet(t *testing.T) {
	var b bytes.Buffer
	n := tire[tarif.NumeroDossier](t)(tarif.TirerNumeroDossier(nil))
	slog.New(slog.NewTextHandler(&b, nil)).Info("essai", "dossier", n)
	if strings.Contains(b.String(), n.String()) {
		t.Error(b.String())
	}
}

func TestCodes(t *testing.T) {
	for s, bon := range map[string]bool{
		"9900022": true, "3400930000007": false, "3400930000008": false, "19500312": false, "10101010101": false,
		"1850578006084": false, "185057800608436": false, "DUPONT": false, "990002": false, "": false, "99000é2": false,
	} {
		if s[:min(4, len(s))] == "3400" {
			bon = cleEAN(s)
		}
		if _, err := tarif.ParseCodeProduit(s); (err == nil) != bon {
			t.Errorf("produit %q : %v", s, err)
		}
	}
	for s, bon := range map[string]bool{
		"OPTIQUE-A": true, "G1234-567": false, "G123456": true, "G185057800608436": false, "g": false, "": false, "A B": false, "A" + strings.Repeat("B", 32): false,
	} {
		if _, err := tarif.ParseIDGrille(s); (err == nil) != bon {
			t.Errorf("grille %q : %v", s, err)
		}
	}
}

func cleEAN(s string) bool {
	n := 0
	for i, c := range s {
		n += int(c-'0') * (1 + i%2*2)
	}
	return n%10 == 0
}

func FuzzNumeros(f *testing.F) {
	f.Add("D00000000000000000000000000")
	f.Add("T0123456789ABCDEFGHJKMNPQRS0")
	f.Add("9900022")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := tarif.ParseNumeroDossier(s); err == nil && n.String() != s {
			t.Error(s)
		}
		if n, err := tarif.ParseNumeroTarification(s); err == nil && n.String() != s {
			t.Error(s)
		}
		if n, err := tarif.ParseCodeProduit(s); err == nil && n.String() != s {
			t.Error(s)
		}
		if n, err := tarif.ParseIDGrille(s); err == nil && n.String() != s {
			t.Error(s)
		}
		if _, err := sante.ParseNIR(s); err == nil {
			for _, lire := range []func(string) error{
				func(s string) error { _, err := tarif.ParseNumeroDossier(s); return err },
				func(s string) error { _, err := tarif.ParseCodeProduit(s); return err },
				func(s string) error { _, err := tarif.ParseIDGrille(s); return err },
				func(s string) error { _, err := tarif.ParseEmpreinteFacture(s); return err },
			} {
				if lire(s) == nil {
					t.Errorf("%q, un NIR, est admis", s)
				}
			}
		}
	})
}
