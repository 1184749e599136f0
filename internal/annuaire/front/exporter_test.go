package front

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// manifesteLu is what a finished export says.
type manifesteLu struct {
	TransactionTime, Request string
	RequiresAccessToken      bool
	Output, Deleted          []struct {
		Type, URL string
		Count     int
		Extension struct {
			FileSize int
			SHA256   string
		}
	}
}

// avecExports opens a door that makes exports.
func avecExports(t testing.TB, l []annuaire.Changement) *Porte {
	t.Helper()
	x, err := NouvelExporteur(t.TempDir(), func() time.Time { return maintenant })
	if err != nil {
		t.Fatal(err)
	}
	p := porte(t, depot(t, l), func(o *Options) { o.Exports = x })
	enFond(t, p)
	return p
}

// enFond makes exports until the test ends.
func enFond(t testing.TB, p *Porte) {
	ctx, arreter := context.WithCancel(context.Background())
	fini := make(chan error, 1)
	go func() { fini <- p.Exporter(ctx) }()
	t.Cleanup(func() {
		arreter()
		if err := <-fini; err != nil {
			t.Error(err)
		}
	})
}

// attendre asks for an export and follows it to its end.
func attendre(t testing.TB, p *Porte, vue, adresse string, entetes ...string) (manifesteLu, string) {
	t.Helper()
	w := demander(t, p, vue, adresse, append([]string{"Prefer", "respond-async"}, entetes...)...)
	lieu := w.Header().Get("Content-Location")
	if w.Code != 202 || lieu == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for range 3000 {
		if w = demander(t, p, vue, lieu); w.Code != 202 {
			break
		}
		if w.Header().Get("X-Progress") == "" || w.Header().Get("Retry-After") == "" {
			t.Fatalf("%v", w.Header())
		}
		time.Sleep(2 * time.Millisecond)
	}
	var m manifesteLu
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Code != 200 {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	return m, lieu
}

// contenu reads the files of an export, checked against what the manifest says of them.
func contenu(t testing.TB, p *Porte, vue string, m manifesteLu) map[string][]map[string]any {
	t.Helper()
	l := map[string][]map[string]any{}
	for _, o := range m.Output {
		w := demander(t, p, vue, o.URL)
		h := sha256.Sum256(w.Body.Bytes())
		if w.Code != 200 || w.Body.Len() != o.Extension.FileSize || hex.EncodeToString(h[:]) != o.Extension.SHA256 || w.Header().Get("Content-Type") != "application/fhir+ndjson" {
			t.Fatalf("%s : %d %d octets %v", o.URL, w.Code, w.Body.Len(), w.Header())
		}
		n := 0
		for s := bufio.NewScanner(bytes.NewReader(w.Body.Bytes())); s.Scan(); n++ {
			var v map[string]any
			if err := json.Unmarshal(s.Bytes(), &v); err != nil || v["resourceType"] != o.Type {
				t.Fatalf("%v %s", err, s.Bytes())
			}
			l[o.Type] = append(l[o.Type], v)
		}
		if n != o.Count {
			t.Errorf("%s : %d lignes, %d dites", o.URL, n, o.Count)
		}
	}
	return l
}

func TestExport(t *testing.T) {
	p := avecExports(t, foule(50))
	m, lieu := attendre(t, p, "V1", "/$export")
	if !m.RequiresAccessToken || m.Request != base+"/$export" || m.TransactionTime != "2026-11-23T09:00:00.000Z" || len(m.Deleted) != 0 {
		t.Errorf("%+v", m)
	}
	l := contenu(t, p, "V1", m)
	for type_, n := range map[string]int{"Practitioner": 52, "PractitionerRole": 52, "Organization": 4, "HealthcareService": 2, "Device": 1} {
		if len(l[type_]) != n {
			t.Errorf("%s : %d, attendu %d", type_, len(l[type_]), n)
		}
	}
	for _, v := range l["Practitioner"] { // the same resource as by a read
		var lue map[string]any
		if err := json.Unmarshal(demander(t, p, "V1", "/Practitioner/"+v["id"].(string)).Body.Bytes(), &lue); err != nil || fmt.Sprint(lue) != fmt.Sprint(v) {
			t.Fatalf("%v\n%v\n%v", err, lue, v)
		}
	}
	if w := demander(t, p, "V5", lieu); w.Code != 404 {
		t.Errorf("l'export d'un autre : %d", w.Code)
	}
	if w := demander(t, p, "", m.Output[0].URL); w.Code != 404 {
		t.Errorf("le fichier d'un autre : %d", w.Code)
	}
	if w := demander(t, p, "V1", lieu+"/../../etat.json"); w.Code != 404 {
		t.Errorf("hors des fichiers : %d", w.Code)
	}
	// Cut in the middle, a file goes on where it was.
	entier := demander(t, p, "V1", m.Output[0].URL).Body.Bytes()
	w := demander(t, p, "V1", m.Output[0].URL, "Range", "bytes=100-199", "If-Range", `"`+m.Output[0].Extension.SHA256+`"`)
	if w.Code != 206 || !bytes.Equal(w.Body.Bytes(), entier[100:200]) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := demander(t, p, "V1", "DELETE "+lieu); w.Code != 202 {
		t.Errorf("%d", w.Code)
	}
	if w := demander(t, p, "V1", lieu); w.Code != 404 {
		t.Errorf("après l'abandon : %d", w.Code)
	}
}

func TestExportPartiel(t *testing.T) {
	p := avecExports(t, foule(50))
	depuis := "2026-11-22T09:59:50Z"
	m, _ := attendre(t, p, "V1", "/$export?_type=Practitioner&_elements=Practitioner.name&_since="+depuis)
	l := contenu(t, p, "V1", m)
	if len(l) != 1 || len(l["Practitioner"]) != 12 || l["Practitioner"][0]["identifier"] != nil || l["Practitioner"][0]["name"] == nil {
		t.Errorf("%d fiches : %v", len(l["Practitioner"]), l["Practitioner"])
	}
	if len(m.Deleted) != 1 || m.Deleted[0].Count != 1 {
		t.Fatalf("%+v", m.Deleted)
	}
	w := demander(t, p, "V1", m.Deleted[0].URL)
	if attendu := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Practitioner/` + nomme("p2")[0] + `"}}]}` + "\n"; w.Body.String() != attendu {
		t.Errorf("%s", w.Body)
	}
	m, _ = attendre(t, p, "V1", "/Organization/$export?_typeFilter=Organization%3Faddress-city%3Dblois")
	if l := contenu(t, p, "V1", m); len(l["Organization"]) != 1 {
		t.Errorf("%v", l)
	}
	m, _ = attendre(t, p, "", "POST /$export "+`{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Device"}]}`)
	if l := contenu(t, p, "", m); len(l) != 1 || len(l["Device"]) != 1 || m.RequiresAccessToken {
		t.Errorf("%v", l)
	}
}

// The export of the ROR says the region of each resource, keeps those asked, and is
// followed in its own way. ref: RASS §8
func TestExportROR(t *testing.T) {
	p := avecExports(t, fiches())
	w := demander(t, p, "V1", "/$export?_profil=ror", "Prefer", "respond-async")
	if !strings.HasPrefix(w.Header().Get("Content-Location"), base+"/$export-poll-status?_jobId=") {
		t.Errorf("%v", w.Header())
	}
	m, _ := attendre(t, p, "V1", "/$export?_profil=ror&_typeFilter=Organization%3F_tag%3D"+ressource.TRERegion+"%7C24")
	l := contenu(t, p, "V1", m)
	if len(l["Organization"]) != 1 || len(l["Practitioner"]) != 1 || len(l["PractitionerRole"]) != 1 || len(l) != 3 {
		t.Errorf("%d %d %d", len(l["Organization"]), len(l["Practitioner"]), len(l["PractitionerRole"]))
	}
	if tag := fmt.Sprint(l["PractitionerRole"][0]["meta"].(map[string]any)["tag"]); !strings.Contains(tag, "code:24") {
		t.Errorf("%s", tag)
	}
	r := lireRegions(regionsCSV)
	for commune, region := range map[string]string{"41018": "24", "2A004": "94", "97411": "04", "75056": "11", "": "", "99999": ""} {
		if got := r.deCommune(commune); got != region {
			t.Errorf("%s : %s, attendu %s", commune, got, region)
		}
	}
	if len(r) != 102 {
		t.Errorf("%d départements", len(r))
	}
}

func TestExportRefus(t *testing.T) {
	p := avecExports(t, fiches())
	for adresse, code := range map[string]string{
		"/$export": "required", "/$export?_type=Patient": "not-supported", "/$export?_since=hier": "value", "/$export?_outputFormat=csv": "not-supported",
		"/$export?autre=1": "not-supported", "/$export?_elements=a/b": "value", "/$export?_profil=autre": "not-supported", "/Patient/$export": "not-found",
		"/$export?_typeFilter=Organization": "value", "/$export?_typeFilter=Organization%3F_sort%3Dname": "not-supported", "/Device/$export?_type=Organization": "invalid",
		"POST /$export {": "structure", "PUT /$export {}": "not-supported",
	} {
		prefer := "respond-async"
		if adresse == "/$export" {
			prefer = ""
		}
		w := demander(t, p, "V1", adresse, "Prefer", prefer)
		if w.Code < 400 || !strings.Contains(w.Body.String(), `"code":"`+code+`"`) {
			t.Errorf("%s : %d %s", adresse, w.Code, w.Body)
		}
	}
}

// Exports that wait are bounded; those that a stop interrupted are made at the next
// start; the old ones go.
func TestExportReprise(t *testing.T) {
	dossier := t.TempDir()
	var avance atomic.Int64
	ouvrir := func() *Porte {
		x, err := NouvelExporteur(dossier, func() time.Time { return maintenant.Add(time.Duration(avance.Load())) })
		if err != nil {
			t.Fatal(err)
		}
		return porte(t, depot(t, fiches()), func(o *Options) { o.Exports = x })
	}
	p := ouvrir()
	var lieu string
	lieux := map[string]bool{}
	for i, qui := range []string{"V1P", "V1P", "V1P", "V1P", "V2", "V2", "V2", "V2", "V3", "V3", "V3", "V3", "V1", "V1", "V1", "V1"} {
		w := demander(t, p, qui, fmt.Sprint("/$export?_since=", 2000+i), "Prefer", "respond-async")
		if lieu = w.Header().Get("Content-Location"); w.Code != 202 || lieux[lieu] {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		lieux[lieu] = true
		if qui != "V1P" {
			continue
		}
		encore := demander(t, p, qui, fmt.Sprint("/$export?_since=", 2000+i), "Prefer", "respond-async")
		if encore.Header().Get("Content-Location") != lieu {
			t.Error("le même export est fait deux fois")
		}
		if i == 3 {
			if w := demander(t, p, qui, "/$export?_since=1999", "Prefer", "respond-async"); w.Code != 429 || w.Header().Get("Retry-After") == "" {
				t.Errorf("un cinquième export : %d", w.Code)
			}
		}
	}
	if w := demander(t, p, "V4", "/$export", "Prefer", "respond-async"); w.Code != 429 {
		t.Errorf("un dix-septième export : %d", w.Code)
	}
	if w := demander(t, p, "V1", lieu); w.Code != 202 {
		t.Errorf("%d", w.Code)
	}
	if _, _, err := p.o.Exports.suivante(context.Background()); err != nil { // begun, then the process dies
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dossier, "inachevee"), 0o700); err != nil {
		t.Fatal(err)
	}
	p = ouvrir()
	enFond(t, p)
	m, _ := suivreJusquAuBout(t, p, lieu)
	if len(m.Output) != 5 {
		t.Errorf("%+v", m)
	}
	avance.Store(int64(2 * tachesJeunes))
	if w := demander(t, p, "V1P", "/$export?_since=1998", "Prefer", "respond-async"); w.Code != 202 {
		t.Errorf("après une heure : %d", w.Code)
	}
	suivreJusquAuBout(t, p, lieu)
	avance.Store(int64(3 * tachesGarde))
	if _, _, err := p.o.Exports.suivante(context.Background()); err != nil {
		t.Fatal(err)
	}
	l, err := os.ReadDir(dossier)
	if err != nil || len(l) != 0 {
		t.Errorf("%d répertoires restent, %v", len(l), err)
	}
}

func suivreJusquAuBout(t *testing.T, p *Porte, lieu string) (m manifesteLu, w *httptest.ResponseRecorder) {
	t.Helper()
	for range 3000 {
		if w = demander(t, p, "V1", lieu); w.Code != 202 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Code != 200 {
		t.Fatalf("%d %v %s", w.Code, err, w.Body)
	}
	x := p.o.Exports
	for range 3000 {
		x.mu.Lock()
		finies := true
		for _, t := range x.taches {
			finies = finies && t.Etat == faite
		}
		x.mu.Unlock()
		if finies {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	return m, w
}

// Two exports of the same directory are the same octets.
func TestExportConstant(t *testing.T) {
	p := avecExports(t, foule(50))
	a, _ := attendre(t, p, "V1", "/$export")
	b, _ := attendre(t, p, "V1P", "/$export")
	if a.Output[0].URL == b.Output[0].URL {
		t.Fatal("le même export pour deux lecteurs")
	}
	for i := range a.Output {
		if a.Output[i].Type == "Practitioner" || a.Output[i].Type == "PractitionerRole" {
			continue // one of the two sees more of himself
		}
		if a.Output[i].Extension != b.Output[i].Extension {
			t.Errorf("%+v, %+v", a.Output[i], b.Output[i])
		}
	}
}
