package front

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// pannes are the errors of the directory, as a client reads them. What is not here is an
// internal error that tells nothing. ref: RASS §7.1
var pannes = []struct {
	erreur error
	refus  *fhir.Error
}{
	{annuaire.ErrInconnu, refus(fhir.CodeNotFound, "", "aucune ressource n'a cet identifiant : le relire dans l'annuaire, où il est stable")},
	{annuaire.ErrCurseur, refus(fhir.CodeInvalid, "", "ce lien n'a pas été fait par cet annuaire, ou il a été modifié : reprendre la recherche au début")},
	{annuaire.ErrPerime, refus(fhir.CodeExpired, "", "ce lien a expiré, l'annuaire a changé depuis : reprendre la recherche au début")},
	{annuaire.ErrTropLarge, refus(fhir.CodeTooCostly, "", "cette recherche parcourrait trop de fiches : la préciser, ou demander un export ($export)")},
	{annuaire.ErrOperateur, refus(fhir.CodeNotSupported, "", "ce paramètre ne se cherche pas ainsi : voir /metadata")},
	{annuaire.ErrInterdit, refus(fhir.CodeForbidden, "", "un champ cherché n'est pas de cette vue (en-tête X-Vue) : l'ôter, ou demander un accès qui le donne ; « ecluse annuaire pourquoi » dit lequel")},
	{annuaire.ErrMotif, refus(fhir.CodeForbidden, "", "cette vue donne des données restreintes : dire le motif de la lecture")},
	{annuaire.ErrFamille, refus(fhir.CodeForbidden, "", "aucune vue n'est ouverte à votre famille d'acteurs : demander une habilitation")},
	{errSansTrace, refus(fhir.CodeTransient, "", "cette vue est tracée et la trace ne peut être gardée : rien n'est donné, réessayer plus tard")},
	{context.DeadlineExceeded, refus(fhir.CodeTimeout, "", "la réponse a pris trop de temps : préciser la recherche, ou réessayer")},
	{errTropGros, &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeTooLong, Diagnostics: "le corps dépasse 64 Ko : couper la recherche en plusieurs"}, HTTP: http.StatusRequestEntityTooLarge}},
}

var errSansTrace = errors.New("annuaire: lecture restreinte sans trace")

var errTropGros = errors.New("annuaire: corps de recherche trop long")

// enFHIR is an error as a client reads it.
func enFHIR(err error) (int, fhir.Issue) {
	for _, p := range pannes {
		if errors.Is(err, p.erreur) {
			return fhir.Outcome(p.refus)
		}
	}
	return fhir.Outcome(err)
}

// refuser answers an OperationOutcome. Only what tells nothing is said to the operator.
func (p *Porte) refuser(w http.ResponseWriter, f fhir.Format, err error) {
	status, issue := enFHIR(err)
	if status == http.StatusInternalServerError && p.o.Journal != nil {
		p.o.Journal.Error("annuaire: réponse impossible", "erreur", err)
	}
	h := w.Header()
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", strconv.Itoa(30))
		}
	case http.StatusUnauthorized:
		if h.Get("WWW-Authenticate") == "" {
			h.Set("WWW-Authenticate", "Bearer")
		}
	}
	h["Cache-Control"] = sansGarde
	p.envoyer(w, f, status, fhir.AppendOutcome(nil, issue))
}

func methode(l string) error {
	return &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeNotSupported, Diagnostics: "cette adresse ne prend que " + l}, HTTP: http.StatusMethodNotAllowed}
}
