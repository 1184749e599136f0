package front

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/gate"
	"github.com/ecluse-sante/ecluse/sante"
)

// ProfilGuichet names the profile of the owners' desk, which is ours: no public text
// says how owners update the directory. hyp: GUICHET
const ProfilGuichet = "ecluse-annuaire/1"

// RegistreGuichet is what the desk reads of the requests that are kept.
type RegistreGuichet interface {
	// EnAttente are the requests that wait, the most urgent first, after one; nil for the
	// first ones.
	EnAttente(ctx context.Context, apres *annuaire.Demande, max int) ([]*annuaire.Demande, error)
	// DeActeur are the requests of who asked, after the number of one.
	DeActeur(ctx context.Context, par, apres string, max int) ([]*annuaire.Demande, error)
	// Etapes are the steps of a request, in their order.
	Etapes(ctx context.Context, numero string) ([]Etape, error)
}

// Etape is a step of a request: who did what, and why.
type Etape struct {
	Instant       time.Time
	Etat          annuaire.EtatDemande
	Acteur, Motif string
}

// OptionsGuichet are what the desk needs.
type OptionsGuichet struct {
	Images     *image.Depot
	Demandes   *annuaire.Demandes
	Registre   RegistreGuichet
	Historique annuaire.Historique // nil when the past is not kept
	Traceur    annuaire.Traceur    // without it, what is read by a traced view is refused
	// Qui tells what the author of a request sees; an error refuses him, a *fhir.Error
	// with its status.
	Qui func(*http.Request) (*annuaire.Vision, error)
	// Compter tells where the records that a reader is shown are counted; nil for nowhere.
	Compter func(*http.Request) func(id string)
	// Identifier gives the ID of a record to be made, as the feeds will give it.
	Identifier func(*annuaire.Changement) (string, error)
	// Servir puts what was just written in service at this node; nil to wait for what
	// follows the store.
	Servir  func(context.Context) error
	Horloge sante.Horloge
	Journal *slog.Logger // of what the operator must know; nil for none
}

// Guichet is the door by which those who keep a part of the directory change it, in
// JSON: each request is a [annuaire.Demande], and the rules decide. ref: RASS §9
type Guichet struct {
	o   OptionsGuichet
	mux http.Handler
}

// NouveauGuichet makes the desk.
func NouveauGuichet(o OptionsGuichet) (*Guichet, error) {
	if o.Images == nil || o.Demandes == nil || o.Registre == nil || o.Qui == nil || o.Horloge == nil || o.Identifier == nil {
		return nil, errors.New("guichet de l'annuaire: images, demandes, registre, identité, horloge et identifiants doivent être donnés")
	}
	g := &Guichet{o: o}
	mux := http.NewServeMux()
	for _, r := range routesV1() {
		mux.HandleFunc(r.Methode+" "+r.Chemin, func(w http.ResponseWriter, q *http.Request) { g.servir(w, q, r.servir) })
	}
	g.mux = gate.EnFrancais(mux)
	return g, nil
}

type routeV1 struct {
	Route
	servir func(*visite) error
}

// routesV1 are the addresses of the desk. ref: RASS §9
func routesV1() []routeV1 {
	return []routeV1{
		{Route{"GET", "/v1/moi", "Qui je suis pour l'annuaire, ce qui est à moi, ce que je peux changer"}, (*visite).moi},                                         // ref: RASS §8
		{Route{"GET", "/v1/fiches/{nature}/{id}", "Une fiche comme je la vois, ou à un jour (vrai=) par ce qu'on savait à un instant (connu=)"}, (*visite).fiche}, // ref: RASS §4
		{Route{"GET", "/v1/fiches/{nature}/{id}/versions", "Ses versions, la dernière d'abord"}, (*visite).versions},                                              // ref: RASS §4
		{Route{"POST", "/v1/demandes", "Change des champs ou crée une fiche : fait aussitôt par qui la tient, proposé à lui par un autre"}, (*visite).deposer},    // ref: RASS §9
		{Route{"GET", "/v1/demandes", "Mes demandes, et celles dont je décide"}, (*visite).demandes},                                                              // ref: RASS §9
		{Route{"GET", "/v1/demandes/{numero}", "Une demande, ses étapes et le délai qui reste"}, (*visite).demande},                                               // ref: RASS §9
		{Route{"POST", "/v1/demandes/{numero}/accepter", "Fait ce qu'un autre propose de ce que je tiens"}, (*visite).accepter},                                   // ref: RASS §9
		{Route{"POST", "/v1/demandes/{numero}/refuser", "Le refuse, en disant pourquoi"}, (*visite).refuser},                                                      // ref: RASS §9
		{Route{"POST", "/v1/demandes/{numero}/retirer", "Reprend ma proposition"}, (*visite).retirer},                                                             // ref: RASS §9
		{Route{"PUT", "/v1/praticiens/{id}/contact", "Mes coordonnées de professionnel, en entier"}, (*visite).contact},                                           // ref: RASS §9
		{Route{"POST", "/v1/praticiens/{id}/radiation", "L'ordre radie un professionnel"}, (*visite).radier},                                                      // ref: RASS §9
		{Route{"PUT", "/v1/boites/{adresse}", "L'opérateur publie une boîte de ses domaines, ou la change en entier"}, (*visite).publierBoite},                    // ref: RASS §9
		{Route{"DELETE", "/v1/boites/{adresse}", "L'opérateur retire une boîte de ses domaines"}, (*visite).retirerBoite},                                         // ref: RASS §9
		{Route{"POST", "/v1/structures/{id}/agents", "Le directeur dit qu'un professionnel exerce dans sa structure"}, (*visite).engager},                         // ref: RASS §9
		{Route{"POST", "/v1/structures/{id}/agents/{situation}/fin", "Le directeur dit quand cela prend fin"}, (*visite).finir},                                   // ref: RASS §9
	}
}

// RoutesGuichet are the addresses of the desk, as the documentation lists them.
func RoutesGuichet() (l []Route) {
	for _, r := range routesV1() {
		l = append(l, r.Route)
	}
	return l
}

// ServeHTTP answers a request.
func (g *Guichet) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.mux.ServeHTTP(w, r) }

// visite is one request at the desk.
type visite struct {
	g     *Guichet
	w     http.ResponseWriter
	r     *http.Request
	v     *annuaire.Vision
	compt func(id string)
	lues  []annuaire.FicheLue // records whose content the answer shows
	// Of the request for change under way, so that a refusal says who keeps the fields.
	nature annuaire.Nature
	groupe annuaire.Groupe
}

func (g *Guichet) servir(w http.ResponseWriter, r *http.Request, f func(*visite) error) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	x := &visite{g: g, w: w, r: r}
	v, err := g.o.Qui(r)
	if err == nil && v.Acteur().ID == "" {
		err = errAnonyme
	}
	if err == nil {
		x.v = v
		h.Set("X-Vue", v.Regard().Entete())
		if g.o.Compter != nil {
			x.compt = g.o.Compter(r)
		}
		err = f(x)
	}
	if err != nil {
		x.direProbleme(err)
	}
}

// corps reads what the request sends, at most corpsMax; nothing is an empty object.
func (x *visite) corps(dst any) error { return x.recevoir(lireCorps, dst) }

// corpsFiche is corps for what is a record: its texts are those of the directory.
func (x *visite) corpsFiche(dst any) error { return x.recevoir(lireFiche, dst) }

func (x *visite) recevoir(lire func([]byte, any) error, dst any) error {
	b, err := io.ReadAll(io.LimitReader(x.r.Body, corpsMax+1))
	switch {
	case err != nil:
		return &formeIllisible{"", "le corps s'est interrompu : le renvoyer"}
	case len(b) > corpsMax:
		return errCorps
	case len(b) == 0:
		return nil
	}
	if t, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		return errType
	}
	return lire(b, dst)
}

// question reads what the address asks, of the names that the route knows.
func (x *visite) question(noms ...string) (map[string]string, error) {
	m := map[string]string{}
	for nom, l := range x.r.URL.Query() {
		connu := false
		for _, n := range noms {
			connu = connu || n == nom
		}
		if !connu || len(l) != 1 || len(l[0]) > 200 {
			return nil, &formeIllisible{lisible(nom), "paramètre inconnu ici, répété ou trop long"}
		}
		m[nom] = l[0]
	}
	return m, nil
}

// nombre reads how many elements a page has.
func nombreDe(s string) (int, error) {
	if s == "" {
		return nombreParDefaut, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 200 {
		return 0, &formeIllisible{"nombre", "un nombre de 1 à 200 attendu"}
	}
	return n, nil
}

// montrer counts a record that the answer shows, and notes it for the trace.
func (x *visite) montrer(n annuaire.Nature, id string) {
	if x.compt != nil {
		x.compt(id)
	}
	x.lues = append(x.lues, annuaire.FicheLue{Nature: n, ID: id})
}

// repondre sends an answer, once the reading is traced when the view wants it.
func (x *visite) repondre(statut int, objet string, corps any) error {
	c, tracee, err := x.v.Consultation("guichet", objet, len(x.lues), x.lues, x.g.o.Horloge())
	if err == nil && tracee && len(x.lues) > 0 {
		if x.g.o.Traceur == nil {
			err = errSansTrace
		} else if err = x.g.o.Traceur.Tracer(x.r.Context(), c); err != nil {
			err = errors.Join(errSansTrace, err)
		}
	}
	if err != nil {
		return err
	}
	b, err := json.Marshal(corps)
	if err != nil {
		return err
	}
	h := x.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b)))
	x.w.WriteHeader(statut)
	_, _ = x.w.Write(b) // a client that left is no concern of ours
	return nil
}

// avertirExploitant writes what the operator must know, without what was sent.
func (g *Guichet) avertirExploitant(message string, err error) {
	if g.o.Journal != nil {
		g.o.Journal.Error(message, "erreur", err)
	}
}

// version is the number that an ETag says, as it was given: "3", or W/"3".
func versionDite(s string) (uint32, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "W/")
	if len(s) < 3 || s[0] != '"' || s[len(s)-1] != '"' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:len(s)-1], 10, 32)
	return uint32(n), err == nil
}

func etiquette(version uint32) string { return `"` + strconv.FormatUint(uint64(version), 10) + `"` }
