package front

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/trame"
)

// Probleme is the body of a refusal. ref: RFC 9457
type Probleme struct {
	Type           string   `fil:"type" doc:"Sorte de problème"`
	Titre          string   `fil:"title" doc:"Ce qui est arrivé"`
	Statut         int      `fil:"status,min=400,max=599" doc:"État HTTP"`
	Detail         string   `fil:"detail,opt,max=2000" doc:"Précision pour une personne"`
	Code           roc.Code `fil:"code,opt" doc:"Code de retour du profil"`
	QuiAgit        string   `fil:"quiAgit,opt,max=100" doc:"Qui doit agir"`
	AFaire         string   `fil:"aFaire,opt,max=500" doc:"Ce qu'il faut faire"`
	ReprendreApres int      `fil:"reprendreApres,opt,min=0,max=86400" doc:"Secondes à attendre avant de recommencer"`
	NumeroDemande  string   `fil:"numeroDemande,opt,max=40" doc:"Numéro à donner à l'assistance"`
}

var planProbleme = trame.Pour[Probleme](espace)

// probleme is a refusal of the door itself.
type probleme struct {
	statut int
	titre  string
	detail string
}

func (p *probleme) Error() string { return p.titre + " : " + p.detail }

// sortes gives each kind of error its place in HTTP, the first that matches.
var sortes = []struct {
	err    error
	nom    string
	titre  string
	statut int
}{
	{etablissement.ErrInconnue, "inconnue", "Introuvable", http.StatusNotFound},
	{etablissement.ErrDoublon, "doublon", "Existe déjà", http.StatusConflict},
	{etablissement.ErrVersion, "version", "Changé entre-temps", http.StatusPreconditionFailed},
	{etablissement.ErrDonnees, "donnees", "Données refusées", http.StatusUnprocessableEntity},
	{etablissement.ErrEnAttente, "attente", "Réponse attendue", http.StatusConflict},
	{etablissement.ErrSansReponse, "sans-reponse", "L'AMC n'a pas répondu", http.StatusGatewayTimeout},
	{etablissement.ErrRefus, "refus", "Question refusée", http.StatusBadGateway},
	{etablissement.ErrDroits, "droits", "Droits insuffisants", http.StatusConflict},
	{etablissement.ErrTransition, "etape", "Étape impossible", http.StatusConflict},
}

const typeProbleme = "urn:x-ecluse:probleme:"

// refuser turns an error into a problem document: the one place that does it.
func (f *Front) refuser(w http.ResponseWriter, q *http.Request, err error) {
	p := f.problemeDe(q, err)
	w.Header().Set("Content-Type", "application/problem+json")
	if p.ReprendreApres > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.ReprendreApres))
	}
	w.WriteHeader(p.Statut)
	w.Write(planProbleme.AppendJSON(nil, &p)) // the caller has gone when it fails
}

func (f *Front) problemeDe(q *http.Request, err error) Probleme {
	var porte *probleme
	var forme *trame.Erreur
	var e *etablissement.Erreur
	switch {
	case errors.As(err, &porte):
		return Probleme{Type: "about:blank", Titre: porte.titre, Statut: porte.statut, Detail: porte.detail}
	case errors.As(err, &forme):
		return Probleme{Type: typeProbleme + "forme", Titre: "Requête illisible", Statut: http.StatusBadRequest, Detail: couper(forme.Error()),
			QuiAgit: "l'éditeur du logiciel de facturation"}
	case errors.As(err, &e):
		for _, s := range sortes {
			if errors.Is(e, s.err) {
				return problemeMetier(e, s.nom, s.titre, s.statut)
			}
		}
	}
	numero := rand.Text()[:12]
	f.o.Journal.Error("requête locale en erreur", slog.String("numero", numero), slog.String("methode", q.Method), slog.Any("erreur", err))
	return Probleme{Type: typeProbleme + "interne", Titre: "Erreur interne", Statut: http.StatusInternalServerError,
		Detail: "Recommencer ; si cela dure, donner le numéro de demande à l'assistance.", NumeroDemande: numero}
}

// problemeMetier says who must act and what to do, when a code tells it.
func problemeMetier(e *etablissement.Erreur, nom, titre string, statut int) Probleme {
	p := Probleme{Type: typeProbleme + nom, Titre: titre, Statut: statut, Detail: couper(e.Detail), Code: e.Code, ReprendreApres: e.Reprise}
	if e.Code != "" {
		c := etablissement.ConsigneDe(e.Code, "")
		p.QuiAgit, p.AFaire = c.QuiAgit, c.AFaire
		if p.Detail == "" {
			p.Detail = c.Constat
		}
	}
	return p
}

// detailMax bounds the sentence of a problem.
const detailMax = 1900

func couper(s string) string {
	for i := range s {
		if i >= detailMax {
			return s[:i] + "…"
		}
	}
	return s
}
