package front

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/sante"
)

// probleme is the body of a refusal of the desk. ref: RFC 9457
type probleme struct {
	Type    string `json:"type"`
	Titre   string `json:"title"`
	Statut  int    `json:"status"`
	Detail  string `json:"detail,omitempty"`
	Code    string `json:"code"`
	QuiAgit string `json:"quiAgit"`
	AFaire  string `json:"aFaire"`
	Numero  string `json:"numeroDemande,omitempty"` // to be given to the operator
}

const typeProbleme = "urn:x-ecluse:probleme:annuaire:"

// Errors of the desk itself.
var (
	errAnonyme  = errors.New("annuaire: demande sans identité")
	errCorps    = errors.New("annuaire: corps trop long")
	errType     = errors.New("annuaire: corps qui n'est pas du JSON")
	errVersion  = errors.New("annuaire: la fiche n'a plus cette version")
	errIfMatch  = errors.New("annuaire: If-Match illisible")
	errPlusieur = errors.New("annuaire: aucune fiche, ou plusieurs, ne montrent cette boîte")
	errAilleurs = errors.New("annuaire: la situation n'est pas de cette structure")
	errFutur    = errors.New("annuaire: jour à venir")
	errSansPass = errors.New("annuaire: le passé n'est pas gardé")
	errNature   = errors.New("annuaire: nature qui ne se crée pas ici")
)

const (
	logiciel     = "l'éditeur du logiciel qui appelle"
	demandeur    = "le demandeur"
	exploitant   = "l'exploitant de l'annuaire"
	proprietaire = "le propriétaire des champs"
)

// refusV1 are the errors as a caller reads them, the first that matches: the code, the
// status, the title, who acts and what he does.
var refusV1 = []struct {
	err         error
	code        string
	statut      int
	titre       string
	qui, aFaire string
}{
	{errAnonyme, "non-identifie", http.StatusUnauthorized, "Identité attendue", demandeur, "Présenter sa clé d'accès (Authorization: Bearer …) ou son certificat ; l'exploitant de l'annuaire les donne."},
	{errCorps, "corps-trop-long", http.StatusRequestEntityTooLarge, "Corps trop long", logiciel, "Envoyer moins de 256 Kio : une demande par fiche."},
	{errType, "corps-type", http.StatusUnsupportedMediaType, "Corps d'un autre type", logiciel, "Envoyer du JSON, avec Content-Type: application/json."},
	{errIfMatch, "version-illisible", http.StatusBadRequest, "Version illisible", logiciel, "Recopier dans If-Match l'ETag de la lecture, comme \"3\"."},
	{errVersion, "version-depassee", http.StatusPreconditionFailed, "La fiche a changé", demandeur, "Relire la fiche, puis redemander avec son nouvel ETag."},
	{annuaire.ErrAncienne, "version-depassee", http.StatusPreconditionFailed, "La fiche a changé", demandeur, "Relire la fiche, puis redemander avec son nouvel ETag."},
	{annuaire.ErrFicheRefusee, "controles", http.StatusUnprocessableEntity, "Refusé par les contrôles de qualité", demandeur, "Corriger ce que dit le contrôle, puis redemander."},
	{annuaire.ErrPasAVous, "pas-a-vous", http.StatusForbidden, "Ces champs sont tenus par un autre", proprietaire, "Lui proposer le changement par POST /v1/demandes, avec une preuve, ou attendre qu'il décide."},
	{annuaire.ErrInterdit, "hors-vue", http.StatusForbidden, "Champ que cette vue ne donne pas", demandeur, "Demander un accès qui donne ce champ : « ecluse annuaire pourquoi » dit lequel et à qui."},
	{annuaire.ErrMotif, "motif-attendu", http.StatusForbidden, "Motif attendu", demandeur, "Dire le motif de la lecture (en-tête X-Motif)."},
	{annuaire.ErrFamille, "famille-inconnue", http.StatusForbidden, "Famille d'acteurs inconnue", exploitant, "Donner au lecteur une famille de familles.csv."},
	{annuaire.ErrSansDemande, "demande-inconnue", http.StatusNotFound, "Aucune demande de ce numéro", demandeur, "Relire ses demandes (GET /v1/demandes)."},
	{annuaire.ErrInconnu, "fiche-inconnue", http.StatusNotFound, "Aucune fiche de cet identifiant", demandeur, "Relire l'identifiant dans l'annuaire, où il est stable."},
	{errAilleurs, "fiche-inconnue", http.StatusNotFound, "Aucun agent de cet identifiant dans cette structure", demandeur, "Relire la situation d'exercice dans l'annuaire."},
	{annuaire.ErrPreuve, "preuve-attendue", http.StatusUnprocessableEntity, "Preuve attendue", demandeur, "Ajouter « preuve » : le numéro de la pièce sur laquelle la proposition s'appuie."},
	{annuaire.ErrMotifRefus, "motif-refus-attendu", http.StatusUnprocessableEntity, "Un refus dit pourquoi", demandeur, "Ajouter « motif » au corps de la demande."},
	{annuaire.ErrDejaDecidee, "deja-decidee", http.StatusConflict, "Demande déjà décidée", demandeur, "Relire la demande : elle dit qui l'a décidée, et quand."},
	{annuaire.ErrDejaLa, "existe-deja", http.StatusConflict, "Cette fiche existe déjà", demandeur, "Lire la fiche, et demander de la changer."},
	{annuaire.ErrSansEffet, "sans-effet", http.StatusConflict, "La fiche est déjà ainsi", demandeur, "Rien à faire : la fiche dit déjà cela."},
	{annuaire.ErrRubrique, "rubrique-inconnue", http.StatusUnprocessableEntity, "Rubrique inconnue", logiciel, "Prendre une rubrique que GET /v1/moi donne pour cette nature de fiche."},
	{annuaire.ErrElement, "element-absent", http.StatusUnprocessableEntity, "Élément absent de la fiche", demandeur, "Ajouter d'abord l'élément, par sa première rubrique."},
	{annuaire.ErrValeur, "valeur", http.StatusUnprocessableEntity, "Valeur refusée", demandeur, "Corriger la valeur, puis redemander."},
	{sante.ErrTexteNIR, "numero-securite-sociale", http.StatusUnprocessableEntity, "Numéro de sécurité sociale", demandeur, "L'ôter : l'annuaire n'en garde aucun."},
	{annuaire.ErrDemande, "demande-mal-faite", http.StatusUnprocessableEntity, "Demande mal faite", logiciel, "Ne mettre dans une demande que des champs d'un même groupe, 64 au plus, avec leur clé quand ils sont d'une liste."},
	{errPlusieur, "porteur-attendu", http.StatusUnprocessableEntity, "Dire qui porte la boîte", demandeur, "Donner « nature » et « id » de la fiche qui la porte."},
	{errFutur, "jour-a-venir", http.StatusUnprocessableEntity, "Jour à venir", demandeur, "Attendre ce jour : la fiche n'est plus active dès que la demande est faite."},
	{errNature, "creation-par-flux", http.StatusUnprocessableEntity, "Fiche qui ne se crée pas ici", exploitant, "Dire les numéros d'un praticien ou d'une structure ; les activités, les équipements et les points d'accès viennent de leur flux, et se changent ensuite ici."},
	{errSansPass, "passe-absent", http.StatusNotFound, "Le passé n'est pas gardé", exploitant, "Garder les versions passées, dans la base de l'annuaire."},
	{errSansTrace, "trace-impossible", http.StatusServiceUnavailable, "Lecture qui ne peut être tracée", exploitant, "Rien n'est donné sans trace : réessayer plus tard."},
}

// direProbleme answers a problem document: the one place that does it.
func (x *visite) direProbleme(err error) {
	p := x.probleme(err)
	h := x.w.Header()
	switch p.Statut {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "30")
		}
	}
	h.Del("ETag")
	b, err := json.Marshal(p)
	if err != nil {
		b = []byte("{}") // not reached: texts and a number
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	x.w.WriteHeader(p.Statut)
	_, _ = x.w.Write(b) // a client that left is no concern of ours
}

func (x *visite) probleme(err error) probleme {
	var forme *formeIllisible
	var refuse *fhir.Error
	switch {
	case errors.As(err, &forme):
		return probleme{Type: typeProbleme + "forme", Titre: "Requête illisible", Statut: http.StatusBadRequest, Detail: forme.Error(), Code: "forme",
			QuiAgit: logiciel, AFaire: "Corriger la requête d'après docs/annuaire.md."}
	case errors.As(err, &refuse):
		statut, issue := fhir.Outcome(refuse)
		return probleme{Type: typeProbleme + string(issue.Code), Titre: "Demande refusée", Statut: statut, Detail: issue.Diagnostics, Code: string(issue.Code),
			QuiAgit: demandeur, AFaire: "Faire ce que dit le détail."}
	}
	for _, s := range refusV1 {
		if errors.Is(err, s.err) {
			p := probleme{Type: typeProbleme + s.code, Titre: s.titre, Statut: s.statut, Code: s.code, QuiAgit: s.qui, AFaire: s.aFaire}
			if s.statut != http.StatusServiceUnavailable {
				p.Detail = strings.TrimPrefix(err.Error(), "annuaire: ")
			}
			if s.err == annuaire.ErrPasAVous {
				if t := x.titulaires(x.nature, x.groupe); t != "" {
					p.QuiAgit = t
				}
			}
			return p
		}
	}
	numero := rand.Text()[:12]
	if j := x.g.o.Journal; j != nil {
		j.Error("guichet de l'annuaire en erreur", "numero", numero, "methode", x.r.Method, "erreur", err)
	}
	return probleme{Type: typeProbleme + "interne", Titre: "Erreur interne", Statut: http.StatusInternalServerError, Code: "interne", Numero: numero,
		QuiAgit: exploitant, AFaire: "Recommencer ; si cela dure, lire la cause dans le journal technique, sous ce numéro."}
}

// titulaires are the titles of the families that keep a group of a nature.
func (x *visite) titulaires(n annuaire.Nature, g annuaire.Groupe) string {
	d := x.g.o.Demandes.Donnees
	familles, _ := d.Proprietes.De(n, g)
	var l []string
	for _, nom := range familles {
		if f, ok := d.Regards.Famille(nom); ok {
			l = append(l, f.Titre)
		}
	}
	return strings.Join(l, ", ou ")
}
