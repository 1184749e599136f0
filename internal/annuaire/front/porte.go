package front

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

// Options of a [Porte].
type Options struct {
	// Base is the address by which clients reach the door, with its path and without a
	// final slash: https://annuaire.example/fhir.
	Base string
	// Source is what meta.source says; Base when empty.
	Source string
	// Guide is the version of the guide of the agency that profiles name.
	Guide string
	// Cle encrypts the links to pages: 32 octets, the same on every node.
	Cle []byte
	// Qui tells what the author of a request sees; an error refuses him, a *fhir.Error
	// with its status.
	Qui func(*http.Request) (*annuaire.Vision, error)
	// Regards are the views, for the exports that a restart goes on with.
	Regards *annuaire.Regards
	// Traces keeps the readings of the views that are traced; without it they are refused.
	Traces Traces
	// Compter tells where the records that a request is shown are counted, for the quotas of
	// its author; nil for nowhere. Exports are not counted: they are what a reader of many
	// records is asked to take.
	Compter func(*http.Request) func(id string)
	// Historique is nil when the past is not kept.
	Historique Historique
	// Exports is nil when there is no export.
	Exports *Exporteur
	Horloge func() time.Time
	Journal *slog.Logger // of what the operator must know; nil for none
	// Logiciel is the name and the version that /metadata tells.
	Logiciel, Version string
}

// GuideLu is the version of the guide that the resources were written from.
// ref: RASS §6
const GuideLu = "1.2.0-snapshot-2"

// Porte is the FHIR door of the directory.
type Porte struct {
	depot     *image.Depot
	o         Options
	prefixe   string // path of Base
	table     *fhir.Table
	profils   *ressource.Profils
	scelleur  scelleur
	capacites []byte
	ateliers  sync.Pool
}

// New makes the door of a depot.
func New(depot *image.Depot, o Options) (*Porte, error) {
	if o.Source == "" {
		o.Source = o.Base
	}
	if o.Guide == "" {
		o.Guide = GuideLu
	}
	_, chemin, ok := strings.Cut(o.Base, "://")
	if !ok || strings.HasSuffix(o.Base, "/") || o.Qui == nil || o.Horloge == nil {
		return nil, fmt.Errorf("porte FHIR de l'annuaire: Base doit être une adresse sans barre finale, Qui et Horloge être donnés")
	}
	_, chemin, ok = strings.Cut(chemin, "/")
	if ok {
		chemin = "/" + chemin
	}
	t, err := fhir.NewTable(fhir.Limits{}, types(o.Source, o.Guide))
	if err != nil {
		return nil, err
	}
	t.Base = o.Base
	s, err := nouveauScelleur(o.Cle)
	if err != nil {
		return nil, err
	}
	p := &Porte{depot: depot, o: o, prefixe: chemin + "/", table: t, profils: ressource.NouveauxProfils(o.Source, o.Guide), scelleur: s}
	p.ateliers.New = func() any { return new(atelier) }
	p.capacites = p.declarer()
	return p, nil
}

// Route is an address of the door.
type Route struct{ Methode, Chemin, Dit string }

// Routes are the addresses of the door, under its base. ref: RASS §7
func Routes() []Route {
	return []Route{
		{"GET", "/metadata", "Ce que le serveur sait faire (CapabilityStatement)"},
		{"GET", "/{ressource}", "Recherche"},
		{"POST", "/{ressource}/_search", "Recherche, par un formulaire"},
		{"GET", "/{ressource}/$rechercher?texte=", "Recherche comme on l'écrit, la plus proche d'abord (Practitioner, Organization)"},
		{"GET", "/_page", "Autre page d'une recherche, par son lien"},
		{"GET", "/{ressource}/{id}", "Lecture"},
		{"GET", "/{ressource}/{id}/_history", "Versions d'une ressource"},
		{"GET", "/{ressource}/{id}/_history/{version}", "Une version"},
		{"GET, POST", "/$export", "Export de tout, à reprendre plus tard (Prefer: respond-async)"},
		{"GET, POST", "/{ressource}/$export", "Export d'une ressource"},
		{"GET, DELETE", "/_export/{tache}", "État d'un export ; son abandon"},
		{"GET", "/_export/{tache}/{fichier}", "Fichier d'un export, par morceaux au besoin (Range)"},
		{"GET", "/$export-poll-status?_jobId={tache}", "État d'un export, à la manière du ROR"},
	}
}

// ServeHTTP answers a request.
func (p *Porte) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, errFormat := fhir.Negotiate(r.Header.Get("Accept"), formatDe(r.URL.RawQuery))
	g, err := p.o.Qui(r)
	if err != nil {
		p.refuser(w, f, err)
		return
	}
	h := w.Header()
	h["Vary"] = selon
	h["Cache-Control"] = courte
	h["X-Vue"] = []string{g.Regard().Entete()}
	d := &demande{p: p, w: w, r: r, g: g, f: f}
	if p.o.Compter != nil {
		d.compte = p.o.Compter(r)
	}
	chemin, ok := strings.CutPrefix(r.URL.Path, p.prefixe)
	switch {
	case !ok:
		err = introuvable()
	case strings.HasPrefix(chemin, "_export/"):
		err = d.tache(chemin[len("_export/"):]) // its files have their own form
	case errFormat != nil:
		err = errFormat
	default:
		err = d.aiguiller(chemin)
	}
	if err != nil {
		p.refuser(w, f, err)
	}
}

// formatDe is _format in the text of a search, so that a refusal is in the form asked.
func formatDe(q string) string {
	i := strings.Index(q, "_format=")
	if i < 0 || i > 0 && q[i-1] != '&' {
		return ""
	}
	s, _, _ := strings.Cut(q[i+len("_format="):], "&")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "%2B", "+"), "%2b", "+")
	return strings.ReplaceAll(strings.ReplaceAll(s, "%2F", "/"), "%2f", "/")
}

func introuvable() error {
	return refus(fhir.CodeNotFound, "", "cette adresse n'existe pas : voir /metadata")
}

// demande is one request.
type demande struct {
	p *Porte
	w http.ResponseWriter
	r *http.Request
	g *annuaire.Vision
	f fhir.Format

	lues   []Lue           // records that the answer shows, when they are to be traced
	compte func(id string) // nil when they are not counted
}

// aiguiller sends a request to what answers it.
func (d *demande) aiguiller(chemin string) error {
	lit := d.r.Method == http.MethodGet || d.r.Method == http.MethodHead
	premier, reste, plus := strings.Cut(chemin, "/")
	switch {
	case premier == "$export" && !plus:
		return d.exporter(0)
	case premier == "$export-poll-status" && !plus:
		return d.tache(d.r.URL.Query().Get("_jobId"))
	case plus && reste == "_search":
		return d.formulaire(premier)
	case plus && reste == "$rechercher":
		return d.rechercher(premier)
	case plus && reste == "$export":
		return d.exporter(ressource.NatureDe(premier))
	case !lit:
		d.w.Header().Set("Allow", "GET, HEAD")
		return methode("GET et HEAD")
	case premier == "metadata" && !plus:
		d.p.envoyer(d.w, d.f, http.StatusOK, d.p.capacites)
		return nil
	case premier == "_page" && !plus:
		return d.page()
	case !plus:
		return d.chercher(premier, d.r.URL.RawQuery, "")
	}
	return d.lire(premier, reste)
}

// formulaire is a search by POST. ref: FHIR R4 search §3.1.1.1
func (d *demande) formulaire(nom string) error {
	if d.r.Method != http.MethodPost {
		d.w.Header().Set("Allow", "POST")
		return methode("POST")
	}
	if t, _, _ := strings.Cut(d.r.Header.Get("Content-Type"), ";"); t != "application/x-www-form-urlencoded" {
		return &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeNotSupported,
			Diagnostics: "envoyer la recherche en application/x-www-form-urlencoded"}, HTTP: http.StatusUnsupportedMediaType}
	}
	const max = 64 << 10
	b, err := io.ReadAll(io.LimitReader(d.r.Body, max+1))
	if err != nil {
		return refus(fhir.CodeInvalid, "", "le corps de la demande s'est interrompu : la renvoyer")
	}
	if len(b) > max {
		return errTropGros
	}
	return d.chercher(nom, d.r.URL.RawQuery, string(b))
}
