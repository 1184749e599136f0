package front

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// pages are the templates, by the name of their file.
type pages map[string]*template.Template

func lirePages() pages {
	base := template.Must(template.New("").Funcs(fonctions()).ParseFS(fichiers, "gabarits/base.html", "gabarits/parties.html"))
	l := make(pages)
	for _, nom := range []string{"histoire", "etape", "recu", "essayer", "brut", "appeler", "cloture", "cloturefactures", "cloturefacture",
		"annuaire", "annuairefiche", "annuaireversions", "annuairepourquoi", "erreur"} {
		l[nom] = template.Must(template.Must(base.Clone()).ParseFS(fichiers, "gabarits/"+nom+".html"))
	}
	return l
}

// page is what every template receives.
type page struct {
	Titre   string
	Onglet  string // histoire, essayer, cloture, annuaire, appeler
	Essayer bool   // the form is offered
	Cloture bool   // the close of the days is offered
	// Annuaire: the national directory is offered.
	Annuaire bool
	Reels    bool   // true exchanges are shown, not a story
	Script   string // the one that the page may run, "" for none
	Contenu  any
}

// montrer writes a page whole, or an error.
func (p *pupitreWeb) montrer(w http.ResponseWriter, r *http.Request, etat int, nom string, x page) {
	x.Essayer, x.Reels, x.Cloture = p.envoyeur != nil, p.options.Echanges, p.options.Clotures != nil
	x.Annuaire = p.options.Annuaire != nil
	var b bytes.Buffer
	if err := p.pages[nom].ExecuteTemplate(&b, "page", x); err != nil {
		p.options.Log.Error("page du pupitre", "page", nom, "erreur", err)
		http.Error(w, "Cette page n'a pas pu être écrite.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(etat)
	_, _ = w.Write(b.Bytes()) // the visitor went away: nothing to do
}

func (p *pupitreWeb) erreur(w http.ResponseWriter, r *http.Request, etat int, message string) {
	p.montrer(w, r, etat, "erreur", page{Titre: titreErreur(etat), Contenu: message})
}

func titreErreur(etat int) string {
	switch etat {
	case http.StatusNotFound:
		return "Page introuvable"
	case http.StatusForbidden, http.StatusMisdirectedRequest, http.StatusMethodNotAllowed:
		return "Demande refusée"
	case http.StatusRequestEntityTooLarge:
		return "Message trop long"
	}
	return "Le pupitre ne peut pas répondre"
}

// recit is the story: its chapters and how they went.
type recit struct {
	Chapitres []chapitre
	Essais    []pupitre.Etape // those that only the desk keeps
	Etapes    int
	Avant     int // earlier exchanges, not shown
	Tenues    int
	Duree     time.Duration
}

// chapitre is one story.
type chapitre struct {
	Titre  string
	Etapes []pupitre.Etape
}

func (p *pupitreWeb) histoire(w http.ResponseWriter, r *http.Request) {
	etapes := p.source.Etapes()
	x := recit{Etapes: len(etapes), Essais: p.essais.tous()}
	if len(etapes) > 0 {
		x.Avant = slices.MinFunc(etapes, func(a, b pupitre.Etape) int { return a.Numero - b.Numero }).Numero - 1
	}
	x.Tenues, x.Duree = pupitre.Bilan(etapes)
	for _, e := range etapes {
		n := len(x.Chapitres)
		if n == 0 || x.Chapitres[n-1].Titre != e.Histoire {
			x.Chapitres = append(x.Chapitres, chapitre{Titre: e.Histoire})
			n++
		}
		x.Chapitres[n-1].Etapes = append(x.Chapitres[n-1].Etapes, e)
	}
	titre := "L'histoire, étape par étape"
	if p.options.Echanges {
		titre = "Les échanges de ce laboratoire"
	}
	p.montrer(w, r, http.StatusOK, "histoire", page{Titre: titre, Onglet: "histoire", Contenu: x})
}

// vueEtape is a step on its own page.
type vueEtape struct {
	pupitre.Etape
	Chemin    string // of the page: /etape/3
	Precedent int    // 0 when there is none
	Suivant   int
	Essai     bool
}

var errNumero = errors.New("numéro")

func numero(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("numero"))
	if err != nil || n < 1 {
		return 0, errNumero
	}
	return n, nil
}

func (p *pupitreWeb) etapeAbsente() string {
	if p.options.Echanges {
		return "Aucun échange n'est montré sous ce numéro. La page d'accueil liste les derniers."
	}
	return "L'histoire n'a pas cette étape, ou ne l'a pas encore jouée."
}

// trouverEtape gives the step that an address names, or answers that there is none.
func (p *pupitreWeb) trouverEtape(w http.ResponseWriter, r *http.Request) (v vueEtape, ok bool) {
	n, err := numero(r)
	if err == nil {
		v.Etape, ok = p.source.Etape(n)
	}
	if !ok {
		p.erreur(w, r, http.StatusNotFound, p.etapeAbsente())
		return v, false
	}
	v.Chemin = fmt.Sprintf("/etape/%d", n)
	if _, avant := p.source.Etape(n - 1); avant {
		v.Precedent = n - 1
	}
	if _, apres := p.source.Etape(n + 1); apres {
		v.Suivant = n + 1
	}
	return v, true
}

func (p *pupitreWeb) etape(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.trouverEtape(w, r); ok {
		p.montrerEtape(w, r, v)
	}
}

func (p *pupitreWeb) montrerEtape(w http.ResponseWriter, r *http.Request, v vueEtape) {
	titre, onglet := fmt.Sprintf("%d. %s", v.Numero, v.Titre), "histoire"
	if v.Essai {
		titre, onglet = v.Titre, "essayer"
	}
	p.montrer(w, r, http.StatusOK, "etape", page{Titre: titre, Onglet: onglet, Contenu: v})
}

func (p *pupitreWeb) partie(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.trouverEtape(w, r); ok {
		p.montrerPartie(w, r, v)
	}
}

// montrerPartie gives a part of a step: its receipt, or the very bytes of a
// message or of a checkpoint, for the tools.
func (p *pupitreWeb) montrerPartie(w http.ResponseWriter, r *http.Request, v vueEtape) {
	var octets []byte
	nom := r.PathValue("partie")
	switch {
	case nom == "recu" && v.Totaux != nil:
		p.montrer(w, r, http.StatusOK, "recu", page{Titre: "Reçu — " + v.Titre, Contenu: v})
		return
	case nom == "question" && v.Question != nil:
		octets = v.Question.Brut
	case nom == "reponse" && v.Reponse != nil:
		octets = v.Reponse.Brut
	case nom == "point" && v.Preuve != nil:
		octets = v.Preuve.Point
	}
	if octets == nil {
		p.erreur(w, r, http.StatusNotFound, "Cette étape n'a pas cette pièce.")
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+nom+`"`)
	_, _ = w.Write(octets)
}

func (p *pupitreWeb) appeler(w http.ResponseWriter, r *http.Request) {
	p.montrer(w, r, http.StatusOK, "appeler", page{Titre: "Appeler sans le pupitre", Onglet: "appeler", Contenu: p.options.Appeler})
}
