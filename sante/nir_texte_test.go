package sante_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
)

func TestContientNIR(t *testing.T) {
	cle := sante.CleNIR("1850578006084")
	corse := "285052A006084"
	for texte, attendu := range map[string]bool{
		"1850578006084":                               true,
		"1850578006084" + cle:                         true,
		"le 12 1 85 05 78 006 084 " + cle + " .":      true,
		"NIR:1.85.05.78.006.084":                      true,
		"1 85 05 78 006 084 – " + cle:                 true,
		"1\u00a085\u00a005\u00a078\u00a0006\u00a0084": true,
		corse:                       true,
		"2 85 05 2a 006 084":        true,
		corse + sante.CleNIR(corse): true,
		"1990099990001" + "00":      false, // key 00 is never one
		"1856178006084":             false, // no such month, and no key
		"1856178006084" + sante.CleNIR("1856178006084"): true,
		"5850578006084":                     false, // no such sex
		"1850500006084":                     false, // no such department
		"facture 2026110012345":             false,
		"SIRET 26750045200011":              false,
		"FR76 3000 6000 0112 3456 7890 189": false,
		"virement du 2026-11-22, 12.30 €":   false,
		"pièces reçues le 22/11/2026":       false,
		"":                                  false,
	} {
		if sante.ContientNIR(texte) != attendu {
			t.Errorf("%q : want %v", texte, attendu)
		}
	}
}

// A NIR is found wherever it is written, and however it is spaced.
func TestContientNIRPartout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		treize := rapid.StringMatching(`[123478][0-9]{2}(0[1-9]|1[0-2]|[23][0-9]|4[0-2])(2A|2B|[1-8][0-9])[0-9]{6}`).Draw(t, "nir")
		groupes := []string{treize[:1], treize[1:3], treize[3:5], treize[5:7], treize[7:10], treize[10:]}
		if rapid.Bool().Draw(t, "avec sa clé") {
			groupes = append(groupes, sante.CleNIR(treize))
		}
		sep := rapid.SampledFrom([]string{"", " ", ".", "-", "\u00a0", " - "}).Draw(t, "séparateur")
		avant := rapid.StringMatching(`([a-zé ,:]{0,10}|[0-9]{1,20}[a-zé ,:])`).Draw(t, "avant")
		apres := rapid.StringMatching(`([a-zé ,:.][ -~é]{0,10})?`).Draw(t, "après")
		texte := avant + strings.Join(groupes, sep) + apres
		if !sante.ContientNIR(texte) {
			t.Fatalf("%q", texte)
		}
	})
}

// Less than 13 digits are never a NIR.
func TestContientNIRCourt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texte := rapid.StringMatching(`[a-zé .-]{0,9}[0-9]{0,4}[a-zé .-]{0,9}[0-9]{0,4}[a-zé .-]{0,9}[0-9]{0,4}[a-zé]{0,9}`).Draw(t, "texte")
		if sante.ContientNIR(texte) {
			t.Fatalf("%q", texte)
		}
	})
}

func FuzzContientNIR(f *testing.F) {
	f.Add("1 85 05 78 006 084 36")
	f.Add("285052A006084")
	f.Fuzz(func(t *testing.T, texte string) {
		n := 0
		for _, c := range texte {
			if c >= '0' && c <= '9' {
				n++
			}
		}
		if sante.ContientNIR(texte) && n < 12 {
			t.Errorf("%q : %d chiffres", texte, n)
		}
		nir, err := sante.ParseNIR(strings.TrimSpace(texte))
		if err == nil && !sante.ContientNIR("le "+nir.String()+"!") {
			t.Errorf("%q n'est pas vu", nir.String())
		}
	})
}
