package front

import (
	"embed"
	"log/slog"
	"net/http"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// Options sets the desk.
type Options struct {
	// Adresses are the host:port that the desk listens on; a request that names
	// another host is refused. A loopback address stands for "localhost" too.
	// None is: no request is accepted.
	Adresses []string
	// Echanges: the source tells exchanges that really took place, not a story that
	// was written; those may be none yet.
	Echanges bool
	// Appeler tells how to call the exchange without the desk.
	Appeler []Rubrique
	// Clotures gives the close of the days of the hospitals; that page is not offered
	// when nil.
	Clotures pupitre.Clotures
	// Annuaire is the national directory; its pages are not offered when nil.
	Annuaire pupitre.Annuaire
	// Log receives what goes wrong in the desk; slog.Default when nil.
	Log *slog.Logger
	// Delai is how long a trial may take; 30 s when zero.
	Delai time.Duration
}

// Rubrique is a part of the page that tells how to call.
type Rubrique struct {
	Titre       string
	Paragraphes []string
	Liens       []Lien
	Blocs       []Bloc
}

// Lien is a page to read beside the desk.
type Lien struct{ Libelle, Adresse string }

// Bloc is something to copy: a command, a program.
type Bloc struct {
	Legende string
	Texte   string
}

//go:embed gabarits/*.html statique/*
var fichiers embed.FS

// pupitreWeb is the desk.
type pupitreWeb struct {
	source   pupitre.Source
	envoyeur pupitre.Envoyeur
	options  Options
	pages    pages
	essais   essais
	places   chan struct{} // trials under way
}

// New makes the desk. envoyeur may be nil: the form is then not offered.
func New(source pupitre.Source, envoyeur pupitre.Envoyeur, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Delai <= 0 {
		o.Delai = 30 * time.Second
	}
	p := &pupitreWeb{source: source, envoyeur: envoyeur, options: o, pages: lirePages(), places: make(chan struct{}, essaisEnCours)}
	return p.garder(p.Routes())
}

// Routes are the pages of the desk.
func (p *pupitreWeb) Routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.histoire)
	mux.HandleFunc("GET /etape/{numero}", p.etape)
	mux.HandleFunc("GET /etape/{numero}/{partie}", p.partie)
	mux.HandleFunc("GET /essayer", p.essayer)
	mux.HandleFunc("POST /essayer", p.envoyer)
	mux.HandleFunc("GET /essayer/brut", p.essayerBrut)
	mux.HandleFunc("POST /essayer/brut", p.envoyerBrut)
	mux.HandleFunc("GET /essai/{numero}", p.essai)
	mux.HandleFunc("GET /essai/{numero}/{partie}", p.partieEssai)
	mux.HandleFunc("GET /appeler", p.appeler)
	mux.HandleFunc("GET /cloture", p.avecJour(p.cloture))
	mux.HandleFunc("GET /cloture/factures", p.avecJour(p.clotureFactures))
	mux.HandleFunc("GET /cloture/facture/{venue}/{rang}", p.avecJour(p.clotureFacture))
	mux.HandleFunc("GET /annuaire", p.avecAnnuaire(p.annuaire))
	mux.HandleFunc("POST /annuaire/propositions", p.avecAnnuaire(p.annuairePropositions))
	mux.HandleFunc("GET /annuaire/{nature}/{id}", p.avecAnnuaire(p.annuaireFiche))
	mux.HandleFunc("GET /annuaire/{nature}/{id}/versions", p.avecAnnuaire(p.annuaireVersions))
	mux.HandleFunc("GET /pourquoi/{nature}/{chemin}", p.avecAnnuaire(p.annuairePourquoi))
	for _, nom := range []string{"pupitre.css", "ecluse.svg", "annuaire.js"} {
		mux.HandleFunc("GET /statique/"+nom, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, fichiers, "statique/"+nom)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		p.erreur(w, r, http.StatusNotFound, "Il n'y a pas de page à cette adresse.")
	})
	return mux
}
