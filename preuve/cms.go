package preuve

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// A small CAdES baseline B: one signer, SHA-256, ECDSA or RSA PKCS#1, detached,
// signed attributes content-type, message-digest, signing-time and
// signing-certificate-v2. ref: ETSI EN 319 122-1 §6, RFC 5652, RFC 5035

var (
	oidData             = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCertV2    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256           = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSAWithSHA256  = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidRSAWithSHA256    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidRSAEncryption    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	errSignature        = errors.New("preuve: signature du conteneur refusée")
	algorithmeEmpreinte = pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
)

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,tag:0"`
}

type signedData struct {
	Version      int
	Algorithms   []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
	}
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	CRLs         asn1.RawValue `asn1:"optional,tag:1"`
	Signers      []signerInfo  `asn1:"set"`
}

type signerInfo struct {
	Version   int
	Issuer    issuerSerial
	Digest    pkix.AlgorithmIdentifier
	Attrs     asn1.RawValue `asn1:"optional,tag:0"`
	SigAlg    pkix.AlgorithmIdentifier
	Signature []byte
	Unsigned  asn1.RawValue `asn1:"optional,tag:1"`
}

type issuerSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribut struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// signingCertificateV2 leaves the hash algorithm out: SHA-256 is its default.
type signingCertificateV2 struct{ Certs []essCertIDv2 }

type essCertIDv2 struct{ Hash []byte }

// signerCMS signs content, detached.
func signerCMS(content []byte, cle crypto.Signer, chaine []*x509.Certificate, instant time.Time) ([]byte, error) {
	if len(chaine) == 0 {
		return nil, fmt.Errorf("%w: sans certificat", errSignature)
	}
	alg := pkix.AlgorithmIdentifier{Algorithm: oidECDSAWithSHA256}
	if _, rsaCle := cle.Public().(*rsa.PublicKey); rsaCle {
		alg = pkix.AlgorithmIdentifier{Algorithm: oidRSAWithSHA256, Parameters: asn1.NullRawValue}
	} else if _, ec := cle.Public().(*ecdsa.PublicKey); !ec {
		return nil, fmt.Errorf("%w: clé %T, attendu ECDSA ou RSA", errSignature, cle.Public())
	}
	attrs, err := attributs(content, chaine[0], instant)
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(attrs) // as a SET OF: RFC 5652 §5.4
	signature, err := cle.Sign(rand.Reader, h[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("preuve: signer le conteneur: %w", err)
	}
	implicite := bytes.Clone(attrs)
	implicite[0] = 0xa0 // [0] IMPLICIT in place of SET
	sd := signedData{Version: 1, Algorithms: []pkix.AlgorithmIdentifier{algorithmeEmpreinte}}
	sd.Encapsulated.Type = oidData
	var certs []byte
	for _, c := range chaine {
		certs = append(certs, c.Raw...)
	}
	sd.Certificates = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certs}
	sd.Signers = []signerInfo{{Version: 1,
		Issuer: issuerSerial{asn1.RawValue{FullBytes: chaine[0].RawIssuer}, chaine[0].SerialNumber},
		Digest: algorithmeEmpreinte, Attrs: asn1.RawValue{FullBytes: implicite}, SigAlg: alg, Signature: signature}}
	b, err := asn1.Marshal(sd)
	if err != nil {
		return nil, fmt.Errorf("preuve: signer le conteneur: %w", err)
	}
	return asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: b}})
}

// attributs gives the signed attributes as a DER SET OF.
func attributs(content []byte, cert *x509.Certificate, instant time.Time) ([]byte, error) {
	h, c := sha256.Sum256(content), sha256.Sum256(cert.Raw)
	var l []attribut
	for _, a := range []struct {
		oid asn1.ObjectIdentifier
		v   any
	}{
		{oidContentType, oidData},
		{oidMessageDigest, h[:]},
		{oidSigningTime, instant.UTC()},
		{oidSigningCertV2, signingCertificateV2{[]essCertIDv2{{c[:]}}}},
	} {
		b, err := asn1.Marshal(a.v)
		if err != nil {
			return nil, fmt.Errorf("preuve: attributs signés: %w", err)
		}
		l = append(l, attribut{a.oid, []asn1.RawValue{{FullBytes: b}}})
	}
	return asn1.MarshalWithParams(l, "set") // encoding/asn1 sorts a SET OF, as DER asks
}

// verifierCMS checks a detached signature and gives the signer's certificate and
// the others. Whether the certificate is to be trusted is the caller's.
func verifierCMS(p7s, content []byte) ([]*x509.Certificate, error) {
	refus := func(quoi string) ([]*x509.Certificate, error) {
		return nil, fmt.Errorf("%w: %s", errSignature, quoi)
	}
	var ci contentInfo
	if reste, err := asn1.Unmarshal(p7s, &ci); err != nil || len(reste) > 0 || !ci.Type.Equal(oidSignedData) {
		return refus("ce n'est pas un SignedData")
	}
	var sd signedData
	if reste, err := asn1.Unmarshal(ci.Content.Bytes, &sd); err != nil || len(reste) > 0 || len(sd.Signers) != 1 {
		return refus("SignedData illisible, ou plusieurs signataires")
	}
	certs, err := x509.ParseCertificates(sd.Certificates.Bytes)
	if err != nil {
		return refus("certificats illisibles")
	}
	s := sd.Signers[0]
	for i, c := range certs {
		if c.SerialNumber.Cmp(s.Issuer.Serial) == 0 && bytes.Equal(c.RawIssuer, s.Issuer.Issuer.FullBytes) {
			certs[0], certs[i] = certs[i], certs[0]
			if err := s.verifier(certs[0], content); err != nil {
				return nil, err
			}
			return certs, nil
		}
	}
	return refus("certificat du signataire absent")
}

func (s signerInfo) verifier(c *x509.Certificate, content []byte) error {
	if len(s.Attrs.FullBytes) == 0 || !s.Digest.Algorithm.Equal(oidSHA256) {
		return fmt.Errorf("%w: attributs signés absents, ou empreinte autre que SHA-256", errSignature)
	}
	attrs := bytes.Clone(s.Attrs.FullBytes)
	attrs[0] = 0x31 // SET OF again
	var alg x509.SignatureAlgorithm
	switch a := s.SigAlg.Algorithm; {
	case a.Equal(oidECDSAWithSHA256):
		alg = x509.ECDSAWithSHA256
	case a.Equal(oidRSAWithSHA256), a.Equal(oidRSAEncryption):
		alg = x509.SHA256WithRSA
	default:
		return fmt.Errorf("%w: algorithme %v", errSignature, a)
	}
	if err := c.CheckSignature(alg, attrs, s.Signature); err != nil {
		return fmt.Errorf("%w: %w", errSignature, err)
	}
	var l []attribut
	if reste, err := asn1.UnmarshalWithParams(attrs, &l, "set"); err != nil || len(reste) > 0 {
		return fmt.Errorf("%w: attributs signés illisibles", errSignature)
	}
	return memesAttributs(l, c, content)
}

// memesAttributs checks that the signature is of this content, by this
// certificate: the two attributes that make it CAdES.
func memesAttributs(l []attribut, c *x509.Certificate, content []byte) error {
	contenu, cert := false, false
	hContent, hCert := sha256.Sum256(content), sha256.Sum256(c.Raw)
	for _, a := range l {
		if len(a.Values) != 1 {
			return fmt.Errorf("%w: attribut à plusieurs valeurs", errSignature)
		}
		switch v := a.Values[0].FullBytes; {
		case a.Type.Equal(oidMessageDigest):
			var h []byte
			_, err := asn1.Unmarshal(v, &h)
			contenu = err == nil && bytes.Equal(h, hContent[:])
		case a.Type.Equal(oidSigningCertV2):
			// The hash may stand between an algorithm and an issuer, both optional:
			// its 32 octets are found nowhere else in the attribute.
			cert = bytes.Contains(v, hCert[:])
		}
	}
	if !contenu || !cert {
		return fmt.Errorf("%w: elle est d'un autre contenu ou d'un autre certificat", errSignature)
	}
	return nil
}
