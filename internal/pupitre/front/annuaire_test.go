package front_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
)

// leScript is the only script of the desk, as its only page calls it.
const leScript = `<script src="/statique/annuaire.js" defer></script>`

func bancAnnuaire(t *testing.T, a *pupitretest.Annuaire, journal *bytes.Buffer) *banc {
	if journal == nil {
		journal = new(bytes.Buffer)
	}
	log := slog.New(slog.NewTextHandler(journal, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return &banc{t: t, h: front.New(pupitretest.New(t), nil, front.Options{Adresses: []string{hote}, Annuaire: a, Log: log})}
}

// Each page of the directory says what it must, is valid, and only the search runs a
// script.
func TestAnnuaire(t *testing.T) {
	b := bancAnnuaire(t, new(pupitretest.Annuaire), nil)
	for _, c := range []struct {
		chemin   string
		script   bool
		attendus []string
		absents  []string
	}{
		{"/annuaire", true, []string{"2\u202f000 professionnels", "1\u202f234\u202f567 structures", "Génération 7", "22/11/2026 04:00:00", "il y a un jour", `role="search"`, `aria-current="page">Annuaire`, `<option value="ministere">`}, []string{"réponse"}},
		{"/annuaire?q=fictif+blos+zut", true, []string{"Une réponse", "FICTIF &lt;script&gt;", "« fictif » : nom, exact", "« blos » : commune, une faute", "« zut » : absent", "Cardiologie", "41000 Blois", "ps1.", "La question est trop longue",
			"Aucune fiche ne porte tous ces mots", "préciser la question", `value="fictif blos zut"`, `href="/annuaire/praticien/p1"`, "99900112204", `href="/annuaire?q=fictif&#43;blos&#43;zut&amp;quoi=structures"`}, []string{"<script>alert"}},
		{"/annuaire?q=fictif&quoi=structures&famille=ministere", true, []string{"Hôpital fictif", `href="/annuaire/structure/s1?famille=ministere"`, `href="/pourquoi/structure/bal?famille=ministere"`, `<option value="ministere" selected>`, `name="quoi" value="structures"`}, nil},
		{"/annuaire?q=personne", true, []string{"Aucune réponse", "chercher parmi les structures"}, nil},
		{"/annuaire/praticien/p1", false, []string{"FICTIF Ève", "899900112204", "rien n&#39;est dit", "qu'il y ait quelque chose ou non", `href="/pourquoi/praticien/etat-civil"`, "Où il exerce : 1\u202f193", "Seules les premières",
			`href="/annuaire/structure/s1"`, "ne montre pas : 2", "Ses réseaux", "Cette fiche est la sienne", "caché par ce regard"}, []string{"/versions", "plus active"}},
		{"/annuaire/praticien/p1?famille=ministere&sienne=oui", false, []string{"laisse une trace", `href="/annuaire/praticien/p1/versions?famille=ministere&amp;sienne=oui"`, " checked"}, []string{`href="/pourquoi/praticien/etat-civil`}},
		{"/annuaire/praticien/p2", false, []string{"plus active"}, nil},
		{"/annuaire/praticien/p3", false, []string{"ne montre pas cette fiche", `href="/pourquoi/praticien/id"`}, []string{"899900112204"}},
		{"/annuaire/praticien/p1/versions?famille=ministere", false, []string{"Version 3, 20/11/2026", "FICTIVE", "Rien de ce que ce regard montre", "La plus ancienne"}, nil},
		{"/annuaire/praticien/p1/versions", false, []string{"caché par ce regard"}, []string{"FICTIVE"}},
		{"/pourquoi/praticien/etat-civil", false, []string{"Qui voit « État civil »", "refusé", "celle-ci", "ecluse annuaire pourquoi anonyme praticien etat-civil"}, nil},
	} {
		t.Run(c.chemin, func(t *testing.T) {
			w := b.demander(http.MethodGet, c.chemin, "", nil)
			if w.Code != http.StatusOK {
				t.Fatalf("état %d\n%s", w.Code, w.Body)
			}
			page := w.Body.String()
			if n := strings.Count(page, leScript); n != map[bool]int{true: 1}[c.script] {
				t.Errorf("script : %d fois", n)
			}
			if permis := strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src 'self'"); permis != c.script {
				t.Errorf("script permis : %v", permis)
			}
			page = strings.Replace(page, leScript, "", 1)
			verifierHTML(t, page)
			page = strings.ReplaceAll(page, "\u00a0", " ")
			for _, a := range c.attendus {
				if !strings.Contains(page, a) && !strings.Contains(page, strings.ReplaceAll(a, "&#39;", "'")) {
					t.Errorf("sans %q", a)
				}
			}
			for _, a := range c.absents {
				if strings.Contains(page, a) {
					t.Errorf("avec %q", a)
				}
			}
		})
	}
}

func TestAnnuaireRefuse(t *testing.T) {
	b := bancAnnuaire(t, new(pupitretest.Annuaire), nil)
	for chemin, etat := range map[string]int{"/annuaire?q=x&famille=zut": 400, "/annuaire/praticien/absente": 404, "/annuaire/zut/p1": 404, "/annuaire/praticien/p1?famille=zut": 400, "/annuaire/praticien": 404,
		"/annuaire/praticien/absente/versions": 404, "/pourquoi/praticien/zut": 404, "/pourquoi/zut/nom": 404, "/pourquoi/praticien/etat-civil?famille=zut": 400} {
		verifierHTML(t, b.lire(chemin, etat))
	}
	sans := nouveauBanc(t)
	if strings.Contains(sans.lire("/", 200), `href="/annuaire"`) {
		t.Error("l'annuaire est proposé sans annuaire")
	}
	sans.lire("/annuaire", http.StatusNotFound)
	vide := bancAnnuaire(t, &pupitretest.Annuaire{Vide: true}, nil)
	page := vide.lire("/annuaire?q=fictif", 200)
	if !strings.Contains(page, "ecluse annuaire charger a") || strings.Contains(page, "<form") {
		t.Error("un annuaire vide ne dit pas seulement ce qui le remplit")
	}
}

// Suggestions come to a page of the desk alone, and by a body, not by an address.
func TestAnnuairePropositions(t *testing.T) {
	a := new(pupitretest.Annuaire)
	b := bancAnnuaire(t, a, nil)
	w := b.poster("/annuaire/propositions", url.Values{"q": {"fic"}, "quoi": {"structures"}, "famille": {"ministere"}})
	var l []pupitre.PropositionAnnuaire
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != 200 || w.Header().Get("Content-Type") != "application/json" || len(l) != 2 || l[0].Fiches != 1200 {
		t.Errorf("état %d, %v, %q", w.Code, err, w.Body)
	}
	if strings.Contains(w.Body.String(), "<b>") {
		t.Error("la réponse JSON porte une balise")
	}
	if q := a.Questions(); len(q) != 1 || q[0] != (pupitre.QuestionAnnuaire{Texte: "fic", Structures: true, Famille: "ministere"}) {
		t.Errorf("question reçue : %+v", q)
	}
	for nom, x := range map[string]struct {
		texte string
		etat  int
		lu    int // bytes of the question that reach the directory
	}{"rien": {"", 200, -1}, "sans réponse": {"zzz", 200, 3}, "trop long": {strings.Repeat("é", 200), 200, 256}, "énorme": {strings.Repeat("x", 5000), 400, -1}} {
		avant := len(a.Questions())
		w := b.poster("/annuaire/propositions", url.Values{"q": {x.texte}})
		if w.Code != x.etat || x.etat == 200 && strings.TrimSpace(w.Body.String()) != "[]" {
			t.Errorf("%s : état %d, %q", nom, w.Code, w.Body)
		}
		if q := a.Questions()[avant:]; x.lu < 0 && len(q) > 0 || x.lu >= 0 && (len(q) != 1 || len(q[0].Texte) != x.lu) {
			t.Errorf("%s : question reçue %+v", nom, q)
		}
	}
	if w := b.demander(http.MethodPost, "/annuaire/propositions", "q=fic", func(r *http.Request) { r.Header.Set("Origin", "http://exemple.invalid") }); w.Code != http.StatusForbidden {
		t.Errorf("d'un autre site : état %d", w.Code)
	}
	if w := b.demander(http.MethodGet, "/annuaire/propositions?q=fic", "", nil); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET : état %d", w.Code)
	}
}

// The desk writes nothing of a question in its log, even when all goes wrong.
func TestAnnuaireSansTrace(t *testing.T) {
	const secret = "zorglubine"
	var journal bytes.Buffer
	b := bancAnnuaire(t, &pupitretest.Annuaire{Panne: errors.New("image abîmée")}, &journal)
	for _, chemin := range []string{"/annuaire?q=" + secret, "/annuaire/praticien/" + secret, "/annuaire?q=" + secret + "&famille=" + secret, "/" + secret, "/pourquoi/" + secret + "/" + secret} {
		b.demander(http.MethodGet, chemin, "", nil)
		b.demander(http.MethodGet, chemin, "", func(r *http.Request) { r.Host = secret })
	}
	b.poster("/annuaire/propositions", url.Values{"q": {secret}})
	if !strings.Contains(journal.String(), "image abîmée") {
		t.Errorf("la panne n'est pas dite à l'exploitant :\n%s", &journal)
	}
	if strings.Contains(journal.String(), secret) {
		t.Errorf("le journal porte la question :\n%s", &journal)
	}
}
