package relais

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const ici = "https://amc.test"

func TestRouteValider(t *testing.T) {
	empreinte := strings.Repeat("ab", 32)
	for _, c := range []struct {
		nom string
		r   Route
		bon bool
	}{
		{"numéro exact", Route{Destinataire: "99000001", Adresse: ici}, true},
		{"numéro à trous", Route{Destinataire: "9900????", Adresse: ici + ":8443/base", Empreintes: []string{empreinte, empreinte}, Relais: []string{"2999123458"}}, true},
		{"numéro court", Route{Destinataire: "9900001", Adresse: ici}, false},
		{"numéro long", Route{Destinataire: "99000000001", Adresse: ici}, false},
		{"lettre", Route{Destinataire: "9900000A", Adresse: ici}, false},
		{"http", Route{Destinataire: "99000001", Adresse: "http://amc.test"}, false},
		{"sans hôte", Route{Destinataire: "99000001", Adresse: "https://"}, false},
		{"identifiant dans l'adresse", Route{Destinataire: "99000001", Adresse: "https://a:b@amc.test"}, false},
		{"paramètre dans l'adresse", Route{Destinataire: "99000001", Adresse: ici + "?a=b"}, false},
		{"adresse trop longue", Route{Destinataire: "99000001", Adresse: ici + strings.Repeat("/a", 200)}, false},
		{"empreinte majuscule", Route{Destinataire: "99000001", Adresse: ici, Empreintes: []string{strings.ToUpper(empreinte)}}, false},
		{"empreinte courte", Route{Destinataire: "99000001", Adresse: ici, Empreintes: []string{"ab"}}, false},
		{"trois empreintes", Route{Destinataire: "99000001", Adresse: ici, Empreintes: []string{empreinte, empreinte, empreinte}}, false},
		{"structure vide", Route{Destinataire: "99000001", Adresse: ici, Structures: []string{""}}, false},
		{"relais trop long", Route{Destinataire: "99000001", Adresse: ici, Relais: []string{strings.Repeat("1", 21)}}, false},
	} {
		if err := c.r.Valider(); (err == nil) != c.bon || err != nil && !errors.Is(err, ErrRoute) {
			t.Errorf("%s : %v", c.nom, err)
		}
	}
}

func routes(motifs ...string) []Route {
	l := make([]Route, len(motifs))
	for i, m := range motifs {
		l[i] = Route{Destinataire: m, Adresse: ici}
	}
	return l
}

func TestTable(t *testing.T) {
	tb, err := newTable(routes("99000001", "9900????", "99?00001", "????????", "990000011", "98?1????", "98?2????"))
	if err != nil {
		t.Fatal(err)
	}
	for numero, want := range map[string]string{
		"99000001": "99000001", "99001234": "9900????", "99900001": "99?00001", "12345678": "????????",
		"990000011": "990000011", "990000012": "", "98310000": "98?1????", "98320000": "98?2????", "98330000": "????????", "": "",
	} {
		got := ""
		if r := tb.trouver(numero); r != nil {
			got = r.Destinataire
		}
		if got != want {
			t.Errorf("%s : got %q, want %q", numero, got, want)
		}
	}
	for _, doubles := range [][]string{{"99000001", "99000001"}, {"99??0001", "99?0????"}, {"????????", "?1??????"}} {
		if _, err := newTable(routes(doubles...)); !errors.Is(err, ErrRoute) {
			t.Errorf("%v : ambiguïté acceptée : %v", doubles, err)
		}
	}
}

// The table agrees with the definition: among the patterns that match, the one
// with the longest literal beginning.
func TestTableSelonDefinition(t *testing.T) {
	chiffre := rapid.SampledFrom([]byte("01?"))
	motif := rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(chiffre, 8, 9).Draw(t, "motif")) })
	rapid.Check(t, func(t *rapid.T) {
		l := routes(rapid.SliceOfN(motif, 0, 12).Draw(t, "motifs")...)
		tb, err := newTable(l)
		if err != nil {
			t.Skip("ambiguë")
		}
		numero := string(rapid.SliceOfN(rapid.SampledFrom([]byte("01")), 8, 9).Draw(t, "numéro"))
		var want *Route
		for i := range l {
			if accordes(l[i].Destinataire, numero) && (want == nil || litteral(l[i].Destinataire) > litteral(want.Destinataire)) {
				want = &l[i]
			}
		}
		if got := tb.trouver(numero); got != want {
			t.Fatalf("%s : got %+v, want %+v", numero, got, want)
		}
	})
}

// What is read of a body is what encoding/json reads at that place.
func FuzzTexteJSON(f *testing.F) {
	for _, s := range []string{`{"corps":{"codeRetour":"000"}}`, `{"a":{"corps":{"codeRetour":"T020"}},"corps":{"b":[{}],"codeRetour":"010"},"z":1}`,
		`{"corps":{"codeRetour":1}}`, `{"corps":[]}`, `{"corps":{"x":{"codeRetour":"000"}}}`, `[]`, ``, `{"corps":{}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := texteJSON([]byte(s), "corps", "codeRetour")
		if got == "" {
			return
		}
		if !json.Valid([]byte(s)) {
			return // a piece is read whole, and is canonical, before anyone comes here
		}
		var corps, code json.RawMessage
		membre(t, []byte(s), "corps", &corps)
		membre(t, corps, "codeRetour", &code)
		var want string
		if err := json.Unmarshal(code, &want); err != nil || want != got {
			t.Errorf("%q : got %q, want %q, %v", s, got, want, err)
		}
	})
}

// membre is the first member of that name: doubles never reach here.
func membre(t *testing.T, b []byte, nom string, v *json.RawMessage) {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.Token()
	for d.More() {
		cle, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		var valeur json.RawMessage
		if err := d.Decode(&valeur); err != nil {
			t.Fatal(err)
		}
		if cle == nom {
			*v = valeur
			return
		}
	}
}
