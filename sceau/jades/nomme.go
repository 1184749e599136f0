package jades

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// NomMax bounds the name of a key and the type of a named JWS, in octets.
const NomMax = 64

// Nomme is a compact JWS signed ES256 by a key that the reader knows by its name,
// without a certificate: what is published and kept by many who hold the keys of
// its issuer. Any JOSE library verifies it. Nothing in it may be believed before
// Verifier. ref: RFC 7515 §3.1
type Nomme struct {
	Kid     string // name of the key
	Type    string // typ: what kind of thing was signed
	Contenu []byte // the payload

	protege   []byte // header, dot, payload, encoded: what was signed
	signature []byte
}

// enteteNomme is the only header there is: members in order, nothing else. The
// type keeps one kind of signed thing from being shown as another.
func enteteNomme(kid, typ string) []byte {
	b := jcs.AppendChaine([]byte(`{"alg":"ES256","kid":`), kid)
	b = jcs.AppendChaine(append(b, `,"typ":`...), typ)
	return append(b, '}')
}

// SignerNomme signs contenu with the P-256 key named kid, in memory or in a device.
// Names are of letters, digits and - . _ + /, at most NomMax.
func SignerNomme(contenu []byte, kid, typ string, cle crypto.Signer) (string, error) {
	if !nomAdmis(kid) || !nomAdmis(typ) {
		return "", refus(MotifEntete, "nom de clé ou type")
	}
	if cle == nil {
		return "", refus(MotifCle, "absente")
	}
	if err := surP256(cle.Public()); err != nil {
		return "", err
	}
	b := base64.RawURLEncoding.AppendEncode(nil, enteteNomme(kid, typ))
	b = base64.RawURLEncoding.AppendEncode(append(b, '.'), contenu)
	empreinte := sha256.Sum256(b)
	sc := Scelleur{cle: cle, alg: ES256}
	signature, err := sc.signer(empreinte[:])
	if err != nil {
		return "", err
	}
	return string(base64.RawURLEncoding.AppendEncode(append(b, '.'), signature)), nil
}

// LireNomme reads a compact JWS of at most max octets, whose header is exactly what
// SignerNomme writes.
func LireNomme[T ~string | ~[]byte](jws T, max int) (*Nomme, error) {
	if len(jws) > max {
		return nil, refus(MotifTaille, "sceau")
	}
	b := []byte(jws)
	entete, suite, ok1 := bytes.Cut(b, []byte("."))
	contenu, signature, ok2 := bytes.Cut(suite, []byte("."))
	if !ok1 || !ok2 {
		return nil, refus(MotifForme, "en-tête.contenu.signature attendu")
	}
	n := &Nomme{protege: b[:len(entete)+1+len(contenu)]}
	var ok bool
	if n.Contenu, ok = b64url(contenu); !ok {
		return nil, refus(MotifForme, "contenu")
	}
	if n.signature, ok = b64url(signature); !ok {
		return nil, refus(MotifForme, "signature")
	}
	return n, n.lireEntete(entete)
}

// lireEntete takes the two names out of the header and writes it again: what is not
// the same to the octet is refused.
func (n *Nomme) lireEntete(encode []byte) error {
	brut, ok := b64url(encode)
	if !ok || len(brut) > 4*NomMax {
		return refus(MotifEntete, "base64url")
	}
	reste, ok1 := bytes.CutPrefix(brut, []byte(`{"alg":"ES256","kid":"`))
	kid, reste, ok2 := bytes.Cut(reste, []byte(`","typ":"`))
	typ, ok3 := bytes.CutSuffix(reste, []byte(`"}`))
	n.Kid, n.Type = string(kid), string(typ)
	if !ok1 || !ok2 || !ok3 || !nomAdmis(n.Kid) || !nomAdmis(n.Type) {
		return refus(MotifEntete, "alg ES256, kid et typ attendus, et rien d’autre")
	}
	return nil
}

// Verifier checks that the holder of cle signed it.
func (n *Nomme) Verifier(cle *ecdsa.PublicKey) error {
	if cle == nil {
		return refus(MotifCle, "absente")
	}
	if err := surP256(cle); err != nil {
		return err
	}
	empreinte := sha256.Sum256(n.protege)
	return ES256.verifier(cle, empreinte[:], n.signature)
}

func surP256(cle crypto.PublicKey) error {
	if k, ok := cle.(*ecdsa.PublicKey); !ok || k.Curve != elliptic.P256() {
		return refus(MotifCle, "P-256 attendue")
	}
	return nil
}

// nomAdmis keeps to what needs no escape in JSON.
func nomAdmis(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
			c == '-' || c == '.' || c == '_' || c == '+' || c == '/') {
			return false
		}
	}
	return s != "" && len(s) <= NomMax
}
