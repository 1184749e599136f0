package journal

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/preuve"
)

// What is read writes back to the same octets, or is refused.
func FuzzContenu(f *testing.F) {
	f.Add(Contenu{Question: []byte("q"), Reponse: []byte("r"), ChaineQuestion: []preuve.Hash{{1}, {2}}, Revocations: []preuve.Hash{{3}}}.encoder(nil, nil, nil))
	f.Add(Contenu{Question: []byte("abPARTc"), Reponse: []byte("r")}.encoder(nil, &renvoi{Part{2, 6}, partEssai}, nil))
	f.Add([]byte{1, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decoderContenu(b, piecesEssai)
		if err != nil {
			return
		}
		relu, err := decoderContenu(c.encoder(nil, nil, nil), piecesEssai)
		if err != nil || !cmp.Equal(c, relu) {
			t.Fatalf("%v: %s", err, cmp.Diff(c, relu))
		}
	})
}

func TestContenuTronque(t *testing.T) {
	b := Contenu{Question: bytes.Repeat([]byte("q"), 300), Revocations: []preuve.Hash{{1}}}.encoder(nil, nil, nil)
	for n := range b {
		if _, err := decoderContenu(b[:n], piecesEssai); err == nil {
			t.Errorf("%d octets of %d were accepted", n, len(b))
		}
	}
	if _, err := decoderContenu(append(b, 0), piecesEssai); err == nil {
		t.Error("an octet too many was accepted")
	}
}

var partEssai = preuve.Hash{9}

func piecesEssai(h preuve.Hash) ([]byte, error) {
	if h == partEssai {
		return []byte("PART"), nil
	}
	return nil, ErrAbsent
}

// A part kept elsewhere is put back where it was, in either message.
func TestContenuPart(t *testing.T) {
	c := Contenu{Question: []byte("abPARTc"), Reponse: []byte("PART"), ChaineReponse: []preuve.Hash{{4}}}
	for _, r := range [][2]*renvoi{{nil, {Part{0, 4}, partEssai}}, {{Part{2, 6}, partEssai}, nil}, {{Part{2, 6}, partEssai}, {Part{0, 4}, partEssai}}} {
		b := c.encoder(nil, r[0], r[1])
		relu, err := decoderContenu(b, piecesEssai)
		if err != nil || !cmp.Equal(c, relu) {
			t.Errorf("%v: %s", err, cmp.Diff(c, relu))
		}
		if n := c.taille(r[0], r[1]); len(b) > n {
			t.Errorf("%d octets, at most %d announced", len(b), n)
		}
		for n := range b {
			if _, err := decoderContenu(b[:n], piecesEssai); err == nil {
				t.Errorf("%d octets of %d were accepted", n, len(b))
			}
		}
	}
	b := c.encoder(nil, &renvoi{Part{2, 6}, preuve.Hash{7}}, nil)
	if _, err := decoderContenu(b, piecesEssai); err == nil {
		t.Error("a part that is nowhere was put back")
	}
}
