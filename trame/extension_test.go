package trame

import (
	"os/exec"
	"strings"
	"testing"
)

type porteur struct {
	E Extension `fil:"e,opt"`
}

// What others write in the slot is kept in the canonical form that xmllint gives.
func TestExtensionCanonique(t *testing.T) {
	xmllint := outil(t, "xmllint")
	p := Pour[porteur](espaceEssai)
	var docs [][]byte
	for _, s := range extensions {
		if strings.HasPrefix(s, "<") {
			docs = append(docs, []byte(`<p xmlns="`+espaceEssai+`" xmlns:inutile="urn:i"><e>`+s+`</e></p>`))
		}
	}
	docs = append(docs,
		[]byte(`<q:p xmlns:q="`+espaceEssai+`" xmlns:a="urn:a" xmlns="urn:d"><q:e><x z="&#xD;" a="1"/><a:y xml:lang="fr" a:k="'"><x xmlns="urn:e"><x xmlns="urn:d"/></x></a:y></q:e></q:p>`),
		[]byte(`<p xmlns="`+espaceEssai+`"><e><a:x xmlns:a="urn:1" xmlns:b="urn:1" b:z="1" a:y="2"/></e></p>`))
	for i, chemin := range deposer(t, ".xml", docs) {
		var v porteur
		if err := p.DecodeXML(docs[i], "p", &v); err != nil {
			t.Errorf("%s\n%v", docs[i], err)
			continue
		}
		sortie, err := exec.Command(xmllint, "--exc-c14n", chemin).Output()
		got, _ := v.E.XML()
		attendu := string(sortie)
		attendu = attendu[strings.Index(attendu, "e>")+2:]
		attendu = strings.ReplaceAll(attendu[:strings.LastIndex(attendu, "</")], "> <b", "><b")
		attendu = strings.ReplaceAll(attendu, "<!-- c -->", "") // which xmllint keeps, and a seal does not
		attendu = strings.TrimSuffix(strings.TrimSuffix(attendu, "</q:e>"), "</e>")
		if err != nil || got != attendu {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, attendu)
		}
	}
}

func TestExtensionRefusee(t *testing.T) {
	long := strings.Repeat("x", TailleExtension)
	for _, s := range []string{``, ` `, `x`, `<x/>`, `<a xmlns="urn:a"/>x`, `<a xmlns="urn:a"><b xmlns=""/></a>`, `<a xmlns="urn:a">`, `</e><e>`,
		`<a xmlns="urn:a">` + long + `</a>`, `<json xmlns="urn:x-ecluse:json:1">[1]</json>`, `<json xmlns="urn:x-ecluse:json:1"><a/></json>`,
		`<json xmlns="urn:x-ecluse:json:1">{}</json><b xmlns="urn:b"/>`, `<json xmlns="urn:x-ecluse:json:1">{"xml":"&lt;a xmlns='urn:a'/&gt;"}</json>`} {
		if _, err := ExtensionXML([]byte(s)); err == nil {
			t.Errorf("acceptée : %.80s", s)
		}
	}
	for _, s := range []string{``, `[]`, `1`, `{"a":1}x`, `{"a":1,"a":2}`, `{"a":"` + long + `"}`, `{"xml":"a"}`, `{"xml":"<x/>"}`, "{\"a\":\"\uFFFE\"}"} {
		if e, err := ExtensionJSON([]byte(s)); err == nil {
			t.Errorf("acceptée : %.80s\n%.80s", s, e.s)
		}
	}
}

func TestExtensionDeuxFaces(t *testing.T) {
	p := Pour[porteur](espaceEssai)
	e, err := ExtensionJSON([]byte(`{"b":"<é&\r","a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	v := porteur{e}
	x := string(p.AppendXML(nil, "p", &v))
	if want := `<p xmlns="` + espaceEssai + `"><e><json xmlns="urn:x-ecluse:json:1">{"a":1,"b":"&lt;é&amp;\r"}</json></e></p>`; x != want {
		t.Errorf("got %s, want %s", x, want)
	}
	if got, ok := e.JSON(); !ok || got != `{"a":1,"b":"<é&\r"}` {
		t.Error(got, ok)
	}
	if _, ok := e.XML(); ok || e.IsZero() || !(Extension{}).IsZero() || !e.Equal(v.E) {
		t.Error("nature de l'extension")
	}
}
