package front

import (
	"bytes"
	"context"
	"crypto/tls"
	stdjson "encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	et "github.com/ecluse-sante/ecluse/internal/etablissement/etablissementtest"
	"github.com/ecluse-sante/ecluse/internal/etablissement/store"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

const (
	amc1 = "775671993"
	amc2 = "302976568"

	amcHorsLigne = "99000909" // of the table of conventions

	secret = "secret-de-test-0123456789-0123456789"
)

// banc is a local interface with its hospital and its insurers.
type banc struct {
	*testing.T
	srv     *httptest.Server
	amc     *et.Assureurs
	depot   *store.Store
	service *etablissement.Service
	avance  time.Duration // since midday
	journal bytes.Buffer
}

func nouveau(t *testing.T) *banc {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &banc{T: t, amc: et.NewAssureurs(m, et.Jour(t, "2026-05-04"), map[sante.NumeroAMC]calcul.Contrat{
		et.Carte(t, amc1).NumeroAMC: et.Contrat(0), et.Carte(t, amc2).NumeroAMC: et.Contrat(0)})}
	s := store.New(bddtest.Ouvrir(t, store.Migrations()), "750712184")
	b.depot = s
	horloge := func() time.Time { return et.Midi.Add(b.avance) }
	j, err := NewJeton(secret)
	if err != nil {
		t.Fatal(err)
	}
	table := &etablissement.Conventions{Voies: []etablissement.Voie{{Nom: "v", Transport: etablissement.TransportDepot, Forme: etablissement.FormeDRE, Adresse: amcHorsLigne}},
		Conventions: []etablissement.Convention{{ID: "GUE", NumeroAMC: et.Carte(t, amcHorsLigne).NumeroAMC, Debut: et.Jour(t, "2026-01-01"), Libelle: "Mutuelle du Gué", Voie: "v",
			TypeContrat: calcul.ContratIndividuel, Garanties: []calcul.Garantie{{Code: "C", Famille: calcul.FamilleCONS, Formule: calcul.Simple(calcul.Regle{Numero: calcul.F01})}}}}}
	b.service = &etablissement.Service{Maison: et.Maison(t), Depot: s, Questions: s, Traces: s, Factures: s, Reserves: s, Comptes: s, Depart: &et.Departs{}, Vie: vieDite{}, Exchange: b.amc, Moteur: m, Horloge: horloge,
		AdresseRetour: "https://localhost/roc", Conventions: func() *etablissement.Conventions { return table }}
	f, err := New(b.service, Options{Jeton: j, Servies: s, Horloge: horloge, Journal: slog.New(slog.NewTextHandler(&b.journal, nil))})
	if err != nil {
		t.Fatal(err)
	}
	b.srv = httptest.NewServer(f.Handler())
	t.Cleanup(b.srv.Close)
	return b
}

type recue struct {
	statut  int
	entetes http.Header
	texte   string
	corps   map[string]any
}

// appeler sends a request; entetes are pairs.
func (b *banc) appeler(methode, chemin, corps string, entetes ...string) recue {
	b.Helper()
	q, err := http.NewRequestWithContext(context.Background(), methode, b.srv.URL+chemin, strings.NewReader(corps))
	if err != nil {
		b.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+secret)
	if corps != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(entetes); i += 2 {
		q.Header.Set(entetes[i], entetes[i+1])
	}
	r, err := b.srv.Client().Do(q)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	brut, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	x := recue{statut: r.StatusCode, entetes: r.Header, texte: string(brut)}
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		if err := stdjson.Unmarshal(brut, &x.corps); err != nil {
			b.Fatalf("%s %s : %v", methode, chemin, err)
		}
	}
	return x
}

func (b *banc) veut(r recue, statut int) recue {
	b.Helper()
	if r.statut != statut {
		b.Fatalf("état %d, want %d : %s", r.statut, statut, r.texte)
	}
	return r
}

const dossier = `{"dossier":"ACE-1","contexte":"ACE","dateReference":"2026-05-04","discipline":"MCO","consentementInformation":true,
"patient":{"nomNaissance":"Fictive","prenom":"Léa","dateNaissance":"19850312","rangGemellaire":1},"amo":{"natureAssurance":"10","exoTM":"0"}}`

const consultation = `{"rang":1,"typeFacture":"ACE","parcoursSoins":"T","faits":{"externe":{"actes":[
{"famille":"CONS","codePrestation":"G","date":"2026-05-04","base":"26.50","depense":"26.50"}]}}}`

func (b *banc) couverture(amc string) string {
	return `{"datamatrix":` + strconv.Quote(etablissement.EcrireDatamatrix(et.Carte(b.T, amc))) + `}`
}

func (b *banc) ouvrir() string {
	b.Helper()
	r := b.veut(b.appeler("POST", "/v1/venues", dossier), 201)
	chemin := r.entetes.Get("Location")
	b.veut(b.appeler("POST", chemin+"/couvertures", b.couverture(amc1)), 201)
	return chemin
}

// From the desk to the receipt, then the cancellation. ref: ROC §3.1, §19 V01
func TestParcours(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	etat := func(r recue) string { return r.corps["couvertures"].([]any)[0].(map[string]any)["etat"].(string) }
	if e := etat(b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 200)); e != "RIGHTS_OK" {
		t.Fatalf("droits : %s", e)
	}
	b.veut(b.appeler("GET", v+"/recu", ""), 409)
	r := b.veut(b.appeler("POST", v+"/calculs", consultation, "Ecluse-Agent", "agent-7"), 200)
	if e := etat(r); e != "ENGAGED" {
		t.Fatalf("calcul : %s", e)
	}
	if !strings.Contains(r.texte, `"totalAMC":"7.95"`) || !strings.Contains(r.texte, `"numeroEngagement":"E0775671993`) {
		t.Errorf("réponse sans part ni engagement : %s", r.texte)
	}
	for format, debut := range map[string]string{"html": "<!doctype html>", "texte": "Centre hospitalier", "pdf": "%PDF-"} {
		if r := b.veut(b.appeler("GET", v+"/recu?format="+format, ""), 200); !strings.HasPrefix(r.texte, debut) {
			t.Errorf("reçu %s : %.40q", format, r.texte)
		}
	}
	if r := b.veut(b.appeler("GET", v+"/recu", "", "Accept", "text/plain"), 200); !strings.Contains(r.texte, "7,95") || !strings.Contains(r.texte, "Engagement n° E0775671993") {
		t.Errorf("reçu : %s", r.texte)
	}
	b.veut(b.appeler("GET", v+"/engagements/1", ""), 200)
	if e := etat(b.veut(b.appeler("POST", v+"/annulations", `{"rang":1,"motif":"ERREUR_SAISIE"}`), 200)); e != "CANCELLED" {
		t.Fatalf("annulation : %s", e)
	}
	if r := b.veut(b.appeler("GET", v+"/historique", ""), 200); len(r.corps["moments"].([]any)) != 6 || !strings.Contains(r.texte, "agent-7") {
		t.Errorf("historique : %s", r.texte)
	}
	b.veut(b.appeler("GET", v+"/messages", ""), 200)
	if r := b.veut(b.appeler("GET", "/v1/venues?dossier=ACE-1&etat=CANCELLED", ""), 200); len(r.corps["venues"].([]any)) != 1 {
		t.Errorf("liste : %s", r.texte)
	}
	if strings.Contains(v, "Fictive") || len(v) < 30 {
		t.Errorf("adresse parlante : %s", v)
	}
}

func TestRefusHTTP(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	for _, c := range []struct {
		nom, methode, chemin, corps string
		statut                      int
		code                        string
		entetes                     []string
	}{
		{"sans secret", "GET", v, "", 401, "", []string{"Authorization", ""}},
		{"secret faux", "GET", v, "", 401, "", []string{"Authorization", "Bearer " + secret + "x"}},
		{"autre genre de secret", "GET", v, "", 401, "", []string{"Authorization", "Basic " + secret}},
		{"venue inconnue", "GET", "/v1/venues/inconnue", "", 404, "", nil},
		{"adresse inconnue", "GET", "/v1/autre", "", 404, "", nil},
		{"méthode inconnue", "DELETE", v, "", 405, "", nil},
		{"dossier en double", "POST", "/v1/venues", dossier, 409, "", nil},
		{"JSON illisible", "POST", "/v1/venues", `{"dossier":`, 400, "", nil},
		{"champ inconnu", "POST", "/v1/venues", `{"nom":"x"}`, 400, "", nil},
		{"genre de contenu", "POST", "/v1/venues", "<a/>", 415, "", []string{"Content-Type", "application/xml"}},
		{"corps trop long", "POST", "/v1/venues", strings.Repeat(" ", corpsMax+1), 413, "", nil},
		{"datamatrix faux", "POST", v + "/couvertures", `{"datamatrix":"01|775671993|RO|94|X|20260101|20261231|0000"}`, 422, "T001", nil},
		{"ni carte ni datamatrix", "POST", v + "/couvertures", `{"rang":2}`, 400, "", nil},
		{"calcul sans droits", "POST", v + "/calculs", consultation, 409, "", nil},
		{"annulation sans engagement", "POST", v + "/annulations", `{"rang":1,"motif":"AUTRE"}`, 409, "C302", nil},
		{"simulation d'une consultation", "POST", v + "/simulations", consultation, 422, "A002", nil},
		{"modification sans version", "PATCH", v, `{}`, 428, "", nil},
		{"version dépassée", "PATCH", v, `{"dmt":"172"}`, 412, "", []string{"If-Match", `"1"`}},
		{"version illisible", "PATCH", v, `{"dmt":"172"}`, 412, "", []string{"If-Match", `"x"`}},
		{"format de reçu inconnu", "GET", v + "/recu?format=zut", "", 400, "", nil},
		{"méthode refusée", "DELETE", v, "", 405, "", nil},
		{"adresse inconnue", "GET", "/v1/zut", "", 404, "", nil},
		{"rang hors bornes", "GET", v + "/engagements/4", "", 404, "", nil},
		{"clé d'idempotence trop longue", "POST", v + "/droits", `{"rang":1}`, 400, "", []string{"Idempotency-Key", strings.Repeat("k", 101)}},
		{"agent trop long", "POST", v + "/droits", `{"rang":1}`, 400, "", []string{"Ecluse-Agent", strings.Repeat("a", 41)}},
	} {
		t.Run(c.nom, func(t *testing.T) {
			b := &banc{T: t, srv: b.srv}
			r := b.veut(b.appeler(c.methode, c.chemin, c.corps, c.entetes...), c.statut)
			if got := r.entetes.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("genre %q", got)
			}
			if r.corps["title"] == "" || int(r.corps["status"].(float64)) != c.statut {
				t.Errorf("problème %s", r.texte)
			}
			if code, _ := r.corps["code"].(string); code != c.code {
				t.Errorf("code %q, want %q", code, c.code)
			}
			if r.corps["quiAgit"] == nil || r.corps["aFaire"] == nil {
				t.Errorf("problème sans qui ni quoi : %s", r.texte)
			}
		})
	}
}

// An insurer that is not on line: the label follows its share wherever it is read.
func TestParConvention(t *testing.T) {
	b := nouveau(t)
	r := b.veut(b.appeler("POST", "/v1/venues", dossier), 201)
	v := r.entetes.Get("Location")
	b.veut(b.appeler("POST", v+"/couvertures", b.couverture(amcHorsLigne)), 201)
	r = b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 502)
	if r.corps["code"] != "A001" || !strings.Contains(r.texte, "/conventions") {
		t.Errorf("le recours à la convention n'est pas proposé : %s", r.texte)
	}
	b.veut(b.appeler("POST", v+"/conventions", `{"rang":1}`), 200)
	for _, geste := range []struct{ chemin, corps string }{{"/calculs", consultation}, {"/factures", `{"rang":1,"numeroFacture":"F-1"}`}} {
		r = b.veut(b.appeler("POST", v+geste.chemin, geste.corps), 200)
		cv := r.corps["couvertures"].([]any)[0].(map[string]any)
		if cv["mention"] != etablissement.SansGarantie || strings.Contains(r.texte, "numeroEngagement") || !strings.Contains(r.texte, "n'est pas garantie") {
			t.Errorf("%s : %s", geste.chemin, r.texte)
		}
		for _, format := range []string{"html", "texte"} {
			if recu := b.veut(b.appeler("GET", v+"/recu?format="+format, ""), 200); !strings.Contains(recu.texte, "SANS GARANTIE DE PAIEMENT : la part de Mutuelle du Gué, 7,95") {
				t.Errorf("reçu %s : %s", format, recu.texte)
			}
		}
	}
	b.veut(b.appeler("POST", b.ouvrirAutre()+"/conventions", `{"rang":1}`), 409) // an insurer on line
}

// ouvrirAutre opens another visit, whose insurer is on line and in no table.
func (b *banc) ouvrirAutre() string {
	b.Helper()
	r := b.veut(b.appeler("POST", "/v1/venues", strings.Replace(dossier, "ACE-1", "ACE-2", 1)), 201)
	b.veut(b.appeler("POST", r.entetes.Get("Location")+"/couvertures", b.couverture(amc1)), 201)
	return r.entetes.Get("Location")
}

// A step that cannot be taken says which, who acts and what can be done instead.
func TestEtapeImpossible(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	veut := func(r recue, morceaux map[string]string) {
		t.Helper()
		for membre, attendu := range morceaux {
			if got, _ := r.corps[membre].(string); !strings.Contains(got, attendu) {
				t.Errorf("%s : %q, sans %q", membre, got, attendu)
			}
		}
	}
	veut(b.veut(b.appeler("POST", v+"/calculs", consultation), 409), map[string]string{
		"detail": "Impossible de demander le calcul : la couverture est dans l'état « Nouvelle ».", "quiAgit": "l'agent",
		"aFaire": "Étapes possibles maintenant : demander les droits ; recourir à la convention."})
	veut(b.veut(b.appeler("POST", v+"/simulations", consultation), 422), map[string]string{
		"detail": "que pour un séjour", "quiAgit": "l'agent", "aFaire": "Demander directement le calcul"})
	b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 200)
	r := b.veut(b.appeler("POST", v+"/calculs", consultation), 200)
	numero := regexp.MustCompile(`"numeroEngagement":"(\w+)"`).FindStringSubmatch(r.texte)[1]
	veut(b.veut(b.appeler("POST", v+"/calculs", consultation), 409), map[string]string{
		"code": "C310", "numeroEngagement": numero, "detail": numero, "aFaire": "Annuler l'engagement existant"})
}

// Our clock, our partner's certificate: who must act is who the exchange says, not
// who the code says.
func TestCertificatDuPartenaire(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	b.amc.Regler(func(a *et.Assureurs) {
		a.Refuser = func(roc.Service) error {
			return &roc.Refus{Code: roc.CertificatRefuse, Detail: "le certificat du serveur de l'AMC est refusé", Qui: "l'AMC ou son opérateur", AFaire: "Prévenir l'AMC."}
		}
	})
	r := b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 504)
	if r.corps["code"] != "S503" || r.corps["quiAgit"] != "l'AMC ou son opérateur" || r.corps["aFaire"] != "Prévenir l'AMC." ||
		!strings.Contains(r.texte, "Pas de réponse sûre : le certificat du serveur de l'AMC est refusé. La même") {
		t.Errorf("problème : %s", r.texte)
	}
}

// The insurer is silent: the caller is told, and nothing of it is a failure of ours.
func TestSilence(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	b.veut(b.appeler("POST", v+"/droits", `{"rang":1}`), 200)
	b.amc.Regler(func(a *et.Assureurs) {
		a.Refuser = func(roc.Service) error { return &roc.Refus{Code: roc.Saturation, Reprise: 7} }
	})
	r := b.veut(b.appeler("POST", v+"/calculs", consultation), 504)
	if r.entetes.Get("Retry-After") != "7" || r.corps["code"] != "T030" {
		t.Errorf("refus : %s", r.texte)
	}
	if r := b.veut(b.appeler("POST", v+"/calculs", consultation), 409); r.entetes.Get("Retry-After") != "60" {
		t.Errorf("seconde demande : %s", r.texte)
	}
	if b.journal.Len() > 0 {
		t.Errorf("journal : %s", b.journal.String())
	}
}

func TestModification(t *testing.T) {
	b := nouveau(t)
	v := b.ouvrir()
	etag := b.appeler("GET", v, "").entetes.Get("ETag")
	b.veut(b.appeler("GET", v, "", "If-None-Match", etag), 304)
	r := b.veut(b.appeler("PATCH", v, `{"dmt":"172","patient":{"prenom":"Lou","ipp":"77"}}`, "If-Match", etag, "Content-Type", "application/merge-patch+json"), 200)
	patient := r.corps["patient"].(map[string]any)
	if r.corps["dmt"] != "172" || patient["prenom"] != "Lou" || patient["nomNaissance"] != "Fictive" || r.entetes.Get("ETag") == etag {
		t.Errorf("venue modifiée : %s", r.texte)
	}
	r = b.veut(b.appeler("PATCH", v, `{"dmt":null}`, "If-Match", r.entetes.Get("ETag")), 200)
	if _, reste := r.corps["dmt"]; reste {
		t.Errorf("champ retiré : %s", r.texte)
	}
	b.veut(b.appeler("PUT", v+"/couvertures/1", b.couverture(amc2), "If-Match", r.entetes.Get("ETag")), 200)
	b.veut(b.appeler("PATCH", v, `[1]`, "If-Match", "*"), 400)
}

// A request sent twice under one key is served once, and answered alike.
func TestIdempotence(t *testing.T) {
	b := nouveau(t)
	un := b.veut(b.appeler("POST", "/v1/venues", dossier, "Idempotency-Key", "k-1"), 201)
	deux := b.veut(b.appeler("POST", "/v1/venues", dossier, "Idempotency-Key", "k-1"), 201)
	if un.texte != deux.texte || deux.entetes.Get("Idempotency-Replayed") != "true" || un.entetes.Get("Location") != deux.entetes.Get("Location") {
		t.Errorf("première et seconde diffèrent : %s %s", un.texte, deux.texte)
	}
	b.veut(b.appeler("POST", "/v1/venues", strings.Replace(dossier, "ACE-1", "ACE-2", 1), "Idempotency-Key", "k-1"), 422)
	b.veut(b.appeler("POST", "/v1/venues", dossier, "Idempotency-Key", "k-2"), 409)
	b.veut(b.appeler("POST", "/v1/venues", strings.Replace(dossier, "ACE-1", "ACE-3", 1), "Idempotency-Key", "k-2"), 201)
}

// Every route is described, every reference leads somewhere, and the answers are
// of the forms that are described.
func TestOpenAPI(t *testing.T) {
	b := nouveau(t)
	r := b.veut(b.appeler("GET", "/v1/openapi.json", "", "Authorization", ""), 200)
	if r.corps["openapi"] != "3.1.0" {
		t.Errorf("version %v", r.corps["openapi"])
	}
	chemins := r.corps["paths"].(map[string]any)
	for _, x := range Routes() {
		op, _ := chemins[x.Chemin].(map[string]any)
		if op[strings.ToLower(x.Methode)] == nil {
			t.Errorf("%s %s n'est pas décrit", x.Methode, x.Chemin)
		}
	}
	schemas := r.corps["components"].(map[string]any)["schemas"].(map[string]any)
	for _, m := range regexp.MustCompile(`"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(r.texte, -1) {
		if schemas[m[1]] == nil {
			t.Errorf("schéma %s absent", m[1])
		}
	}
	if r := b.veut(b.appeler("GET", "/v1/automate", "", "Authorization", ""), 200); !strings.HasPrefix(r.texte, "stateDiagram-v2") {
		t.Errorf("dessin : %.40q", r.texte)
	}
}

func TestJeton(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		nom, contenu string
		mode         os.FileMode
		ok           bool
	}{{"bon", secret + "\n", 0o600, true}, {"court", "court", 0o600, false}, {"vide", "", 0o600, false}, {"lisible par tous", secret, 0o644, false},
		{"démesuré", strings.Repeat("s", 5000), 0o600, false}} {
		chemin := filepath.Join(dir, c.nom)
		if err := os.WriteFile(chemin, []byte(c.contenu), c.mode); err != nil {
			t.Fatal(err)
		}
		j, err := LireJeton(chemin)
		if (err == nil) != c.ok {
			t.Errorf("%s : %v", c.nom, err)
		}
		if c.ok && (!j.admet("Bearer "+secret) || j.admet("Bearer "+secret[1:]) || j.admet("")) {
			t.Errorf("%s : secret mal comparé", c.nom)
		}
	}
	if (Jeton{}).admet("Bearer ") {
		t.Error("un secret absent admet")
	}
}

func TestAdresse(t *testing.T) {
	for adresse, ok := range map[string]bool{"": true, "127.0.0.1:0": true, "[::1]:8070": true, "localhost:8070": true,
		"0.0.0.0:8070": false, ":8070": false, "192.0.2.1:8070": false, "8070": false} {
		if _, err := (&Front{}).Serveur(adresse); (err == nil) != ok {
			t.Errorf("%q : %v, want ok=%v", adresse, err, ok)
		}
		if s, err := (&Front{o: Options{TLS: &tls.Config{}}}).Serveur(adresse); adresse == ":8070" && (err != nil || s.TLSConfig == nil) {
			t.Errorf("%q avec TLS : %v", adresse, err)
		}
	}
}

func FuzzFusionner(f *testing.F) {
	f.Add(dossier, `{"patient":{"prenom":null}}`)
	f.Add(`{"a":{"b":1}}`, `{"a":null}`)
	f.Fuzz(func(t *testing.T, base, partie string) {
		fusion, err := fusionner([]byte(base), []byte(partie))
		if err != nil {
			return
		}
		encore, err := fusionner(fusion, []byte(partie)) // a merge patch is idempotent
		if err != nil || !bytes.Equal(fusion, encore) {
			t.Errorf("%s puis %s, %v", fusion, encore, err)
		}
	})
}

// vieDite knows one invoice.
type vieDite struct{}

func (vieDite) Noter(context.Context, ...etablissement.Jalon) error { return nil }

func (vieDite) De(_ context.Context, numero string) ([]etablissement.Jalon, error) {
	if numero != "FA/1" {
		return nil, nil
	}
	return []etablissement.Jalon{{Facture: numero, Annee: 2026, Etat: roc.FactureEnvoyee, Auteur: "750712184", Instant: et.Midi},
		{Facture: numero, Annee: 2026, Etat: roc.FactureRecue, Auteur: amc1, Code: roc.Accepte, Instant: et.Midi, IDMessage: roc.NouvelUUID(), Feuille: "abcd"}}, nil
}

// The life of an invoice is read by its number, whatever it holds.
func TestFlux(t *testing.T) {
	b := nouveau(t)
	r := b.veut(b.appeler("GET", "/v1/flux/FA%2F1", ""), 200)
	l, _ := r.corps["jalons"].([]any)
	if len(l) != 2 {
		t.Fatalf("%s", r.texte)
	}
	if j, _ := l[1].(map[string]any); j["etat"] != "RECU" || j["auteur"] != amc1 || j["feuille"] != "abcd" || j["idMessage"] == nil {
		t.Errorf("%v", j)
	}
	b.veut(b.appeler("GET", "/v1/flux/FA-2", ""), 404)
	b.veut(b.appeler("GET", "/v1/flux/FA%2F1", "", "Authorization", ""), 401)
}

// A coverage is closed through the interface; one that is not paid asks why.
func TestClotures(t *testing.T) {
	b := nouveau(t)
	chemin := b.ouvrir()
	b.veut(b.appeler("POST", chemin+"/clotures", `{"rang":1,"motif":"x"}`), 409)
	b.veut(b.appeler("POST", chemin+"/droits", `{"rang":1}`), 200)
	b.veut(b.appeler("POST", chemin+"/calculs", consultation), 200)
	b.veut(b.appeler("POST", chemin+"/annulations", `{"rang":1,"motif":"AUTRE"}`), 200)
	r := b.veut(b.appeler("POST", chemin+"/clotures", `{"rang":1}`), 200)
	l, _ := r.corps["couvertures"].([]any)
	if c, _ := l[0].(map[string]any); c["etat"] != "CLOSED" || c["fermeture"] == nil {
		t.Errorf("%s", r.texte)
	}
	b.veut(b.appeler("POST", chemin+"/clotures", `{"rang":1}`), 409)
}
