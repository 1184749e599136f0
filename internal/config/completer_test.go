package config

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func decoderTexte(t *testing.T, texte string) *Fichier {
	t.Helper()
	f, err := decoder("ecluse.toml", []byte(texte))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What the file says holds, empty or zero too; what it does not say takes the
// default, in a table, a repeated table, an optional one or an inline one.
func TestVideEcrit(t *testing.T) {
	for nom, c := range map[string]struct {
		texte string
		lire  func(f *Fichier) any
		want  any
	}{
		"rien d'écrit":               {``, func(f *Fichier) any { return f.Surveillance.Adresse }, "127.0.0.1:8080"},
		"table sans la clé":          {"[surveillance]\n", func(f *Fichier) any { return f.Surveillance.Adresse }, "127.0.0.1:8080"},
		"vide":                       {"[surveillance]\nadresse = \"\"\n", func(f *Fichier) any { return f.Surveillance.Adresse }, ""},
		"vide, clé pointée":          {"surveillance.adresse = \"\"\n", func(f *Fichier) any { return f.Surveillance.Adresse }, ""},
		"vide, table en ligne":       {"surveillance = {adresse = \"\"}\n", func(f *Fichier) any { return f.Surveillance.Adresse }, ""},
		"vide, autre casse":          {"[Surveillance]\nAdresse = \"\"\n", func(f *Fichier) any { return f.Surveillance.Adresse }, ""},
		"durée nulle":                {"[ecoute]\ndelai-arret = \"0s\"\n", func(f *Fichier) any { return f.Ecoute.DelaiArret.Duration() }, time.Duration(0)},
		"durée non écrite":           {"[ecoute]\nadresse = \"127.0.0.1:1\"\n", func(f *Fichier) any { return f.Ecoute.DelaiArret.Duration() }, 20 * time.Second},
		"table répétée, la première": {"[[amc]]\n[amc.distant]\ngarde = \"0s\"\n[[amc]]\n", func(f *Fichier) any { return f.AMC[0].Distant.Garde.Duration() }, time.Duration(0)},
		"table répétée, la seconde":  {"[[amc]]\n[amc.distant]\ngarde = \"0s\"\n[[amc]]\n", func(f *Fichier) any { return f.AMC[1].Distant.Garde.Duration() }, 30 * time.Second},
		"tables répétées en ligne":   {"amc = [{}, {distant = {garde = \"0s\"}}]\n", func(f *Fichier) any { return f.AMC[1].Distant.Garde.Duration() }, time.Duration(0)},
		"table optionnelle":          {"[igc]\n", func(f *Fichier) any { return f.IGC.Adresse }, "127.0.0.1:8081"},
	} {
		t.Run(nom, func(t *testing.T) {
			f := decoderTexte(t, c.texte)
			if got := c.lire(f); got != c.want || len(f.vides) > 0 {
				t.Errorf("%v, want %v ; %v", got, c.want, f.vides)
			}
		})
	}
}

// Where empty or zero means nothing, it is refused at its line, once.
func TestVideRefuse(t *testing.T) {
	for texte, want := range map[string]string{
		"[confiance]\nactualiser = \"0s\"\n":              "ecluse.toml:2 : confiance.actualiser : valeur vide",
		"[ecoute]\nmessage-max = 0\n":                     "ecluse.toml:2 : ecoute.message-max : valeur vide",
		"[vigie]\n\nen-service-par-coeur = -1\n":          "ecluse.toml:3 : vigie.en-service-par-coeur : valeur vide",
		"donnees = \"\"\n":                                "ecluse.toml:1 : donnees : valeur vide",
		"environnement = \"\"\n":                          "ecluse.toml:1 : environnement : P, T ou R attendu",
		"[[amc]]\n[[amc]]\n[amc.distant]\ndelai=\"0s\"":   "ecluse.toml:4 : amc[2].distant.delai : valeur vide",
		"[igc]\nadresse = \"\"\n":                         "ecluse.toml:2 : igc.adresse : valeur vide",
		"[confiance]\nproprietes-de-base = [\"*\", \"\"]": "ecluse.toml:2 : confiance.proprietes-de-base : structure n° 2",
		"[vigie]\nmandataires-admis = []\n":               "mandataires-admis : clé inconnue",
	} {
		f, err := decoder("ecluse.toml", []byte(texte))
		if err == nil {
			err = f.valider()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q : %v, want %s", texte, err, want)
			continue
		}
		cle := strings.Split(want, " : ")[1]
		if n := strings.Count(err.Error(), " "+cle+" : "); n != 1 && !strings.Contains(want, "inconnue") {
			t.Errorf("%q : %d refus de %s : %v", texte, n, cle, err)
		}
	}
}

// A default is a value of its field, and what "vide" allows is said to the reader.
func TestDefauts(t *testing.T) {
	vus := 0
	var voir func(tt reflect.Type)
	voir = func(tt reflect.Type) {
		for i := range tt.NumField() {
			f := tt.Field(i)
			if estTable(f.Type) {
				ft := f.Type
				for ft.Kind() != reflect.Struct {
					ft = ft.Elem()
				}
				voir(ft)
				continue
			}
			vus++
			d, dit := f.Tag.Lookup("defaut")
			doc := f.Tag.Get("doc")
			if !dit || doc == "" || d != "" && d != "[]" && d != "false" && d != "0s" && defautNul(f) {
				t.Errorf("%s.%s : défaut %q", tt.Name(), f.Name, d)
			}
			if f.Tag.Get("vide") != "" && (defautNul(f) || !strings.Contains(doc, "vide") && !strings.Contains(doc, "0s")) {
				t.Errorf("%s.%s peut être vide : la description ne le dit pas", tt.Name(), f.Name)
			}
		}
	}
	voir(reflect.TypeFor[Config]())
	if vus < 80 {
		t.Errorf("%d champs vus", vus)
	}
}
