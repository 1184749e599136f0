package etablissement

import (
	"errors"

	"github.com/ecluse-sante/ecluse/roc"
)

// The kinds of errors of this room. Each is found with errors.Is; an *Erreur
// says more.
var (
	// ErrInconnue: no such visit, coverage or question.
	ErrInconnue = errors.New("etablissement: inconnu")
	// ErrDoublon: the file already has a visit for this period.
	ErrDoublon = errors.New("etablissement: existe déjà")
	// ErrVersion: the visit was changed since it was read.
	ErrVersion = errors.New("etablissement: modifié entre-temps")
	// ErrDonnees: what was given does not hold together.
	ErrDonnees = errors.New("etablissement: données refusées")
	// ErrEnAttente: an insurer's answer is awaited.
	ErrEnAttente = errors.New("etablissement: réponse attendue")
	// ErrSansReponse: the question is written down and no answer came; the same
	// question will be sent again.
	ErrSansReponse = errors.New("etablissement: sans réponse")
	// ErrRefus: the exchange refused the question itself (T and S codes) or the
	// directory has no way to the insurer (A codes).
	ErrRefus = errors.New("etablissement: question refusée")
	// ErrDroits: the rights in hand do not allow it.
	ErrDroits = errors.New("etablissement: droits insuffisants")
)

// Erreur is an error that a person reads: its kind, the code when one exists,
// and a French sentence without any value of the patient.
type Erreur struct {
	Sorte   error // one of the errors of this room
	Code    roc.Code
	Detail  string
	Reprise int   // seconds to wait before trying again, 0 when not said
	Cause   error // for the operator
}

// Error is the kind, the code and the sentence.
func (e *Erreur) Error() string {
	s := e.Sorte.Error()
	if e.Code != "" {
		s += " (" + string(e.Code) + ")"
	}
	if e.Detail != "" {
		s += " : " + e.Detail
	}
	return s
}

// Unwrap gives the kind and the cause.
func (e *Erreur) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Sorte}
	}
	return []error{e.Sorte, e.Cause}
}

func refuser(sorte error, code roc.Code, detail string) *Erreur {
	return &Erreur{Sorte: sorte, Code: code, Detail: detail}
}
