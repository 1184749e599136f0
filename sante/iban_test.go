package sante_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sante"
)

// The good ones are the examples that ISO 13616 and the banks publish.
func TestIBAN(t *testing.T) {
	for s, want := range map[string]error{
		"FR1420041010050500013M02606":       nil,
		"FR76 3000 6000 0112 3456 7890 189": nil,
		"DE89370400440532013000":            nil,
		"GB29NWBK60161331926819":            nil,
		"MC5811222000010123456789030":       nil,
		"NO9386011117947":                   nil,
		"MT84MALT011000012345MTLCAST001S":   nil,
		"SA0380000000608010167519":          nil, // outside the area: no length known here
		"":                                  sante.ErrIBANForme,
		"FR76":                              sante.ErrIBANLongueur,
		"FR7630006000011234567890188":       sante.ErrIBANCle,
		"FR7630006000011234567809189":       sante.ErrIBANCle, // two digits swapped
		"FR76300060000112345678901890":      sante.ErrIBANLongueur,
		"DE8937040044053201300":             sante.ErrIBANLongueur,
		"fr7630006000011234567890189":       sante.ErrIBANForme,
		"FR76-3000-6000-0112-3456-7890-189": sante.ErrIBANForme,
		"3000600001123456789018900000":      sante.ErrIBANForme,
		"FRA630006000011234567890189":       sante.ErrIBANForme,
		"ZZ" + strings.Repeat("0", 33):      sante.ErrIBANLongueur,
		"FR76300060000112345678901*9":       sante.ErrIBANForme,
	} {
		x, err := sante.ParseIBAN(s)
		if !errors.Is(err, want) || err == nil && x.String() != strings.ReplaceAll(s, " ", "") {
			t.Errorf("%q : %v, %v, attendu %v", s, x, err, want)
		}
		if got := x.SEPA(); got != (err == nil && !strings.HasPrefix(s, "SA")) {
			t.Errorf("%q : SEPA %v", s, got)
		}
	}
}

// One digit changed, or two neighbours swapped, never pass.
func TestIBANErreurs(t *testing.T) {
	const bon = "FR7630006000011234567890189"
	rapid.Check(t, func(t *rapid.T) {
		b, i := []byte(bon), rapid.IntRange(2, len(bon)-2).Draw(t, "place")
		if rapid.Bool().Draw(t, "échange") {
			b[i], b[i+1] = b[i+1], b[i]
		} else {
			b[i] = rapid.SampledFrom([]byte("0123456789")).Draw(t, "chiffre")
		}
		if _, err := sante.ParseIBAN(string(b)); (err == nil) != (string(b) == bon) {
			t.Errorf("%s : %v", b, err)
		}
	})
}
