package laboratoire

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
)

// archives keep what records were, and who read what is restricted.
type archives interface {
	annuaire.Historique
	annuaire.Traceur
}

// annuaireBureau is the pupitre.Annuaire of a laboratory: the images that the process
// serves, each reading through the view of a family.
type annuaireBureau struct {
	images     *image.Depot
	donnees    *annuaire.Donnees
	archives   archives
	horloge    sante.Horloge
	remplir    []string
	recherches sync.Pool // of *lexique.Recherche
}

// annuaireDe is the directory of a process for its desk, nil when it serves none.
func annuaireDe(p *serveur.Processus) pupitre.Annuaire {
	a := p.AnnuaireSante
	if a == nil {
		return nil
	}
	return nouvelAnnuaireBureau(a.Images, a.Donnees, a.Registre, p.Horloge, mot(p.Fichier.Chemin))
}

func nouvelAnnuaireBureau(images *image.Depot, donnees *annuaire.Donnees, a archives, h sante.Horloge, config string) *annuaireBureau {
	x := &annuaireBureau{images: images, donnees: donnees, archives: a, horloge: h,
		remplir: []string{"ecluse annuaire generer --professionnels 2000 annuaire-fictif", fmt.Sprintf("ecluse annuaire charger --config %s annuaire-fictif", config)}}
	x.recherches.New = func() any { return lexique.NouvelleRecherche(nil) }
	return x
}

// comptesAnnuaire are the natures as a reader counts them.
var comptesAnnuaire = []struct {
	nature annuaire.Nature
	nom    string
}{{annuaire.Praticiens, "professionnels"}, {annuaire.Situations, "situations"}, {annuaire.Structures, "structures"}, {annuaire.Activites, "activités"},
	{annuaire.Equipements, "équipements"}, {annuaire.Acces, "accès d'AMC"}}

func accorder(n int, pluriel string) string {
	if n == 1 {
		return strings.TrimSuffix(pluriel, "s")
	}
	return pluriel
}

// Etat says what the images hold.
func (x *annuaireBureau) Etat(context.Context) pupitre.EtatAnnuaire {
	v := x.images.Vue()
	defer v.Rendre()
	e := pupitre.EtatAnnuaire{Generation: v.Generation(), FaiteLe: v.FaiteLe(), Remplir: x.remplir}
	if e.Generation > 0 {
		e.Age = max(0, x.horloge().Sub(e.FaiteLe))
	}
	for _, c := range comptesAnnuaire {
		if n := v.Nombre(c.nature); n > 0 {
			e.Comptes = append(e.Comptes, pupitre.CompteAnnuaire{Nom: accorder(n, c.nom), Nombre: n})
		}
	}
	for _, nom := range x.donnees.Regards.Familles() {
		if f, err := x.famille(nom); err == nil {
			e.Familles = append(e.Familles, f)
		}
	}
	return e
}

// famille is a family by its name, the first of the table when none is said.
func (x *annuaireBureau) famille(nom string) (pupitre.FamilleAnnuaire, error) {
	l := x.donnees.Regards
	if noms := l.Familles(); nom == "" && len(noms) > 0 {
		nom = noms[0]
	}
	f, ok := l.Famille(nom)
	if !ok {
		return pupitre.FamilleAnnuaire{}, pupitre.ErrFamilleInconnue
	}
	r, _ := l.Regard(f.Regard)
	return pupitre.FamilleAnnuaire{Cle: f.Nom, Titre: f.Titre, Regard: r.Entete(), RegardTitre: r.Titre, Tracee: r.Tracee}, nil
}

// motifBureau is the purpose of what is read at the desk, where a view asks for one.
const motifBureau = "montrer un regard au bureau du laboratoire"

// lecture begins a reading through a family, of a record that is the reader's own when
// sienne is not nil. The view is given back by fermer.
func (x *annuaireBureau) lecture(famille string, sienne *annuaire.Changement) (*lecture, error) {
	f, err := x.famille(famille)
	if err != nil {
		return nil, err
	}
	a := &annuaire.Acteur{ID: "bureau", Famille: f.Cle, Motif: motifBureau}
	if sienne != nil {
		approprier(a, sienne)
	}
	vision, err := x.donnees.Regards.Vision(a)
	if err != nil {
		return nil, err
	}
	return &lecture{x: x, famille: f, vision: vision, vue: x.images.Vue()}, nil
}

// champsTrouves is what one must see of every record to be told by which word it was found.
var champsTrouves = map[lexique.Champ]annuaire.Chemin{lexique.Nom: annuaire.CheminNom, lexique.Prenom: annuaire.CheminNom,
	lexique.Metier: annuaire.CheminProfession, lexique.Commune: annuaire.CheminExerce}

func visible(n annuaire.Nature, r *annuaire.Regard, c lexique.Champ) bool {
	chemin := champsTrouves[c]
	if n == annuaire.Structures {
		switch c {
		case lexique.Metier:
			chemin = annuaire.CheminType
		case lexique.Commune:
			chemin = annuaire.CheminAdresse
		}
	}
	return r.Voit(n, chemin) && (c != lexique.Metier || n != annuaire.Praticiens || r.Voit(n, annuaire.CheminSavoirFaire))
}

// natureDe is what a question seeks.
func natureDe(structures bool) annuaire.Nature {
	if structures {
		return annuaire.Structures
	}
	return annuaire.Praticiens
}

// trouvesMax is how many answers a page shows.
const trouvesMax = 20

// Chercher answers a question.
func (x *annuaireBureau) Chercher(ctx context.Context, q pupitre.QuestionAnnuaire) (*pupitre.ReponseAnnuaire, error) {
	l, err := x.lecture(q.Famille, nil)
	if err != nil {
		return nil, err
	}
	defer l.vue.Rendre()
	r := x.recherches.Get().(*lexique.Recherche)
	defer x.recherches.Put(r)
	debut := time.Now() // measured, not dated
	rep := l.vue.Rechercher(r, natureDe(q.Structures), lexique.Demande{Texte: q.Texte, Nombre: trouvesMax})
	reponse := &pupitre.ReponseAnnuaire{Famille: l.famille, Duree: time.Since(debut), Partiel: rep.Partiel, Absents: rep.Absents, Ignores: rep.Ignores}
	for _, t := range rep.Trouves {
		raisons, ok := l.raisons(r, &t)
		if !ok {
			continue
		}
		f := l.lire(t.Ref)
		if f.Cachee {
			continue
		}
		reponse.Trouves = append(reponse.Trouves, l.trouve(&f, raisons))
	}
	return reponse, l.tracer(ctx, "chercher")
}

// raisons says how each word was met; false when a word was met where the view does not
// look, for the answer would tell what is there.
func (l *lecture) raisons(r *lexique.Recherche, t *image.Trouve) (raisons []pupitre.RaisonAnnuaire, ok bool) {
	for i := 0; r.Mot(i) != ""; i++ {
		x := pupitre.RaisonAnnuaire{Mot: strings.ToLower(r.Mot(i))}
		if champ, classe, porte := t.Par(i); porte {
			if !visible(t.Nature, l.vision.Regard(), champ) {
				return nil, false
			}
			x.Champ, x.Comment, x.Exacte = champ.String(), classe.String(), classe == lexique.Exacte
		}
		raisons = append(raisons, x)
	}
	return raisons, true
}

// propositionsMax is how many words are suggested.
const propositionsMax = 8

// Proposer completes the last word of a question.
func (x *annuaireBureau) Proposer(_ context.Context, q pupitre.QuestionAnnuaire) (props []pupitre.PropositionAnnuaire, err error) {
	debut := strings.LastIndexAny(q.Texte, " ,;.") + 1
	if debut == len(q.Texte) { // the last word is finished
		return nil, nil
	}
	l, err := x.lecture(q.Famille, nil)
	if err != nil {
		return nil, err
	}
	defer l.vue.Rendre()
	r := x.recherches.Get().(*lexique.Recherche)
	defer x.recherches.Put(r)
	n := natureDe(q.Structures)
	for _, p := range l.vue.Proposer(r, n, lexique.Demande{Texte: q.Texte, Nombre: propositionsMax}) {
		if !visible(n, l.vision.Regard(), p.Champ) {
			continue
		}
		mot := strings.ToLower(string(p.Mot)) // a copy: the word is the image's
		c := pupitre.PropositionAnnuaire{Question: q.Texte[:debut] + mot, Mot: mot, Champ: p.Champ.String(), Fiches: p.Porteurs}
		if p.Classe > lexique.Debut {
			c.Comment = p.Classe.String()
		}
		props = append(props, c)
	}
	return props, nil
}

// Pourquoi says why a family sees a path, or does not.
func (x *annuaireBureau) Pourquoi(_ context.Context, famille, nature, chemin string) (*pupitre.PourquoiAnnuaire, error) {
	f, err := x.famille(famille)
	if err != nil {
		return nil, err
	}
	n, c, err := annuaire.ParseQuoi(nature + "." + chemin)
	if err != nil {
		return nil, pupitre.ErrFicheInconnue
	}
	e, err := x.donnees.Expliquer(f.Cle, n, c)
	if err != nil {
		return nil, err
	}
	p := &pupitre.PourquoiAnnuaire{Nature: n.String(), Chemin: c.String(), Libelle: libellesChemins[c], Famille: f,
		Phrases: phrases(e.String())}
	for _, nom := range x.donnees.Regards.Familles() {
		autre, err := x.famille(nom)
		if err != nil {
			return nil, err
		}
		e, err := x.donnees.Expliquer(nom, n, c)
		if err != nil {
			return nil, err
		}
		p.Verdicts = append(p.Verdicts, pupitre.VerdictAnnuaire{FamilleAnnuaire: autre, Donne: e.Donne, Verdict: verdict(e)})
	}
	return p, nil
}

// phrases cuts an explanation in its sentences, each with the points listed under it.
func phrases(s string) (l []pupitre.PhraseAnnuaire) {
	for ligne := range strings.Lines(s) {
		point, liste := strings.CutPrefix(strings.TrimSpace(ligne), "- ")
		switch n := len(l); {
		case liste && n > 0:
			l[n-1].Points = append(l[n-1].Points, point)
		case point != "":
			l = append(l, pupitre.PhraseAnnuaire{Texte: point})
		}
	}
	return l
}

func verdict(e *annuaire.Explication) string {
	switch {
	case e.Donne:
		return "oui"
	case e.Siennes:
		return "ce qui lui revient"
	case e.Inactives:
		return "les fiches qui ne sont plus actives"
	}
	return "non"
}
