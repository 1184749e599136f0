package front

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// politiqueAnnuaire lets the page of the directory run its own script, which asks the
// desk alone what to suggest. The page does the same without it. ref: DEC 39
const politiqueAnnuaire = politique + "; script-src 'self'; connect-src 'self'"

const (
	questionMax     = 256 // bytes of a question
	delaiAnnuaire   = 5 * time.Second
	propositionsMax = 4 << 10 // bytes of a request for suggestions
)

// lecteurAnnuaire is by whose eyes the pages are read; links keep it.
type lecteurAnnuaire struct {
	Famille    string
	Sienne     bool
	Structures bool
	Texte      string
}

// Chercher is the address of the search, with the question as it stands.
func (l lecteurAnnuaire) Chercher() string { return l.adresse("/annuaire", true) }

// Onglet is the same question put to professionals, or to structures.
func (l lecteurAnnuaire) Onglet(structures bool) string {
	l.Structures = structures
	return l.Chercher()
}

// Fiche is the address of a record.
func (l lecteurAnnuaire) Fiche(nature, id string) string {
	l.Sienne = false
	return l.adresse("/annuaire/"+url.PathEscape(nature)+"/"+url.PathEscape(id), false)
}

// Versions is that of its history.
func (l lecteurAnnuaire) Versions(nature, id string) string {
	return l.adresse("/annuaire/"+url.PathEscape(nature)+"/"+url.PathEscape(id)+"/versions", false)
}

// Pourquoi is that of the reason of a path.
func (l lecteurAnnuaire) Pourquoi(nature, chemin string) string {
	l.Sienne = false
	return l.adresse("/pourquoi/"+url.PathEscape(nature)+"/"+url.PathEscape(chemin), false)
}

func (l lecteurAnnuaire) adresse(chemin string, question bool) string {
	v := url.Values{}
	if l.Famille != "" {
		v.Set("famille", l.Famille)
	}
	if l.Sienne {
		v.Set("sienne", "oui")
	}
	if question && l.Texte != "" {
		v.Set("q", l.Texte)
	}
	if question && l.Structures {
		v.Set("quoi", "structures")
	}
	if len(v) == 0 {
		return chemin
	}
	return chemin + "?" + v.Encode()
}

// vueAnnuaire is what the pages of the directory receive.
type vueAnnuaire struct {
	L lecteurAnnuaire
	E pupitre.EtatAnnuaire
	R *pupitre.ReponseAnnuaire
	F *pupitre.FicheAnnuaire
	V *pupitre.VersionsAnnuaire
	P *pupitre.PourquoiAnnuaire
}

// avecAnnuaire reads what all these pages are asked for, or answers that there is no
// directory.
func (p *pupitreWeb) avecAnnuaire(suite func(w http.ResponseWriter, r *http.Request, v vueAnnuaire)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.options.Annuaire == nil {
			p.erreur(w, r, http.StatusNotFound, "Ce pupitre n'a pas d'annuaire national.")
			return
		}
		ctx, fin := context.WithTimeout(r.Context(), delaiAnnuaire)
		defer fin()
		suite(w, r.WithContext(ctx), vueAnnuaire{E: p.options.Annuaire.Etat(ctx), L: lecteurAnnuaire{Famille: parametre(r, "famille"),
			Sienne: parametre(r, "sienne") == "oui", Structures: parametre(r, "quoi") == "structures", Texte: couper(r.URL.Query().Get("q"))}})
	}
}

// couper bounds a question, between two characters.
func couper(s string) string {
	if len(s) <= questionMax {
		return s
	}
	n := questionMax
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (p *pupitreWeb) erreurAnnuaire(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, pupitre.ErrFicheInconnue):
		p.erreur(w, r, http.StatusNotFound, "L'annuaire n'a pas cette fiche : elle a pu changer d'adresse avec l'annuaire. Repartir de la recherche.")
	case errors.Is(err, pupitre.ErrFamilleInconnue):
		p.erreur(w, r, http.StatusBadRequest, "Aucune famille d'acteurs de ce nom : en choisir une dans la liste.")
	default:
		p.options.Log.Error("annuaire du pupitre", "erreur", err)
		p.erreur(w, r, http.StatusInternalServerError, "L'annuaire n'a pas pu être lu : l'exploitant lance « ecluse annuaire verifier ».")
	}
}

func (p *pupitreWeb) annuaire(w http.ResponseWriter, r *http.Request, v vueAnnuaire) {
	titre := "Chercher dans l'annuaire national"
	if v.L.Texte != "" && v.E.Generation > 0 {
		rep, err := p.options.Annuaire.Chercher(r.Context(), pupitre.QuestionAnnuaire{Texte: v.L.Texte, Structures: v.L.Structures, Famille: v.L.Famille})
		if err != nil {
			p.erreurAnnuaire(w, r, err)
			return
		}
		v.R = rep
	}
	w.Header().Set("Content-Security-Policy", politiqueAnnuaire)
	p.montrer(w, r, http.StatusOK, "annuaire", page{Titre: titre, Onglet: "annuaire", Script: "annuaire.js", Contenu: v})
}

// annuairePropositions completes a question being typed. It is a POST so that no address
// holds what is typed, and so that only a page of the desk may ask.
func (p *pupitreWeb) annuairePropositions(w http.ResponseWriter, r *http.Request, v vueAnnuaire) {
	r.Body = http.MaxBytesReader(w, r.Body, propositionsMax)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "demande illisible", http.StatusBadRequest)
		return
	}
	q := pupitre.QuestionAnnuaire{Texte: couper(r.PostForm.Get("q")), Structures: r.PostForm.Get("quoi") == "structures", Famille: r.PostForm.Get("famille")}
	l := []pupitre.PropositionAnnuaire{}
	if q.Texte != "" && v.E.Generation > 0 {
		x, err := p.options.Annuaire.Proposer(r.Context(), q)
		if err != nil {
			p.erreurAnnuaire(w, r, err)
			return
		}
		l = append(l, x...)
	}
	b, err := json.Marshal(l)
	if err != nil {
		p.erreurAnnuaire(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b) // the visitor typed on
}

func (p *pupitreWeb) annuaireFiche(w http.ResponseWriter, r *http.Request, v vueAnnuaire) {
	var err error
	if v.F, err = p.options.Annuaire.Fiche(r.Context(), v.lecture(r)); err != nil {
		p.erreurAnnuaire(w, r, err)
		return
	}
	p.montrer(w, r, http.StatusOK, "annuairefiche", page{Titre: v.F.Titre, Onglet: "annuaire", Contenu: v})
}

func (v *vueAnnuaire) lecture(r *http.Request) pupitre.LectureAnnuaire {
	return pupitre.LectureAnnuaire{Famille: v.L.Famille, Sienne: v.L.Sienne, Nature: r.PathValue("nature"), ID: r.PathValue("id")}
}

func (p *pupitreWeb) annuaireVersions(w http.ResponseWriter, r *http.Request, v vueAnnuaire) {
	x, err := p.options.Annuaire.Versions(r.Context(), v.lecture(r))
	if err != nil {
		p.erreurAnnuaire(w, r, err)
		return
	}
	v.V, v.F = x, x.Fiche
	p.montrer(w, r, http.StatusOK, "annuaireversions", page{Titre: "Ce que fut cette fiche : " + x.Fiche.Titre, Onglet: "annuaire", Contenu: v})
}

func (p *pupitreWeb) annuairePourquoi(w http.ResponseWriter, r *http.Request, v vueAnnuaire) {
	x, err := p.options.Annuaire.Pourquoi(r.Context(), v.L.Famille, r.PathValue("nature"), r.PathValue("chemin"))
	if err != nil {
		p.erreurAnnuaire(w, r, err)
		return
	}
	v.P = x
	p.montrer(w, r, http.StatusOK, "annuairepourquoi", page{Titre: "Pourquoi : " + x.Libelle, Onglet: "annuaire", Contenu: v})
}

// vueFiche is a record to be written with the links of its reader.
type vueFiche struct {
	L lecteurAnnuaire
	F *pupitre.FicheAnnuaire
}
