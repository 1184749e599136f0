package journal

import (
	"encoding/binary"
	"errors"

	"github.com/ecluse-sante/ecluse/preuve"
)

// Contenu is what the leaf's digests refer to: the sealed octets, and by their
// digests the certificates and revocation lists that judged the seals (filed
// once each by Deposer). The zero value keeps nothing.
type Contenu struct {
	Question, Reponse []byte
	// ChaineQuestion and ChaineReponse go from the sealer's certificate up.
	ChaineQuestion, ChaineReponse []preuve.Hash
	Revocations                   []preuve.Hash
}

func (c Contenu) vide() bool {
	return c.Question == nil && c.Reponse == nil && len(c.ChaineQuestion)+len(c.ChaineReponse)+len(c.Revocations) == 0
}

// errContenu: the octets decrypted are not a Contenu.
var errContenu = errors.New("journal: contenu illisible")

// encoder writes a version, then five fields preceded by their length.
func (c Contenu) encoder() []byte {
	b := make([]byte, 0, 32+len(c.Question)+len(c.Reponse)+32*(len(c.ChaineQuestion)+len(c.ChaineReponse)+len(c.Revocations)))
	b = append(b, 1)
	for _, champ := range [][]byte{c.Question, c.Reponse} {
		b = append(binary.AppendUvarint(b, uint64(len(champ))), champ...)
	}
	for _, l := range [][]preuve.Hash{c.ChaineQuestion, c.ChaineReponse, c.Revocations} {
		b = binary.AppendUvarint(b, uint64(32*len(l)))
		for _, h := range l {
			b = append(b, h[:]...)
		}
	}
	return b
}

func decoderContenu(b []byte) (Contenu, error) {
	var champs [5][]byte
	if len(b) == 0 || b[0] != 1 {
		return Contenu{}, errContenu
	}
	b = b[1:]
	for i := range champs {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return Contenu{}, errContenu
		}
		champs[i], b = b[k:k+int(n)], b[k+int(n):]
	}
	if len(b) != 0 {
		return Contenu{}, errContenu
	}
	c := Contenu{Question: champs[0], Reponse: champs[1]}
	for i, l := range []*[]preuve.Hash{&c.ChaineQuestion, &c.ChaineReponse, &c.Revocations} {
		if len(champs[i+2])%32 != 0 {
			return Contenu{}, errContenu
		}
		for o := champs[i+2]; len(o) > 0; o = o[32:] {
			*l = append(*l, preuve.Hash(o))
		}
	}
	return c, nil
}
