package front

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
)

// vueCloture is the page of a day.
type vueCloture struct {
	Choix []pupitre.ChoixCloture
	Cle   string // of the hospital shown
	J     *pupitre.ClotureJour
}

// Lien leads to the invoices behind a figure.
func (v vueCloture) Lien(amc, chiffre, motif string, flux bool) string {
	return lienCloture(v.Cle, pupitre.QuestionCloture{Jour: v.J.Jour, AMC: amc, Chiffre: chiffre, Motif: motif, Flux: flux})
}

// Veille and Lendemain lead to the days beside this one.
func (v vueCloture) Veille() string { return lienJour(v.Cle, v.J.Jour-1) }

// Lendemain is empty today.
func (v vueCloture) Lendemain() string {
	if v.J.Provisoire {
		return ""
	}
	return lienJour(v.Cle, v.J.Jour+1)
}

func lienJour(cle string, j sante.Jour) string {
	return "/cloture?" + url.Values{"etablissement": {cle}, "jour": {j.String()}}.Encode()
}

func lienCloture(cle string, q pupitre.QuestionCloture) string {
	v := url.Values{"etablissement": {cle}, "jour": {q.Jour.String()}, "amc": {q.AMC}, "chiffre": {q.Chiffre}}
	for nom, s := range map[string]string{"motif": q.Motif, "apres": q.Apres} {
		if s != "" {
			v.Set(nom, s)
		}
	}
	if q.Flux {
		v.Set("sens", "flux")
	}
	return "/cloture/factures?" + v.Encode()
}

// vueFactures is the page of the invoices behind a figure.
type vueFactures struct {
	Cle     string
	Q       pupitre.QuestionCloture
	Libelle string
	L       []pupitre.ClotureFacture
	Suite   string // address of the next page
	Retour  string
}

// Lien leads to the story of an invoice.
func (v vueFactures) Lien(f pupitre.ClotureFacture) string {
	return "/cloture/facture/" + url.PathEscape(f.Venue) + "/" + strconv.Itoa(f.Rang) + "?" + url.Values{"etablissement": {v.Cle}}.Encode()
}

// parametreMax bounds a parameter of an address.
const parametreMax = 100

func parametre(r *http.Request, nom string) string {
	s := r.URL.Query().Get(nom)
	return s[:min(len(s), parametreMax)]
}

// hopital is the hospital that an address names, the first when it names none.
func (p *pupitreWeb) hopital(r *http.Request) string {
	if cle := parametre(r, "etablissement"); cle != "" {
		return cle
	}
	if l := p.options.Clotures.Choix(); len(l) > 0 {
		return l[0].Cle
	}
	return ""
}

func jourDe(r *http.Request) (sante.Jour, error) {
	s := parametre(r, "jour")
	if s == "" {
		return 0, nil
	}
	return sante.ParseJour(s)
}

// avecJour reads what all these pages are asked for, or answers why not.
func (p *pupitreWeb) avecJour(suite func(w http.ResponseWriter, r *http.Request, cle string, jour sante.Jour)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if p.options.Clotures == nil {
			p.erreur(w, r, http.StatusNotFound, "Ce pupitre ne montre pas de clôture.")
			return
		}
		jour, err := jourDe(r)
		if err != nil {
			p.erreur(w, r, http.StatusBadRequest, "Un jour s'écrit comme 2026-11-22.")
			return
		}
		suite(w, r, p.hopital(r), jour)
	}
}

func (p *pupitreWeb) erreurCloture(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, pupitre.ErrClotureInconnue) {
		p.erreur(w, r, http.StatusNotFound, "Il n'y a rien de tel dans cette clôture : repartir de la journée.")
		return
	}
	p.erreur(w, r, http.StatusBadRequest, err.Error())
}

func (p *pupitreWeb) cloture(w http.ResponseWriter, r *http.Request, cle string, jour sante.Jour) {
	j, err := p.options.Clotures.Journee(r.Context(), cle, jour)
	if err != nil {
		p.erreurCloture(w, r, err)
		return
	}
	p.montrer(w, r, http.StatusOK, "cloture", page{Titre: "Clôture du " + j.Jour.Francais(), Onglet: "cloture",
		Contenu: vueCloture{Choix: p.options.Clotures.Choix(), Cle: cle, J: j}})
}

func (p *pupitreWeb) clotureFactures(w http.ResponseWriter, r *http.Request, cle string, jour sante.Jour) {
	q := pupitre.QuestionCloture{Jour: jour, AMC: parametre(r, "amc"), Chiffre: parametre(r, "chiffre"), Motif: parametre(r, "motif"),
		Flux: parametre(r, "sens") == "flux", Apres: parametre(r, "apres")}
	j, err := p.options.Clotures.Journee(r.Context(), cle, jour)
	if err != nil {
		p.erreurCloture(w, r, err)
		return
	}
	q.Jour = j.Jour
	l, suite, err := p.options.Clotures.Factures(r.Context(), cle, q)
	if err != nil {
		p.erreurCloture(w, r, err)
		return
	}
	v := vueFactures{Cle: cle, Q: q, L: l, Retour: lienJour(cle, j.Jour), Libelle: libelleChiffre(j, q.Chiffre)}
	if q.Apres = suite; suite != "" {
		v.Suite = lienCloture(cle, q)
	}
	p.montrer(w, r, http.StatusOK, "cloturefactures", page{Titre: v.Libelle + ", AMC " + q.AMC, Onglet: "cloture", Contenu: v})
}

func libelleChiffre(j *pupitre.ClotureJour, cle string) string {
	for i := range j.AMCs {
		for k := range j.AMCs[i].Chiffres {
			if c := &j.AMCs[i].Chiffres[k]; c.Cle == cle {
				return c.Libelle
			}
		}
	}
	return cle
}

func (p *pupitreWeb) clotureFacture(w http.ResponseWriter, r *http.Request, cle string, _ sante.Jour) {
	rang, err := strconv.Atoi(r.PathValue("rang"))
	if err != nil {
		p.erreurCloture(w, r, pupitre.ErrClotureInconnue)
		return
	}
	f, err := p.options.Clotures.Facture(r.Context(), cle, r.PathValue("venue"), rang)
	if err != nil {
		p.erreurCloture(w, r, err)
		return
	}
	titre := "Facture " + f.Numero
	if f.Numero == "" {
		titre = "Garantie du dossier " + f.Dossier
	}
	p.montrer(w, r, http.StatusOK, "cloturefacture", page{Titre: titre, Onglet: "cloture", Contenu: f})
}
