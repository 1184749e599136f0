package jades

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"hash"
	"slices"
	"time"
)

// Options are what a caller asks of a seal. The zero value is a working default.
type Options struct {
	// Cle gives the public key of a certificate in DER, so that a caller parses
	// and judges each certificate once and remembers it by its hash. Its error is
	// returned as it is. Nil: the certificate is parsed each time and not judged.
	Cle func(certificat []byte) (crypto.PublicKey, error)

	// ExigerBaseline refuses a seal without the headers of JAdES baseline B:
	// x5t#S256, and sigT or iat.
	ExigerBaseline bool

	// Algorithmes narrows the list; empty: all that this package knows.
	Algorithmes []Algorithme
}

// Resultat is what a verified seal says.
type Resultat struct {
	Algorithme Algorithme
	Instant    time.Time // claimed by the signer; zero when the seal does not say it
	Certificat []byte    // leaf, DER: who sealed, if the caller trusts it
	Chaine     [][]byte  // the other certificates of the seal, DER: a hint
	Entete     *Entete
}

// Verifier reads a detached seal, obtains the key and checks that it is over
// payload, which must be the canonical bytes. The error wraps Err, except one of
// opts.Cle. The certificate is not judged here.
func Verifier[T ~string | ~[]byte](jws T, payload []byte, opts Options) (*Resultat, error) {
	s, err := Lire(jws)
	if err != nil {
		return nil, err
	}
	if err := s.convient(opts); err != nil {
		return nil, err
	}
	cle, err := opts.cle(s.Certificat())
	if err != nil {
		return nil, err
	}
	if err := s.Verifier(payload, cle); err != nil {
		return nil, err
	}
	return s.resultat(), nil
}

// Sceau is a seal that was read and whose header is acceptable, but whose
// signature is not yet verified: nothing in it may be believed.
type Sceau struct {
	entete    *Entete
	protege   []byte // encoded header, as signed
	signature []byte
}

// Lire reads a detached compact seal and judges its header. ref: RFC 7515 §5.2
func Lire[T ~string | ~[]byte](jws T) (*Sceau, error) {
	s, err := decouper([]byte(jws))
	if err != nil {
		return nil, err
	}
	if s.entete, err = lireEntete(s.protege); err != nil {
		return nil, err
	}
	for _, e := range etapes {
		if err := e.juge(s.entete); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Entete is the header, not yet to be believed.
func (s *Sceau) Entete() *Entete { return s.entete }

// Certificat is the leaf in DER, not yet to be believed.
func (s *Sceau) Certificat() []byte { return s.entete.Chaine[0] }

// Verifier checks that the seal was made over payload by the holder of cle.
func (s *Sceau) Verifier(payload []byte, cle crypto.PublicKey) error {
	return s.entete.Algorithme.verifier(cle, s.condense(payload), s.signature)
}

func (s *Sceau) resultat() *Resultat {
	e := s.entete
	return &Resultat{Algorithme: e.Algorithme, Instant: e.Instant, Certificat: e.Chaine[0], Chaine: e.Chaine[1:], Entete: e}
}

// decouper parts `<protected>..<signature>`. ref: RFC 7515 appendix F
func decouper(jws []byte) (*Sceau, error) {
	if len(jws) > TailleEnteteMax+signatureMax+2 {
		return nil, refus(MotifTaille, "sceau")
	}
	protege, suite, ok := bytes.Cut(jws, []byte("."))
	if !ok || len(suite) == 0 || suite[0] != '.' {
		return nil, refus(MotifForme, "en-tête..signature attendu")
	}
	if len(protege) > TailleEnteteMax {
		return nil, refus(MotifTaille, "en-tête")
	}
	signature, ok := b64url(suite[1:])
	if !ok || len(signature) == 0 {
		return nil, refus(MotifForme, "signature")
	}
	return &Sceau{protege: protege, signature: signature}, nil
}

// condense digests what was signed: header, dot, payload as it is or in base64url.
// ref: RFC 7797 §3
func (s *Sceau) condense(payload []byte) []byte {
	h := algorithmes[s.entete.Algorithme].hash.New()
	h.Write(s.protege)
	h.Write([]byte{'.'})
	if s.entete.ContenuBrut {
		h.Write(payload)
	} else {
		ecrireBase64(h, payload)
	}
	return h.Sum(nil)
}

func ecrireBase64(h hash.Hash, payload []byte) {
	w := base64.NewEncoder(base64.RawURLEncoding, h)
	w.Write(payload) // a hash does not fail
	w.Close()
}

// etapes are the judgements on a header, in order, with the words shown to people.
var etapes = [...]struct {
	nom  string
	juge func(*Entete) error
}{
	{"algorithme admis", (*Entete).jugerAlgorithme},
	{"en-têtes critiques compris", (*Entete).jugerCritiques},
	{"clé tirée du seul certificat", (*Entete).jugerSource},
	{"certificat présent, empreinte exacte", (*Entete).jugerCertificat},
}

func (e *Entete) jugerAlgorithme() error {
	switch {
	case e.presents&aAlg == 0:
		return refus(MotifAlgorithme, "absent")
	case e.Algorithme == 0:
		return refus(MotifAlgorithme, e.NomAlgorithme)
	}
	return nil
}

// jugerCritiques refuses what we do not understand, and crit lists that lie: a
// name twice, a name absent from the header. ref: RFC 7515 §4.1.11; RFC 7797 §6
func (e *Entete) jugerCritiques() error {
	for i, nom := range e.Critiques {
		var bit present
		switch nom {
		case "b64":
			bit = aB64
		case "sigT":
			bit = aSigT
		case "iat":
			bit = aIat
		default:
			return refus(MotifCritique, cite([]byte(nom)))
		}
		if e.presents&bit == 0 || slices.Contains(e.Critiques[:i], nom) {
			return refus(MotifCritique, nom)
		}
	}
	if e.presents&aB64 != 0 && !slices.Contains(e.Critiques, "b64") {
		return refus(MotifCritique, "b64 doit y figurer")
	}
	if e.presents&aSigT != 0 && e.presents&aIat != 0 {
		return refus(MotifInstant, "sigT et iat à la fois")
	}
	return nil
}

// jugerSource refuses a header that carries or points to its own key, and sigD,
// which would make the seal be over something else than the payload.
// hyp: JADES-SIGD a verifier of this profile need not know sigD
func (e *Entete) jugerSource() error {
	if e.sourceCle == "sigD" {
		return refus(MotifCritique, "sigD")
	}
	if e.sourceCle != "" {
		return refus(MotifSourceCle, e.sourceCle)
	}
	return nil
}

func (e *Entete) jugerCertificat() error {
	if len(e.Chaine) == 0 {
		return refus(MotifCertificat, "x5c")
	}
	if e.presents&aEmpreinte != 0 {
		if calcul := sha256.Sum256(e.Chaine[0]); !bytes.Equal(calcul[:], e.Empreinte) {
			return refus(MotifEmpreinte, "x5t#S256")
		}
	}
	return nil
}

// convient checks what this caller asks beyond what the formats do.
func (s *Sceau) convient(o Options) error {
	e := s.entete
	if len(o.Algorithmes) > 0 && !slices.Contains(o.Algorithmes, e.Algorithme) {
		return refus(MotifAlgorithme, e.Algorithme.String())
	}
	if !o.ExigerBaseline {
		return nil
	}
	// ref: TS 119 182-1 §6.3
	if e.presents&aEmpreinte == 0 {
		return refus(MotifBaseline, "x5t#S256")
	}
	if e.presents&(aSigT|aIat) == 0 {
		return refus(MotifBaseline, "sigT ou iat")
	}
	return nil
}

func (o Options) cle(certificat []byte) (crypto.PublicKey, error) {
	if o.Cle != nil {
		return o.Cle(certificat)
	}
	cert, err := x509.ParseCertificate(certificat)
	if err != nil {
		return nil, &Erreur{Motif: MotifCertificat, Cause: err}
	}
	return cert.PublicKey, nil
}
