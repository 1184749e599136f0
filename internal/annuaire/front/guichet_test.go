package front

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/annuairetest"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
	"github.com/ecluse-sante/ecluse/sante"
)

// listeEssai lists what a registry in memory was given.
type listeEssai struct {
	*annuairetest.Memoire
	l []string
}

func (m *listeEssai) Inscrire(ctx context.Context, d *annuaire.Demande) error {
	m.l = append(m.l, d.Numero)
	return m.Memoire.Inscrire(ctx, d)
}

func (m *listeEssai) suite(ctx context.Context, apres string, max int, f func(*annuaire.Demande) bool) (l []*annuaire.Demande, err error) {
	for _, n := range m.l {
		d, err := m.Demande(ctx, n)
		if err != nil {
			return nil, err
		}
		if n > apres && len(l) < max && f(d) {
			l = append(l, d)
		}
	}
	return l, nil
}

func (m *listeEssai) DeActeur(ctx context.Context, par, apres string, max int) ([]*annuaire.Demande, error) {
	return m.suite(ctx, apres, max, func(d *annuaire.Demande) bool { return d.Par == par })
}

func (m *listeEssai) EnAttente(ctx context.Context, apres *annuaire.Demande, max int) ([]*annuaire.Demande, error) {
	numero := ""
	if apres != nil {
		numero = apres.Numero
	}
	return m.suite(ctx, numero, max, func(d *annuaire.Demande) bool { return d.Etat == annuaire.Deposee })
}

// registreV1 is a registry in memory that also tells the steps and feeds the image.
type registreV1 struct {
	*listeEssai
	images *image.Depot
	poses  []annuaire.Changement
}

func (r *registreV1) Etapes(ctx context.Context, numero string) ([]Etape, error) {
	d, err := r.Demande(ctx, numero)
	if err != nil {
		return nil, err
	}
	l := []Etape{{Instant: d.Deposee, Etat: annuaire.Deposee, Acteur: d.Par, Motif: d.Preuve}}
	if !d.Decidee.IsZero() {
		l = append(l, Etape{d.Decidee, d.Etat, d.Decideur, d.Motif})
	}
	return l, nil
}

func (r *registreV1) Appliquer(ctx context.Context, avant, apres *annuaire.Changement, demande string, le time.Time) error {
	r.poses = append(r.poses, apres.Cloner())
	return r.listeEssai.Appliquer(ctx, avant, apres, demande, le)
}

func (r *registreV1) servir(ctx context.Context) error {
	l := r.poses
	r.poses = nil
	return r.images.Superposer(ctx, l)
}

// consultations keeps what was traced.
type consultations struct {
	l     []annuaire.Consultation
	panne error
}

func (c *consultations) Tracer(_ context.Context, l ...annuaire.Consultation) error {
	c.l = append(c.l, l...)
	return c.panne
}

// unPasse has one version that was.
type unPasse struct{ c annuaire.Changement }

func (p unPasse) Versions(_ context.Context, n annuaire.Nature, id string, avant uint32, _ int) ([]annuaire.Changement, error) {
	if m, e := p.c.Entete(); m != n || e.ID != id || e.Version >= avant {
		return nil, nil
	}
	return []annuaire.Changement{p.c.Cloner()}, nil
}

func (p unPasse) Version(_ context.Context, n annuaire.Nature, id string, _ sante.Jour, connu time.Time) (*annuaire.Changement, error) {
	if m, e := p.c.Entete(); m != n || e.ID != id || e.Maj > connu.UnixMilli() {
		return nil, annuaire.ErrInconnu
	}
	c := p.c.Cloner()
	return &c, nil
}

type bancV1 struct {
	h      http.Handler
	fhir   http.Handler
	traces *consultations
	r      *registreV1
}

func guichet(t testing.TB) *bancV1 {
	t.Helper()
	d, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	l := fiches()
	images := depot(t, l)
	avant := l[5].Cloner()
	avant.Praticien.Version, avant.Praticien.Nom, avant.Praticien.Maj = 1, "ANCIEN-FICTIF", maintenant.Add(-72*time.Hour).UnixMilli()
	b := &bancV1{traces: new(consultations), r: &registreV1{listeEssai: &listeEssai{Memoire: annuairetest.NouvelleMemoire()}, images: images}}
	n := 0
	g, err := NouveauGuichet(OptionsGuichet{Images: images, Registre: b.r, Historique: unPasse{avant}, Traceur: b.traces, Servir: b.r.servir,
		Horloge:    func() time.Time { return maintenant },
		Identifier: identifierEssai,
		Demandes: &annuaire.Demandes{Donnees: d, Fiches: images, Registre: b.r, Horloge: func() time.Time { return maintenant }, Numeroter: func() (string, error) {
			n++
			return fmt.Sprintf("R%03d", n), nil
		}},
		Qui: func(r *http.Request) (*annuaire.Vision, error) { return vision(t, r.Header.Get("Essai-Vue")), nil }})
	if err != nil {
		t.Fatal(err)
	}
	b.h, b.fhir = g, porte(t, images)
	return b
}

func identifierEssai(c *annuaire.Changement) (string, error) {
	switch {
	case c.Situation != nil:
		return id(annuaire.Situations, c.Situation.Praticien+c.Situation.Structure+c.Situation.Mode.Code), nil
	case c.Praticien != nil:
		return id(annuaire.Praticiens, c.Praticien.IDNat), nil
	}
	return "", nil
}

// reponseV1 is what a caller reads, of an answer or of a problem.
type reponseV1 struct {
	demandeVue
	Code, QuiAgit, AFaire, Detail string
	Status                        int
}

func (b *bancV1) demander(t testing.TB, qui, route, corps string, entetes ...string) (*httptest.ResponseRecorder, reponseV1) {
	t.Helper()
	methode, adresse, _ := strings.Cut(route, " ")
	r := httptest.NewRequest(methode, adresse, strings.NewReader(corps))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Essai-Vue", qui)
	for i := 0; i+1 < len(entetes); i += 2 {
		r.Header.Set(entetes[i], entetes[i+1])
	}
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	var x reponseV1
	if err := json.Unmarshal(w.Body.Bytes(), &x); err != nil {
		t.Fatalf("%s : %d %v : %s", route, w.Code, err, w.Body)
	}
	if w.Code >= 400 && (w.Header().Get("Content-Type") != "application/problem+json" || x.Status != w.Code || x.QuiAgit == "" || x.AFaire == "") {
		t.Errorf("%s : un refus qui ne dit ni qui agit ni que faire : %d %s", route, w.Code, w.Body)
	}
	return w, x
}

// What each family does: applied (200, 201), proposed (202), or refused with its code.
func TestDroitsV1(t *testing.T) {
	p, s, eg := nomme("p1")[0], nomme("s1")[0], id(annuaire.Structures, "eg")
	change := func(nature, quoi, rubrique, cle, nouveau, preuve string) string {
		return fmt.Sprintf(`{"nature":%q,"iD":%q,"modifications":[{"rubrique":%q,"cle":%q,"nouveau":%q}],"preuve":%q}`, nature, quoi, rubrique, cle, nouveau, preuve)
	}
	actions := []struct {
		nom, route, corps string
		attendu           map[string]string
	}{
		{"coordonnées", "PUT /v1/praticiens/" + p + "/contact", `{"voie":"quai du Port","codePostal":"41000","commune":"41018","communeLibelle":"Blois","telephone":"0699000010"}`,
			map[string]string{"V1P": "200", "V1": "hors-vue", "V3": "hors-vue", "V4": "preuve-attendue", "V5": "hors-vue", "V2": "hors-vue", "": "non-identifie"}},
		{"nom proposé", "POST /v1/demandes", change("praticien", p, "nom", "", "FICTIF", "acte 12"),
			map[string]string{"V1P": "202", "V3": "202", "V5": "202", "V4": "200", "V6": "202", "": "non-identifie"}},
		{"radiation", "POST /v1/praticiens/" + p + "/radiation", `{"autorite":"CNOM","jour":"2026-11-20","preuve":"décision 4"}`,
			map[string]string{"V4": "200", "V1P": "202", "V1": "hors-vue", "V3": "hors-vue", "V2": "hors-vue"}},
		{"radiation à venir", "POST /v1/praticiens/" + p + "/radiation", `{"jour":"2026-12-20"}`, map[string]string{"V4": "jour-a-venir"}},
		{"boîte à soi", "PUT /v1/boites/nouvelle@chu.mssante.example", `{"nature":"praticien","id":"` + p + `","type":"PER","description":"Consultation"}`,
			map[string]string{"V2": "200", "V1P": "preuve-attendue", "V4": "hors-vue", "V1": "hors-vue"}},
		{"boîte d'un autre domaine", "DELETE /v1/boites/zoe.leger@medecin.mssante.example", ``, map[string]string{"V2": "preuve-attendue", "V4": "preuve-attendue"}},
		{"boîte retirée", "DELETE /v1/boites/zoe.leger@chu.mssante.example", ``, map[string]string{"V2": "200", "V1": "preuve-attendue"}},
		{"boîte sur liste rouge", "DELETE /v1/boites/rouge@chu.mssante.example?nature=praticien&id=" + p, ``, map[string]string{"V2": "200"}},
		{"boîte que rien ne montre", "DELETE /v1/boites/rouge@chu.mssante.example", ``, map[string]string{"V1": "porteur-attendu"}},
		{"agent", "POST /v1/structures/" + eg + "/agents", `{"praticien":"` + p + `","mode":"B","genre":"GENR01","du":"2026-11-01"}`,
			map[string]string{"V3": "201", "V1P": "pas-a-vous", "V4": "pas-a-vous", "V5": "pas-a-vous"}},
		{"fin d'agent", "POST /v1/structures/" + eg + "/agents/" + s + "/fin", `{"jour":"2026-11-22"}`,
			map[string]string{"V3": "200", "V4": "200", "V1": "hors-vue", "V1P": "preuve-attendue"}},
		{"fin d'agent d'ailleurs", "POST /v1/structures/" + id(annuaire.Structures, "ej") + "/agents/" + s + "/fin", `{}`, map[string]string{"V3": "fiche-inconnue"}},
		{"structure", "POST /v1/demandes", change("structure", eg, "enseigne", "", "Hôpital neuf", ""),
			map[string]string{"V3": "200", "V5": "200", "V4": "preuve-attendue", "V1": "preuve-attendue"}},
		{"position", "POST /v1/demandes", change("structure", eg, "position", "", "47.586000,1.335000", "plan"),
			map[string]string{"V5": "200", "V3": "202"}},
	}
	for _, a := range actions {
		for qui, attendu := range a.attendu {
			b := guichet(t)
			corps := strings.Replace(a.corps, `"iD"`, `"id"`, 1)
			w, x := b.demander(t, qui, a.route, corps)
			if got := cmp.Or(x.Code, fmt.Sprint(w.Code)); got != attendu {
				t.Errorf("%s par %s : %s, attendu %s : %s", a.nom, qui, got, attendu, w.Body)
			}
			if w.Code == 202 && (x.Etat != "DEPOSEE" || x.QuiDecide == "" || x.ResteJours == nil) {
				t.Errorf("%s par %s : %s", a.nom, qui, w.Body)
			}
			if w.Code == 200 && (x.Etat != "APPLIQUEE" || w.Header().Get("ETag") != `"3"`) {
				t.Errorf("%s par %s : %s %v", a.nom, qui, w.Body, w.Header())
			}
		}
	}
}

// A struck-off professional is no longer active in FHIR answers once the ordre has its own.
func TestRadieEnFHIR(t *testing.T) {
	b := guichet(t)
	p := nomme("p1")[0]
	if w := demander(t, b.fhir, "", "/Practitioner/"+p); !strings.Contains(w.Body.String(), `"active":true`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w, _ := b.demander(t, "V4", "POST /v1/praticiens/"+p+"/radiation", `{}`); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := demander(t, b.fhir, "", "/Practitioner/"+p); !strings.Contains(w.Body.String(), `"active":false`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := demander(t, b.fhir, "", "/Practitioner?active=true&_id="+p); strings.Contains(w.Body.String(), p+`"`) && strings.Contains(w.Body.String(), `"active":true`) {
		t.Errorf("%s", w.Body)
	}
}

// The version that was read must still be the last.
func TestVersionDepassee(t *testing.T) {
	b := guichet(t)
	p := nomme("p1")[0]
	lue, _ := b.demander(t, "V1P", "GET /v1/fiches/praticien/"+p, "")
	tag := lue.Header().Get("ETag")
	if lue.Code != 200 || tag != `"2"` || !strings.Contains(lue.Body.String(), "0699000009") {
		t.Fatalf("%d %q %s", lue.Code, tag, lue.Body)
	}
	contact := "PUT /v1/praticiens/" + p + "/contact"
	if w, _ := b.demander(t, "V1P", contact, `{"telephone":"0699000011"}`, "If-Match", tag); w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for dit, code := range map[string]string{tag: "version-depassee", "W/" + tag: "version-depassee", "*": "version-illisible", `"x"`: "version-illisible"} {
		w, x := b.demander(t, "V1P", contact, `{"telephone":"0699000012"}`, "If-Match", dit)
		if x.Code != code || code == "version-depassee" && w.Code != 412 {
			t.Errorf("%s : %d %s", dit, w.Code, w.Body)
		}
	}
	if w, _ := b.demander(t, "V1P", contact, `{"telephone":"0699000012"}`, "If-Match", `"3"`); w.Code != 200 || w.Header().Get("ETag") != `"4"` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A proposal waits for its owner, who alone decides; the others do not know of it.
func TestPropositionV1(t *testing.T) {
	b := guichet(t)
	p := nomme("p1")[0]
	proposer := func(nom string) string {
		_, x := b.demander(t, "V3", "POST /v1/demandes", `{"nature":"praticien","id":"`+p+`","modifications":[{"rubrique":"nom","nouveau":"`+nom+`"}],"preuve":"acte 12"}`)
		return x.Numero
	}
	un, deux, trois := proposer("UN-FICTIF"), proposer("DEUX-FICTIF"), proposer("TROIS-FICTIF")
	for qui, statut := range map[string]int{"V3": 200, "V4": 200, "V1P": 404, "V1": 404, "V5": 404} {
		if w, x := b.demander(t, qui, "GET /v1/demandes/"+un, ""); w.Code != statut || statut == 200 && len(x.Etapes) != 1 {
			t.Errorf("%s : %d %s", qui, w.Code, w.Body)
		}
	}
	for qui, vues := range map[string]int{"V4": 3, "V1P": 0, "V5": 0} {
		w, _ := b.demander(t, qui, "GET /v1/demandes?liste=a-decider", "")
		if n := strings.Count(w.Body.String(), `"numero"`); n != vues {
			t.Errorf("%s : %s", qui, w.Body)
		}
	}
	w, _ := b.demander(t, "V4", "GET /v1/demandes?liste=a-decider&nombre=2", "")
	var page struct{ ADecider listeDemandes }
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.ADecider.Demandes) != 2 || page.ADecider.Suite == "" {
		t.Fatalf("%v %s", err, w.Body)
	}
	if w, _ = b.demander(t, "V4", "GET "+page.ADecider.Suite, ""); strings.Count(w.Body.String(), `"numero"`) != 1 {
		t.Errorf("%s", w.Body)
	}
	if w, _ = b.demander(t, "V3", "GET /v1/demandes", ""); strings.Count(w.Body.String(), `"numero"`) != 3 {
		t.Errorf("%s", w.Body)
	}
	for _, c := range []struct{ qui, quoi, corps, attendu string }{
		{"V3", un + "/accepter", "", "pas-a-vous"}, {"V1P", un + "/accepter", "", "demande-inconnue"}, {"V4", un + "/refuser", "{}", "motif-refus-attendu"},
		{"V4", un + "/retirer", "", "pas-a-vous"}, {"V4", un + "/accepter", "", "APPLIQUEE"}, {"V4", un + "/refuser", `{"motif":"non"}`, "deja-decidee"},
		{"V4", deux + "/accepter", "", "version-depassee"}, {"V3", trois + "/retirer", "", "RETIREE"}, {"V4", "R999/accepter", "", "demande-inconnue"},
	} {
		if w, x := b.demander(t, c.qui, "POST /v1/demandes/"+c.quoi, c.corps); cmp.Or(x.Code, x.Etat) != c.attendu {
			t.Errorf("%s %s : %d %s", c.qui, c.quoi, w.Code, w.Body)
		}
	}
}

// The past is read by who sees it, and each restricted reading leaves a trace, or nothing
// is read.
func TestPasseV1(t *testing.T) {
	b := guichet(t)
	fiche := "GET /v1/fiches/praticien/" + nomme("p1")[0]
	connu := "?vrai=2026-11-20&connu=" + maintenant.Add(-48*time.Hour).Format(time.RFC3339)
	for _, c := range []struct{ qui, suite, dit string }{
		{"V1P", "/versions", "ANCIEN-FICTIF"}, {"V1P", connu, "ANCIEN-FICTIF"}, {"V5", "", "LÉGER-FICTIF"}, {"V1", "/versions", "hors-vue"}, {"V1", connu, "hors-vue"},
		{"V1P", "?vrai=demain", "forme"}, {"V1P", "?autre=1", "forme"}, {"V1P", "?vrai=2026-11-20&connu=2020-01-01T00:00:00Z", "fiche-inconnue"},
	} {
		if w, _ := b.demander(t, c.qui, fiche+c.suite, ""); !strings.Contains(w.Body.String(), c.dit) {
			t.Errorf("%s %s : %d %s", c.qui, c.suite, w.Code, w.Body)
		}
	}
	if len(b.traces.l) != 1 || b.traces.l[0].Motif != "essai" || b.traces.l[0].Porte != "guichet" || len(b.traces.l[0].Fiches) != 1 {
		t.Errorf("%+v", b.traces.l)
	}
	b.traces.panne = errors.New("disque plein")
	if w, x := b.demander(t, "V5", fiche, ""); w.Code != 503 || strings.Contains(w.Body.String(), "FICTIF") || x.Code != "trace-impossible" || w.Header().Get("ETag") != "" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w, _ := b.demander(t, "V1", fiche, ""); strings.Contains(w.Body.String(), "0699000009") || strings.Contains(w.Body.String(), "cachee@") || w.Code != 200 {
		t.Errorf("%s", w.Body)
	}
}

func TestMoi(t *testing.T) {
	b := guichet(t)
	for qui, dit := range map[string][]string{
		"V1P": {`"famille":"professionnel"`, `"groupe":"contact"`, nomme("p1")[0], "ce qui est à vous"},
		"V5":  {`"groupe":"localisation","sur":"toute fiche"`, "V5/"}, "V2": {"chu.mssante.example", "bal.liste-rouge"}, "V1": {`"change":[]`},
	} {
		w, _ := b.demander(t, qui, "GET /v1/moi", "")
		for _, s := range dit {
			if qui != "V1" && !strings.Contains(w.Body.String(), s) || w.Code != 200 {
				t.Errorf("%s sans %s : %s", qui, s, w.Body)
			}
		}
	}
	routes := map[string]bool{}
	for _, r := range RoutesGuichet() {
		if routes[r.Methode+r.Chemin] || r.Dit == "" {
			t.Errorf("%+v", r)
		}
		routes[r.Methode+r.Chemin] = true
	}
}

// An ordre registers a professional, of whom it fills what it keeps and nothing else.
func TestInscrire(t *testing.T) {
	b := guichet(t)
	corps := func(plus string) string {
		return `{"nature":"praticien","fiche":{"actif":true,"trace":{"autorite":{"code":"CNOM"}},"typeID":"8","numero":"99900112212","idNat":"899900112212","nom":"NEUF-FICTIF","prenom":"Ana","profession":{"code":"10"}` + plus + `}}`
	}
	for _, c := range []struct{ qui, corps, attendu string }{
		{"V1P", corps(""), "pas-a-vous"}, {"V4", corps(`,"bal":[{"adresse":"a@b.example","type":"PER"}]`), "pas-a-vous"},
		{"V4", corps(`,"id":"autre"`), "forme"}, {"V4", corps(`,"nom":"DEUX"`), "forme"}, {"V4", corps(`,"Nom":"DEUX"`), "forme"},
		{"V4", corps(`,"enseigne":"x"`), "forme"}, {"V4", corps(`,"civilite":{"code":"a|b"}`), "forme"}, {"V4", corps(""), "APPLIQUEE"}, {"V4", corps(""), "existe-deja"},
		{"V5", `{"nature":"equipement","fiche":{"numero":"1"}}`, "creation-par-flux"},
	} {
		if w, x := b.demander(t, c.qui, "POST /v1/demandes", c.corps); cmp.Or(x.Code, x.Etat) != c.attendu {
			t.Errorf("%s %s : %d %s", c.qui, c.corps, w.Code, w.Body)
		}
	}
	if w, _ := b.demander(t, "V1", "GET /v1/fiches/praticien/"+id(annuaire.Praticiens, "899900112212"), ""); !strings.Contains(w.Body.String(), "NEUF-FICTIF") {
		t.Errorf("%s", w.Body)
	}
}

// What is not a request is refused, and what it held is not said back.
func TestCorpsHostiles(t *testing.T) {
	b := guichet(t)
	p := nomme("p1")[0]
	for corps, code := range map[string]string{
		`Secret`: "forme", `[]`: "forme", `{"nature":"praticien"`: "forme", `{}{}`: "forme", `null`: "forme", `{"nature":7}`: "forme", "\xff": "forme",
		`{"nature":"praticien","nature":"structure"}`: "forme", `{"NATURE":"praticien"}`: "forme", `{"nature":"praticien","id":"../x"}`: "forme",
		`{"fiche":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `,"nature":"praticien"}`: "forme",
		`{"modifications":[` + strings.Repeat(`{},`, 600) + `{}]}`:                                     "forme", `{"preuve":"` + strings.Repeat("a", corpsMax) + `"}`: "corps-trop-long",
		`{"nature":"praticien","id":"` + p + `"}`:                                                                                       "demande-mal-faite",
		`{"nature":"praticien","id":"` + p + `","modifications":[{"rubrique":"Secret","nouveau":"x"}]}`:                                 "rubrique-inconnue",
		`{"nature":"praticien","id":"` + p + `","modifications":[{"rubrique":"contact.voie","nouveau":"a|Secret"}]}`:                    "valeur",
		`{"nature":"praticien","id":"` + p + `","modifications":[{"rubrique":"contact.voie","nouveau":"180026200112355"}]}`:             "numero-securite-sociale",
		`{"nature":"praticien","id":"` + p + `","modifications":[{"rubrique":"bal.service","cle":"x@y.example","nouveau":"Secret"}]}`:   "element-absent",
		`{"nature":"praticien","id":"` + p + `","modifications":[{"rubrique":"contact.voie","ancien":"Secret","nouveau":"rue"}]}`:       "version-depassee",
		`{"nature":"praticien","id":"` + p + `","modifications":[{"rubrique":"contact.telephone","nouveau":"0699000009"}],"preuve":""}`: "sans-effet",
	} {
		w, x := b.demander(t, "V1P", "POST /v1/demandes", corps)
		if x.Code != code || strings.Contains(w.Body.String(), "Secret") {
			t.Errorf("%.80s : %d %s", corps, w.Code, w.Body)
		}
	}
	debut := time.Now()
	if w, x := b.demander(t, "V1P", "POST /v1/demandes", `{"`+strings.Repeat("Secret1 ", corpsMax/9)+`":1}`); x.Code != "forme" || strings.Contains(w.Body.String(), "Secret") || time.Since(debut) > time.Second {
		t.Errorf("nom sans fin : %s %d %.200s", time.Since(debut), w.Code, w.Body)
	}
	if w, x := b.demander(t, "V1P", "POST /v1/demandes", "{}", "Content-Type", "text/plain"); x.Code != "corps-type" || w.Code != 415 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for route, statut := range map[string]int{"GET /v1/autre": 404, "DELETE /v1/moi": 405, "GET /v1/fiches/chien/x": 404, "GET /v1/fiches/praticien/" + strings.Repeat("a", 500): 404, "GET /v1/moi?x=1": 400,
		"GET /v1/demandes?liste=a-decider&apres=rien": 400, "GET /v1/demandes?nombre=0": 400, "GET /v1/demandes?apres=x": 400} {
		if w, _ := b.demander(t, "V1P", route, ""); w.Code != statut {
			t.Errorf("%s : %d %s", route, w.Code, w.Body)
		}
	}
	g := b.h.(*Guichet)
	g.o.Qui = func(*http.Request) (*annuaire.Vision, error) {
		return nil, &fhir.Error{Issue: fhir.Issue{Severity: fhir.Failure, Code: fhir.CodeThrottled, Diagnostics: "trop"}, HTTP: 429}
	}
	if w, _ := b.demander(t, "V1P", "GET /v1/moi", ""); w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// Whatever a record says is written, and read again the same.
func TestFicheEnJSON(t *testing.T) {
	for _, c := range fiches() {
		n, _ := c.Entete()
		b, relue := ecrireFiche(&c), ficheVide(n)
		if err := lireCorps(b, contenuDe(relue)); err != nil || !reflect.DeepEqual(*relue, c) {
			t.Errorf("%s : %v\n%s\n%+v", n, err, b, relue)
		}
	}
}

func FuzzLireCorps(f *testing.F) {
	for _, c := range fiches() {
		f.Add([]byte(ecrireFiche(&c)))
	}
	f.Add([]byte(`{"nature":"praticien","id":"p","modifications":[{"rubrique":"nom","nouveau":"x"}],"fiche":{"a":[1]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d corpsDemande
		if err := lireCorps(b, &d); err == nil && !json.Valid(b) {
			t.Fatalf("lu sans être du JSON : %q", b)
		}
		for _, n := range annuaire.Natures {
			c, relue := ficheVide(n), ficheVide(n)
			if lireFiche(b, contenuDe(c)) != nil {
				continue
			}
			if err := lireCorps(ecrireFiche(c), contenuDe(relue)); err != nil || string(ecrireFiche(relue)) != string(ecrireFiche(c)) {
				t.Fatalf("%s : %v : %s", n, err, ecrireFiche(c))
			}
		}
	})
}
