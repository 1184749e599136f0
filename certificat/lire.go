package certificat

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Bounds of what is read from outside.
const (
	maxCertificat = 16 << 10 // one certificate, DER
	maxChaine     = 6        // certificates sent beside the leaf
	maxListe      = 64 << 20 // one revocation list. ref: PKI §6.4 (3)
	maxSerie      = 20       // octets. ref: RFC 5280 §4.1.2.2
)

// Lire parses one certificate, DER, and refuses what no use could accept: too
// big, unreadable, irregular serial number, weak key or algorithm. Dates, chain
// and usage are not looked at.
func Lire(der []byte) (*x509.Certificate, error) {
	c, r := lire(der)
	if r != nil {
		return nil, r
	}
	if r := faiblesse(c); r != nil {
		return nil, r
	}
	return c, nil
}

func lire(der []byte) (*x509.Certificate, *Refus) {
	if len(der) > maxCertificat {
		return nil, &Refus{Motif: MotifTropGros, Detail: fmt.Sprintf("%d octets, %d au plus", len(der), maxCertificat)}
	}
	serie, ok := serieBrute(der)
	if !ok {
		return nil, &Refus{Motif: MotifIllisible, Detail: "ce n'est pas un certificat X.509"}
	}
	if r := verifierSerie(serie); r != nil {
		return nil, r
	}
	c, err := x509.ParseCertificate(der)
	if err != nil { // Go's words, without what the certificate contains
		return nil, &Refus{Motif: MotifIllisible, Serie: fmt.Sprintf("%x", serie), Detail: "encodage irrégulier"}
	}
	return c, nil
}

// serieBrute reads the serial number before anything else: x509 refuses a negative
// one with a parse error that looks like any other.
func serieBrute(der []byte) (*big.Int, bool) {
	var cert, tbs cryptobyte.String
	s := cryptobyte.String(der)
	n := new(big.Int)
	ok := s.ReadASN1(&cert, cbasn1.SEQUENCE) && s.Empty() &&
		cert.ReadASN1(&tbs, cbasn1.SEQUENCE) &&
		tbs.SkipOptionalASN1(cbasn1.Tag(0).Constructed().ContextSpecific()) &&
		tbs.ReadASN1Integer(n)
	return n, ok
}

// verifierSerie wants a positive number of 20 octets at most. ref: RFC 5280 §4.1.2.2
func verifierSerie(n *big.Int) *Refus {
	switch {
	case n.Sign() < 0:
		return &Refus{Motif: MotifSerie, Detail: "numéro négatif"}
	case n.Sign() == 0:
		return &Refus{Motif: MotifSerie, Detail: "numéro nul"}
	case n.BitLen() > 8*maxSerie-1:
		return &Refus{Motif: MotifSerie, Detail: fmt.Sprintf("numéro de %d octets, %d au plus", n.BitLen()/8+1, maxSerie)}
	}
	return nil
}

// faiblesse refuses weak signatures and weak keys.
// ref: PKI §10 (RSA 2048+, P-256), DEC 10 (SHA-1 refused)
func faiblesse(c *x509.Certificate) *Refus {
	if r := algorithmeFaible(c.SignatureAlgorithm); r != nil {
		r.Serie = c.SerialNumber.Text(16)
		return r
	}
	return cleFaible(c.PublicKey)
}

func algorithmeFaible(a x509.SignatureAlgorithm) *Refus {
	switch a {
	case x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA,
		x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512, x509.PureEd25519:
		return nil
	}
	return &Refus{Motif: MotifAlgorithmeFaible, Detail: a.String()}
}

func cleFaible(cle crypto.PublicKey) *Refus {
	switch k := cle.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < 2048 || n > 8192 {
			return &Refus{Motif: MotifCleFaible, Detail: fmt.Sprintf("RSA de %d bits, de 2048 à 8192 admis", n)}
		}
		if k.E < 3 || k.E%2 == 0 {
			return &Refus{Motif: MotifCleFaible, Detail: "exposant RSA irrégulier"}
		}
		return nil
	case *ecdsa.PublicKey:
		if n := k.Params().BitSize; n < 256 {
			return &Refus{Motif: MotifCleFaible, Detail: fmt.Sprintf("courbe de %d bits, 256 au moins", n)}
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return &Refus{Motif: MotifCleFaible, Detail: "type de clé non admis"}
}

// Extraire gives the DER objects of a file, be it PEM (several blocks of one
// type, other blocks skipped) or DER (one object). genre is "CERTIFICATE" or
// "X509 CRL".
func Extraire(b []byte, genre string) [][]byte {
	if !bytes.Contains(b, []byte("-----BEGIN")) {
		if len(b) == 0 {
			return nil
		}
		return [][]byte{b}
	}
	var l [][]byte
	for {
		var p *pem.Block
		if p, b = pem.Decode(b); p == nil {
			return l
		}
		if p.Type == genre {
			l = append(l, p.Bytes)
		}
	}
}
