package front_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/pupitre"
	"github.com/ecluse-sante/ecluse/internal/pupitre/front"
	"github.com/ecluse-sante/ecluse/internal/pupitre/pupitretest"
	"github.com/ecluse-sante/ecluse/sceau"
)

const hote = "127.0.0.1:8088"

// banc is a desk and what its visitor sends.
type banc struct {
	t        *testing.T
	monde    *pupitretest.Monde
	envoyeur *pupitretest.Envoyeur
	h        http.Handler
}

func nouveauBanc(t *testing.T) *banc {
	t.Helper()
	m := pupitretest.New(t)
	v := &pupitretest.Envoyeur{M: m}
	return &banc{t, m, v, front.New(m, v, front.Options{Adresses: []string{hote}, Log: slog.New(slog.DiscardHandler), Appeler: []front.Rubrique{{
		Titre: "Avec curl", Paragraphes: []string{"Scellez, puis envoyez."}, Liens: []front.Lien{{Libelle: "Le WSDL", Adresse: "http://127.0.0.1:8080/v1/droits/soap?wsdl"}}, Blocs: []front.Bloc{{Legende: "Un IDB", Texte: "curl --cert es.pem <b>"}}}}})}
}

func (b *banc) demander(methode, chemin, corps string, retoucher func(*http.Request)) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(methode, "http://"+hote+chemin, strings.NewReader(corps))
	r.RemoteAddr = "127.0.0.1:50000"
	if methode == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://"+hote)
	}
	if retoucher != nil {
		retoucher(r)
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w
}

func (b *banc) lire(chemin string, etat int) string {
	b.t.Helper()
	w := b.demander(http.MethodGet, chemin, "", nil)
	if w.Code != etat {
		b.t.Fatalf("%s : état %d, attendu %d\n%s", chemin, w.Code, etat, w.Body)
	}
	return w.Body.String()
}

func (b *banc) poster(chemin string, v url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.demander(http.MethodPost, chemin, v.Encode(), nil)
}

var pagesDuBanc = []string{"/", "/etape/1", "/etape/2", "/etape/3", "/etape/4", "/etape/5", "/etape/6", "/etape/7", "/etape/2/recu", "/etape/4/recu",
	"/essayer", "/essayer?exemple=sejour", "/essayer/brut", "/essayer/brut?etape=4", "/appeler"}

// Each page closes what it opens, names each thing once, and holds no script.
func TestPages(t *testing.T) {
	b := nouveauBanc(t)
	for _, chemin := range pagesDuBanc {
		t.Run(chemin, func(t *testing.T) {
			page := b.lire(chemin, http.StatusOK)
			verifierHTML(t, page)
			for _, attendu := range []string{`<html lang="fr">`, `href="#contenu"`, `<main id="contenu"`, `name="viewport"`, "<h1>"} {
				if strings.Count(page, attendu) != 1 {
					t.Errorf("%s : %d fois", attendu, strings.Count(page, attendu))
				}
			}
		})
	}
}

var (
	balise    = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*?)?)(/?)>`)
	attributs = regexp.MustCompile(`\s(id|style|on[a-z]+|aria-describedby|for)(?:="([^"]*)")`)
	vides     = "meta link input br hr img path"
)

func verifierHTML(t *testing.T, page string) {
	t.Helper()
	var pile []string
	ids, cites := map[string]bool{}, []string{}
	for _, m := range balise.FindAllStringSubmatch(page, -1) {
		nom := m[2]
		for _, a := range attributs.FindAllStringSubmatch(m[3], -1) {
			switch a[1] {
			case "id":
				if ids[a[2]] {
					t.Errorf("identifiant %q deux fois", a[2])
				}
				ids[a[2]] = true
			case "for", "aria-describedby":
				cites = append(cites, strings.Fields(a[2])...)
			default:
				t.Errorf("attribut %s : la politique de la page le refuse", a[1])
			}
		}
		switch {
		case nom == "script" || nom == "style" || nom == "iframe":
			t.Errorf("élément %s", nom)
		case strings.Contains(" "+vides+" ", " "+nom+" ") || m[4] == "/":
		case m[1] == "":
			pile = append(pile, nom)
		case len(pile) == 0 || pile[len(pile)-1] != nom:
			t.Fatalf("</%s> ferme %v", nom, pile)
		default:
			pile = pile[:len(pile)-1]
		}
	}
	if len(pile) > 0 {
		t.Errorf("jamais fermés : %v", pile)
	}
	for _, c := range cites {
		if !ids[c] {
			t.Errorf("identifiant %q cité et absent", c)
		}
	}
}

func TestIntrouvable(t *testing.T) {
	b := nouveauBanc(t)
	for _, chemin := range []string{"/etape/0", "/etape/8", "/etape/-1", "/etape/x", "/etape/99999999999999999999", "/etape/1/recu", "/etape/1/secret", "/etape/1/",
		"/essai/1", "/essai/1/recu", "/nulle-part", "/statique/", "/statique/../front.go", "/etape"} {
		w := b.demander(http.MethodGet, chemin, "", nil)
		if w.Code != http.StatusNotFound && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s : état %d", chemin, w.Code)
		}
	}
}

// What a message holds is shown, and is never obeyed.
func TestEchappement(t *testing.T) {
	b := nouveauBanc(t)
	page := b.lire("/etape/1", http.StatusOK) // its answer holds a script in messageAgent
	if !strings.Contains(page, `Carte valable &lt;script&gt;alert(`) {
		t.Error("le message n'est pas montré")
	}
	mechant := `"><script>alert(1)</script>`
	w := b.poster("/essayer", url.Values{"etablissement": {mechant}, "patient": {mechant}, "nomNaissance": {mechant}, "date": {mechant}, "code0": {mechant}})
	brut := b.poster("/essayer/brut", url.Values{"etablissement": {"sources"}, "face": {"REST"}, "sceller": {"oui"}, "brut": {"</textarea>" + mechant}})
	e := b.monde.Etapes()[1]
	e.Titre, e.Recit, e.Demandeur, e.Lignes[0].Phrase, e.Histoire = mechant, []string{mechant}, mechant, mechant, mechant
	histoire := front.New(fixe{e}, nil, front.Options{Adresses: []string{hote}})
	b.h = histoire
	for nom, p := range map[string]string{"étape": page, "formulaire": w.Body.String(), "message": brut.Body.String(),
		"histoire": b.lire("/", 200), "récit": b.lire("/etape/1", 200), "reçu": b.lire("/etape/1/recu", 200)} {
		verifierHTML(t, p)
		if strings.Contains(p, "<script") {
			t.Errorf("%s : script dans la page", nom)
		}
	}
}

// fixe is a story of one step.
type fixe struct{ e pupitre.Etape }

func (f fixe) Etapes() []pupitre.Etape           { return []pupitre.Etape{f.e} }
func (f fixe) Etape(n int) (pupitre.Etape, bool) { return f.e, n == 1 }

// A desk without a sender offers no form.
func TestSansEnvoyeur(t *testing.T) {
	m := pupitretest.New(t)
	b := &banc{t: t, h: front.New(m, nil, front.Options{Adresses: []string{hote}})}
	if strings.Contains(b.lire("/", 200), `href="/essayer"`) {
		t.Error("le formulaire est proposé")
	}
	b.lire("/essayer", http.StatusNotFound)
	if w := b.poster("/essayer", nil); w.Code != http.StatusNotFound {
		t.Errorf("état %d", w.Code)
	}
	b.h = front.New(m, nil, front.Options{})
	b.lire("/", http.StatusMisdirectedRequest) // no address: nobody is answered
}

// The downloads are the very bytes, for the tools.
func TestTelechargement(t *testing.T) {
	b := nouveauBanc(t)
	e, _ := b.monde.Etape(5)
	for partie, octets := range map[string][]byte{"question": e.Question.Brut, "reponse": e.Reponse.Brut, "point": e.Preuve.Point} {
		w := b.demander(http.MethodGet, "/etape/5/"+partie, "", nil)
		if !bytes.Equal(w.Body.Bytes(), octets) || w.Header().Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s : %d octets, attendu %d", partie, w.Body.Len(), len(octets))
		}
	}
	w := b.demander(http.MethodGet, "/etape/5/question", "", nil)
	if v := b.monde.Loupe.Voir(w.Body.Bytes(), sceau.SOAP, e.Debut); !v.Garanti {
		t.Errorf("le message téléchargé ne se vérifie plus : %s", v.Echec)
	}
}

func formulaireDe(f pupitre.Formulaire) url.Values {
	v := url.Values{"etablissement": {f.Etablissement}, "patient": {f.Patient}, "face": {f.Face}, "service": {f.Service}, "passage": {f.Passage}, "date": {f.Date},
		"sortie": {f.Sortie}, "discipline": {f.Discipline}, "tarif": {f.Tarif}, "chambre": {f.Chambre}}
	for i, a := range f.Actes {
		for nom, x := range map[string]string{"famille": a.Famille, "code": a.Code, "base": a.Base, "depense": a.Depense} {
			v.Set(fmt.Sprint(nom, i), x)
		}
	}
	return v
}

// The examples that the form proposes are sent as they are, in each service and
// each face, and their result is a step.
func TestEssais(t *testing.T) {
	b := nouveauBanc(t)
	for _, x := range b.monde.Choix().Exemples {
		for _, service := range []string{"IDB", "SIM", "CLC"} {
			for _, face := range []string{"REST", "SOAP"} {
				f := x.Formulaire
				f.Service, f.Face = service, face
				w := b.poster("/essayer", formulaireDe(f))
				if w.Code != http.StatusSeeOther {
					t.Fatalf("%s %s %s : état %d\n%s", x.Nom, service, face, w.Code, w.Body)
				}
				page := b.lire(w.Header().Get("Location"), http.StatusOK)
				verifierHTML(t, page)
				if !strings.Contains(page, "Votre "+service) || strings.Count(page, "</span> valide</strong>") != 2 {
					t.Errorf("%s %s %s : la page ne dit pas les deux sceaux valides", x.Nom, service, face)
				}
				if service != "IDB" {
					b.lire(w.Header().Get("Location")+"/recu", http.StatusOK)
				}
			}
		}
	}
}

func TestEssaiBrut(t *testing.T) {
	b := nouveauBanc(t)
	e, _ := b.monde.Etape(1)
	for _, c := range []struct {
		nom, brut, sceller string
		etat               int
	}{
		{"scellé par le visiteur", string(e.Question.Brut), "", 303},
		{"à sceller", e.Question.Modele(), "oui", 303},
		{"vide", "", "", 422},
		{"à sceller, illisible", "<a/>", "oui", 422},
	} {
		w := b.poster("/essayer/brut", url.Values{"etablissement": {"sources"}, "face": {"REST"}, "brut": {c.brut}, "sceller": {c.sceller}})
		if w.Code != c.etat {
			t.Errorf("%s : état %d, attendu %d", c.nom, w.Code, c.etat)
		}
	}
}

// Each fault is told on top, with a link to a field that is there.
func TestFautes(t *testing.T) {
	b := nouveauBanc(t)
	lien := regexp.MustCompile(`<li><a href="#([^"]+)">`)
	for _, v := range []url.Values{
		{},
		{"etablissement": {"sources"}, "patient": {"jeanne"}, "face": {"REST"}, "service": {"CLC"}, "passage": {"ACE"}, "base0": {"x"}, "famille1": {"SEJ"}, "base1": {"1"}, "code1": {"ABCDEFG"}, "nature": {"z"}, "exoTM": {"z"}},
		{"etablissement": {"sources"}, "patient": {"jeanne"}, "face": {"REST"}, "service": {"CLC"}, "passage": {"SEJOUR"}, "sortie": {"hier"}, "discipline": {"z"}},
		{"etablissement": {"sources"}, "patient": {"jeanne"}, "face": {"REST"}, "service": {"CLC"}, "passage": {"ACE"}, "base0": {"30"}, "idReponseIDB": {"a"}},
	} {
		w := b.poster("/essayer", v)
		page := w.Body.String()
		verifierHTML(t, page)
		liens := lien.FindAllStringSubmatch(page, -1)
		if w.Code != http.StatusUnprocessableEntity || len(liens) == 0 || !strings.Contains(page, "<title>Erreur — ") {
			t.Fatalf("%v : état %d, %d fautes", v, w.Code, len(liens))
		}
		for _, l := range liens {
			if !strings.Contains(page, `id="`+l[1]+`"`) {
				t.Errorf("faute de %q : pas de tel champ", l[1])
			}
		}
	}
	b.envoyeur.Panne = errors.New("le relais ne répond pas")
	w := b.poster("/essayer", formulaireDe(b.monde.Choix().Exemples[0].Formulaire))
	if w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), "Rien n&#39;a pu être envoyé") || !strings.Contains(w.Body.String(), `value="45,00"`) {
		t.Errorf("panne : état %d", w.Code)
	}
}

// Results are bounded: the oldest are forgotten.
func TestEssaisBornes(t *testing.T) {
	b := nouveauBanc(t)
	f := b.monde.Choix().Exemples[0].Formulaire
	f.Service = "IDB"
	for range 53 {
		b.poster("/essayer", formulaireDe(f))
	}
	b.lire("/essai/3", http.StatusNotFound)
	b.lire("/essai/4", http.StatusOK)
	b.lire("/essai/53", http.StatusOK)
}

// The desk of a laboratory server shows true exchanges: none yet, and it says what
// to do; then those that were made, trials included.
func TestEchangesReels(t *testing.T) {
	m := pupitretest.New(t)
	v := &pupitretest.Envoyeur{M: m, Garder: true}
	vide := &banc{t, m, v, front.New(new(pupitre.Carnet), v, front.Options{Adresses: []string{hote}, Echanges: true, Log: slog.New(slog.DiscardHandler)})}
	page := vide.lire("/", http.StatusOK)
	verifierHTML(t, page)
	for _, attendu := range []string{"Les échanges de ce laboratoire", "n'a encore rien échangé", `href="/essayer"`, "ecluse demo"} {
		if !strings.Contains(page, attendu) {
			t.Errorf("laboratoire sans échange : rien sur %q", attendu)
		}
	}
	if strings.Contains(page, "Actualisez") {
		t.Error("la page fait attendre ce qui ne vient pas")
	}
	b := &banc{t, m, v, front.New(m, v, front.Options{Adresses: []string{hote}, Echanges: true, Log: slog.New(slog.DiscardHandler)})}
	w := b.poster("/essayer", url.Values{"service": {"IDB"}, "face": {"REST"}, "etablissement": {v.Choix(t.Context()).Etablissements[0].Cle},
		"patient": {v.Choix(t.Context()).Patients[0].Cle}, "passage": {"ACE"}})
	adresse := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(adresse, "/etape/") {
		t.Fatalf("essai : %d %q", w.Code, adresse)
	}
	for _, chemin := range []string{"/", adresse} {
		page := b.lire(chemin, http.StatusOK)
		verifierHTML(t, page)
		if !strings.Contains(page, "Votre IDB") || !strings.Contains(page, "accepté") {
			t.Errorf("%s : l'essai n'y est pas", chemin)
		}
	}
	if page := b.lire("/essai/1", http.StatusNotFound); !strings.Contains(page, "même après un redémarrage") {
		t.Error("un essai perdu ne dit pas où sont les autres")
	}
}

// A trial that only the desk keeps is listed on its first page.
func TestEssaisListes(t *testing.T) {
	b := nouveauBanc(t)
	c := b.envoyeur.Choix(t.Context())
	w := b.poster("/essayer", url.Values{"service": {"IDB"}, "face": {"REST"}, "etablissement": {c.Etablissements[0].Cle}, "patient": {c.Patients[0].Cle}, "passage": {"ACE"}})
	if w.Header().Get("Location") != "/essai/1" {
		t.Fatalf("essai : %d %q", w.Code, w.Header().Get("Location"))
	}
	if page := b.lire("/", http.StatusOK); !strings.Contains(page, `<a href="/essai/1">Essai 1</a> : IDB`) {
		t.Error("l'essai n'est pas sur la première page")
	}
}

// What to read beside the desk is a link.
func TestLiens(t *testing.T) {
	const lien = `<a href="http://127.0.0.1:8080/v1/droits/soap?wsdl">Le WSDL</a>`
	if s := nouveauBanc(t).lire("/appeler", http.StatusOK); !strings.Contains(s, lien) {
		t.Errorf("sans %s :\n%s", lien, s)
	}
}
