package journal

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/preuve"
)

// What is read writes back to the same octets, or is refused.
func FuzzContenu(f *testing.F) {
	f.Add(Contenu{Question: []byte("q"), Reponse: []byte("r"), ChaineQuestion: []preuve.Hash{{1}, {2}}, Revocations: []preuve.Hash{{3}}}.encoder())
	f.Add([]byte{1, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decoderContenu(b)
		if err != nil {
			return
		}
		relu, err := decoderContenu(c.encoder())
		if err != nil || !cmp.Equal(c, relu) {
			t.Fatalf("%v: %s", err, cmp.Diff(c, relu))
		}
	})
}

func TestContenuTronque(t *testing.T) {
	b := Contenu{Question: bytes.Repeat([]byte("q"), 300), Revocations: []preuve.Hash{{1}}}.encoder()
	for n := range b {
		if _, err := decoderContenu(b[:n]); err == nil {
			t.Errorf("%d octets of %d were accepted", n, len(b))
		}
	}
	if _, err := decoderContenu(append(b, 0)); err == nil {
		t.Error("an octet too many was accepted")
	}
}
