package front

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

const (
	essaisGardes  = 50 // results kept, the oldest forgotten first
	essaisEnCours = 4  // trials at the same time
)

// essais are the last trials, by their number.
type essais struct {
	mu      sync.Mutex
	etapes  map[int]pupitre.Etape
	dernier int
}

func (x *essais) garder(e pupitre.Etape) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.etapes == nil {
		x.etapes = make(map[int]pupitre.Etape)
	}
	x.dernier++
	e.Numero = x.dernier
	x.etapes[x.dernier] = e
	delete(x.etapes, x.dernier-essaisGardes)
	return x.dernier
}

// tous lists the trials that are kept, the last first.
func (x *essais) tous() []pupitre.Etape {
	x.mu.Lock()
	defer x.mu.Unlock()
	var l []pupitre.Etape
	for n := x.dernier; n > 0 && len(l) < len(x.etapes); n-- {
		if e, ok := x.etapes[n]; ok {
			l = append(l, e)
		}
	}
	return l
}

func (x *essais) lire(n int) (pupitre.Etape, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	e, ok := x.etapes[n]
	return e, ok
}

// saisie is the form as it is shown again.
type saisie struct {
	F       pupitre.Formulaire
	C       pupitre.Choix
	Erreurs []pupitre.Erreur
}

// Erreur is what is wrong with a field, "" when nothing is.
func (s saisie) Erreur(champ string) string {
	for _, e := range s.Erreurs {
		if e.Champ == champ {
			return e.Message
		}
	}
	return ""
}

// ouvert answers that no trial can be made, when it is so.
func (p *pupitreWeb) ouvert(w http.ResponseWriter, r *http.Request) bool {
	if p.envoyeur == nil {
		p.erreur(w, r, http.StatusNotFound, "Ce pupitre n'envoie pas de message.")
		return false
	}
	return true
}

func (p *pupitreWeb) essayer(w http.ResponseWriter, r *http.Request) {
	if !p.ouvert(w, r) {
		return
	}
	s := saisie{C: p.envoyeur.Choix(r.Context())}
	for i, x := range s.C.Exemples {
		if i == 0 || x.Cle == r.URL.Query().Get("exemple") {
			s.F = x.Formulaire
		}
	}
	p.montrerSaisie(w, r, http.StatusOK, "essayer", s)
}

// essayerBrut offers to paste a message; it may start from the question of a
// step of the story.
func (p *pupitreWeb) essayerBrut(w http.ResponseWriter, r *http.Request) {
	if !p.ouvert(w, r) {
		return
	}
	s := saisie{C: p.envoyeur.Choix(r.Context()), F: pupitre.Formulaire{Face: "REST", Sceller: true}}
	if n, err := strconv.Atoi(r.URL.Query().Get("etape")); err == nil {
		if e, ok := p.source.Etape(n); ok {
			s.F.Brut, s.F.Face = e.Question.Modele(), string(e.Face)
		}
	}
	p.montrerSaisie(w, r, http.StatusOK, "brut", s)
}

func (p *pupitreWeb) montrerSaisie(w http.ResponseWriter, r *http.Request, etat int, nom string, s saisie) {
	titre := "Envoyer une demande"
	if nom == "brut" {
		titre = "Envoyer un message entier"
	}
	if len(s.Erreurs) > 0 {
		titre = "Erreur — " + titre
	}
	p.montrer(w, r, etat, nom, page{Titre: titre, Onglet: "essayer", Contenu: s})
}

func (p *pupitreWeb) envoyer(w http.ResponseWriter, r *http.Request) {
	p.recevoir(w, r, "essayer", lireFormulaire)
}

func (p *pupitreWeb) envoyerBrut(w http.ResponseWriter, r *http.Request) {
	p.recevoir(w, r, "brut", lireBrut)
}

// recevoir takes a form: it is shown again with what is wrong, or sent.
func (p *pupitreWeb) recevoir(w http.ResponseWriter, r *http.Request, nom string, lire func(*http.Request) pupitre.Formulaire) {
	if !p.ouvert(w, r) {
		return
	}
	if err := r.ParseForm(); err != nil {
		var long *http.MaxBytesError
		if errors.As(err, &long) {
			p.erreur(w, r, http.StatusRequestEntityTooLarge, "Le formulaire dépasse 512 Kio.")
			return
		}
		p.erreur(w, r, http.StatusBadRequest, "Le formulaire est illisible.")
		return
	}
	s := saisie{F: lire(r), C: p.envoyeur.Choix(r.Context())}
	essai, erreurs := pupitre.Preparer(&s.F, &s.C)
	if nom == "brut" && s.F.Brut == "" {
		erreurs = append(erreurs, pupitre.Erreur{Champ: "brut", Message: "Collez un message."})
	}
	if len(erreurs) > 0 {
		s.Erreurs = erreurs
		p.montrerSaisie(w, r, http.StatusUnprocessableEntity, nom, s)
		return
	}
	etape, err := p.tenter(r.Context(), essai)
	if err != nil {
		p.options.Log.Warn("essai du pupitre", "service", essai.Service, "erreur", err)
		s.Erreurs = []pupitre.Erreur{{Message: "Rien n'a pu être envoyé : " + err.Error() + "."}}
		p.montrerSaisie(w, r, http.StatusBadGateway, nom, s)
		return
	}
	if etape.Numero > 0 { // the source keeps it
		http.Redirect(w, r, fmt.Sprintf("/etape/%d", etape.Numero), http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/essai/%d", p.essais.garder(etape)), http.StatusSeeOther)
}

var errOccupe = errors.New("d'autres essais sont en cours, recommencez dans un instant")

func (p *pupitreWeb) tenter(ctx context.Context, e *pupitre.Essai) (pupitre.Etape, error) {
	ctx, fin := context.WithTimeout(ctx, p.options.Delai)
	defer fin()
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	default:
		return pupitre.Etape{}, errOccupe
	}
	return p.envoyeur.Envoyer(ctx, e)
}

// essaiPerdu says where a trial may be found when its page is no more.
func (p *pupitreWeb) essaiPerdu() string {
	if p.options.Echanges {
		return "Cet essai n'est pas gardé ici : un message entier que l'on colle ne l'est que tant que le pupitre tourne. Les questions du formulaire sont sur la page d'accueil, même après un redémarrage."
	}
	return "Cet essai n'existe pas, ou n'est plus gardé : un essai ne l'est que tant que le pupitre tourne. La page d'accueil liste ceux qui restent."
}

func (p *pupitreWeb) trouverEssai(w http.ResponseWriter, r *http.Request) (v vueEtape, ok bool) {
	n, err := numero(r)
	if err == nil {
		v.Etape, ok = p.essais.lire(n)
	}
	if !ok {
		p.erreur(w, r, http.StatusNotFound, p.essaiPerdu())
		return v, false
	}
	v.Chemin, v.Essai = fmt.Sprintf("/essai/%d", n), true
	return v, true
}

func (p *pupitreWeb) essai(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.trouverEssai(w, r); ok {
		p.montrerEtape(w, r, v)
	}
}

func (p *pupitreWeb) partieEssai(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.trouverEssai(w, r); ok {
		p.montrerPartie(w, r, v)
	}
}
