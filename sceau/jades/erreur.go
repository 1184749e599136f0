package jades

import (
	"errors"
	"strconv"
)

// Err is what every refusal of this package wraps, for errors.Is.
var Err = errors.New("jades: sceau ou chiffrement refusé")

// Motif is the reason of a refusal. The zero value is "not said".
type Motif uint8

// Reasons of refusal, in the order in which they are looked for.
const (
	MotifForme      Motif = iota + 1 // not a detached compact JWS, or a compact JWE
	MotifTaille                      // larger than the bounds
	MotifEntete                      // header not base64url, not strict JSON, wrong type
	MotifAlgorithme                  // not on the list
	MotifCritique                    // crit absent when due, ill-formed, or not understood
	MotifSourceCle                   // the header wants to choose the key itself
	MotifCertificat                  // x5c missing, unreadable, or too long
	MotifEmpreinte                   // x5t#S256 is not that of the certificate
	MotifInstant                     // sigT or iat ill-formed
	MotifBaseline                    // a JAdES baseline B header is missing
	MotifCle                         // key of another kind than the algorithm, or too weak
	MotifSignature                   // the signature does not match
	MotifCharge                      // sealed clear text not of the expected form
	MotifEngagement                  // the clear text is not the one committed to
	MotifIntegrite                   // the ciphertext was altered or is for another key
)

var libelles = [...]string{
	0:               "motif non précisé",
	MotifForme:      "forme compacte invalide",
	MotifTaille:     "taille excessive",
	MotifEntete:     "en-tête illisible",
	MotifAlgorithme: "algorithme non admis",
	MotifCritique:   "en-tête critique non compris",
	MotifSourceCle:  "clé désignée par l’en-tête",
	MotifCertificat: "certificat absent ou illisible",
	MotifEmpreinte:  "empreinte du certificat différente",
	MotifInstant:    "instant de signature illisible",
	MotifBaseline:   "en-tête JAdES obligatoire absent",
	MotifCle:        "clé inadaptée à l’algorithme",
	MotifSignature:  "signature invalide",
	MotifCharge:     "contenu en clair mal formé",
	MotifEngagement: "contenu différent de celui annoncé",
	MotifIntegrite:  "contenu chiffré altéré ou destiné à une autre clé",
}

// String is the reason in French.
func (m Motif) String() string {
	if int(m) < len(libelles) {
		return libelles[m]
	}
	return libelles[0]
}

// Erreur tells why a seal or a ciphertext was refused. Detail names header
// members at most, never what was sealed.
type Erreur struct {
	Motif  Motif
	Detail string
	Cause  error // for the operator; may be nil
}

// Error is the French sentence shown to people.
func (e *Erreur) Error() string {
	if e.Detail == "" {
		return "jades: " + e.Motif.String()
	}
	return "jades: " + e.Motif.String() + " (" + e.Detail + ")"
}

// Unwrap gives Err and the cause.
func (e *Erreur) Unwrap() []error {
	if e.Cause == nil {
		return []error{Err}
	}
	return []error{Err, e.Cause}
}

func refus(m Motif, detail string) error { return &Erreur{Motif: m, Detail: detail} }

// cite quotes a header member for a message: bounded, without control characters.
func cite(s []byte) string {
	const max = 40
	if len(s) > max {
		return strconv.QuoteToGraphic(string(s[:max])) + "…"
	}
	return strconv.QuoteToGraphic(string(s))
}
