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
	// PartQuestion and PartReponse are the part of each message that others of the
	// same sealer probably share (the certificates in its seal), to be kept once.
	// They say nothing once read.
	PartQuestion, PartReponse Part
}

func (c Contenu) vide() bool {
	return c.Question == nil && c.Reponse == nil && len(c.ChaineQuestion)+len(c.ChaineReponse)+len(c.Revocations) == 0
}

// errContenu: the octets decrypted are not a Contenu.
var errContenu = errors.New("journal: contenu illisible")

// taille is the most octets that encoder appends.
func (c Contenu) taille(q, r *renvoi) int {
	n := 128 + len(c.Question) + len(c.Reponse) + 32*(len(c.ChaineQuestion)+len(c.ChaineReponse)+len(c.Revocations))
	for _, x := range []*renvoi{q, r} {
		if x != nil {
			n -= x.Fin - x.Debut - 32
		}
	}
	return n
}

// encoder appends a version, then five fields preceded by their length. In version
// 2 a message may be short of a part that is filed once for many: where it goes
// and its digest follow the message.
func (c Contenu) encoder(b []byte, q, r *renvoi) []byte {
	if q == nil && r == nil {
		b = append(b, 1)
		b = append(binary.AppendUvarint(b, uint64(len(c.Question))), c.Question...)
		b = append(binary.AppendUvarint(b, uint64(len(c.Reponse))), c.Reponse...)
	} else {
		b = append(b, 2)
		b = r.encoder(q.encoder(b, c.Question), c.Reponse)
	}
	for _, l := range [][]preuve.Hash{c.ChaineQuestion, c.ChaineReponse, c.Revocations} {
		b = binary.AppendUvarint(b, uint64(32*len(l)))
		for _, h := range l {
			b = append(b, h[:]...)
		}
	}
	return b
}

// encoder appends a message without its part, then where the part goes, from 1,
// and its digest; 0 when the message is whole.
func (r *renvoi) encoder(b, message []byte) []byte {
	if r == nil {
		b = append(binary.AppendUvarint(b, uint64(len(message))), message...)
		return append(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(message)-(r.Fin-r.Debut)))
	b = append(append(b, message[:r.Debut]...), message[r.Fin:]...)
	b = binary.AppendUvarint(b, uint64(r.Debut)+1)
	return append(b, r.empreinte[:]...)
}

// lecteurContenu takes fields off the octets; the first fault stays.
type lecteurContenu struct {
	b     []byte
	faute error
}

func (l *lecteurContenu) nombre() uint64 {
	n, k := binary.Uvarint(l.b)
	if k <= 0 {
		l.faute, l.b = errContenu, nil
		return 0
	}
	l.b = l.b[k:]
	return n
}

func (l *lecteurContenu) octets(n uint64) []byte {
	if l.faute != nil || n > uint64(len(l.b)) {
		l.faute, l.b = errContenu, nil
		return nil
	}
	champ := l.b[:n:n]
	l.b = l.b[n:]
	return champ
}

// message reads a message of version 2, its part put back.
func (l *lecteurContenu) message(piece func(preuve.Hash) ([]byte, error)) []byte {
	court := l.octets(l.nombre())
	ou := l.nombre()
	if ou == 0 || l.faute != nil {
		return court
	}
	h := l.octets(32)
	if l.faute != nil || ou > uint64(len(court))+1 {
		l.faute = errContenu
		return nil
	}
	part, err := piece(preuve.Hash(h))
	if err != nil {
		l.faute = err
		return nil
	}
	entier := make([]byte, 0, len(court)+len(part))
	return append(append(append(entier, court[:ou-1]...), part...), court[ou-1:]...)
}

// decoderContenu reads what encoder wrote; piece gives a part that was filed.
func decoderContenu(b []byte, piece func(preuve.Hash) ([]byte, error)) (Contenu, error) {
	if len(b) == 0 || b[0] < 1 || b[0] > 2 {
		return Contenu{}, errContenu
	}
	l := lecteurContenu{b: b[1:]}
	var c Contenu
	for _, m := range []*[]byte{&c.Question, &c.Reponse} {
		if b[0] == 1 {
			*m = l.octets(l.nombre())
		} else {
			*m = l.message(piece)
		}
	}
	for _, liste := range []*[]preuve.Hash{&c.ChaineQuestion, &c.ChaineReponse, &c.Revocations} {
		o := l.octets(l.nombre())
		if len(o)%32 != 0 {
			return Contenu{}, errContenu
		}
		for ; len(o) > 0; o = o[32:] {
			*liste = append(*liste, preuve.Hash(o))
		}
	}
	if l.faute != nil || len(l.b) != 0 {
		return Contenu{}, errors.Join(l.faute, errRestant(l.b))
	}
	return c, nil
}

func errRestant(b []byte) error {
	if len(b) > 0 {
		return errContenu
	}
	return nil
}
