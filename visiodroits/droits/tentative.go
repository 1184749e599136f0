package droits

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/ecluse-sante/ecluse/trame"
)

// ClasseErreur is what went wrong in an attempt, without a word of what was sent.
type ClasseErreur string

// Classes of errors.
const (
	ErreurNom       ClasseErreur = "NOM"       // the name of the server is not resolved
	ErreurConnexion ClasseErreur = "CONNEXION" // refused, cut, no route
	ErreurDelai     ClasseErreur = "DELAI"     // no answer in time
	ErreurTLS       ClasseErreur = "TLS"       // the server is not who it should be
	ErreurReponse   ClasseErreur = "REPONSE"   // an answer came, that says it is unavailable or is not one
)

// Codes is the closed list of classes.
func (ClasseErreur) Codes() []string {
	return []string{"NOM", "CONNEXION", "DELAI", "TLS", "REPONSE"}
}

// Classer gives the class of the error that a request ended with.
func Classer(err error) ClasseErreur {
	var (
		nom     *net.DNSError
		reseau  net.Error
		alerte  tls.AlertError
		verif   *tls.CertificateVerificationError
		inconnu x509.UnknownAuthorityError
		hote    x509.HostnameError
		op      *net.OpError
	)
	switch {
	case errors.As(err, &alerte), errors.As(err, &verif), errors.As(err, &inconnu), errors.As(err, &hote):
		return ErreurTLS
	case errors.As(err, &nom):
		return ErreurNom
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &reseau) && reseau.Timeout():
		return ErreurDelai
	case errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErreurConnexion
	}
	return ErreurReponse
}

// Tentative is the evidence of an attempt that failed: it goes with the invoice
// that is billed in degraded mode. It has a host and no address, a class and no
// text, so that it can tell nothing of the person. ref: VISIO §8.3, §13 (F711)
type Tentative struct {
	_       struct{}     `doc:"Trace d'une demande de droits restée sans réponse"`
	Instant time.Time    `fil:"instant" doc:"Quand la demande est partie"`
	Hote    Hote         `fil:"hote" doc:"Serveur appelé"`
	Classe  ClasseErreur `fil:"classe" doc:"Ce qui a manqué"`
	Cause   CauseDegrade `fil:"cause" doc:"Où l'échange s'est arrêté"`
	Code    string       `fil:"code,min=3,max=3" doc:"Code constaté : 201, 202, 203 ou 204"`
}

var planTentative = trame.Pour[Tentative](espace)

// ErrTentative is returned for what is not the evidence of a failed attempt.
var ErrTentative = errors.New("droits: trace de tentative illisible, ou dont le code n'ouvre pas le mode dégradé")

// NouvelleTentative makes the evidence of a failed attempt; the code is one that
// opens the degraded mode: 200 is not.
func NouvelleTentative(instant time.Time, hote Hote, classe ClasseErreur, code string) (Tentative, error) {
	cause, ok := CauseDe(code)
	t := Tentative{Instant: instant.UTC().Truncate(time.Millisecond), Hote: hote, Classe: classe, Cause: cause, Code: code}
	if !ok || instant.IsZero() {
		return Tentative{}, ErrTentative
	}
	if err := planTentative.Verify(&t); err != nil {
		return Tentative{}, fmt.Errorf("%w: %w", ErrTentative, err)
	}
	return t, nil
}

// Octets are the evidence as it is stored and sent: canonical JSON.
func (t *Tentative) Octets() []byte { return planTentative.AppendJSON(nil, t) }

// LireTentative reads what Octets wrote.
func LireTentative(b []byte) (Tentative, error) {
	var t Tentative
	if err := planTentative.DecodeJSON(b, &t); err != nil {
		return Tentative{}, fmt.Errorf("%w: %w", ErrTentative, err)
	}
	if cause, ok := CauseDe(t.Code); !ok || cause != t.Cause || !bytes.Equal(t.Octets(), b) {
		return Tentative{}, ErrTentative
	}
	return t, nil
}
