package jades

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	_ "crypto/sha256" // the hashes of the algorithms
	_ "crypto/sha512"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithme is a signature algorithm of RFC 7518 §3 that we accept. The zero
// value is "not said". `none` and the HMACs have no value: they cannot be named.
type Algorithme uint8

// Accepted algorithms. We sign with the first two and PS256.
const (
	ES256 Algorithme = iota + 1
	ES384
	PS256
	PS384
	PS512
	RS256
)

// Bounds of RSA keys: the smallest accepted, and the largest we spend time on.
const (
	rsaMin = 2048
	rsaMax = 8192
)

type famille uint8

const (
	ecdsaBrut famille = iota + 1 // r‖s, fixed width. ref: RFC 7518 §3.4
	rsaPSS
	rsaPKCS1
)

var algorithmes = [...]struct {
	nom     string
	famille famille
	hash    crypto.Hash
	octets  int // of r and of s
}{
	ES256: {"ES256", ecdsaBrut, crypto.SHA256, 32},
	ES384: {"ES384", ecdsaBrut, crypto.SHA384, 48},
	PS256: {"PS256", rsaPSS, crypto.SHA256, 0},
	PS384: {"PS384", rsaPSS, crypto.SHA384, 0},
	PS512: {"PS512", rsaPSS, crypto.SHA512, 0},
	RS256: {"RS256", rsaPKCS1, crypto.SHA256, 0},
}

// String is the name in the `alg` header, empty for the zero value.
func (a Algorithme) String() string {
	if int(a) < len(algorithmes) {
		return algorithmes[a].nom
	}
	return ""
}

// lireAlgorithme gives 0 for what is not on the list.
func lireAlgorithme(nom []byte) Algorithme {
	for a := ES256; int(a) < len(algorithmes); a++ {
		if string(nom) == algorithmes[a].nom {
			return a
		}
	}
	return 0
}

// pourSigner chooses the algorithm of our own seals from the key. ref: ROC §16.3
func pourSigner(cle crypto.PublicKey) (Algorithme, error) {
	switch k := cle.(type) {
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return ES256, nil
		case elliptic.P384():
			return ES384, nil
		}
		return 0, refus(MotifCle, "courbe autre que P-256 et P-384")
	case *rsa.PublicKey:
		return PS256, PS256.admet(k)
	}
	return 0, refus(MotifCle, "ni ECDSA ni RSA")
}

// admet checks that the key is of the algorithm's kind, so that a key is never
// used with an algorithm chosen by the sender alone.
func (a Algorithme) admet(cle crypto.PublicKey) error {
	def := algorithmes[a]
	switch k := cle.(type) {
	case *ecdsa.PublicKey:
		if def.famille == ecdsaBrut && (k.Curve.Params().BitSize+7)/8 == def.octets {
			return nil
		}
	case *rsa.PublicKey:
		if def.famille == ecdsaBrut {
			break
		}
		if bits := k.N.BitLen(); bits < rsaMin || bits > rsaMax {
			return refus(MotifCle, "RSA de moins de 2048 ou de plus de 8192 bits")
		}
		return nil
	}
	return refus(MotifCle, a.String())
}

func (a Algorithme) verifier(cle crypto.PublicKey, empreinte, signature []byte) error {
	if err := a.admet(cle); err != nil {
		return err
	}
	def := algorithmes[a]
	valide := false
	switch def.famille {
	case ecdsaBrut:
		der, ok := versDER(signature, def.octets)
		valide = ok && ecdsa.VerifyASN1(cle.(*ecdsa.PublicKey), empreinte, der)
	case rsaPSS:
		valide = rsa.VerifyPSS(cle.(*rsa.PublicKey), def.hash, empreinte, signature,
			&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil // ref: RFC 7518 §3.5
	case rsaPKCS1:
		valide = rsa.VerifyPKCS1v15(cle.(*rsa.PublicKey), def.hash, empreinte, signature) == nil
	}
	if !valide {
		return refus(MotifSignature, a.String())
	}
	return nil
}

// options gives what crypto.Signer wants to know.
func (a Algorithme) options() crypto.SignerOpts {
	if def := algorithmes[a]; def.famille == rsaPSS {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: def.hash}
	}
	return algorithmes[a].hash
}

// versDER writes r‖s as the ASN.1 that crypto/ecdsa reads. A signature of another
// length is refused, so that there is one writing of each.
func versDER(rs []byte, octets int) ([]byte, bool) {
	if len(rs) != 2*octets {
		return nil, false
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		ajouterEntier(b, rs[:octets])
		ajouterEntier(b, rs[octets:])
	})
	der, err := b.Bytes()
	return der, err == nil
}

func ajouterEntier(b *cryptobyte.Builder, v []byte) {
	for len(v) > 1 && v[0] == 0 {
		v = v[1:]
	}
	b.AddASN1(asn1.INTEGER, func(b *cryptobyte.Builder) {
		if v[0]&0x80 != 0 {
			b.AddUint8(0)
		}
		b.AddBytes(v)
	})
}

// depuisDER writes what crypto.Signer returned as r‖s, into dst.
func depuisDER(dst, der []byte, octets int) ([]byte, bool) {
	var r, s []byte
	entree := cryptobyte.String(der)
	var suite cryptobyte.String
	if !entree.ReadASN1(&suite, asn1.SEQUENCE) || !entree.Empty() ||
		!suite.ReadASN1Integer(&r) || !suite.ReadASN1Integer(&s) || !suite.Empty() ||
		len(r) > octets || len(s) > octets {
		return dst, false
	}
	for _, v := range [][]byte{r, s} {
		dst = append(dst, make([]byte, octets-len(v))...)
		dst = append(dst, v...)
	}
	return dst, true
}
