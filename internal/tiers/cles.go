package tiers

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Cles are the secrets under which everything kept is digested or encrypted. They come
// from one master secret, which all the nodes of a third party share.
type Cles struct {
	jeton, tirageDossier, dossier, contenu, promesse, tirage, numero, empreinte, facture, officine []byte
}

// ErrSecret refuses a master secret that could be tried.
var ErrSecret = errors.New("tiers: secret d'au moins 32 octets attendu")

// NouvellesCles derives the keys. ref: RFC 5869
func NouvellesCles(secret []byte) (*Cles, error) {
	if len(secret) < 32 {
		return nil, ErrSecret
	}
	c := new(Cles)
	for nom, k := range map[string]*[]byte{"jeton": &c.jeton, "tirage de dossier": &c.tirageDossier, "dossier": &c.dossier, "contenu": &c.contenu, "promesse": &c.promesse,
		"tirage": &c.tirage, "numero": &c.numero, "empreinte": &c.empreinte, "facture": &c.facture, "officine": &c.officine} {
		b, err := hkdf.Key(sha256.New, secret, nil, "ecluse tiers "+nom, 32)
		if err != nil {
			return nil, fmt.Errorf("tiers: dériver les clés: %w", err)
		}
		*k = b
	}
	return c, nil
}

// sceller digests texts under a key, so that no two lists of texts read the same.
func sceller(cle []byte, textes ...string) (c Cle) {
	m := hmac.New(sha256.New, cle)
	for _, s := range textes {
		m.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
		m.Write([]byte(s))
	}
	m.Sum(c[:0])
	return c
}

// chiffrer encrypts the contents of a file under its number, after a random nonce.
func (c *Cles) chiffrer(numero string, clair []byte) ([]byte, error) {
	a, err := c.chiffreur(numero)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize(), a.NonceSize()+len(clair)+a.Overhead())
	rand.Read(nonce) // never fails
	return a.Seal(nonce, nonce, clair, nil), nil
}

func (c *Cles) dechiffrer(numero string, b []byte) ([]byte, error) {
	a, err := c.chiffreur(numero)
	if err != nil {
		return nil, err
	}
	if len(b) < a.NonceSize() {
		return nil, errContenu
	}
	return a.Open(nil, b[:a.NonceSize()], b[a.NonceSize():], nil)
}

var errContenu = errors.New("tiers: contenu d'un dossier tronqué")

func (c *Cles) chiffreur(numero string) (cipher.AEAD, error) {
	cle := sceller(c.contenu, numero)
	b, err := aes.NewCipher(cle[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
