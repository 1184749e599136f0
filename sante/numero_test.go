package sante

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A check character outside of the alphabet is drawn again. ref: DEC 22
func TestTirerNumeroRetire(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefixe := rapid.StringMatching(`[AE][0-9]{10}[DN]?`).Draw(t, "préfixe")
		alea := rapid.SliceOfN(rapid.Byte(), 400, 400).Draw(t, "aléa")
		s, err := TirerNumero(prefixe, bytes.NewReader(alea))
		if err != nil {
			t.Skip("toutes les clés tirées étaient hors de l'alphabet")
		}
		if !NumeroTire(s, len(prefixe)) || !strings.HasPrefix(s, prefixe) || strings.ContainsAny(s[len(prefixe):], "*ILOU") {
			t.Fatalf("%q", s)
		}
	})
	if _, err := TirerNumero("E", strings.NewReader("1234567")); err == nil {
		t.Error("tiré sans assez d'aléa")
	}
}

func TestNumeroAMCSur10(t *testing.T) {
	for _, c := range []struct{ ecrit, sur10, relu string }{
		{"99000101", "0099000101", "99000101"}, {"0123456789", "0123456789", "123456789"}, {"00012345", "0000012345", "00012345"},
	} {
		n, err := ParseNumeroAMC(c.ecrit)
		if err != nil || n.Sur10() != c.sur10 {
			t.Errorf("%s : %q, %v", c.ecrit, n.Sur10(), err)
		}
		if relu, err := NumeroAMCSur10(c.sur10); err != nil || relu.String() != c.relu {
			t.Errorf("%s : relu %q, %v", c.sur10, relu, err)
		}
	}
	for _, s := range []string{"", "123456789", "00123456789", "00A2345678", "-123456789"} {
		if n, err := NumeroAMCSur10(s); err == nil {
			t.Errorf("%q : %s", s, n)
		}
	}
}
