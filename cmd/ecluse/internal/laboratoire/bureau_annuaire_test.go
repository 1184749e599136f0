package laboratoire

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/sante"
)

// greffe keeps versions and readings in memory.
type greffe struct {
	annuaire.Historique
	mu       sync.Mutex
	versions []annuaire.Changement
	traces   []annuaire.Consultation
	panne    error
}

func (g *greffe) Tracer(_ context.Context, l ...annuaire.Consultation) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.panne == nil {
		g.traces = append(g.traces, l...)
	}
	return g.panne
}

func (g *greffe) Versions(_ context.Context, _ annuaire.Nature, id string, avant uint32, max int) (l []annuaire.Changement, err error) {
	for _, k := range g.versions {
		if _, e := k.Entete(); e.ID == id && e.Version < avant && len(l) < max {
			l = append(l, k.Cloner())
		}
	}
	return l, nil
}

func bancBureau(t *testing.T, fiches ...annuaire.Changement) (*annuaireBureau, *greffe) {
	t.Helper()
	d, err := image.Ouvrir(t.TempDir(), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	if len(fiches) > 0 {
		if err := d.Superposer(t.Context(), fiches); err != nil {
			t.Fatal(err)
		}
	}
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	g := new(greffe)
	return nouvelAnnuaireBureau(d, donnees, g, func() time.Time { return annuairetest.Instant }, "ecluse.toml"), g
}

// petitMonde is a professional of two mailboxes, one on the red list, in a hospital.
func petitMonde() (p *annuaire.Praticien, s *annuaire.Structure, l []annuaire.Changement) {
	p, s = annuairetest.Praticien(1), annuairetest.Structure(1)
	p.Nom, p.Exerce = "LE GOFF-DUPONT", []annuaire.LieuExercice{{CodePostal: "41000", Commune: "Blois", CodeCommune: "41018"}}
	p.SavoirFaire = []annuaire.Qualification{{Savoir: annuaire.Code{Code: "SM04", Libelle: "Cardiologie et maladies vasculaires"}}}
	p.BAL = append(p.BAL, annuaire.BAL{Adresse: "rouge@medecin.invalid", Type: annuaire.BALPersonnelle, ListeRouge: true})
	p.EtatCivil.Nom = "NOM-DE-NAISSANCE"
	o := annuairetest.Situation(p, s)
	autre := annuairetest.Praticien(2)
	return p, s, []annuaire.Changement{{Praticien: p}, {Structure: s}, {Situation: o}, {Praticien: autre}}
}

func rubriqueDe(f *pupitre.FicheAnnuaire, c annuaire.Chemin) *pupitre.RubriqueAnnuaire {
	for i := range f.Rubriques {
		if f.Rubriques[i].Chemin == c.String() {
			return &f.Rubriques[i]
		}
	}
	return &pupitre.RubriqueAnnuaire{}
}

// A question with mistakes finds, says why, and shows the mailboxes of the view.
func TestBureauAnnuaireChercher(t *testing.T) {
	p, s, l := petitMonde()
	x, _ := bancBureau(t, l...)
	for _, c := range []struct {
		nom            string
		q              pupitre.QuestionAnnuaire
		id             string
		boites         []string
		cachees        bool
		champ, comment string // of the first word
	}{
		{"sans faute", pupitre.QuestionAnnuaire{Texte: "dupont cardio blois"}, p.ID, []string{"ps1@medecin.invalid"}, false, "nom", "exact"},
		{"accents et particule", pupitre.QuestionAnnuaire{Texte: "Le Göff"}, p.ID, []string{"ps1@medecin.invalid"}, false, "nom", "exact"},
		{"une faute", pupitre.QuestionAnnuaire{Texte: "duopnt blois"}, p.ID, []string{"ps1@medecin.invalid"}, false, "nom", "une faute"},
		{"au portail des patients", pupitre.QuestionAnnuaire{Texte: "dupont", Famille: "patient"}, p.ID, nil, true, "nom", "exact"},
		{"une structure", pupitre.QuestionAnnuaire{Texte: "hopital blois", Structures: true}, s.ID, nil, false, "nom", "exact"},
	} {
		r, err := x.Chercher(t.Context(), c.q)
		if err != nil || len(r.Trouves) == 0 {
			t.Errorf("%s : %v, %+v", c.nom, err, r)
			continue
		}
		f := r.Trouves[0]
		if f.ID != c.id || !slices.Equal(f.Boites, c.boites) || f.BoitesCachees != c.cachees || len(f.Raisons) == 0 || f.Raisons[0].Champ != c.champ || f.Raisons[0].Comment != c.comment {
			t.Errorf("%s : %+v", c.nom, f)
		}
	}
	if _, err := x.Chercher(t.Context(), pupitre.QuestionAnnuaire{Texte: "dupont", Famille: "zut"}); !errors.Is(err, pupitre.ErrFamilleInconnue) {
		t.Errorf("famille inconnue : %v", err)
	}
}

func TestBureauAnnuaireProposer(t *testing.T) {
	_, _, l := petitMonde()
	x, _ := bancBureau(t, l...)
	for _, c := range []struct {
		texte, question, champ string
	}{{"dup", "dupont", "nom"}, {"dupont car", "dupont cardiologie", "métier"}, {"dupont blo", "dupont blois", "commune"}, {"dupont ", "", ""}, {"", "", ""}, {"zzzzzzz", "", ""}} {
		l, err := x.Proposer(t.Context(), pupitre.QuestionAnnuaire{Texte: c.texte})
		switch {
		case err != nil || c.question == "" && len(l) > 0 || c.question != "" && len(l) == 0:
			t.Errorf("%q : %v %v", c.texte, l, err)
		case c.question != "" && (l[0].Question != c.question || l[0].Champ != c.champ || l[0].Fiches != 1):
			t.Errorf("%q : %+v", c.texte, l)
		}
	}
}

// What « pourquoi » says of each path and family is what a record then shows.
func TestBureauAnnuairePourquoi(t *testing.T) {
	p, _, l := petitMonde()
	x, _ := bancBureau(t, l...)
	for _, famille := range x.donnees.Regards.Familles() {
		f, err := x.Fiche(t.Context(), pupitre.LectureAnnuaire{Famille: famille, Nature: "praticien", ID: p.ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range ordreChemins(annuaire.Praticiens) {
			q, err := x.Pourquoi(t.Context(), famille, "praticien", c.String())
			if err != nil || q.Libelle == "" || len(q.Phrases) < 3 || strings.HasPrefix(q.Phrases[1].Texte, "-") || len(q.Verdicts) != len(x.donnees.Regards.Familles()) {
				t.Fatalf("%s %s : %v %+v", famille, c, err, q)
			}
			i := slices.IndexFunc(q.Verdicts, func(v pupitre.VerdictAnnuaire) bool { return v.Cle == famille })
			if montre := !rubriqueDe(f, c).Cachee; montre != q.Verdicts[i].Donne {
				t.Errorf("%s %s : montré %v, « pourquoi » dit %s", famille, c, montre, q.Verdicts[i].Verdict)
			}
		}
	}
	if _, err := x.Pourquoi(t.Context(), "", "praticien", "licence"); !errors.Is(err, pupitre.ErrFicheInconnue) {
		t.Errorf("un chemin d'une autre nature : %v", err)
	}
}

// An address is on one line, whose town is said once.
func TestBureauAnnuairePostale(t *testing.T) {
	for _, c := range []struct {
		c       annuaire.Coordonnees
		attendu string
	}{
		{annuaire.Coordonnees{}, ""},
		{annuaire.Coordonnees{NumeroVoie: "3", Indice: "B", TypeVoie: annuaire.Code{Code: "R", Libelle: "Rue"}, LibelleVoie: "DES LYS", CodePostal: "41000", Commune: annuaire.Code{Code: "41018", Libelle: "Blois"}}, "3 B Rue DES LYS, 41000 Blois"},
		{annuaire.Coordonnees{Mention: "BP 5", CodePostal: "41000", BureauCedex: "41016 BLOIS CEDEX"}, "BP 5, 41016 BLOIS CEDEX"},
		{annuaire.Coordonnees{CodePostal: "41000", BureauCedex: "41000 BLOIS", Commune: annuaire.Code{Libelle: "Blois"}}, "41000 BLOIS"},
		{annuaire.Coordonnees{CodePostal: "41000", BureauCedex: "BLOIS CEDEX"}, "41000 BLOIS CEDEX"},
	} {
		if p := postale(&c.c); p != c.attendu {
			t.Errorf("%+v : %q, attendu %q", c.c, p, c.attendu)
		}
	}
}

// A record is seen whole by whom it belongs to, and its neighbours are those of the view.
func TestBureauAnnuaireFiche(t *testing.T) {
	p, s, l := petitMonde()
	x, g := bancBureau(t, l...)
	for _, c := range []struct {
		famille    string
		sienne     bool
		etat       bool // the civil status is shown
		rouge      bool // so is the mailbox of the red list
		versions   bool
		possession string
	}{
		{"", false, false, false, false, ""},
		{"", true, false, false, false, ""},
		{"professionnel", false, false, false, false, "Cette fiche est la sienne"},
		{"professionnel", true, true, true, true, "Cette fiche est la sienne"},
		{"operateur-mssante", true, true, true, true, "Il opère la messagerie de cette fiche"},
		{"etablissement", true, true, true, true, "Ce professionnel exerce dans sa structure"},
		{"autorite", true, true, true, true, "Son autorité tient cette fiche"},
		{"ministere", false, true, false, true, ""},
	} {
		f, err := x.Fiche(t.Context(), pupitre.LectureAnnuaire{Famille: c.famille, Sienne: c.sienne, Nature: "praticien", ID: p.ID})
		if err != nil {
			t.Fatal(err)
		}
		rouge := len(rubriqueDe(f, annuaire.CheminListeRouge).Champs) > 0
		if etat := len(rubriqueDe(f, annuaire.CheminEtatCivil).Champs) > 0; etat != c.etat || rouge != c.rouge || f.VersionsVues != c.versions || f.Famille.Sienne != c.possession {
			t.Errorf("%s, sienne %v : état civil %v, liste rouge %v, versions %v, « %s »", c.famille, c.sienne, etat, rouge, f.VersionsVues, f.Famille.Sienne)
		}
		if len(f.Autour) == 0 || f.Autour[0].Total != 1 || f.Autour[0].Fiches[0].Titre != s.RaisonSociale {
			t.Errorf("%s : autour %+v", c.famille, f.Autour)
		}
	}
	if len(g.traces) != 1 || g.traces[0].Regard != "V5/1" || g.traces[0].Motif == "" || len(g.traces[0].Fiches) != 3 || g.traces[0].Porte != "bureau" {
		t.Errorf("lectures tracées : %+v", g.traces)
	}
	st, err := x.Fiche(t.Context(), pupitre.LectureAnnuaire{Nature: "structure", ID: s.ID})
	if err != nil || len(st.Autour) == 0 || st.Autour[0].Fiches[0].Titre != "LE GOFF-DUPONT Ève" {
		t.Errorf("la structure : %v %+v", err, st)
	}
	for _, q := range []pupitre.LectureAnnuaire{{Nature: "praticien", ID: s.ID}, {Nature: "zut", ID: p.ID}} {
		if _, err := x.Fiche(t.Context(), q); !errors.Is(err, pupitre.ErrFicheInconnue) {
			t.Errorf("%+v : %v", q, err)
		}
	}
	g.panne = errors.New("base pleine")
	for _, famille := range []string{"", "ministere"} {
		if _, err := x.Fiche(t.Context(), pupitre.LectureAnnuaire{Famille: famille, Nature: "praticien", ID: p.ID}); (err != nil) != (famille == "ministere") {
			t.Errorf("trace impossible, %q : %v", famille, err)
		}
	}
}

func TestBureauAnnuaireVersions(t *testing.T) {
	p, _, l := petitMonde()
	avant := annuaire.Changement{Praticien: p}
	premiere := avant.Cloner()
	premiere.Praticien.Nom = "DURAND"
	p.Version = 2
	x, g := bancBureau(t, l...)
	g.versions = []annuaire.Changement{premiere}
	q := pupitre.LectureAnnuaire{Famille: "ministere", Nature: "praticien", ID: p.ID}
	v, err := x.Versions(t.Context(), q)
	if err != nil || len(v.Versions) != 2 || v.Versions[0].Numero != 2 || !v.Versions[1].Premiere || len(v.Versions[0].Changement) != 1 ||
		!strings.Contains(v.Versions[0].Changement[0].Avant, "DURAND") || !strings.Contains(v.Versions[0].Changement[0].Apres, "LE GOFF") {
		t.Errorf("%v %+v", err, v)
	}
	if len(g.traces) != 1 || len(g.traces[0].Fiches) != 1 {
		t.Errorf("traces : %+v", g.traces)
	}
	if v, err := x.Versions(t.Context(), pupitre.LectureAnnuaire{Nature: "praticien", ID: p.ID}); err != nil || len(v.Versions) != 0 {
		t.Errorf("le public voit %+v, %v", v, err)
	}
}

func TestBureauAnnuaireVide(t *testing.T) {
	x, _ := bancBureau(t)
	e := x.Etat(t.Context())
	if e.Generation != 0 || len(e.Remplir) != 2 || !strings.HasPrefix(e.Remplir[1], "ecluse annuaire charger --config ecluse.toml ") || len(e.Familles) < 10 {
		t.Errorf("%+v", e)
	}
	if r, err := x.Chercher(t.Context(), pupitre.QuestionAnnuaire{Texte: "dupont"}); err != nil || len(r.Trouves) > 0 {
		t.Errorf("%+v %v", r, err)
	}
}

// pasMontres are the fields that a page leaves out on purpose: the codes that go with
// what it writes in words, and what only programs read.
var pasMontres = []string{".TypeID", ".Type.Code", "Civilite.Code", "CiviliteExercice.Code", ".CodeCommune", ".BAL[0].Type", ".TypeVoie.Code", ".Pays.Code",
	".Departement.Code", ".Departement.Libelle", ".Commune.Code", ".Commune.Libelle", ".Mandat.ID", ".Mandat.Structure", ".Services[0].Normes[0]", ".Services[0].Empreintes[0]", ".Services[0].Confidentiel"}

// marquer fills every field of a record with a text of its own.
func marquer(v reflect.Value, chemin string, marques map[string]string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			marquer(v.Field(i), chemin+"."+v.Type().Field(i).Name, marques)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			marquer(v.Index(0), chemin+"[0]", marques)
		}
	case reflect.String:
		m := fmt.Sprintf("x%03dx", len(marques))
		marques[m] = chemin
		v.SetString(m)
	case reflect.Int64, reflect.Int32:
		if v.Type() == reflect.TypeFor[sante.Jour]() {
			v.SetInt(int64(sante.JourDe(2026, 11, 1)))
		} else {
			v.SetInt(7)
		}
	}
}

// textes are the marks of a value.
func textes(v reflect.Value, marques map[string]string, dans map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			textes(v.Elem(), marques, dans)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			textes(v.Field(i), marques, dans)
		}
	case reflect.Slice:
		for i := range v.Len() {
			textes(v.Index(i), marques, dans)
		}
	case reflect.String:
		for m := range marques {
			if strings.Contains(v.String(), m) {
				dans[m] = true
			}
		}
	}
}

// The page of a record holds what the projection of the view left of it, and nothing
// else; no field was forgotten.
func TestBureauAnnuaireRienDePlus(t *testing.T) {
	x, _ := bancBureau(t)
	for _, n := range annuaire.Natures {
		for _, famille := range x.donnees.Regards.Familles() {
			for _, sien := range []bool{false, true} {
				k, marques := ficheMarquee(n), map[string]string{}
				_, e := k.Entete()
				marquer(contenu(&k), "", marques)
				e.Actif = true
				var sienne *annuaire.Changement
				if sien {
					copie := k.Cloner()
					sienne = &copie
				}
				l, err := x.lecture(famille, sienne)
				if err != nil {
					t.Fatal(err)
				}
				projetee := k.Cloner()
				f := l.montrer(&k)
				l.vue.Rendre()
				projeter(l.vision, &projetee)
				f.ID = ""
				voulus, montres := map[string]bool{}, map[string]bool{}
				textes(contenu(&projetee), marques, voulus)
				if !f.Cachee {
					textes(reflect.ValueOf(f), marques, montres)
				}
				for m := range marques {
					omis := slices.ContainsFunc(pasMontres, func(s string) bool { return strings.HasSuffix(marques[m], s) })
					if montres[m] && !voulus[m] || voulus[m] && !montres[m] && !omis && !f.Cachee {
						t.Errorf("%s par %s (sienne : %v) : %s, projeté %v, montré %v", n, famille, sien, marques[m], voulus[m], montres[m])
					}
				}
			}
		}
	}
}

func ficheMarquee(n annuaire.Nature) annuaire.Changement {
	switch n {
	case annuaire.Praticiens:
		return annuaire.Changement{Praticien: new(annuaire.Praticien)}
	case annuaire.Situations:
		return annuaire.Changement{Situation: new(annuaire.Situation)}
	case annuaire.Structures:
		return annuaire.Changement{Structure: new(annuaire.Structure)}
	case annuaire.Activites:
		return annuaire.Changement{Activite: new(annuaire.Activite)}
	case annuaire.Equipements:
		return annuaire.Changement{Equipement: new(annuaire.Equipement)}
	}
	return annuaire.Changement{Acces: new(annuaire.PointAcces)}
}

func contenu(k *annuaire.Changement) reflect.Value {
	v := reflect.ValueOf(k).Elem()
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsNil() {
			return f.Elem()
		}
	}
	panic("fiche vide")
}

// Many visitors ask at once.
func TestBureauAnnuaireEnsemble(t *testing.T) {
	p, _, l := petitMonde()
	x, _ := bancBureau(t, l...)
	var g sync.WaitGroup
	for range 8 {
		g.Go(func() {
			for range 20 {
				r, err := x.Chercher(context.Background(), pupitre.QuestionAnnuaire{Texte: "dupont blois"})
				if err != nil || len(r.Trouves) == 0 || r.Trouves[0].ID != p.ID {
					t.Errorf("%v %+v", err, r)
				}
				if l, err := x.Proposer(context.Background(), pupitre.QuestionAnnuaire{Texte: "dup"}); err != nil || len(l) != 1 || l[0].Mot != "dupont" {
					t.Errorf("%v %+v", err, l)
				}
			}
		})
	}
	g.Wait()
}
