package jades

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"hash"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// ChaineMax is the count of certificates that a seal may carry, leaf included.
const ChaineMax = 6

// formeSigT is the date-time of sigT: UTC, whole seconds. ref: TS 119 182-1 v1.1.1 §5.2.1
const formeSigT = "2006-01-02T15:04:05Z"

// Edition is the edition of the JAdES specification that a seal follows: what
// changes is how the instant is said. The zero value is EditionSigT.
type Edition uint8

// Editions of ETSI TS 119 182-1.
const (
	EditionSigT Edition = iota // v1.1.1: sigT, critical
	EditionIat                 // v1.2.1: iat, not critical; any RFC 7797 verifier reads it
)

// Signataire is who seals: a certificate, the intermediates above it and the
// key, in memory or in a device.
type Signataire struct {
	Certificat []byte   // leaf, DER
	Chaine     [][]byte // intermediates, DER, nearest first; without the root
	Cle        crypto.Signer
	Type       string // cty; "": "json"
	Edition    Edition
}

// Signer seals payload, which must be canonical (jcs.Canoniser), and gives the
// detached seal `<protected>..<signature>`. Who seals often keeps a Scelleur.
func Signer(payload []byte, s Signataire, instant time.Time) (string, error) {
	sc, err := NewScelleur(s)
	if err != nil {
		return "", err
	}
	return sc.Sceller(payload, instant)
}

// Scelleur seals for one signer. All of the header but the instant is encoded
// and digested once. It is safe for concurrent use if its key is.
type Scelleur struct {
	cle     crypto.Signer
	alg     Algorithme
	edition Edition
	fixe    []byte      // base64url of the constant part, whole groups of 3 bytes
	reste   []byte      // end of the constant part, not yet encoded
	amorce  hash.Cloner // digest of fixe
}

// NewScelleur checks that key and certificate go together and prepares the header.
func NewScelleur(s Signataire) (*Scelleur, error) {
	if s.Cle == nil {
		return nil, refus(MotifCle, "absente")
	}
	if len(s.Chaine) >= ChaineMax {
		return nil, refus(MotifCertificat, "chaîne trop longue")
	}
	cert, err := x509.ParseCertificate(s.Certificat)
	if err != nil {
		return nil, &Erreur{Motif: MotifCertificat, Cause: err}
	}
	publique, ok := s.Cle.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !publique.Equal(cert.PublicKey) {
		return nil, refus(MotifCle, "la clé n’est pas celle du certificat")
	}
	alg, err := pourSigner(cert.PublicKey)
	if err != nil {
		return nil, err
	}
	constant := enteteConstant(s, alg)
	coupe := len(constant) - len(constant)%3
	fixe := make([]byte, base64.RawURLEncoding.EncodedLen(coupe))
	base64.RawURLEncoding.Encode(fixe, constant[:coupe])
	if len(fixe) > TailleEnteteMax-64 {
		return nil, refus(MotifTaille, "en-tête")
	}
	amorce := algorithmes[alg].hash.New().(hash.Cloner)
	amorce.Write(fixe)
	return &Scelleur{cle: s.Cle, alg: alg, edition: s.Edition, fixe: fixe, reste: constant[coupe:], amorce: amorce}, nil
}

// Algorithme is the algorithm of the seals made.
func (sc *Scelleur) Algorithme() Algorithme { return sc.alg }

// enteteConstant is the header up to the instant, which comes last.
// ref: PKI §8.5; RFC 7797 §3 (b64 must be critical)
func enteteConstant(s Signataire, alg Algorithme) []byte {
	type_ := s.Type
	if type_ == "" {
		type_ = "json"
	}
	var b bytes.Buffer
	b.WriteString(`{"alg":"` + alg.String() + `","b64":false,"crit":["b64"`)
	if s.Edition == EditionSigT {
		b.WriteString(`,"sigT"`)
	}
	b.WriteString(`],"cty":`)
	b.Write(jcs.AppendChaine(nil, type_))
	b.WriteString(`,"x5c":["` + base64.StdEncoding.EncodeToString(s.Certificat) + `"`)
	for _, c := range s.Chaine {
		b.WriteString(`,"` + base64.StdEncoding.EncodeToString(c) + `"`)
	}
	empreinte := sha256.Sum256(s.Certificat)
	b.WriteString(`],"x5t#S256":"` + base64.RawURLEncoding.EncodeToString(empreinte[:]) + `",`)
	if s.Edition == EditionSigT {
		b.WriteString(`"sigT":"`)
	} else {
		b.WriteString(`"iat":`)
	}
	return b.Bytes()
}

// Sceller seals payload at that instant, kept to the second.
func (sc *Scelleur) Sceller(payload []byte, instant time.Time) (string, error) {
	jws, err := sc.AppendSceller(make([]byte, 0, sc.Taille()), payload, instant)
	if err != nil {
		return "", err
	}
	return string(jws), nil
}

// Taille is the most octets that a seal takes.
func (sc *Scelleur) Taille() int {
	signature := signatureMax
	if def := algorithmes[sc.alg]; def.famille == ecdsaBrut {
		signature = base64.RawURLEncoding.EncodedLen(2 * def.octets)
	}
	return len(sc.fixe) + base64.RawURLEncoding.EncodedLen(len(sc.reste)+48) + signature + 2
}

// AppendSceller appends to dst the seal of payload, as Sceller makes it. After an
// error dst is as it was.
func (sc *Scelleur) AppendSceller(dst, payload []byte, instant time.Time) ([]byte, error) {
	fin := make([]byte, 0, 64)
	fin = append(fin, sc.reste...)
	if sc.edition == EditionSigT {
		fin = append(instant.UTC().AppendFormat(fin, formeSigT), `"}`...)
	} else {
		fin, _ = jcs.AppendNombre(fin, float64(instant.Unix()))
		fin = append(fin, '}')
	}
	jws := append(dst, sc.fixe...)
	variable := len(jws)
	jws = base64.RawURLEncoding.AppendEncode(jws, fin)

	h, err := sc.amorce.Clone()
	if err != nil {
		return dst, &Erreur{Motif: MotifSignature, Cause: err}
	}
	h.Write(jws[variable:])
	h.Write([]byte{'.'})
	h.Write(payload)
	signature, err := sc.signer(h.Sum(nil))
	if err != nil {
		return dst, err
	}
	jws = append(jws, '.', '.')
	return base64.RawURLEncoding.AppendEncode(jws, signature), nil
}

func (sc *Scelleur) signer(empreinte []byte) ([]byte, error) {
	signature, err := sc.cle.Sign(rand.Reader, empreinte, sc.alg.options())
	if err != nil {
		return nil, &Erreur{Motif: MotifSignature, Detail: "clé indisponible", Cause: err}
	}
	if def := algorithmes[sc.alg]; def.famille == ecdsaBrut {
		rs, ok := depuisDER(make([]byte, 0, 2*def.octets), signature, def.octets)
		if !ok {
			return nil, refus(MotifSignature, "la clé ne rend pas une signature ASN.1")
		}
		return rs, nil
	}
	return signature, nil
}
