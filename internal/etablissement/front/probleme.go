package front

import (
	"cmp"
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

	NumeroEngagement roc.NumeroEngagement `fil:"numeroEngagement,opt" doc:"Engagement en cours qui empêche l'étape"`
}

var planProbleme = trame.Pour[Probleme](espace)

// probleme is a refusal of the door itself. The billing software made the
// request: its editor acts, unless it is said otherwise.
type probleme struct {
	statut int
	titre  string
	detail string
	qui    string
	aFaire string
}

func (p *probleme) Error() string { return p.titre + " : " + p.detail }

const (
	editeur  = "l'éditeur du logiciel de facturation"
	logiciel = "le logiciel de facturation"
	agent    = "l'agent"
)

// sortes gives each kind of error its place in HTTP, the first that matches, and
// who acts when neither a code nor the rule says it.
var sortes = []struct {
	err         error
	nom         string
	titre       string
	statut      int
	qui, aFaire string
}{
	{etablissement.ErrInconnue, "inconnue", "Introuvable", http.StatusNotFound, logiciel, "Relire la liste des venues, puis recommencer avec un identifiant et un rang qui existent."},
	{etablissement.ErrDoublon, "doublon", "Existe déjà", http.StatusConflict, agent, "Reprendre ce qui existe déjà, au lieu de le créer de nouveau."},
	{etablissement.ErrVersion, "version", "Changé entre-temps", http.StatusPreconditionFailed, logiciel, "Relire la venue, puis recommencer sur sa version courante."},
	{etablissement.ErrDonnees, "donnees", "Données refusées", http.StatusUnprocessableEntity, agent, "Corriger ce qui est dit, puis recommencer."},
	{etablissement.ErrEnAttente, "attente", "Réponse attendue", http.StatusConflict, logiciel, "Patienter, puis recommencer."},
	{etablissement.ErrSansReponse, "sans-reponse", "L'AMC n'a pas répondu", http.StatusGatewayTimeout, logiciel, "Patienter : la même question sera envoyée de nouveau, sans risque de double engagement."},
	{etablissement.ErrRefus, "refus", "Question refusée", http.StatusBadGateway, agent, "Lire le détail, corriger, puis recommencer."},
	{etablissement.ErrDroits, "droits", "Droits insuffisants", http.StatusConflict, agent, "Demander les droits de nouveau."},
	{etablissement.ErrTransition, "etape", "Étape impossible", http.StatusConflict, agent, "Relire la venue : elle dit les étapes possibles."},
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
		return Probleme{Type: "about:blank", Titre: porte.titre, Statut: porte.statut, Detail: porte.detail,
			QuiAgit: cmp.Or(porte.qui, editeur), AFaire: cmp.Or(porte.aFaire, "Corriger la requête : "+porte.detail)}
	case errors.As(err, &forme):
		return Probleme{Type: typeProbleme + "forme", Titre: "Requête illisible", Statut: http.StatusBadRequest, Detail: couper(forme.Error()),
			QuiAgit: editeur, AFaire: "Corriger la requête d'après la description de l'interface (/v1/openapi.json)."}
	case errors.As(err, &e):
		for _, s := range sortes {
			if errors.Is(e, s.err) {
				p := problemeMetier(e, s.nom, s.titre, s.statut)
				p.QuiAgit, p.AFaire = cmp.Or(p.QuiAgit, s.qui), cmp.Or(p.AFaire, s.aFaire)
				return p
			}
		}
	}
	numero := rand.Text()[:12]
	f.o.Journal.Error("requête locale en erreur", slog.String("numero", numero), slog.String("methode", q.Method), slog.Any("erreur", err))
	return Probleme{Type: typeProbleme + "interne", Titre: "Erreur interne", Statut: http.StatusInternalServerError,
		Detail: "L'interface locale n'a pas pu servir la requête.", NumeroDemande: numero, QuiAgit: "l'exploitant d'Écluse dans l'établissement",
		AFaire: "Recommencer ; si cela dure, lire la cause dans le journal technique d'Écluse, sous ce numéro de demande."}
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
	p.QuiAgit, p.AFaire, p.NumeroEngagement = cmp.Or(e.QuiAgit, p.QuiAgit), cmp.Or(e.AFaire, p.AFaire), e.Engagement
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
