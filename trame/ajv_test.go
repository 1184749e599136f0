package trame

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
)

// position is a place of a JSON tree that a test can replace.
type position struct {
	valeur any
	mettre func(any)
	oter   func()
}

// positions lists the values of a tree in a stable order.
func positions(v any, mettre func(any), oter func()) []position {
	l := []position{{v, mettre, oter}}
	switch v := v.(type) {
	case map[string]any:
		var cles []string
		for k := range v {
			cles = append(cles, k)
		}
		slices.Sort(cles)
		for _, k := range cles {
			l = append(l, positions(v[k], func(x any) { v[k] = x }, func() { delete(v, k) })...)
		}
	case []any:
		for i := range v {
			l = append(l, positions(v[i], func(x any) { v[i] = x }, func() { mettre(slices.Delete(slices.Clone(v), i, i+1)) })...)
		}
	}
	return l
}

// abimerJSON damages a tree once, never inside an extension.
func abimerJSON(r *rand.Rand, racine map[string]any) {
	toutes := positions(racine, func(any) {}, func() {})[1:]
	p := toutes[r.IntN(len(toutes))]
	autre := copieDe(toutes[r.IntN(len(toutes))].valeur)
	switch v := p.valeur.(type) {
	case map[string]any:
		if r.IntN(2) == 0 {
			v[[]string{"x", "rang", "corps", "sens"}[r.IntN(4)]] = autre
			return
		}
	case []any:
		switch r.IntN(3) {
		case 0:
			p.mettre([]any{})
			return
		case 1:
			p.mettre(append(slices.Clone(v), v...))
			return
		}
	}
	switch r.IntN(4) {
	case 0:
		p.oter()
	case 1:
		p.mettre([]any{nil, true, 0, 1, -1, 201, 1e15, 9007199254740993., 1.5, map[string]any{}, []any{}}[r.IntN(11)])
	default:
		p.mettre(strings.ReplaceAll(textesHostiles[r.IntN(len(textesHostiles))], "<!-- c -->", ""))
	}
}

func copieDe(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := map[string]any{}
		for k, x := range v {
			c[k] = copieDe(x)
		}
		return c
	case []any:
		c := []any{}
		for _, x := range v {
			c = append(c, copieDe(x))
		}
		return c
	}
	return v
}

func copieJSON(t *testing.T, b []byte) map[string]any {
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if c, ok := m["corps"].(map[string]any); ok {
		delete(c, "extension") // judged by its own tests
	}
	return m
}

// horsJSON adds to hors the calendar, which JSON Schema leaves to annotations.
func horsJSON(err error) bool {
	var e *Erreur
	return hors(err) || errors.Is(err, sante.ErrJour) || errors.As(err, &e) && strings.HasPrefix(e.Motif, "instant attendu")
}

// The schema and DecodeJSON judge alike thousands of documents. ajv is found in
// the node_modules directory that ECLUSE_NPM names.
func TestSchemaParAjv(t *testing.T) {
	modules := os.Getenv("ECLUSE_NPM")
	if _, err := os.Stat(filepath.Join(modules, "ajv")); modules == "" || err != nil {
		absent(t, "ajv (ECLUSE_NPM)")
	}
	node := outil(t, "node")
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	r := rand.New(rand.NewPCG(3, 4))
	var docs [][]byte
	for i := range 80 {
		ecrit := p.AppendJSON(nil, gen.Example(i))
		docs = append(docs, ecrit)
		for range 12 {
			m := copieJSON(t, ecrit)
			for range 1 + r.IntN(2) {
				abimerJSON(r, m)
			}
			b, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, b)
		}
	}
	schema, err := json.Marshal(map[string]any{
		"$ref":       "#/components/schemas/" + NomSchema(p),
		"components": map[string]any{"schemas": SchemaJSON([]Element{{Nom: "m", Plan: p}})},
	})
	if err != nil {
		t.Fatal(err)
	}
	fichiers := append(deposer(t, ".schema", [][]byte{schema}), deposer(t, ".json", docs)...)
	sortie, err := exec.Command(node, append([]string{"testdata/ajv.js", modules}, fichiers...)...).CombinedOutput()
	verdicts := strings.Fields(string(sortie))
	if err != nil || len(verdicts) != len(docs) {
		t.Fatalf("%v\n%.2000s", err, sortie)
	}
	acceptes, refuses, ecarts := 0, 0, 0
	for i, doc := range docs {
		var m Message[Corps]
		err := p.DecodeJSON(doc, &m)
		valide := verdicts[i] == "1"
		switch {
		case valide && err == nil:
			acceptes++
		case !valide && err != nil:
			refuses++
		case valide && horsJSON(err):
			ecarts++
		default:
			t.Errorf("ajv : %v, DecodeJSON : %v\n%s", valide, err, doc)
		}
	}
	t.Logf("%d acceptés, %d refusés par les deux ; %d refusés par DecodeJSON seul", acceptes, refuses, ecarts)
	if acceptes < 120 || refuses < 400 {
		t.Error("corpus trop pauvre pour prouver quelque chose")
	}
}
