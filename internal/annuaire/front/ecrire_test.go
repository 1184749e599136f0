package front

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

var update = flag.Bool("update", false, "réécrire les ressources de référence")

// tout is a directory where all that is asked for is there, but one structure.
type tout struct{}

func (tout) Present(n annuaire.Nature, i string) bool { return i != id(annuaire.Structures, "partie") }

// ecrit writes a record as one of the acteurs sees it.
func ecrit(t testing.TB, qui string, k annuaire.Changement) []byte {
	a := &atelier{g: vision(t, qui)}
	a.e = ressource.Ecriture{W: &a.w, La: tout{}, Profils: ressource.NouveauxProfils(base, GuideLu)}
	a.changement(&k)
	return a.w.B
}

// Every resource through every view is the one of testdata, and its XML is well formed.
func TestRessources(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil && os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal(err)
	}
	for vue := range acteurs {
		var tous []byte
		for _, k := range fiches() {
			b := ecrit(t, vue, k)
			if len(b) == 0 {
				continue
			}
			var lisible bytes.Buffer
			if err := json.Indent(&lisible, b, "", " "); err != nil {
				t.Fatalf("%s : %v : %s", vue, err, b)
			}
			tous = append(append(tous, lisible.Bytes()...), '\n')
			x, err := fhir.AppendXML(nil, b)
			if err != nil {
				t.Errorf("%s : %v", vue, err)
			}
			if lint != "" {
				c := exec.Command(lint, "--noout", "-")
				c.Stdin = bytes.NewReader(x)
				if sortie, err := c.CombinedOutput(); err != nil {
					t.Errorf("%s : %s", vue, sortie)
				}
			}
		}
		fichier := filepath.Join("testdata", cmp.Or(vue, "V0")+".json")
		if *update {
			if err := os.WriteFile(fichier, tous, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		attendu, err := os.ReadFile(fichier)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(tous, attendu) {
			t.Errorf("%s a changé ; le relire, puis -update", fichier)
		}
	}
}

// cheminsDe are the paths of a resource: elements, without ranks; extensions by what
// their url ends with.
func cheminsDe(prefixe string, v any) (l []string) {
	switch v := v.(type) {
	case map[string]any:
		if v["coding"] != nil {
			l = append(l, prefixe)
		}
		for k, x := range v {
			p := prefixe + "." + k
			if k == "url" || k == "coding" || k == "system" && v["code"] != nil || k == "display" && v["code"] != nil {
				continue
			}
			if k == "extension" {
				for _, e := range x.([]any) {
					url := e.(map[string]any)["url"].(string)
					l = append(l, cheminsDe(prefixe+"["+url[strings.LastIndexByte(url, '/')+1:]+"]", e)...)
				}
				continue
			}
			l = append(l, cheminsDe(p, x)...)
		}
	case []any:
		for _, x := range v {
			l = append(l, cheminsDe(prefixe, x)...)
		}
	default:
		l = append(l, prefixe)
	}
	return l
}

// The public layer has no path that is not in a list written from the guide, whatever
// the record holds. ref: RASS §6.6
func TestCouchePublique(t *testing.T) {
	b, err := os.ReadFile("testdata/public.txt")
	if err != nil {
		t.Fatal(err)
	}
	permis := strings.Fields(string(b))
	employes := map[string]bool{}
	for _, k := range fiches() {
		brut := ecrit(t, "", k)
		if k.Acces != nil {
			if len(brut) != 0 {
				t.Errorf("un point d'accès est public : %s", brut)
			}
			continue
		}
		var v map[string]any
		if err := json.Unmarshal(brut, &v); err != nil {
			t.Fatal(err)
		}
		for _, c := range cheminsDe(v["resourceType"].(string), v) {
			if employes[c] = true; !slices.Contains(permis, c) {
				t.Errorf("%s n'est pas dans la liste de ce qui est public", c)
			}
		}
		for _, secret := range []string{"RESPONSABLE-FICTIF", "NOM-DE-NAISSANCE", "1980-02-03", "0699000009", "perso@", "0199000001", "CN=", "2026-05-05", "MODELE-9",
			"Secteur 1", "cachee@", "rouge@", "as-dr-"} {
			if strings.Contains(string(brut), secret) {
				t.Errorf("%s est public dans %s", secret, v["resourceType"])
			}
		}
	}
	for _, c := range permis {
		if !employes[c] {
			t.Errorf("%s est permis et n'est plus écrit", c)
		}
	}
}

// The portal of patients shows no mailbox; an operator sees those of his domains, the
// others as the public; a professional sees all of himself. ref: RASS §8
func TestVues(t *testing.T) {
	p := fiches()[5]
	for _, c := range []struct{ qui, voit, cache string }{
		{"V0P", "as-dp-practitioner", "mssante"},
		{"", "zoe.leger@medecin", "rouge@chu"},
		{"V2", "rouge@chu", "cachee@medecin"},
		{"V1P", "1980-02-03", "rien de caché"},
		{"V1P", "as-dr-practitioner", "as-dp-"},
		{"V4", "as-ext-registration", "rouge@chu"},
		{"V5", "1980-02-03", "cachee@medecin"},
	} {
		k := annuaire.Changement{Praticien: new(annuaire.Praticien)}
		*k.Praticien = *p.Praticien
		k.Praticien.BAL = slices.Clone(p.Praticien.BAL)
		k.Praticien.Cartes = slices.Clone(p.Praticien.Cartes)
		if b := string(ecrit(t, c.qui, k)); !strings.Contains(b, c.voit) || strings.Contains(b, c.cache) {
			t.Errorf("%s : voit %s, cache %s : %s", c.qui, c.voit, c.cache, b)
		}
	}
}

// A record that is no longer active shows its identifiers, and the name of a structure,
// to the public. ref: RASS §4
func TestInactif(t *testing.T) {
	for _, k := range fiches() {
		_, e := k.Entete()
		if e.Actif = false; k.Acces != nil {
			continue // not public
		}
		var v map[string]any
		if err := json.Unmarshal(ecrit(t, "", k), &v); err != nil {
			t.Fatal(err)
		}
		for nom := range v {
			if !slices.Contains([]string{"resourceType", "id", "meta", "language", "identifier", "active", "status"}, nom) && (nom != "name" && nom != "alias" || k.Structure == nil) {
				t.Errorf("%s.%s d'une fiche inactive", v["resourceType"], nom)
			}
		}
		if v["active"] != false && v["status"] != "inactive" {
			t.Errorf("%v", v)
		}
	}
}

// A record written again and again in the same buffer costs no memory; reading it costs
// one small object.
func TestEcrireSansAllouer(t *testing.T) {
	d := depot(t, fiches())
	v := d.Vue()
	defer v.Rendre()
	p := porte(t, d)
	a := p.prendre(vision(t, "V5"), v)
	var refs []image.Ref
	for _, n := range ressource.Servies {
		for r := range v.Parcourir(n) {
			refs = append(refs, r)
		}
	}
	tour := func() {
		a.w.B = a.w.B[:0]
		for _, r := range refs {
			a.lire(v, r)
			a.ecrire(r.Nature)
		}
	}
	tour()
	if n := testing.AllocsPerRun(100, tour); n > float64(len(refs)) {
		t.Errorf("%v allocations", n)
	}
}
