package gate

import (
	"encoding/base64"
	"fmt"
	"sync/atomic"

	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// Porte is one party that the process carries: its name, its seal, its keys and
// the services it offers. ref: DEC 2
type Porte struct {
	Tenant        string
	Moi           roc.Partie
	Environnement roc.Environnement
	// Baseline tells which sealers must use baseline B properties. ref: DEC 10
	Baseline func(structure string) bool

	cachet   atomic.Pointer[sceau.Cachet]
	cles     atomic.Pointer[map[string]jades.Accord]
	services map[roc.Service]*Service
}

// NewPorte makes a party that seals with c and offers these services.
func NewPorte(tenant string, moi roc.Partie, env roc.Environnement, c *sceau.Cachet, services ...*Service) *Porte {
	p := &Porte{Tenant: tenant, Moi: moi, Environnement: env, services: make(map[roc.Service]*Service)}
	for _, s := range services {
		p.services[s.nom] = s
	}
	p.cachet.Store(c)
	p.cles.Store(&map[string]jades.Accord{})
	return p
}

// Cachet is what the party seals with now.
func (p *Porte) Cachet() *sceau.Cachet { return p.cachet.Load() }

// Resceller changes the seal without a restart.
func (p *Porte) Resceller(c *sceau.Cachet) { p.cachet.Store(c) }

// Dechiffreurs sets the confidentiality keys, current and next, by the SHA-256
// of their certificate in hexadecimal.
func (p *Porte) Dechiffreurs(cles map[string]jades.Accord) { p.cles.Store(&cles) }

// corpsClair decrypts the body of a message and checks it against the envelope.
func (p *Porte) corpsClair(jwe string, env *roc.Enveloppe) ([]byte, error) {
	kid, err := jades.Destinataire(jwe)
	if err != nil {
		return nil, roc.Refuser(roc.Illisible, "corps chiffré illisible")
	}
	cle := (*p.cles.Load())[kid]
	if cle == nil {
		return nil, roc.Refuser(roc.Illisible, "corps chiffré pour une clé qui n'est pas ou plus la nôtre")
	}
	clair, err := jades.Dechiffrer(jwe, cle)
	if err != nil {
		return nil, roc.Refuser(roc.Illisible, "corps indéchiffrable")
	}
	corps, err := jades.Devoiler(clair, env.EmpreinteCorps)
	if err != nil {
		return nil, roc.Refuser(roc.SceauInvalide, "le corps n'est pas celui que l'enveloppe annonce")
	}
	return corps, nil
}

// Confidentiel is a recipient's key to encrypt a body for.
type Confidentiel struct {
	cle *ecdsa.PublicKey
	kid string
}

// ParseConfidentiel reads a certificate of confidentiality in base64 DER. Who it
// belongs to is judged by the caller.
func ParseConfidentiel(base64DER string) (Confidentiel, []byte, error) {
	der, err := base64.StdEncoding.DecodeString(base64DER)
	if err != nil {
		return Confidentiel{}, nil, fmt.Errorf("certificat de confidentialité: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Confidentiel{}, nil, fmt.Errorf("certificat de confidentialité: %w", err)
	}
	cle, ok := cert.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return Confidentiel{}, nil, fmt.Errorf("certificat de confidentialité: clé P-256 attendue")
	}
	return Confidentiel{cle, KidDe(der)}, der, nil
}

// KidDe names a confidentiality key by its certificate.
func KidDe(der []byte) string {
	d := sha256.Sum256(der)
	return hex.EncodeToString(d[:])
}

// Chiffrer encrypts the JSON of a body and gives what the envelope must say.
func (c Confidentiel) Chiffrer(corps []byte) (jwe, engagement string, err error) {
	clair, err := jades.Envelopper(corps)
	if err != nil {
		return "", "", err
	}
	jwe, err = jades.Chiffrer(clair, c.cle, c.kid)
	return jwe, jades.Engagement(clair), err
}
