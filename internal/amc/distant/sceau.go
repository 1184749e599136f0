package distant

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// Sceau seals what leaves and judges what comes.
type Sceau interface {
	// Sceller gives the detached seal of a canonical text.
	Sceller(texte []byte, a time.Time) (string, error)
	// Verifier refuses a seal that the other party did not make over the text,
	// or that it made more than five minutes away.
	Verifier(sceau string, texte []byte, a time.Time) error
}

// ErrSceau wraps every refusal of Jades.Verifier.
var ErrSceau = errors.New("sceau refusé")

// Jades is a Sceau between two parties that know each other's certificates.
type Jades struct {
	Scelleur *jades.Scelleur
	// Certificats of the other party, DER: the current one and the next.
	Certificats [][]byte
}

// toleranceInstant is how far a seal may be from now, as for the exchange.
// ref: ROC §16.3
const toleranceInstant = 300 * time.Second

// Sceller seals a canonical text.
func (j *Jades) Sceller(texte []byte, a time.Time) (string, error) {
	return j.Scelleur.Sceller(texte, a)
}

// Verifier checks that the text is canonical and sealed, now, by a known
// certificate in its time of validity.
func (j *Jades) Verifier(sceau string, texte []byte, a time.Time) error {
	canonique, err := jcs.Canoniser(make([]byte, 0, len(texte)), texte, jcs.Limites{Taille: TailleMax})
	if err != nil || !bytes.Equal(canonique, texte) {
		return fmt.Errorf("%w : le texte n'est pas du JSON canonique", ErrSceau)
	}
	r, err := jades.Verifier(sceau, texte, jades.Options{ExigerBaseline: true, Cle: func(der []byte) (crypto.PublicKey, error) { return j.cle(der, a) }})
	if err != nil {
		return fmt.Errorf("%w : %w", ErrSceau, err)
	}
	if ecart := a.Sub(r.Instant); ecart > toleranceInstant || ecart < -toleranceInstant {
		return fmt.Errorf("%w : scellé à plus de cinq minutes d'ici", ErrSceau)
	}
	return nil
}

func (j *Jades) cle(der []byte, a time.Time) (crypto.PublicKey, error) {
	for _, connu := range j.Certificats {
		if !bytes.Equal(connu, der) {
			continue
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		if a.Before(c.NotBefore) || a.After(c.NotAfter) {
			return nil, errors.New("certificat hors de sa période de validité")
		}
		return c.PublicKey, nil
	}
	return nil, errors.New("certificat inconnu")
}
