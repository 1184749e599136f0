package droits

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// somme is the sum modulo 2^256 of the digests of a list's records. It does not
// depend on their order nor on the way that led there, so that a delta changes it
// by its own records only: whoever applied deltas sees whether he has the list that
// the issuer has. It finds mistakes; what finds lies is the signature, on the
// digest of the records that were received.
type somme [4]uint64

func (s *somme) ajouter(r []byte) {
	h := sha256.Sum256(r)
	var retenue uint64
	for i := range s {
		s[i], retenue = bits.Add64(s[i], binary.LittleEndian.Uint64(h[8*i:]), retenue)
	}
}

func (s *somme) retirer(r []byte) {
	h := sha256.Sum256(r)
	var retenue uint64
	for i := range s {
		s[i], retenue = bits.Sub64(s[i], binary.LittleEndian.Uint64(h[8*i:]), retenue)
	}
}

func (s *somme) empreinte() (e Empreinte) {
	for i := range s {
		binary.LittleEndian.PutUint64(e[8*i:], s[i])
	}
	return e
}
