package roc

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// ErrConfidentiel is wrapped by the errors of a certificate of confidentiality
// or of an encrypted body.
var ErrConfidentiel = errors.New("chiffrement de bout en bout")

// Confidentiel is a recipient's key to encrypt a body for. ref: DEC 12
type Confidentiel struct {
	cle *ecdsa.PublicKey
	kid string
}

// ParseConfidentiel reads a certificate of confidentiality, in base64 DER, and
// gives its DER too. Whose it is must be judged by the caller.
func ParseConfidentiel(base64DER string) (Confidentiel, []byte, error) {
	der, err := base64.StdEncoding.DecodeString(base64DER)
	if err != nil {
		return Confidentiel{}, nil, fmt.Errorf("%w : certificat : %w", ErrConfidentiel, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Confidentiel{}, nil, fmt.Errorf("%w : certificat : %w", ErrConfidentiel, err)
	}
	cle, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return Confidentiel{}, nil, fmt.Errorf("%w : clé P-256 attendue", ErrConfidentiel)
	}
	return Confidentiel{cle, KidDe(der)}, der, nil
}

// KidDe names a confidentiality key by the SHA-256 of its certificate.
func KidDe(der []byte) string {
	d := sha256.Sum256(der)
	return hex.EncodeToString(d[:])
}

// Chiffrer encrypts the JSON of a body and gives what the envelope must say.
func (c Confidentiel) Chiffrer(corps []byte) (jwe, engagement string, err error) {
	clair, err := jades.Envelopper(corps)
	if err != nil {
		return "", "", fmt.Errorf("%w : %w", ErrConfidentiel, err)
	}
	jwe, err = jades.Chiffrer(clair, c.cle, c.kid)
	if err != nil {
		return "", "", fmt.Errorf("%w : %w", ErrConfidentiel, err)
	}
	return jwe, jades.Engagement(clair), nil
}

// Dechiffreur holds the confidentiality keys of a party, current and next, by
// the SHA-256 of their certificate.
type Dechiffreur map[string]jades.Accord

// Corps decrypts the body of a message and checks it against its envelope. The
// error is a *Refus.
func (d Dechiffreur) Corps(jwe string, env *Enveloppe) ([]byte, error) {
	kid, err := jades.Destinataire(jwe)
	if err != nil {
		return nil, &Refus{Code: Illisible, Detail: "corps chiffré illisible", Cause: err}
	}
	cle := d[kid]
	if cle == nil {
		return nil, Refuser(Illisible, "corps chiffré pour une clé qui n'est pas ou plus la nôtre")
	}
	clair, err := jades.Dechiffrer(jwe, cle)
	if err != nil {
		return nil, &Refus{Code: Illisible, Detail: "corps indéchiffrable", Cause: err}
	}
	corps, err := jades.Devoiler(clair, env.EmpreinteCorps)
	if err != nil {
		return nil, &Refus{Code: SceauInvalide, Detail: "le corps n'est pas celui que l'enveloppe annonce", Cause: err}
	}
	return corps, nil
}
