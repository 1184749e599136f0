package etablissement

import (
	"errors"
	"strings"

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

	QuiAgit    string               // when it is not who the code says, or there is no code
	AFaire     string               // when it is not what the code says, or there is no code
	Engagement roc.NumeroEngagement // the one that stands in the way, when there is one
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

// refusEtape refuses a step that the table does not allow: which one, and what is
// possible instead.
func refusEtape(etat Etat, e Evenement, cause error) *Erreur {
	x := &Erreur{Sorte: ErrTransition, Cause: cause, QuiAgit: agent,
		Detail: "Impossible de " + e.Geste() + " : la couverture est dans l'état « " + etat.Libelle() + " »."}
	var l []string
	for _, p := range Possibles(etat) {
		if g := p.Geste(); g != "" {
			l = append(l, g)
		}
	}
	switch {
	case etat == Close:
		x.AFaire = "Rien : cette couverture est close."
	case len(l) == 0:
		x.QuiAgit, x.AFaire = "l'AMC", "Attendre le retour de l'AMC."
	default:
		x.AFaire = "Étapes possibles maintenant : " + strings.Join(l, " ; ") + "."
	}
	return x
}

// refusDe gives a refusal of the exchange the form of this room.
func refusDe(sorte error, r *roc.Refus, detail string, cause error) *Erreur {
	return &Erreur{Sorte: sorte, Code: r.Code, Detail: detail, Reprise: r.Reprise, QuiAgit: r.Qui, AFaire: r.AFaire, Cause: cause}
}

func refuser(sorte error, code roc.Code, detail string) *Erreur {
	return &Erreur{Sorte: sorte, Code: code, Detail: detail}
}
