package calcul

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python validates each line of a file by a schema and prints the ids refused.
const python = `
import json, sys, jsonschema
v = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
for l in open(sys.argv[2], encoding="utf-8"):
    o = json.loads(l)
    if not v.is_valid(o):
        print(json.dumps(o["id"], ensure_ascii=False))
`

// Another reader of JSON Schema accepts every vector, with the answer in place of
// what was expected, and refuses what the tool refuses for its form.
func TestSchemaParJsonschema(t *testing.T) {
	if err := exec.Command("python3", "-c", "import jsonschema").Run(); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("python3-jsonschema absent")
		}
		t.Skip("python3-jsonschema absent")
	}
	dossier := t.TempDir()
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var lignes bytes.Buffer
	refus := map[string]bool{}
	for _, nom := range []string{"roc-19.2", "roc-19", "autres"} {
		b, err := os.ReadFile("testdata/" + nom + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		_, reponses := executerLignes(t, string(b), OptionsLignes{})
		i := 0
		for l := range strings.Lines(string(b)) {
			var d map[string]json.RawMessage
			if err := json.Unmarshal([]byte(l), &d); err != nil {
				t.Fatal(err)
			}
			if reponses[i]["out"] != nil {
				d["out"] = reponses[i]["out"]
			}
			if e := string(reponses[i]["error"]); strings.Contains(e, `"T001"`) || string(d["id"]) == `"exo hors liste"` || string(d["id"]) == `"exo nulle"` {
				refus[string(d["id"])] = true
			}
			ligne, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			lignes.Write(append(ligne, '\n'))
			i++
		}
	}
	s, l := filepath.Join(dossier, "schema.json"), filepath.Join(dossier, "lignes.jsonl")
	for nom, b := range map[string][]byte{s: schema, l: lignes.Bytes()} {
		if err := os.WriteFile(nom, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sortie, err := exec.Command("python3", "-c", python, s, l).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, sortie)
	}
	for id := range strings.Lines(string(sortie)) {
		if id = strings.TrimSpace(id); !refus[id] {
			t.Errorf("%s is refused by the schema alone", id)
		}
		delete(refus, strings.TrimSpace(id))
	}
	for id := range refus {
		t.Errorf("%s is refused by the tool alone", id)
	}
}
