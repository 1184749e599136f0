package vigie

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/netip"
)

// Pseudonyme stands for an adherent without saying who: a keyed digest. The zero
// value is "no adherent was named".
type Pseudonyme [16]byte

// String is the pseudonym in text, for stores and logs.
func (p Pseudonyme) String() string { return base64.RawURLEncoding.EncodeToString(p[:]) }

// Pseudonymes makes pseudonyms under one key, which all the nodes share.
type Pseudonymes struct{ cle []byte }

// ErrCle refuses a key too short to keep numbers of few digits from being tried.
var ErrCle = errors.New("vigie: clé des pseudonymes de moins de 32 octets")

// NewPseudonymes keeps a key of at least 32 random bytes.
func NewPseudonymes(cle []byte) (*Pseudonymes, error) {
	if len(cle) < 32 {
		return nil, ErrCle
	}
	return &Pseudonymes{cle: append([]byte(nil), cle...)}, nil
}

// Adresse is the pseudonym of who asks from an address and says nothing else.
func (p *Pseudonymes) Adresse(a netip.Addr) (d Pseudonyme) {
	m := hmac.New(sha256.New, p.cle)
	m.Write([]byte("adresse"))
	b := a.Unmap().As16()
	m.Write(b[:])
	copy(d[:], m.Sum(nil))
	return d
}

// Adherent is the pseudonym of an adherent number at an AMC; zero without number.
// ref: ROC §16.4; DEC 23
func (p *Pseudonymes) Adherent(amc, numero string) (d Pseudonyme) {
	if numero == "" {
		return d
	}
	m := hmac.New(sha256.New, p.cle)
	for _, s := range []string{amc, numero} {
		m.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s)))) // so that no two pairs read the same
		m.Write([]byte(s))
	}
	copy(d[:], m.Sum(nil))
	return d
}
