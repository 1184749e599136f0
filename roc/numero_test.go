package roc_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/roc"
)

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func numeroAuSort(t *rapid.T) roc.NumeroEngagement {
	a := amc(rapid.StringMatching(`[0-9]{8,10}`).Draw(t, "amc"))
	alea := rapid.SliceOfN(rapid.Byte(), 800, 800).Draw(t, "aléa")
	n, err := roc.TirerNumeroEngagement(a, bytes.NewReader(alea))
	if err != nil {
		t.Skip("aléa épuisé : toutes les clés tirées étaient hors de l'alphabet")
	}
	return n
}

// A number that was drawn is well formed, read again, and of its insurer.
func TestNumeroEngagementTire(t *testing.T) {
	forme := regexp.MustCompile("^" + roc.NumeroEngagement{}.Motif() + "$")
	rapid.Check(t, func(t *rapid.T) {
		n := numeroAuSort(t)
		lu, err := roc.ParseNumeroEngagement(n.String())
		if err != nil || lu != n || !forme.MatchString(n.String()) || strings.Contains(n.String(), "*") {
			t.Fatalf("%s : %v", n, err)
		}
	})
}

// Any one character changed is refused. ref: ROC §11.2
func TestNumeroEngagementUneErreur(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(numeroAuSort(t).String())
		i, c := rapid.IntRange(0, 23).Draw(t, "rang"), rapid.SampledFrom([]byte(alphabet)).Draw(t, "caractère")
		if b[i] == c {
			t.Skip("même caractère")
		}
		b[i] = c
		if _, err := roc.ParseNumeroEngagement(string(b)); !errors.Is(err, roc.ErrNumeroEngagement) {
			t.Fatalf("%s passe", b)
		}
	})
}

// Two neighbours exchanged are refused. ref: ROC §11.2
func TestNumeroEngagementTransposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(numeroAuSort(t).String())
		i := rapid.IntRange(0, 22).Draw(t, "rang")
		if b[i] == b[i+1] {
			t.Skip("même caractère")
		}
		b[i], b[i+1] = b[i+1], b[i]
		if _, err := roc.ParseNumeroEngagement(string(b)); !errors.Is(err, roc.ErrNumeroEngagement) {
			t.Fatalf("%s passe", b)
		}
	})
}

// Sixty bits are drawn: no two of many are equal, and every position varies.
func TestNumeroEngagementUnique(t *testing.T) {
	vus, places := map[string]bool{}, [12]map[byte]bool{}
	for range 20_000 {
		n, err := roc.TirerNumeroEngagement(amc("99000101"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if vus[n.String()] {
			t.Fatalf("%s deux fois", n)
		}
		vus[n.String()] = true
		for i := range places {
			if places[i] == nil {
				places[i] = map[byte]bool{}
			}
			places[i][n.String()[11+i]] = true
		}
	}
	for i, p := range places {
		if len(p) != 32 {
			t.Errorf("position %d : %d caractères sur 32", i, len(p))
		}
	}
}

func TestNumeroEngagementRefuse(t *testing.T) {
	bon := engagement(t, "99000101").String()
	for nom, s := range map[string]string{
		"vide": "", "trop court": bon[:23], "trop long": bon + "0", "minuscules": strings.ToLower(bon), "espace": " " + bon[1:],
		"sans E": "F" + bon[1:], "étoile": bon[:23] + "*", "lettre dans le numéro d'AMC": bon[:5] + "A" + bon[6:], "I": bon[:12] + "I" + bon[13:],
	} {
		if _, err := roc.ParseNumeroEngagement(s); !errors.Is(err, roc.ErrNumeroEngagement) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if got := engagement(t, "0123456789").AMC(); got != "123456789" {
		t.Errorf("AMC %q", got)
	}
	if got := engagement(t, "99000101").AMC(); got != "99000101" {
		t.Errorf("AMC %q", got)
	}
	if got := (roc.NumeroEngagement{}).AMC(); got != "" {
		t.Errorf("AMC %q", got)
	}
	if _, err := roc.TirerNumeroEngagement(amc("99000101"), strings.NewReader("1234")); err == nil {
		t.Error("tiré sans aléa")
	}
}

func FuzzNumeroEngagement(f *testing.F) {
	f.Add("E00990001017Q2MZ4WX8T3C5")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := roc.ParseNumeroEngagement(s); err == nil && n.String() != s {
			t.Errorf("%q lu %q", s, n)
		}
	})
}

func TestUUID(t *testing.T) {
	vus := map[roc.UUID]bool{}
	for range 1000 {
		u := roc.NouvelUUID()
		lu, err := roc.ParseUUID(u.String())
		if err != nil || lu != u || vus[u] || u.IsZero() || u.String()[14] != '4' || !strings.ContainsRune("89ab", rune(u.String()[19])) {
			t.Fatalf("%s : %v", u, err)
		}
		vus[u] = true
	}
	bon := "acc7d668-f85a-4441-98f5-1f467fce31e7"
	for nom, s := range map[string]string{
		"vide": "", "majuscules": strings.ToUpper(bon), "accolades": "{" + bon + "}", "sans tirets": strings.ReplaceAll(bon, "-", ""),
		"tiret déplacé": "acc7d66-8f85a-4441-98f5-1f467fce31e7", "hors hexadécimal": "g" + bon[1:],
	} {
		if _, err := roc.ParseUUID(s); !errors.Is(err, roc.ErrUUID) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

func FuzzUUID(f *testing.F) {
	f.Add("acc7d668-f85a-4441-98f5-1f467fce31e7")
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := roc.ParseUUID(s); err == nil && u.String() != s {
			t.Errorf("%q lu %q", s, u)
		}
	})
}
