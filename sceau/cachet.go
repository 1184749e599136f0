package sceau

import (
	"crypto"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// Cachet is what a party seals with: its certificate of cachet and its key. It
// is safe for concurrent use when the key is.
type Cachet struct {
	soap xmlsig.Signataire
	rest *jades.Scelleur
}

// NewCachet prepares a seal from a certificate in DER, the intermediates above
// it (nearest first, without the root) and the key, in memory or in a device.
func NewCachet(certificat []byte, chaine [][]byte, cle crypto.Signer) (*Cachet, error) {
	rest, err := jades.NewScelleur(jades.Signataire{Certificat: certificat, Chaine: chaine, Cle: cle})
	if err != nil {
		return nil, fmt.Errorf("sceau: préparer le cachet: %w", err)
	}
	return &Cachet{
		soap: xmlsig.Signataire{Certificat: certificat, Chaine: chaine, Cle: cle},
		rest: rest,
	}, nil
}

// Certificat is the certificate of cachet, in DER.
func (c *Cachet) Certificat() []byte { return c.soap.Certificat }

// Chaine is the intermediates above it, in DER, nearest first; not to be written in.
func (c *Cachet) Chaine() [][]byte { return c.soap.Chaine }

// Scelle is a message that was sealed, ready to send.
type Scelle struct {
	Octets    []byte            // the whole message, seal included
	Empreinte [sha256.Size]byte // SHA-256 of what is sealed
}

// REST seals a message object, already in canonical JSON, and writes the whole:
// {"chaine":…,"message":…,"scellement":"…"}. chaine is the list of relays, or
// nil; it is not sealed. ref: DEC 9, 10
func (c *Cachet) REST(message, chaine []byte, instant time.Time) (Scelle, error) {
	b := make([]byte, 0, len(message)+len(chaine)+c.rest.Taille()+64)
	b = append(b, '{')
	if chaine != nil {
		b = append(append(b, `"chaine":`...), chaine...)
		b = append(b, ',')
	}
	b = append(append(b, `"message":`...), message...)
	b, err := c.rest.AppendSceller(append(b, `,"scellement":"`...), message, instant)
	if err != nil {
		return Scelle{}, err
	}
	b = append(b, `"}`...)
	return Scelle{b, sha256.Sum256(message)}, nil
}
