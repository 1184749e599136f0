package xmlflux

import (
	"testing"

	"pgregory.net/rapid"
)

// Eight bytes at a time or one by one, the same place is found.
func TestPlat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.OneOf(rapid.ByteRange(0x20, 0x7F), rapid.ByteRange(0x61, 0x7A), rapid.Byte(), rapid.SampledFrom([]byte("<>&'\"\t\n\r\x00\xC3\xA9"))), 0, 60).Draw(t, "octets")
		if a, veut := platTexte(b, 0), plat(b, 0, cTexte); a != veut {
			t.Fatalf("texte %q : %d, veut %d", b, a, veut)
		}
		if a, veut := platValeur(b, 0), plat(b, 0, cValeur); a != veut {
			t.Fatalf("valeur %q : %d, veut %d", b, a, veut)
		}
	})
}
