package tarif

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Chiffre is a text that the third party alone can read: a compact JWE, ECDH-ES and
// A256GCM, whose header names the key and says nothing more.
// ref: VISIO §10 rule 4, RFC 7516
type Chiffre string

// Motif is the pattern of the text form.
func (Chiffre) Motif() string {
	return `[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}`
}

// Controler refuses a header where anything may be written: an identity would pass
// there, readable by all. The error is an *Interdit.
func (c Chiffre) Controler(chemin string) error {
	protege, _, _ := strings.Cut(string(c), ".")
	brut, err := base64.RawURLEncoding.DecodeString(protege)
	if err != nil {
		return &Interdit{chemin, "en-tête de chiffrement illisible"}
	}
	var membres map[string]json.RawMessage
	if err := json.Unmarshal(brut, &membres); err != nil {
		return &Interdit{chemin, "en-tête de chiffrement illisible"}
	}
	for nom := range membres {
		switch nom {
		case "alg", "enc", "epk", "kid":
		default:
			return &Interdit{chemin, "l'en-tête de chiffrement dit plus que la clé"}
		}
	}
	var kid string
	if err := json.Unmarshal(membres["kid"], &kid); err != nil || !estKid(kid) {
		return &Interdit{chemin, "le nom de la clé est une empreinte SHA-256"}
	}
	return nil
}

// estKid tells whether a name of a key is a digest: of the key, in base64url, as the
// list of keys names it, or of its certificate, in hexadecimal. A free name would be
// readable by all.
func estKid(s string) bool {
	if b, err := base64.RawURLEncoding.Strict().DecodeString(s); err == nil && len(b) == sha256.Size {
		return true
	}
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == sha256.Size && s == strings.ToLower(s)
}

// Errors of encryption.
var (
	ErrDestinataire   = errors.New("tarif: clé P-256 et son empreinte attendues, pour le chiffrement")
	ErrIndechiffrable = errors.New("tarif: texte chiffré pour une autre clé, ou altéré")
)

// Destinataire is the key of the third party, from the list of keys.
type Destinataire struct {
	Cle *ecdsa.PublicKey // P-256
	Kid string           // its digest: see visiodroits.JWK.Empreinte
}

// DestinataireDe reads a key of the list; ErrDestinataire when it does not serve to
// encrypt. Whether it is in force is told by the list.
func DestinataireDe(c visiodroits.CleEmetteur) (Destinataire, error) {
	k, err := c.JWK.Publique()
	if err != nil || c.Usage != visiodroits.PourChiffrement || !estKid(string(c.Kid)) {
		return Destinataire{}, ErrDestinataire
	}
	return Destinataire{Cle: k, Kid: string(c.Kid)}, nil
}

// Chiffrer encrypts a text.
func (d Destinataire) Chiffrer(clair []byte) (Chiffre, error) {
	if d.Cle == nil || !estKid(d.Kid) {
		return "", ErrDestinataire
	}
	s, err := jades.Chiffrer(clair, d.Cle, d.Kid)
	if err != nil {
		return "", fmt.Errorf("tarif: chiffrer: %w", err)
	}
	return Chiffre(s), nil
}

// Trousseau holds the keys of the third party, current and next, by their Kid: both
// open, for as long as both are published. ref: VISIO §10 rule 4
type Trousseau map[string]jades.Accord

// Dechiffrer opens a text; ErrIndechiffrable whatever the reason.
func (t Trousseau) Dechiffrer(c Chiffre) ([]byte, error) {
	kid, err := jades.Destinataire(string(c))
	if err != nil {
		return nil, ErrIndechiffrable
	}
	cle := t[kid]
	if cle == nil {
		return nil, ErrIndechiffrable
	}
	clair, err := jades.Dechiffrer(string(c), cle)
	if err != nil {
		return nil, ErrIndechiffrable
	}
	return clair, nil
}
