package xmlsig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Algorithme is a signature algorithm. The zero value means that none was
// said: the one of the key is taken.
type Algorithme uint8

// Signature algorithms, all that are accepted.
const (
	RSASHA256    Algorithme = iota + 1 // PKCS #1 v1.5, key of 2048 bits or more
	RSASHA384                          // PKCS #1 v1.5
	RSASHA512                          // PKCS #1 v1.5
	RSAPSSSHA256                       // PSS with MGF1, salt of 32 bytes
	ECDSASHA256                        // P-256 or P-384, r‖s
	ECDSASHA384                        // P-256 or P-384, r‖s
)

// Sizes of RSA keys accepted, in bytes: 2048 to 8192 bits. The upper bound
// keeps a hostile certificate from costing seconds.
const rsaMin, rsaMax = 256, 1024

// ref: RFC 9231 §2.3
var urisSignature = [...]string{
	RSASHA256:    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
	RSASHA384:    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
	RSASHA512:    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
	RSAPSSSHA256: "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
	ECDSASHA256:  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
	ECDSASHA384:  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
}

// URI is the identifier of the algorithm in a message, empty for the zero value.
func (a Algorithme) URI() string { return urisSignature[a] }

// String is the URI.
func (a Algorithme) String() string { return a.URI() }

func (a Algorithme) hachage() crypto.Hash {
	switch a {
	case RSASHA384, ECDSASHA384:
		return crypto.SHA384
	case RSASHA512:
		return crypto.SHA512
	}
	return crypto.SHA256
}

// sha1Refuse is the reason given to clients that sign with SHA-1 by default.
// ref: DEC 10, PKI §8.4
var sha1Refuse = &Erreur{Motif: MotifSHA1, Message: "SHA-1 est refusé : configurez signature_method (rsa-sha256 ou ecdsa-sha256) et digest_method (sha256) chez l'émetteur"}

// algorithmeDe recognises the URI of a SignatureMethod.
func algorithmeDe(uri []byte) (Algorithme, error) {
	for a, u := range urisSignature {
		if a > 0 && string(uri) == u {
			return Algorithme(a), nil
		}
	}
	switch string(uri) {
	case "http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
		"http://www.w3.org/2000/09/xmldsig#hmac-sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
		"http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1":
		return 0, sha1Refuse
	}
	return 0, refus(MotifAlgorithme, "algorithme de signature non admis")
}

// hachageDe recognises the URI of a DigestMethod.
// ref: XMLENC §5.7, RFC 9231 §2.1
func hachageDe(uri []byte) (crypto.Hash, error) {
	switch string(uri) {
	case "http://www.w3.org/2001/04/xmlenc#sha256":
		return crypto.SHA256, nil
	case "http://www.w3.org/2001/04/xmldsig-more#sha384":
		return crypto.SHA384, nil
	case "http://www.w3.org/2001/04/xmlenc#sha512":
		return crypto.SHA512, nil
	case "http://www.w3.org/2000/09/xmldsig#sha1":
		return 0, sha1Refuse
	}
	return 0, refus(MotifAlgorithme, "algorithme d'empreinte non admis")
}

// empreinte is a digest with room for the longest.
type empreinte struct {
	b [sha512.Size]byte
	n int
}

func (e *empreinte) octets() []byte { return e.b[:e.n] }

// hacher digests b with one of the three accepted functions.
func hacher(h crypto.Hash, b []byte) (e empreinte) {
	switch h {
	case crypto.SHA384:
		s := sha512.Sum384(b)
		e.n = copy(e.b[:], s[:])
	case crypto.SHA512:
		s := sha512.Sum512(b)
		e.n = copy(e.b[:], s[:])
	default:
		s := sha256.Sum256(b)
		e.n = copy(e.b[:], s[:])
	}
	return e
}

// algorithmeDeCle is the algorithm used with a key when none was asked.
func algorithmeDeCle(cle crypto.PublicKey) (Algorithme, error) {
	switch k := cle.(type) {
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P384() {
			return ECDSASHA384, nil
		}
		return ECDSASHA256, nil
	case *rsa.PublicKey:
		return RSASHA256, nil
	}
	return 0, refus(MotifCle, "clé ni RSA ni ECDSA")
}

// verifierCle checks that a key may be used with an algorithm; largeur is the
// width of r and of s for ECDSA.
func verifierCle(cle crypto.PublicKey, a Algorithme) (largeur int, err error) {
	ec := a == ECDSASHA256 || a == ECDSASHA384
	switch k := cle.(type) {
	case *ecdsa.PublicKey:
		switch {
		case !ec:
			return 0, refus(MotifCle, "l'algorithme annoncé n'est pas celui d'une clé ECDSA")
		case k.Curve == elliptic.P256():
			return 32, nil
		case k.Curve == elliptic.P384():
			return 48, nil
		}
		return 0, refus(MotifCle, "courbe non admise (P-256 ou P-384)")
	case *rsa.PublicKey:
		switch n := k.Size(); {
		case ec:
			return 0, refus(MotifCle, "l'algorithme annoncé n'est pas celui d'une clé RSA")
		case n < rsaMin:
			return 0, refus(MotifCle, "clé RSA de moins de 2048 bits")
		case n > rsaMax:
			return 0, refus(MotifCle, "clé RSA de plus de 8192 bits")
		}
		return 0, nil
	}
	return 0, refus(MotifCle, "clé ni RSA ni ECDSA")
}

// verifierValeur checks a signature value over the digest of SignedInfo.
func verifierValeur(cle crypto.PublicKey, a Algorithme, digest, valeur []byte) error {
	largeur, err := verifierCle(cle, a)
	if err != nil {
		return err
	}
	bon := false
	switch k := cle.(type) {
	case *ecdsa.PublicKey:
		var der [112]byte
		if d := derDeRS(der[:0], valeur, largeur); d != nil {
			bon = ecdsa.VerifyASN1(k, digest, d)
		}
	case *rsa.PublicKey:
		if a == RSAPSSSHA256 {
			bon = rsa.VerifyPSS(k, crypto.SHA256, digest, valeur, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		} else {
			bon = rsa.VerifyPKCS1v15(k, a.hachage(), digest, valeur) == nil
		}
	}
	if !bon {
		return refus(MotifSignature, "la valeur de signature n'est pas celle de la clé du certificat")
	}
	return nil
}

// derDeRS writes r‖s as ASN.1; nil when valeur has not the width of the curve.
// ref: XMLDSIG 1.1 §6.4.3, RFC 6931 §2.3.6
func derDeRS(dst, valeur []byte, largeur int) []byte {
	if len(valeur) != 2*largeur {
		return nil
	}
	dst = append(dst, 0x30, 0) // at most 102 bytes of content: short form
	for _, n := range [...][]byte{valeur[:largeur], valeur[largeur:]} {
		for len(n) > 1 && n[0] == 0 {
			n = n[1:]
		}
		if n[0]&0x80 != 0 {
			dst = append(dst, 2, byte(len(n)+1), 0)
		} else {
			dst = append(dst, 2, byte(len(n)))
		}
		dst = append(dst, n...)
	}
	dst[1] = byte(len(dst) - 2)
	return dst
}

// rsDeDER writes an ASN.1 ECDSA signature as r‖s.
func rsDeDER(dst, der []byte, largeur int) ([]byte, bool) {
	s := cryptobyte.String(der)
	var suite, r, t cryptobyte.String
	if !s.ReadASN1(&suite, asn1.SEQUENCE) || !suite.ReadASN1(&r, asn1.INTEGER) || !suite.ReadASN1(&t, asn1.INTEGER) {
		return nil, false
	}
	for _, n := range [...][]byte{r, t} {
		for len(n) > 0 && n[0] == 0 {
			n = n[1:]
		}
		if len(n) > largeur {
			return nil, false
		}
		for range largeur - len(n) {
			dst = append(dst, 0)
		}
		dst = append(dst, n...)
	}
	return dst, true
}
