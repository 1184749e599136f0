package trame

import (
	"os"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// zeep, which knows only the schema, makes objects of what we write; we read what
// it writes of them as the same message.
func TestXSDParZeep(t *testing.T) {
	python := outil(t, "/usr/bin/python3")
	if exec.Command(python, "-c", "import zeep").Run() != nil {
		absent(t, "python3-zeep")
	}
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	xsd := deposer(t, ".xsd", [][]byte{XSD(espaceEssai, []Element{{Nom: "m", Plan: p}})})
	messages := []*Message[Corps]{exemple(t)}
	for i := range 20 {
		messages = append(messages, gen.Example(i))
	}
	var docs [][]byte
	for _, m := range messages {
		if m.Corps != nil && m.Corps.Commen == "" {
			m.Corps.Commen = "zeep tient un texte vide pour absent"
		}
		docs = append(docs, p.AppendXML(nil, "m", m))
	}
	chemins := deposer(t, ".xml", docs)
	args := append([]string{"testdata/recopier.py", xsd[0], "{" + espaceEssai + "}m"}, chemins...)
	if sortie, err := exec.Command(python, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, sortie)
	}
	for i, chemin := range chemins {
		b, err := os.ReadFile(chemin)
		if err != nil {
			t.Fatal(err)
		}
		var lu Message[Corps]
		if err := p.DecodeXML(b, "m", &lu); err != nil {
			t.Errorf("%v\n%s\n%s", err, docs[i], b)
		} else if d := cmp.Diff(messages[i], &lu, comparaison); d != "" {
			t.Error(d)
		}
	}
}
