package calcul

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
)

func executerLignes(t testing.TB, entree string, o OptionsLignes) (Bilan, []map[string]json.RawMessage) {
	t.Helper()
	var sortie bytes.Buffer
	b, err := moteur(t).Lignes(strings.NewReader(entree), &sortie, o)
	if err != nil {
		t.Fatal(err)
	}
	var lignes []map[string]json.RawMessage
	for l := range strings.Lines(sortie.String()) {
		var m map[string]json.RawMessage
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("unreadable answer %q: %v", l, err)
		}
		lignes = append(lignes, m)
	}
	return b, lignes
}

// What is wrong with a line is answered on that line, with its id, and the next
// line is calculated.
func TestLignesRefus(t *testing.T) {
	const bonne = `{"id":"suite","kind":"acte","in":{"br":"26.50","rate":"70","formula":"F01"}}`
	for _, c := range []struct{ nom, ligne, id, code, detail string }{
		{"texte libre", `bonjour`, `null`, "T001", "illisible"},
		{"objet coupé", `{"id":"a","kind":"acte","in":{"br":"26.50"`, `null`, "T001", "illisible"},
		{"deux objets", `{"id":"a","kind":"acte","in":{}} {}`, `null`, "T001", "après l'objet"},
		{"liste", `[1]`, `null`, "T001", "objet attendu"},
		{"nature inconnue", `{"id":"a","kind":"autre","in":{}}`, `"a"`, "T001", "kind"},
		{"sans in", `{"id":"a","kind":"acte"}`, `"a"`, "T001", "« in »"},
		{"in en liste", `{"id":"a","kind":"acte","in":[]}`, `"a"`, "T001", "objet attendu"},
		{"champ inconnu de l'enveloppe", `{"id":"a","kind":"acte","in":{},"extra":1}`, `"a"`, "T001", "« extra »"},
		{"champ inconnu", `{"id":"a","kind":"acte","in":{"br":"1.00","brr":"2.00"}}`, `"a"`, "T001", "« brr »"},
		{"champ inconnu au fond", `{"id":"a","kind":"acte","in":{"br":"1.00","contrats":[{"garanties":[{"cod":"x"}]}]}}`, `"a"`, "T001", "« contrats[0].garanties[0].cod »"},
		{"autre casse", `{"id":"a","kind":"acte","in":{"BR":"1.00"}}`, `"a"`, "T001", "« BR »"},
		{"champ double", `{"id":"a","kind":"acte","in":{"br":"1.00","br":"2.00"}}`, `"a"`, "T001", "deux fois"},
		{"montant à une décimale", `{"id":"a","kind":"acte","in":{"br":"1.5"}}`, `"a"`, "T001", "« br »"},
		{"montant en nombre", `{"id":"a","kind":"acte","in":{"br":1.50}}`, `"a"`, "T001", "entre guillemets"},
		{"montant négatif", `{"id":"a","kind":"acte","in":{"br":"-1.00"}}`, `"a"`, "T001", "négatif"},
		{"nuits en texte", `{"id":"a","kind":"sejour","in":{"nights":"3","exo":"0","nature":"10"}}`, `"a"`, "T001", "nombre entier"},
		{"nuits à virgule", `{"id":"a","kind":"sejour","in":{"nights":3.5,"exo":"0","nature":"10"}}`, `"a"`, "T001", "nombre entier"},
		{"date impossible", `{"id":"a","kind":"acte","in":{"br":"1.00","date":"2025-02-30"}}`, `"a"`, "T001", "« date »"},
		{"discipline inconnue", `{"id":"a","kind":"sejour","in":{"nights":3,"exo":"0","nature":"10","discipline":"XXX"}}`, `"a"`, "T001", "discipline"},
		{"formule inconnue", `{"id":"a","kind":"acte","in":{"br":"1.00","formula":"F99"}}`, `"a"`, "T001", "formule"},
		{"formule sans paramètre", `{"id":"a","kind":"acte","in":{"br":"1.00","formula":"F02"}}`, `"a"`, "T001", "paramètre p"},
		{"règle de F12 inconnue", `{"id":"a","kind":"acte","in":{"br":"1.00","formula":"F12","op":"MAX","f":"F01","g":"F99"}}`, `"a"`, "T001", "formule inconnue"},
		{"règle de F12 au champ inconnu", `{"id":"a","kind":"acte","in":{"br":"1.00","formula":"F12","op":"MAX","f":"F01","g":{"num":"F01"}}}`, `"a"`, "T001", "« g » : champ inconnu : « num »"},
		{"règle de F12 en nombre", `{"id":"a","kind":"acte","in":{"br":"1.00","formula":"F12","op":"MAX","f":1,"g":"F01"}}`, `"a"`, "T001", "« f »"},
		{"p sans formule", `{"id":"a","kind":"acte","in":{"br":"1.00","p":"50"}}`, `"a"`, "T001", "formula"},
		{"formule et contrats", `{"id":"a","kind":"acte","in":{"br":"1.00","formula":"F01","contrats":[{"responsable":true,"garanties":[]}]}}`, `"a"`, "T001", "pas les deux"},
		{"acte sans montant", `{"id":"a","kind":"acte","in":{"date":"2025-06-01"}}`, `"a"`, "T001", "br"},
		{"acte de séjour", `{"id":"a","kind":"acte","in":{"famille":"SEJ","br":"1.00"}}`, `"a"`, "P410", "dates"},
		{"date et entry différents", `{"id":"a","kind":"sejour","in":{"entry":"2025-06-01","date":"2025-06-02","nights":1,"exo":"0","nature":"10"}}`, `"a"`, "P402", "entry"},
		{"ni nuits ni sortie", `{"id":"a","kind":"sejour","in":{"entry":"2025-06-01","exo":"0","nature":"10"}}`, `"a"`, "P402", "nights ou exitDate"},
		{"acte lourd hors du séjour", `{"id":"a","kind":"sejour","in":{"entry":"2025-06-01","nights":1,"exo":"0","nature":"10","heavy":true,"heavyDate":"2025-07-01"}}`, `"a"`, "P402", "hors du séjour"},
		{"clinique sans tarif", `{"id":"a","kind":"sejour","in":{"nights":1,"exo":"0","nature":"10","categorie":"OQN","date":"2025-06-01"}}`, `"a"`, "P410", "ghs"},
		{"parcours inconnu", `{"id":"a","kind":"acte","in":{"br":"1.00","date":"2025-06-01","parcoursSoins":"Q"}}`, `"a"`, "T001", "parcours"},
		{"id en objet", `{"id":{},"kind":"acte","in":{"br":"1.00"}}`, `null`, "T001", "id"},
		{"ligne trop longue", `{"id":"` + strings.Repeat("a", 3000) + `"}`, `null`, "T001", "octets"},
		{"profondeur", strings.Repeat("[", 1500) + strings.Repeat("]", 1400), `null`, "T001", "illisible"},
	} {
		t.Run(c.nom, func(t *testing.T) {
			b, r := executerLignes(t, c.ligne+"\n\n"+bonne, OptionsLignes{LongueurMax: 2999})
			if len(r) != 2 || b.Lues != 2 || b.Erreurs != 1 {
				t.Fatalf("%d answers, %+v: %s", len(r), b, r)
			}
			var e ErreurLigne
			if err := json.Unmarshal(r[0]["error"], &e); err != nil || string(e.Code) != c.code || !strings.Contains(e.Detail, c.detail) {
				t.Errorf("got %s, want %s %q", r[0]["error"], c.code, c.detail)
			}
			if string(r[0]["id"]) != c.id {
				t.Errorf("id %s, want %s", r[0]["id"], c.id)
			}
			if r[0]["out"] != nil || string(r[1]["id"]) != `"suite"` || !strings.Contains(string(r[1]["out"]), `"amc":"7.95"`) {
				t.Errorf("the next line: %s", r)
			}
		})
	}
}

// out is ignored unless it is to be verified; an expected error is an answer.
func TestLignesVerifier(t *testing.T) {
	const lignes = `{"id":1,"kind":"acte","in":{"br":"26.50","rate":"70"},"out":{"amo":"18.56"}}
{"id":2,"kind":"acte","in":{"br":"26.50","rate":"70"},"out":{"amo":"18.55","inconnu":"1.00"}}
{"id":3,"kind":"sejour","in":{"nights":1,"nature":"10"},"error":{"code":"P412"}}
{"id":4,"kind":"sejour","in":{"nights":1,"nature":"10"},"error":{"code":"P413"}}
{"id":5,"kind":"acte","in":{"br":"26.50","rate":"70"},"error":{"code":"P413"}}
{"id":6,"kind":"sejour","in":{"nights":1,"nature":"10"},"out":{"tm":"0.00"}}
`
	b, r := executerLignes(t, lignes, OptionsLignes{Verifier: true})
	if b != (Bilan{Lues: 6, Erreurs: 1, Ecarts: 5}) {
		t.Errorf("%+v", b)
	}
	for i, want := range []string{"false", "false", "true", "false", "false", "false"} {
		if string(r[i]["conforme"]) != want {
			t.Errorf("line %d: conforme %s, want %s: %s", i+1, r[i]["conforme"], want, r[i])
		}
	}
	b, r = executerLignes(t, lignes, OptionsLignes{})
	if b.Ecarts != 0 || r[0]["conforme"] != nil || r[0]["explication"] != nil {
		t.Errorf("not asked to verify: %+v %s", b, r[0])
	}
}

func TestLignesEntreesSorties(t *testing.T) {
	m := moteur(t)
	panne := errors.New("panne")
	if _, err := m.Lignes(io.MultiReader(strings.NewReader("{}\n"), lecteurEnPanne{panne}), io.Discard, OptionsLignes{}); !errors.Is(err, panne) {
		t.Errorf("reader: %v", err)
	}
	if _, err := m.Lignes(strings.NewReader(strings.Repeat("{}\n", 2000)), ecrivainEnPanne{panne}, OptionsLignes{}); !errors.Is(err, panne) {
		t.Errorf("writer: %v", err)
	}
	if b, err := m.Lignes(strings.NewReader(""), io.Discard, OptionsLignes{}); err != nil || b.Lues != 0 {
		t.Errorf("empty: %+v, %v", b, err)
	}
}

type lecteurEnPanne struct{ err error }

func (l lecteurEnPanne) Read([]byte) (int, error) { return 0, l.err }

type ecrivainEnPanne struct{ err error }

func (e ecrivainEnPanne) Write([]byte) (int, error) { return 0, e.err }

// A whole invoice, and the same left incomplete as a simulation.
func TestLigneFacture(t *testing.T) {
	f := factureDe(t, sejourOrdinaire())
	in, err := json.Marshal(EntreeFacture{Facture: f, Contrats: []Contrat{Responsable100()}})
	if err != nil {
		t.Fatal(err)
	}
	_, r := executerLignes(t, `{"id":1,"kind":"facture","in":`+string(in)+"}\n"+
		`{"id":2,"kind":"facture","in":{"simulation":true,"facture":{"dateEntree":"2025-06-01","dateSortie":"2025-06-02","lignes":[{"famille":"SEJ","prixUnitaire":"100.00","baseAMO":"100.00"}]},"contrats":[{"responsable":true,"garanties":[{"code":"S","famille":"SEJ","formule":{"numero":"F01"}}]}]}}`, OptionsLignes{})
	if !strings.Contains(string(r[0]["out"]), `"totalAMC":"1820.00"`) {
		t.Errorf("%s", r[0])
	}
	if !strings.Contains(string(r[1]["out"]), `"totalAMC":"20.00"`) || !strings.Contains(string(r[1]["hypotheses"]), "natureAssurance") {
		t.Errorf("%s", r[1])
	}
}

// The schema names every field that is read, with a sentence, and no other.
func TestSchema(t *testing.T) {
	b, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Defs map[string]struct {
			AdditionalProperties *bool
			Properties           map[string]struct {
				Description string
				Pattern     string
				Enum        []string
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	for nom, d := range s.Defs {
		if len(d.Properties) == 0 || d.AdditionalProperties == nil || *d.AdditionalProperties {
			t.Errorf("%s: open or empty", nom)
		}
		for champ, p := range d.Properties {
			if p.Description == "" {
				t.Errorf("%s.%s is not documented", nom, champ)
			}
		}
	}
	sejour := s.Defs["EntreeSejour"].Properties
	for _, champ := range []string{"nights", "entry", "exitDate", "date", "exit", "discipline", "priorDays", "heavy", "ghs", "tnjp", "tmRate", "exo", "nature", "pecFJ", "formula", "p"} {
		if _, ok := sejour[champ]; !ok {
			t.Errorf("séjour: %s is not in the schema", champ)
		}
	}
	if len(sejour["discipline"].Enum) != 5 || sejour["tnjp"].Pattern == "" {
		t.Errorf("discipline %v, tnjp %q", sejour["discipline"].Enum, sejour["tnjp"].Pattern)
	}
}

func TestQuantite(t *testing.T) {
	for s, want := range map[string]string{"1": "1", "2.5": "2.5", "2.50": "2.5", "0.01": "0.01", "9999.99": "9999.99"} {
		if q, err := ParseQuantite(s); err != nil || q.String() != want {
			t.Errorf("%s: %s, %v", s, q, err)
		}
	}
	for _, s := range []string{"", "-1", "1.", ".5", "1.234", "01", "a", "10000.00", "1e3", "-0"} {
		if q, err := ParseQuantite(s); err == nil {
			t.Errorf("%q accepted as %s", s, q)
		}
	}
	if got := Quantite(250).de(sante.Montant(333)); got != 833 {
		t.Errorf("2.5 × 3.33 = %s, want 8.33 (8.325 half up)", got)
	}
}

// Whatever comes in, one answer a line comes out, readable, with out or error.
func FuzzLignes(f *testing.F) {
	for _, nom := range []string{"testdata/roc-19.2.jsonl", "testdata/roc-19.jsonl", "testdata/autres.jsonl"} {
		b, err := os.ReadFile(nom)
		if err != nil {
			f.Fatal(err)
		}
		for l := range strings.Lines(string(b)) {
			f.Add([]byte(l))
		}
	}
	f.Add([]byte(`{"id":1,"kind":"facture","in":{"facture":{"type":"ACE","lignes":[{"rang":1}]},"contrats":[{"responsable":true,"garanties":[]}],"simulation":true}}`))
	m := moteur(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var sortie bytes.Buffer
		bilan, err := m.Lignes(bytes.NewReader(b), &sortie, OptionsLignes{Verifier: true, Expliquer: true, LongueurMax: 1 << 14})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for l := range strings.Lines(sortie.String()) {
			var r struct{ Out, Error json.RawMessage }
			if err := json.Unmarshal([]byte(l), &r); err != nil || (r.Out == nil) == (r.Error == nil) {
				t.Fatalf("answer %q: %v", l, err)
			}
			n++
		}
		if n != bilan.Lues {
			t.Fatalf("%d answers for %d lines", n, bilan.Lues)
		}
	})
}
