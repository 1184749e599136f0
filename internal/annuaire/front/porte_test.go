package front

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// lot is a Bundle as a client reads it.
type lot struct {
	ResourceType, Type string
	Total              *int
	Link               []struct{ Relation, URL string }
	Entry              []struct {
		FullURL  string
		Resource map[string]any
		Search   struct{ Mode string }
	}
}

func lireLot(t testing.TB, w *httptest.ResponseRecorder) lot {
	t.Helper()
	var l lot
	if err := json.Unmarshal(w.Body.Bytes(), &l); err != nil || w.Code != 200 || l.ResourceType != "Bundle" {
		t.Fatalf("%d %v : %s", w.Code, err, w.Body)
	}
	return l
}

func (l *lot) lien(relation string) string {
	for _, x := range l.Link {
		if x.Relation == relation {
			return x.URL
		}
	}
	return ""
}

// cles are the entries of a mode: what each is called in the tests.
func (l *lot) cles(mode string) []string {
	c := []string{}
	for _, e := range l.Entry {
		if e.Search.Mode == mode {
			c = append(c, fmt.Sprint(e.Resource["id"]))
		}
	}
	return c
}

// nomme gives the IDs of the records of fiches, by what the tests call them.
func nomme(noms ...string) []string {
	natures := map[byte]annuaire.Nature{'p': annuaire.Praticiens, 's': annuaire.Situations, 'e': annuaire.Structures, 'r': annuaire.Structures, 'a': annuaire.Activites, 'd': annuaire.Equipements, 'm': annuaire.Structures, 'b': annuaire.Acces}
	l := []string{}
	for _, n := range noms {
		cle := n
		switch n {
		case "d1":
			cle = "e1"
		case "m1":
			cle = "amc"
		}
		l = append(l, id(natures[n[0]], cle))
	}
	return l
}

// What each search finds. The IDs are those of fiches.
func TestChercher(t *testing.T) {
	p := porte(t, depot(t, fiches()))
	ref := func(n string) string { return nomme(n)[0] }
	for _, c := range []struct{ cas, vue, adresse, trouve, inclus string }{
		{"tout", "", "/Practitioner", "p1 p2", ""},
		{"identifiant et système", "", "/Practitioner?identifier=https://rpps.esante.gouv.fr|99900112204", "p1", ""},
		{"identifiant encodé", "", "/Practitioner?identifier=https%3A%2F%2Frpps.esante.gouv.fr%7C99900112204", "p1", ""},
		{"ancien système", "", "/Practitioner?identifier=http://rpps.fr|99900112204", "p1", ""},
		{"identifiant seul", "", "/Practitioner?identifier=899900112204", "p1", ""},
		{"identifiant d'un autre système", "", "/Practitioner?identifier=https://sirene.fr|99900112204", "", ""},
		{"type d'identifiant", "", "/Practitioner?identifier:of-type=https://x|RPPS|99900112204", "p1", ""},
		{"tout un système", "", "/Practitioner?identifier=https://rpps.esante.gouv.fr|", "p1", ""},
		{"ADELI", "", "/Practitioner?identifier=https://adeli.esante.gouv.fr|999999999", "p2", ""},
		{"identifier-type", "", "/Practitioner?identifier-type=ADELI", "p2", ""},
		{"nom sans accent", "", "/Practitioner?family=leger", "p1", ""},
		{"nom exact", "", "/Practitioner?family:exact=L%C3%89GER-FICTIF", "p1", ""},
		{"nom exact, autre casse", "", "/Practitioner?family:exact=leger-fictif", "", ""},
		{"au milieu", "", "/Practitioner?family:contains=eger", "p1", ""},
		{"nom et prénom", "", "/Practitioner?name=zoe+leger", "p1", ""},
		{"nom et autre prénom", "", "/Practitioner?name=jean+leger", "", ""},
		{"ou", "V5", "/Practitioner?family=leger,radie", "p1 p2", ""},
		{"inactif, par ce qu'il ne montre pas", "", "/Practitioner?family=leger,radie", "p1", ""},
		{"inactif, par son numéro", "", "/Practitioner?identifier=999999999", "p2", ""},
		{"inactif, par sa boîte", "V1", "/Practitioner?mailbox-mss=jean", "", ""},
		{"inactif, par l'absence de prénom", "", "/Practitioner?given:missing=false", "p1", ""},
		{"et", "", "/Practitioner?family=leger&given=jean", "", ""},
		{"actifs", "", "/Practitioner?active=true", "p1", ""},
		{"non", "", "/Practitioner?active:not=true", "p2", ""},
		{"absent", "", "/Practitioner?given:missing=true", "", ""},
		{"profession", "", "/Practitioner?qualification-code=10", "p1", ""},
		{"savoir-faire et système", "", "/Practitioner?qualification-code=" + strings.ReplaceAll(ressource.TRESavoir("S"), "/", "%2F") + "|SM04", "p1", ""},
		{"profession, système d'un autre", "", "/Practitioner?qualification-code=" + ressource.TRESavoir("S") + "|10", "", ""},
		{"diplôme", "", "/Practitioner?qualification-code=DE05", "p1", ""},
		{"carte", "", "/Practitioner?number-smartcard=9990001", "p1", ""},
		{"boîte", "V1", "/Practitioner?mailbox-mss=zoe.leger@medecin", "p1", ""},
		{"boîte, domaine", "V1", "/Practitioner?mailbox-mss:contains=@medecin.mssante.example", "p1", ""},
		{"boîte, partie", "V1", "/Practitioner?mailbox-mss:contains=leger@MED", "p1", ""},
		{"boîte cachée", "V1", "/Practitioner?mailbox-mss:exact=cachee@medecin.mssante.example", "", ""},
		{"boîte cachée, même à qui elle est", "V1P", "/Practitioner?mailbox-mss:exact=cachee@medecin.mssante.example", "", ""},
		{"boîte au bout d'une chaîne", "V1", "/PractitionerRole?practitioner.mailbox-mss=zoe", "s1 s2", ""},
		{"depuis", "", "/Practitioner?_lastUpdated=ge2026-11-23", "p2", ""},
		{"jour", "", "/Practitioner?_lastUpdated=2026-11-22", "p1", ""},
		{"pas ce jour", "", "/Practitioner?_lastUpdated=ne2026-11-22", "p2", ""},
		{"avant tout", "", "/Practitioner?_lastUpdated=lt1960", "", ""},
		{"id", "", "/Practitioner?_id=" + ref("p1") + ",inconnu", "p1", ""},
		{"système", "", "/Practitioner?data-information-system=RPPS&data-registration-authority=CNOM", "p1 p2", ""},
		{"profil", "", "/Practitioner?_profile=https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-dp-practitioner", "p1 p2", ""},
		{"autre profil", "", "/Practitioner?_profile=http://autre", "", ""},
		{"inverse", "", "/Practitioner?_has:PractitionerRole:practitioner:organization=" + ref("eg"), "p1", ""},
		{"inverse et chaîne", "", "/Practitioner?_has:PractitionerRole:practitioner:organization.address-city=blois", "p1", ""},
		{"inclusion inverse", "", "/Practitioner?family=leger&_revinclude=PractitionerRole:practitioner", "p1", "s1 s2"},
		{"inclusion inverse, puis plus loin", "", "/Practitioner?family=leger&_revinclude=PractitionerRole:practitioner&_include:iterate=PractitionerRole:organization&_include:iterate=Organization:partof", "p1", "s1 s2 eg ej"},
		{"situations d'un professionnel", "", "/PractitionerRole?practitioner=Practitioner/" + ref("p1"), "s1 s2", ""},
		{"référence d'ailleurs", "", "/PractitionerRole?practitioner=https://autre/fhir/Practitioner/" + ref("p1"), "", ""},
		{"identifiant d'une référence", "", "/PractitionerRole?practitioner:identifier=https://rpps.esante.gouv.fr|99900112204", "s1 s2", ""},
		{"chaîne", "", "/PractitionerRole?practitioner.name:contains=eger&organization.name=hopital", "s1", ""},
		{"chaîne double", "", "/PractitionerRole?organization.partof.name=chu", "s1", ""},
		{"rôle", "", "/PractitionerRole?role=S", "s1", ""},
		{"identifiant de situation", "", "/PractitionerRole?identifier=https://rpps.esante.gouv.fr|" + ref("s1"), "s1", ""},
		{"inclusions", "", "/PractitionerRole?role=S&_include=*", "s1", "p1 eg"},
		{"inclusion", "", "/PractitionerRole?role=S&_include=PractitionerRole:organization:Organization", "s1", "eg"},
		{"structures d'une entité", "", "/Organization?partof=" + ref("ej"), "eg", ""},
		{"FINESS", "", "/Organization?identifier=https://finess.esante.gouv.fr|990000341", "eg", ""},
		{"sorte", "", "/Organization?type=LEGAL-ENTITY", "ej", ""},
		{"secteur et système", "", "/Organization?type=" + ressource.TRESecteur + "|SA01", "eg", ""},
		{"catégorie, autre système", "", "/Organization?type=" + ressource.TRESecteur + "|355", "", ""},
		{"adresse", "", "/Organization?address=ecluse+blois+41", "eg", ""},
		{"commune", "", "/Organization?address-city=Blois", "eg", ""},
		{"code postal", "", "/Organization?address-postalcode=410&address-insee=41018&address-line=ecluse", "eg", ""},
		{"licence", "", "/Organization?pharmacy-licence=99%23000012", "eg", ""},
		{"près", "", "/Organization?near=47.59|1.33|5|km", "eg", ""},
		{"loin", "", "/Organization?near=48.85|2.35|5|km", "", ""},
		{"ce qui s'y rattache", "", "/Organization?identifier=990000341&_revinclude=*", "eg", "s1 a1 a2 d1"},
		{"activité", "", "/HealthcareService?service-type=01&service-category=20&characteristic=07", "a1", ""},
		{"profil social", "", "/HealthcareService?_profile=https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-dp-healthcareservice-social-equipment", "a2", ""},
		{"profil de soins", "", "/HealthcareService?_profile=https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-dp-healthcareservice-healthcare-activity|" + GuideLu, "a1", ""},
		{"ARHGOS", "", "/HealthcareService?identifier=https://arhgos.ars.sante.fr|24-41-00001", "a1", ""},
		{"équipement", "", "/Device?type=05602&status=active&manufacturer=fabrique&model:contains=9&organization=" + ref("eg") + "&_include=Device:organization", "d1", "eg"},
		{"équipement ARHGOS", "", "/Device?identifier=https://arhgos.ars.sante.fr|24-41-00003", "d1", ""},
		{"point d'accès", "V6", "/Endpoint?numero-amc=9990000001&payload-type=IDB&_include=*", "b1", "m1"},
		{"point d'accès d'une AMC", "V6", "/Organization?identifier=999000001&_revinclude=Endpoint:organization", "m1", "b1"},
		{"point d'accès, vue publique", "", "/Organization?identifier=999000001&_revinclude=Endpoint:organization", "m1", ""},
		{"formulaire", "", "POST /Practitioner/_search family=leger&_count=1", "p1", ""},
		{"formulaire et adresse", "", "POST /Practitioner/_search?given=zoe family=leger", "p1", ""},
	} {
		l := lireLot(t, demander(t, p, c.vue, c.adresse))
		trouve, inclus := l.cles("match"), l.cles("include")
		slices.Sort(trouve)
		slices.Sort(inclus)
		if attendu := slices.Sorted(slices.Values(nomme(strings.Fields(c.trouve)...))); !slices.Equal(trouve, attendu) {
			t.Errorf("%s : trouvé %v, attendu %v (%s)", c.cas, trouve, attendu, c.trouve)
		}
		if attendu := slices.Sorted(slices.Values(nomme(strings.Fields(c.inclus)...))); !slices.Equal(inclus, attendu) {
			t.Errorf("%s : inclus %v, attendu %v (%s)", c.cas, inclus, attendu, c.inclus)
		}
		for _, e := range l.Entry {
			if e.FullURL != base+"/"+fmt.Sprint(e.Resource["resourceType"])+"/"+fmt.Sprint(e.Resource["id"]) {
				t.Errorf("%s : %s", c.cas, e.FullURL)
			}
		}
	}
}

// The status of an equipment is found as it is written.
func TestStatutEquipement(t *testing.T) {
	var l []annuaire.Changement
	for i, s := range []string{"active", "inactive", ""} {
		for _, actif := range []bool{true, false} {
			e := &annuaire.Equipement{Entete: tete(annuaire.Equipements, fmt.Sprint(i, actif), "FINESS"), Statut: s}
			e.Actif = actif
			l = append(l, annuaire.Changement{Equipement: e})
		}
	}
	p := porte(t, depot(t, l))
	for statut, attendu := range map[string]int{"active": 2, "inactive": 4, "unknown": 0, "active,inactive": 6} {
		lot := lireLot(t, demander(t, p, "", "/Device?status="+statut))
		if len(lot.Entry) != attendu {
			t.Errorf("%s : %d", statut, len(lot.Entry))
		}
		for _, e := range lot.Entry {
			if !strings.Contains(statut, fmt.Sprint(e.Resource["status"])) {
				t.Errorf("%s : %v", statut, e.Resource["status"])
			}
		}
	}
}

// Each refusal is an OperationOutcome with its status, in the form asked, that says what
// to do and quotes nothing.
func TestRefus(t *testing.T) {
	d := depot(t, fiches())
	p := porte(t, d)
	for _, c := range []struct {
		cas, vue, adresse string
		statut            int
		code, dit         string
	}{
		{"qui ?", "inconnue", "/Practitioner", 401, "login", "certificat"},
		{"ressource inconnue", "", "/Patient", 404, "not-supported", "metadata"},
		{"adresse inconnue", "", "/Practitioner/x/y", 404, "not-found", "identifiant"},
		{"suite inconnue", "", "/Practitioner/" + nomme("p1")[0] + "/Secret", 404, "not-found", "metadata"},
		{"id inconnu", "", "/Practitioner/Secret", 404, "not-found", "identifiant"},
		{"id mal formé", "", "/Practitioner/Secret%20x", 404, "not-found", "identifiant"},
		{"points d'accès, tous", "", "/Endpoint?_summary=count", 403, "forbidden", "vue"},
		{"points d'accès cachés", "", "/Endpoint?numero-amc=9990000001", 403, "forbidden", "vue"},
		{"paramètre inconnu", "", "/Practitioner?famly=Secret", 400, "not-supported", "family"},
		{"chaîne hostile", "", "/PractitionerRole?organization" + strings.Repeat(".partof", 200) + ".name=a", 400, "too-costly", "références"},
		{"boîte dans la vue des patients", "V0P", "/Practitioner?mailbox-mss=a", 403, "forbidden", "vue"},
		{"ordre", "", "/Practitioner?_sort=given", 400, "not-supported", "family,given"},
		{"ordres contraires", "", "/Practitioner?_sort=family,-given", 400, "not-supported", "même sens"},
		{"lien forgé", "", "/_page?id=" + strings.Repeat("A", 80), 400, "invalid", "modifié"},
		{"lien vide", "", "/_page", 400, "invalid", "modifié"},
		{"lien énorme", "", "/_page?id=" + strings.Repeat("A", 9000), 400, "invalid", "modifié"},
		{"méthode", "", "PUT /Practitioner/x {}", 405, "not-supported", "GET"},
		{"recherche par GET sur _search", "", "/Practitioner/_search", 405, "not-supported", "POST"},
		{"forme", "", "/Practitioner?_format=ttl", 406, "not-supported", "json ou xml"},
		{"date", "", "/Practitioner?_lastUpdated=2026-13", 400, "value", "2026-11"},
		{"licence en partie", "", "/Organization?pharmacy-licence:contains=1", 400, "not-supported", "entier"},
		{"trop loin", "", "/Organization?near=47|1|900|km", 400, "too-costly", "préciser"},
		{"lecture et recherche", "", "/Practitioner/" + nomme("p1")[0] + "?family=a", 400, "invalid", "lecture"},
		{"boîte par une référence, vue des patients", "V0P", "/Practitioner?_has:PractitionerRole:practitioner:mailbox-mss=a", 403, "forbidden", "vue"},
		{"le passé", "", "/Practitioner/" + nomme("p1")[0] + "/_history", 404, "not-found", "versions"},
		{"export sans en avoir", "", "/$export", 404, "not-found", "metadata"},
	} {
		for _, forme := range []string{"application/fhir+json", "application/fhir+xml"} {
			w := demander(t, p, c.vue, c.adresse, "Accept", forme)
			var code, dit string
			if forme == "application/fhir+json" || c.cas == "forme" {
				var o struct {
					Issue []struct{ Code, Diagnostics string }
				}
				if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil || len(o.Issue) != 1 {
					t.Fatalf("%s : %v %s", c.cas, err, w.Body)
				}
				code, dit = o.Issue[0].Code, o.Issue[0].Diagnostics
			} else {
				type valeur struct {
					V string `xml:"value,attr"`
				}
				var o struct {
					XMLName xml.Name `xml:"http://hl7.org/fhir OperationOutcome"`
					Issue   []struct {
						Code        valeur `xml:"code"`
						Diagnostics valeur `xml:"diagnostics"`
					} `xml:"issue"`
				}
				if err := xml.Unmarshal(w.Body.Bytes(), &o); err != nil || len(o.Issue) != 1 {
					t.Fatalf("%s : %v %s", c.cas, err, w.Body)
				}
				code, dit = o.Issue[0].Code.V, o.Issue[0].Diagnostics.V
			}
			if w.Code != c.statut || code != c.code || !strings.Contains(dit, c.dit) || strings.Contains(w.Body.String(), "Secret") {
				t.Errorf("%s : %d %s %q", c.cas, w.Code, code, dit)
			}
		}
	}
	w := demander(t, p, "", "POST /Practitioner/_search "+strings.Repeat("a", 70_000))
	if w.Code != 413 {
		t.Errorf("corps trop long : %d", w.Code)
	}
	if w := demander(t, p, "", "POST /Practitioner/_search a=b", "Content-Type", "application/json"); w.Code != 415 {
		t.Errorf("corps d'un autre type : %d", w.Code)
	}
	long := "/Practitioner?family=fo"
	for i := range 3000 {
		long += fmt.Sprint(",", i*7919)[:min(5, len(fmt.Sprint(",", i*7919)))]
	}
	if w := demander(t, p, "", long); w.Code != 400 {
		t.Errorf("recherche trop longue : %d", w.Code)
	}
}

func TestCompter(t *testing.T) {
	p := porte(t, depot(t, foule(60)))
	for q, attendu := range map[string]string{
		"?_summary=count": "62/0", "?family=foule&_count=0": "60/0", "?family=foule&_count=10": "-/10", "?family=foule&_count=10&_total=accurate": "60/10",
		"?family=leger": "1/1", "?family=leger&_total=none": "-/1", "": "62/50", "?family=foule&_count=10&_total=estimate": "60/10",
	} {
		l := lireLot(t, demander(t, p, "", "/Practitioner"+q))
		total := "-"
		if l.Total != nil {
			total = fmt.Sprint(*l.Total)
		}
		if got := fmt.Sprint(total, "/", len(l.Entry)); got != attendu {
			t.Errorf("%s : %s, attendu %s", q, got, attendu)
		}
	}
	social := "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-dp-healthcareservice-social-equipment"
	if l := lireLot(t, demander(t, p, "", "/HealthcareService?_summary=count&_profile="+social)); l.Total == nil || *l.Total != 1 {
		t.Errorf("équipements sociaux : %v", l.Total)
	}
	for q, attendu := range map[string]int{"mailbox-mss:contains=@ide.mssante.example&_summary=count": 60, "mailbox-mss:contains=@chu&_summary=count": 0, "mailbox-mss:contains=@medecin&_total=accurate": 1} {
		if l := lireLot(t, demander(t, p, "V1", "/Practitioner?"+q)); l.Total == nil || *l.Total != attendu {
			t.Errorf("%s : %v, attendu %d", q, l.Total, attendu)
		}
	}
	l := lireLot(t, demander(t, p, "", "/Practitioner?famly=a&family=leger", "Prefer", "handling=lenient"))
	if len(l.Entry) != 2 || l.Entry[1].Search.Mode != "outcome" {
		t.Errorf("%+v", l.Entry)
	}
	l = lireLot(t, demander(t, p, "", "/Organization?identifier=990000341&_revinclude=PractitionerRole:organization&_include=Organization:partof"))
	if len(l.cles("include")) != 62 {
		t.Errorf("%d inclus", len(l.cles("include")))
	}
}

// A question as a person writes it finds the nearest first, and says what it could not
// do. ref: RASS §7.2
func TestRechercher(t *testing.T) {
	p := porte(t, depot(t, fiches()))
	for _, c := range []struct{ cas, adresse, premier, dit string }{
		{"nom, métier, commune", "/Practitioner/$rechercher?texte=leger+cardio+blois", "p1", ""},
		{"faute", "/Practitioner/$rechercher?texte=lejer+blois", "p1", ""},
		{"structure", "/Organization/$rechercher?texte=hopital+du+port+blois", "eg", ""},
		{"un mot de trop", "/Practitioner/$rechercher?texte=leger+zzzzzzzz", "p1", "tous les mots"},
	} {
		l := lireLot(t, demander(t, p, "", c.adresse))
		if len(l.Entry) == 0 || l.Entry[0].Resource["id"] != nomme(c.premier)[0] {
			t.Errorf("%s : %+v", c.cas, l.Entry)
			continue
		}
		if dit := fmt.Sprint(l.Entry[len(l.Entry)-1].Resource["issue"]); c.dit != "" && !strings.Contains(dit, c.dit) {
			t.Errorf("%s : %s", c.cas, dit)
		}
	}
	for adresse, statut := range map[string]int{"/Practitioner/$rechercher": 400, "/Practitioner/$rechercher?texte=" + strings.Repeat("a", 300): 400,
		"/Device/$rechercher?texte=a": 404, "POST /Practitioner/$rechercher?texte=a {}": 405, "/Practitioner/$rechercher?texte=a&_count=0": 400} {
		if w := demander(t, p, "", adresse); w.Code != statut {
			t.Errorf("%s : %d", adresse, w.Code)
		}
	}
	if note(0) != 1e6 || note(100) != 5e5 {
		t.Error(note(100))
	}
}

// A real client over HTTP reads what the recorder reads.
func TestServeur(t *testing.T) {
	p := porte(t, depot(t, fiches()))
	s := httptest.NewServer(p)
	defer s.Close()
	r, err := s.Client().Get(s.URL + "/fhir/Practitioner?family=leger")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != 200 || !strings.Contains(string(b), `"total":1`) {
		t.Errorf("%d %v %s", r.StatusCode, err, b)
	}
}
