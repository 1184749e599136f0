package xmlsig

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"time"
)

// Signataire is who seals.
type Signataire struct {
	Certificat []byte        // DER
	Chaine     [][]byte      // other certificates to send along, DER
	Cle        crypto.Signer // RSA of 2048 bits or more, ECDSA P-256 or P-384; in memory or in a hardware module
	Algorithme Algorithme    // zero: ECDSA with SHA-256 or 384 by the curve, or RSASHA256
}

// Niveau is the XAdES level of a seal.
type Niveau uint8

const (
	// SansXAdES is a plain XML signature.
	SansXAdES Niveau = iota
	// XAdESB adds the properties of the baseline B level.
	XAdESB
)

const typeMIMEXML = "text/xml"

// valider checks the signer and completes the algorithm.
func (s *Signataire) valider() (largeur int, err error) {
	if s.Cle == nil || len(s.Certificat) == 0 {
		return 0, refus(MotifCle, "signataire sans clé ou sans certificat")
	}
	if len(s.Chaine) >= maxCertificats {
		return 0, refus(MotifLimite, "trop de certificats")
	}
	public := s.Cle.Public()
	if s.Algorithme == 0 {
		if s.Algorithme, err = algorithmeDeCle(public); err != nil {
			return 0, err
		}
	}
	if int(s.Algorithme) >= len(urisSignature) {
		return 0, refus(MotifAlgorithme, "algorithme de signature non admis")
	}
	return verifierCle(public, s.Algorithme)
}

// signer appends the base64 of the signature of forme, the canonical SignedInfo.
func (s *Signataire) signer(dst, forme []byte, largeur int) ([]byte, error) {
	h := s.Algorithme.hachage()
	digest := hacher(h, forme)
	var options crypto.SignerOpts = h
	if s.Algorithme == RSAPSSSHA256 {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h}
	}
	valeur, err := s.Cle.Sign(rand.Reader, digest.octets(), options)
	if err != nil {
		return nil, refusDe(MotifCle, "la clé n'a pas signé", err)
	}
	if largeur > 0 {
		var rs [96]byte
		der := valeur
		var ok bool
		if valeur, ok = rsDeDER(rs[:0], der, largeur); !ok {
			return nil, refus(MotifCle, "la clé a rendu une signature ECDSA illisible")
		}
	}
	return base64.StdEncoding.AppendEncode(dst, valeur), nil
}

// aEcrire is what a signature covers.
type aEcrire struct {
	prefixe    string // of the Ids of the signature
	references []referenceAEcrire
	niveau     Niveau
	typeMIME   string
	instant    time.Time
	keyInfo    func(dst []byte) []byte
}

// referenceAEcrire is a reference whose digest is known.
type referenceAEcrire struct {
	id, uri    string
	enveloppee bool
	digest     empreinte
}

// ecrireSceau appends a whole ds:Signature. SignedInfo and SignedProperties
// are written in canonical form: what is digested is what is sent.
func (s *Signataire) ecrireSceau(dst []byte, a *aEcrire, largeur int) ([]byte, error) {
	dst = append(dst, `<ds:Signature xmlns:ds="`+espaceDS+`" Id="`...)
	dst = append(dst, a.prefixe...)
	dst = append(dst, `sceau">`...)
	var tampon [1536]byte
	var proprietes []byte
	if a.niveau == XAdESB {
		var err error
		if proprietes, err = s.ecrireProprietes(tampon[:0], a); err != nil {
			return nil, err
		}
	}
	debut := len(dst)
	dst = s.ecrireSignedInfo(dst, a, proprietes)
	fin := len(dst)
	dst = append(dst, `<ds:SignatureValue>`...)
	dst, err := s.signer(dst, dst[debut:fin], largeur)
	if err != nil {
		return nil, err
	}
	dst = append(dst, `</ds:SignatureValue><ds:KeyInfo>`...)
	dst = a.keyInfo(dst)
	dst = append(dst, `</ds:KeyInfo>`...)
	if proprietes != nil {
		dst = append(dst, `<ds:Object><xades:QualifyingProperties xmlns:xades="`+espaceXAdES+`" Target="#`...)
		dst = append(dst, a.prefixe...)
		dst = append(dst, `sceau">`...)
		dst = append(dst, proprietes...)
		dst = append(dst, `</xades:QualifyingProperties></ds:Object>`...)
	}
	return append(dst, `</ds:Signature>`...), nil
}

const (
	methodeExclusive = ` Algorithm="` + TransformationExclusive + `">`
	methodeSHA256    = ` Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>`
)

// ecrireSignedInfo appends SignedInfo in canonical form.
func (s *Signataire) ecrireSignedInfo(dst []byte, a *aEcrire, proprietes []byte) []byte {
	dst = append(dst, `<ds:SignedInfo xmlns:ds="`+espaceDS+`"><ds:CanonicalizationMethod`+methodeExclusive+`</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="`...)
	dst = append(dst, s.Algorithme.URI()...)
	dst = append(dst, `"></ds:SignatureMethod>`...)
	for i := range a.references {
		r := &a.references[i]
		dst = append(dst, `<ds:Reference Id="`...)
		dst = append(dst, a.prefixe...)
		dst = append(dst, r.id...)
		dst = append(dst, `" URI="`...)
		dst = append(dst, r.uri...)
		dst = append(dst, `"><ds:Transforms>`...)
		if r.enveloppee {
			dst = append(dst, `<ds:Transform Algorithm="`+TransformationEnveloppee+`"></ds:Transform>`...)
		}
		dst = finReference(dst, r.digest)
	}
	if proprietes != nil {
		dst = append(dst, `<ds:Reference Type="`+TypeProprietes+`" URI="#`...)
		dst = append(dst, a.prefixe...)
		dst = append(dst, `proprietes"><ds:Transforms>`...)
		dst = finReference(dst, hacher(0, proprietes))
	}
	return append(dst, `</ds:SignedInfo>`...)
}

func finReference(dst []byte, e empreinte) []byte {
	dst = append(dst, `<ds:Transform`+methodeExclusive+`</ds:Transform></ds:Transforms><ds:DigestMethod`+methodeSHA256+`<ds:DigestValue>`...)
	dst = base64.StdEncoding.AppendEncode(dst, e.octets())
	return append(dst, `</ds:DigestValue></ds:Reference>`...)
}

// ecrireProprietes appends XAdES SignedProperties in canonical form: that is
// why each element of another namespace declares it anew.
// ref: ETSI EN 319 132-1 §5.2, PKI §8.4
func (s *Signataire) ecrireProprietes(dst []byte, a *aEcrire) ([]byte, error) {
	serie, err := issuerSerial(s.Certificat)
	if err != nil {
		return nil, err
	}
	e := hacher(0, s.Certificat)
	dst = append(dst, `<xades:SignedProperties xmlns:xades="`+espaceXAdES+`" Id="`...)
	dst = append(dst, a.prefixe...)
	dst = append(dst, `proprietes"><xades:SignedSignatureProperties><xades:SigningTime>`...)
	dst = a.instant.UTC().AppendFormat(dst, "2006-01-02T15:04:05Z")
	dst = append(dst, `</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod xmlns:ds="`+espaceDS+`"`+methodeSHA256+`<ds:DigestValue xmlns:ds="`+espaceDS+`">`...)
	dst = base64.StdEncoding.AppendEncode(dst, e.octets())
	dst = append(dst, `</ds:DigestValue></xades:CertDigest><xades:IssuerSerialV2>`...)
	dst = base64.StdEncoding.AppendEncode(dst, serie)
	dst = append(dst, `</xades:IssuerSerialV2></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties><xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#`...)
	dst = append(dst, a.prefixe...)
	dst = append(dst, a.references[0].id...)
	dst = append(dst, `"><xades:MimeType>`...)
	dst = echapperTexte(dst, []byte(a.typeMIME))
	return append(dst, `</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>`...), nil
}
