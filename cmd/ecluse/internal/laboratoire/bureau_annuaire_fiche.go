package laboratoire

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
)

// lecture is what one visitor reads through the view of a family, in one Vue.
type lecture struct {
	x       *annuaireBureau
	famille pupitre.FamilleAnnuaire
	vision  *annuaire.Vision
	vue     *image.Vue
	lues    []annuaire.FicheLue
}

// tracer keeps what was read when the view is a restricted one; nothing is shown of what
// could not be traced. ref: RASS §8
func (l *lecture) tracer(ctx context.Context, objet string) error {
	c, tracee, err := l.vision.Consultation("bureau", objet, len(l.lues), l.lues, l.x.horloge())
	if err != nil || !tracee {
		return err
	}
	return l.x.archives.Tracer(ctx, c)
}

// lu notes that a record was shown, or its name.
func (l *lecture) lu(n annuaire.Nature, id string) {
	if f := (annuaire.FicheLue{Nature: n, ID: id}); !slices.Contains(l.lues, f) {
		l.lues = append(l.lues, f)
	}
}

// lire is a record as the view shows it.
func (l *lecture) lire(r image.Ref) pupitre.FicheAnnuaire {
	lue := l.vue.Lire(r)
	k := lue.Cloner() // the Vue is given back before the page is written
	return l.montrer(&k)
}

// montrer projects a record of its own and lays it out.
func (l *lecture) montrer(k *annuaire.Changement) pupitre.FicheAnnuaire {
	n, e := k.Entete()
	id, b := e.ID, chemins(l.vision, k)
	f := pupitre.FicheAnnuaire{Nature: n.String(), NatureTitre: titresNatures[n], ID: id, Famille: l.famille}
	if !projeter(l.vision, k) {
		f.Cachee, f.Titre = true, "Une fiche que ce regard ne montre pas"
		return f
	}
	l.lu(n, id)
	_, e = k.Entete()
	f.Actif, f.VersionsVues = e.Actif, b.Voit(annuaire.CheminHistorique)
	f.Titre, f.Detail = l.titre(k)
	for _, c := range ordreChemins(n) {
		x := pupitre.RubriqueAnnuaire{Chemin: c.String(), Libelle: libellesChemins[c], Cachee: !b.Voit(c)}
		x.Champs = l.champs(k, c)
		if len(x.Champs) > 0 { // some mailboxes may be given of a path that is not
			x.Cachee = false
		}
		f.Rubriques = append(f.Rubriques, x)
	}
	return f
}

func chemins(v *annuaire.Vision, k *annuaire.Changement) annuaire.Chemins {
	switch {
	case k.Praticien != nil:
		return v.Praticien(k.Praticien)
	case k.Situation != nil:
		return v.Situation(k.Situation)
	case k.Structure != nil:
		return v.Structure(k.Structure)
	case k.Activite != nil:
		return v.Activite(k.Activite)
	case k.Equipement != nil:
		return v.Equipement(k.Equipement)
	}
	return v.Acces(k.Acces)
}

func projeter(v *annuaire.Vision, k *annuaire.Changement) bool {
	switch {
	case k.Praticien != nil:
		return v.ProjeterPraticien(k.Praticien)
	case k.Situation != nil:
		return v.ProjeterSituation(k.Situation)
	case k.Structure != nil:
		return v.ProjeterStructure(k.Structure)
	case k.Activite != nil:
		return v.ProjeterActivite(k.Activite)
	case k.Equipement != nil:
		return v.ProjeterEquipement(k.Equipement)
	}
	return v.ProjeterAcces(k.Acces)
}

// trouve is an answer, from the record laid out.
func (l *lecture) trouve(f *pupitre.FicheAnnuaire, raisons []pupitre.RaisonAnnuaire) pupitre.TrouveAnnuaire {
	t := pupitre.TrouveAnnuaire{Nature: f.Nature, ID: f.ID, Titre: f.Titre, Metiers: f.Detail, Raisons: raisons}
	for i := range f.Rubriques {
		r := &f.Rubriques[i]
		switch r.Chemin {
		case annuaire.CheminIdentifiant.String():
			if len(r.Champs) > 0 {
				t.Numero = r.Champs[0].Texte
			}
		case annuaire.CheminExerce.String(), annuaire.CheminAdresse.String():
			for _, c := range r.Champs {
				t.Lieux = append(t.Lieux, c.Texte)
			}
		case annuaire.CheminBAL.String():
			t.BoitesCachees = r.Cachee
			for _, c := range r.Champs {
				adresse, _, _ := strings.Cut(c.Texte, ",")
				t.Boites = append(t.Boites, adresse)
			}
		}
	}
	return t
}

// approprier makes a record the reader's own, in each way that it may be.
func approprier(a *annuaire.Acteur, k *annuaire.Changement) {
	_, e := k.Entete()
	if c := e.Trace.Autorite.Code; c != "" {
		a.Autorites = []string{c}
	}
	boites := func(l []annuaire.BAL) {
		for i := range l {
			a.Domaines = append(a.Domaines, l[i].Adresse[strings.LastIndexByte(l[i].Adresse, '@')+1:])
		}
	}
	switch {
	case k.Praticien != nil:
		a.Praticiens, a.Agents = []string{e.ID}, func(id string) bool { return id == e.ID }
		boites(k.Praticien.BAL)
	case k.Situation != nil:
		a.Praticiens, a.Structures = []string{k.Situation.Praticien}, []string{k.Situation.Structure}
		boites(k.Situation.BAL)
	case k.Structure != nil:
		a.Structures = []string{e.ID}
		boites(k.Structure.BAL)
	case k.Activite != nil:
		a.Structures = []string{k.Activite.Structure}
	case k.Equipement != nil:
		a.Structures = []string{k.Equipement.Structure}
	case k.Acces != nil:
		a.Structures = []string{k.Acces.Organisme}
	}
}

// sienne is what the reader of a family is, when a record is his own; "" when it cannot
// be.
func sienne(r *annuaire.Regard, n annuaire.Nature) string {
	switch personne := n == annuaire.Praticiens || n == annuaire.Situations; {
	case r.Portee == annuaire.PorteeSoi && personne:
		return "Cette fiche est la sienne"
	case r.Portee == annuaire.PorteeDomaines && (personne || n == annuaire.Structures):
		return "Il opère la messagerie de cette fiche"
	case r.Portee == annuaire.PorteeStructure && n == annuaire.Praticiens:
		return "Ce professionnel exerce dans sa structure"
	case r.Portee == annuaire.PorteeStructure:
		return "Cette fiche est de sa structure"
	case r.Portee == annuaire.PorteeAutorite:
		return "Son autorité tient cette fiche"
	}
	return ""
}

// ouvrir begins the reading of one record; the Vue is the caller's to give back.
func (x *annuaireBureau) ouvrir(q pupitre.LectureAnnuaire) (*lecture, image.Ref, error) {
	l, err := x.lecture(q.Famille, nil)
	if err != nil {
		return nil, image.Ref{}, err
	}
	n, connue := annuaire.ParseNature(q.Nature)
	ref, ok := image.Ref{}, false
	if connue {
		ref, ok = l.vue.ParID(n, q.ID)
	}
	if !ok {
		l.vue.Rendre()
		return nil, ref, pupitre.ErrFicheInconnue
	}
	l.famille.Sienne = sienne(l.vision.Regard(), n)
	if !q.Sienne || l.famille.Sienne == "" {
		return l, ref, nil
	}
	lue := l.vue.Lire(ref)
	k := lue.Cloner()
	sien, err := x.lecture(q.Famille, &k)
	if err != nil {
		l.vue.Rendre()
		return nil, ref, err
	}
	sien.vue.Rendre()
	l.vision = sien.vision
	return l, ref, nil
}

// Fiche is a record and those around it.
func (x *annuaireBureau) Fiche(ctx context.Context, q pupitre.LectureAnnuaire) (*pupitre.FicheAnnuaire, error) {
	l, ref, err := x.ouvrir(q)
	if err != nil {
		return nil, err
	}
	defer l.vue.Rendre()
	f := l.lire(ref)
	f.Sienne = q.Sienne
	if !f.Cachee {
		if f.Autour, err = l.autour(ref.Nature, q.ID); err != nil {
			return nil, err
		}
	}
	return &f, l.tracer(ctx, "fiche")
}

// groupeAutour is how to find records around another.
type groupeAutour struct {
	titre  string
	nature annuaire.Nature
	champ  annuaire.Champ
	chemin annuaire.Chemin // that the field reads
}

var autourDe = map[annuaire.Nature][]groupeAutour{
	annuaire.Praticiens: {{"Lieux d'exercice", annuaire.Situations, annuaire.ParPraticien, annuaire.CheminPraticien},
		{"Ses réseaux", annuaire.Structures, annuaire.ParMembre, annuaire.CheminMembre}},
	annuaire.Structures: {{"Ses établissements", annuaire.Structures, annuaire.ParJuridique, annuaire.CheminRattachement},
		{"Qui y exerce", annuaire.Situations, annuaire.ParStructure, annuaire.CheminStructure},
		{"Ses activités", annuaire.Activites, annuaire.ParStructure, annuaire.CheminStructure},
		{"Ses équipements", annuaire.Equipements, annuaire.ParStructure, annuaire.CheminStructure},
		{"Ses accès d'AMC", annuaire.Acces, annuaire.ParStructure, annuaire.CheminAcces},
		{"Ses réseaux", annuaire.Structures, annuaire.ParMembre, annuaire.CheminMembre}},
}

// autourMax is how many records of a group a page shows.
const autourMax = 30

// autour are the records that name this one; a group that is empty is left out.
func (l *lecture) autour(n annuaire.Nature, id string) (groupes []pupitre.GroupeAnnuaire, err error) {
	for _, g := range autourDe[n] {
		q := &annuaire.Question{Nature: g.nature, Critere: &annuaire.Critere{Op: annuaire.Egal, Champ: g.champ, Valeur: id}, Nombre: autourMax, Compter: true}
		x := pupitre.GroupeAnnuaire{Titre: g.titre, Nature: g.nature.String(), Chemin: g.chemin.String()}
		if err := l.vision.Admet(q); errors.Is(err, annuaire.ErrInterdit) {
			x.Refuse = true
			groupes = append(groupes, x)
			continue
		}
		page, err := l.vue.Chercher(q)
		if err != nil {
			return nil, err
		}
		if x.Total = page.Total; x.Total == 0 {
			continue
		}
		for _, r := range page.Refs {
			f := l.lire(r)
			if f.Cachee {
				x.Cachees++
				continue
			}
			x.Fiches = append(x.Fiches, l.vueDe(f, n))
		}
		groupes = append(groupes, x)
	}
	return groupes, nil
}

// vueDe titles a situation by its other end, when it is shown beside one of them.
func (l *lecture) vueDe(f pupitre.FicheAnnuaire, n annuaire.Nature) pupitre.FicheAnnuaire {
	autre := annuaire.CheminStructure
	if n == annuaire.Structures {
		autre = annuaire.CheminPraticien
	}
	if f.Nature != annuaire.Situations.String() {
		return f
	}
	for i := range f.Rubriques {
		if r := &f.Rubriques[i]; r.Chemin == autre.String() && len(r.Champs) > 0 {
			f.Titre = r.Champs[0].Texte
		}
	}
	return f
}

// versionsMax is how many versions a page shows.
const versionsMax = 50

// Versions are what the record was, each told by what it changed.
func (x *annuaireBureau) Versions(ctx context.Context, q pupitre.LectureAnnuaire) (*pupitre.VersionsAnnuaire, error) {
	l, ref, err := x.ouvrir(q)
	if err != nil {
		return nil, err
	}
	defer l.vue.Rendre()
	lue := l.vue.Lire(ref)
	k := lue.Cloner()
	_, e := k.Entete()
	numero := e.Version
	toutes := []annuaire.Changement{k.Cloner()}
	f := l.montrer(&k)
	v := &pupitre.VersionsAnnuaire{Fiche: &f}
	if f.Cachee || !f.VersionsVues {
		return v, l.tracer(ctx, "versions")
	}
	avant, err := x.archives.Versions(ctx, ref.Nature, q.ID, numero, versionsMax)
	if err != nil {
		return nil, err
	}
	toutes = append(toutes, avant...)
	fiches := make([]pupitre.FicheAnnuaire, len(toutes))
	for i := range toutes {
		_, e := toutes[i].Entete()
		une := pupitre.VersionAnnuaire{Numero: int(e.Version), ConnueLe: instantDe(e.Maj), Premiere: i == len(toutes)-1}
		fiches[i] = l.montrer(&toutes[i])
		v.Versions = append(v.Versions, une)
		if i > 0 {
			v.Versions[i-1].Changement = differer(&fiches[i], &fiches[i-1])
		}
	}
	return v, l.tracer(ctx, "versions")
}

// differer lists what differs between two records as they are shown.
func differer(avant, apres *pupitre.FicheAnnuaire) (l []pupitre.ChangementAnnuaire) {
	for i := range apres.Rubriques {
		r := &apres.Rubriques[i]
		j := slices.IndexFunc(avant.Rubriques, func(x pupitre.RubriqueAnnuaire) bool { return x.Chemin == r.Chemin })
		if j < 0 {
			continue
		}
		if a, b := enTexte(avant.Rubriques[j].Champs), enTexte(r.Champs); a != b && r.Chemin != annuaire.CheminMaj.String() {
			l = append(l, pupitre.ChangementAnnuaire{Libelle: r.Libelle, Avant: a, Apres: b})
		}
	}
	return l
}

func enTexte(l []pupitre.ChampAnnuaire) string {
	var t []string
	for _, c := range l {
		if c.Nom != "" {
			t = append(t, c.Nom+" : "+c.Texte)
			continue
		}
		t = append(t, c.Texte)
	}
	return strings.Join(t, " ; ")
}
