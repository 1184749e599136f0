package jades

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/binary"
	"errors"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/go-jose/go-jose/v4"
	josecipher "github.com/go-jose/go-jose/v4/cipher"
)

// ClairMax bounds what is encrypted and decrypted; a JWE is about a third larger.
const ClairMax = 4 << 20

// jweMax bounds a whole compact JWE.
const jweMax = ClairMax/3*4 + 8<<10

// enteteJWEMax bounds the encoded header of a JWE.
const enteteJWEMax = 4 << 10

// KidMax bounds a key identifier.
const KidMax = 256

// Accord is a P-256 private key able to agree on a secret: an *ecdh.PrivateKey
// (obtained from an *ecdsa.PrivateKey by its method ECDH), or a device.
type Accord interface {
	ECDH(*ecdh.PublicKey) ([]byte, error)
}

// Chiffrer encrypts clair for the holder of a P-256 key, named kid in the
// readable header: compact JWE, ECDH-ES and A256GCM, nothing compressed.
// ref: DEC 12; RFC 7516 §3.1; RFC 7518 §4.6, §5.3
func Chiffrer(clair []byte, destinataire *ecdsa.PublicKey, kid string) (string, error) {
	switch {
	case destinataire == nil || destinataire.Curve != elliptic.P256():
		return "", refus(MotifCle, "P-256 attendu")
	case kid == "" || len(kid) > KidMax:
		return "", refus(MotifCle, "identifiant de clé")
	case len(clair) > ClairMax:
		return "", refus(MotifTaille, "contenu")
	}
	c, err := jose.NewEncrypter(jose.A256GCM, jose.Recipient{Algorithm: jose.ECDH_ES, Key: destinataire, KeyID: kid}, nil)
	if err != nil {
		return "", &Erreur{Motif: MotifCle, Cause: err}
	}
	jwe, err := c.Encrypt(clair)
	if err != nil {
		return "", &Erreur{Motif: MotifIntegrite, Detail: "chiffrement", Cause: err}
	}
	return jwe.CompactSerialize()
}

// Destinataire gives the identifier of the key for which jwe was encrypted, from
// its header, which is not yet verified.
func Destinataire(jwe string) (kid string, err error) {
	e, err := lireEnteteJWE(jwe)
	if err != nil {
		return "", err
	}
	return e.kid, nil
}

// Dechiffrer decrypts a compact JWE of the one accepted form. Every failure of
// the cryptography itself has the same error.
func Dechiffrer(jwe string, cle Accord) ([]byte, error) {
	e, err := lireEnteteJWE(jwe)
	if err != nil {
		return nil, err
	}
	lu, err := jose.ParseEncryptedCompact(jwe, []jose.KeyAlgorithm{jose.ECDH_ES}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return nil, &Erreur{Motif: MotifForme, Cause: err}
	}
	clair, err := lu.Decrypt(&dechiffreur{cle: cle, entete: e})
	if err != nil {
		return nil, refus(MotifIntegrite, "")
	}
	return clair, nil
}

// enteteJWE is the protected header, already judged.
type enteteJWE struct {
	kid      string
	ephemere *ecdh.PublicKey
	apu, apv []byte
}

// lireEnteteJWE accepts one form only. An unknown member is refused: nothing in
// our profile needs one, and `zip`, `crit`, `p2c` are how decoders get hurt.
func lireEnteteJWE(jwe string) (*enteteJWE, error) {
	if len(jwe) > jweMax {
		return nil, refus(MotifTaille, "contenu chiffré")
	}
	protege, suite, ok := strings.Cut(jwe, ".")
	if !ok || strings.Count(suite, ".") != 3 || suite[0] != '.' {
		return nil, refus(MotifForme, "cinq parties attendues, la clé chiffrée vide")
	}
	if strings.ContainsAny(jwe, "\r\n= ") || !finsStrictes(suite) {
		return nil, refus(MotifForme, "base64url")
	}
	if len(protege) > enteteJWEMax {
		return nil, refus(MotifTaille, "en-tête")
	}
	brut, ok := b64url([]byte(protege))
	if !ok {
		return nil, refus(MotifEntete, "base64url")
	}
	var l jcs.Lecteur
	l.Reset(brut, jcs.Limites{Taille: enteteJWEMax, Profondeur: 2})
	textes, err := lireTextes(&l, "")
	if err != nil {
		return nil, err
	}
	if g, err := l.Suivant(); err != nil || g != jcs.Termine {
		return nil, &Erreur{Motif: MotifEntete, Cause: err}
	}
	return jugerJWE(textes)
}

// finsStrictes checks that the last character of each part has no bit left over:
// go-jose ignores them, and one ciphertext would have several writings.
func finsStrictes(parties string) bool {
	for p := range strings.SplitSeq(parties, ".") {
		if _, ok := b64url([]byte(p[len(p)-len(p)%4:])); !ok {
			return false
		}
	}
	return true
}

// lireTextes reads an object of strings, and of one object of strings (epk),
// into names such as "epk.x".
func lireTextes(l *jcs.Lecteur, prefixe string) (map[string]string, error) {
	if prefixe == "" {
		if g, err := l.Suivant(); err != nil || g != jcs.ObjetDebut {
			return nil, &Erreur{Motif: MotifEntete, Detail: "objet JSON attendu", Cause: err}
		}
	}
	textes := map[string]string{}
	for {
		g, err := l.Suivant()
		if err != nil {
			return nil, &Erreur{Motif: MotifEntete, Cause: err}
		}
		if g == jcs.ObjetFin {
			return textes, nil
		}
		if bytes.IndexByte(l.Texte(), '.') >= 0 { // would pass for a member of epk
			return nil, refus(MotifEntete, cite(l.Texte()))
		}
		nom := prefixe + string(l.Texte())
		g, err = l.Suivant()
		switch {
		case err != nil:
			return nil, &Erreur{Motif: MotifEntete, Cause: err}
		case g == jcs.Chaine:
			textes[nom] = string(l.Texte())
		case g == jcs.ObjetDebut && nom == "epk":
			epk, err := lireTextes(l, "epk.")
			if err != nil {
				return nil, err
			}
			for k, v := range epk {
				textes[k] = v
			}
		default:
			return nil, refus(MotifEntete, cite([]byte(nom)))
		}
	}
}

func jugerJWE(t map[string]string) (*enteteJWE, error) {
	for nom := range t {
		switch nom {
		case "alg", "enc", "kid", "typ", "cty", "apu", "apv", "epk.kty", "epk.crv", "epk.x", "epk.y":
		default:
			return nil, refus(MotifCritique, cite([]byte(nom)))
		}
	}
	if t["alg"] != string(jose.ECDH_ES) || t["enc"] != string(jose.A256GCM) {
		return nil, refus(MotifAlgorithme, "ECDH-ES et A256GCM attendus")
	}
	if t["kid"] == "" || len(t["kid"]) > KidMax {
		return nil, refus(MotifCle, "identifiant de clé")
	}
	e := &enteteJWE{kid: t["kid"]}
	var ok bool
	if e.ephemere, ok = lireEphemere(t); !ok {
		return nil, refus(MotifCle, "epk")
	}
	for _, p := range []struct {
		nom string
		ou  *[]byte
	}{{"apu", &e.apu}, {"apv", &e.apv}} {
		if *p.ou, ok = b64url([]byte(t[p.nom])); !ok {
			return nil, refus(MotifEntete, p.nom)
		}
	}
	return e, nil
}

// lireEphemere checks that the point is on the curve: a point elsewhere would
// make the answer tell about our key.
func lireEphemere(t map[string]string) (*ecdh.PublicKey, bool) {
	if t["epk.kty"] != "EC" || t["epk.crv"] != "P-256" {
		return nil, false
	}
	x, okX := b64url([]byte(t["epk.x"]))
	y, okY := b64url([]byte(t["epk.y"]))
	if !okX || !okY || len(x) != 32 || len(y) != 32 {
		return nil, false
	}
	cle, err := ecdh.P256().NewPublicKey(bytes.Join([][]byte{{4}, x, y}, nil))
	return cle, err == nil
}

// dechiffreur gives go-jose the content key, from any Accord: the library itself
// knows private keys in memory only.
type dechiffreur struct {
	cle    Accord
	entete *enteteJWE
}

// DecryptKey derives the content key. ref: RFC 7518 §4.6.2
func (d *dechiffreur) DecryptKey(chiffree []byte, _ jose.Header) ([]byte, error) {
	if len(chiffree) != 0 {
		return nil, errors.New("clé chiffrée présente en ECDH-ES direct")
	}
	z, err := d.cle.ECDH(d.entete.ephemere)
	if err != nil {
		return nil, err
	}
	kdf := josecipher.NewConcatKDF(crypto.SHA256, z, prefixer([]byte(jose.A256GCM)),
		prefixer(d.entete.apu), prefixer(d.entete.apv), binary.BigEndian.AppendUint32(nil, 256), nil)
	cle := make([]byte, 32)
	_, err = io.ReadFull(kdf, cle)
	return cle, err
}

func prefixer(v []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(v))), v...)
}
