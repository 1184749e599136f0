package fhir

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAppendXML(t *testing.T) {
	for _, c := range []struct{ name, json, xml string }{
		{"primitives", `{"resourceType":"Patient","id":"a","active":true,"multipleBirthInteger":2,"birthDate":"1970-01-01"}`,
			`<id value="a"/><active value="true"/><multipleBirthInteger value="2"/><birthDate value="1970-01-01"/>`},
		{"identifiant d'élément", `{"resourceType":"Patient","name":[{"id":"n1","family":"A"}]}`, `<name id="n1"><family value="A"/></name>`},
		// the examples of FHIR R4 json §2.6.2.2 and §2.6.2.3
		{"extension d'une primitive", `{"resourceType":"Patient","birthDate":"1970-03-30","_birthDate":{"id":"314159","extension":[{"url":"http://example.org/x","valueString":"Easter 1970"}]}}`,
			`<birthDate value="1970-03-30" id="314159"><extension url="http://example.org/x"><valueString value="Easter 1970"/></extension></birthDate>`},
		{"sœur avant", `{"resourceType":"Patient","_active":{"id":"z"},"active":true}`, `<active value="true" id="z"/>`},
		{"sœur seule", `{"resourceType":"Patient","_active":{"extension":[{"url":"u","valueCode":"unknown"}]}}`,
			`<active><extension url="u"><valueCode value="unknown"/></extension></active>`},
		{"tableau et trous", `{"resourceType":"X","code":["au","nz"],"_code":[null,{"extension":[{"url":"u","valueString":"Nouvelle-Zélande"}]}]}`,
			`<code value="au"/><code value="nz"><extension url="u"><valueString value="Nouvelle-Zélande"/></extension></code>`},
		{"nul dans le tableau", `{"resourceType":"X","code":[null,"b"],"_code":[{"id":"c"},null]}`, `<code id="c"/><code value="b"/>`},
		{"ressource contenue", `{"resourceType":"X","contained":[{"resourceType":"Organization","id":"o"}]}`, `<contained><Organization><id value="o"/></Organization></contained>`},
		{"entrée d'un lot", `{"resourceType":"Bundle","entry":[{"fullUrl":"u","resource":{"resourceType":"Device","id":"d"}}]}`,
			`<entry><fullUrl value="u"/><resource><Device><id value="d"/></Device></resource></entry>`},
		{"adresse hors d'une extension", `{"resourceType":"CapabilityStatement","url":"u","implementation":{"url":"v"}}`, `<url value="u"/><implementation><url value="v"/></implementation>`},
		{"extension emboîtée", `{"resourceType":"X","extension":[{"url":"a","extension":[{"url":"b","valueBoolean":false}]}]}`,
			`<extension url="a"><extension url="b"><valueBoolean value="false"/></extension></extension>`},
		{"récit", `{"resourceType":"X","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>a &amp; b<\/p></div>"}}`,
			`<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div></text>`},
		{"échappements", `{"resourceType":"X","a":"<&>\"\n\r\t\u0000\ud83d\ude00\ud83d\/"}`, "<a value=\"&lt;&amp;&gt;&quot;&#xA;&#xD;&#x9;\uFFFD😀\uFFFD/\"/>"},
		{"vides", `{"resourceType":"X","a":[],"b":{},"c":null}`, `<b/>`},
		{"blancs", " {\n \"resourceType\" : \"X\" ,\n \"a\" : [ \"1\" , \"2\" ] , \"b\" : { \"c\" : 1.50 } } ", `<a value="1"/><a value="2"/><b><c value="1.50"/></b>`},
	} {
		got, err := AppendXML(nil, []byte(c.json))
		name := "Patient"
		if i := strings.Index(c.json, `e" : "`); i < 0 {
			name, _, _ = strings.Cut(strings.TrimPrefix(c.json, `{"resourceType":"`), `"`)
		} else {
			name = "X"
		}
		if want := "<" + name + ` xmlns="http://hl7.org/fhir">` + c.xml + "</" + name + ">"; err != nil || string(got) != want {
			t.Errorf("%s :\ngot  %s (%v)\nwant %s", c.name, got, err, want)
		}
	}
}

func TestAppendXMLRefuses(t *testing.T) {
	for name, s := range map[string]string{
		"vide": "", "pas du JSON": "{", "tableau": "[]", "texte": `"a"`, "sans type": `{"id":"a"}`, "type qui n'en est pas un": `{"resourceType":"A><b"}`,
		"nom qui n'en est pas un": `{"resourceType":"A","b c":1}`, "tableau de tableaux": `{"resourceType":"A","b":[["c"]]}`,
		"profond":          `{"resourceType":"A","b":` + strings.Repeat(`{"b":`, 60) + "1" + strings.Repeat("}", 61),
		"récit mal formé":  `{"resourceType":"A","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p></div>"}}`,
		"récit et suite":   `{"resourceType":"A","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"/><script/>"}}`,
		"récit et entité":  `{"resourceType":"A","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">&nbsp;</div>"}}`,
		"récit et DTD":     `{"resourceType":"A","text":{"div":"<!DOCTYPE a><div xmlns=\"http://www.w3.org/1999/xhtml\"/>"}}`,
		"trop d'éléments":  `{"resourceType":"A"` + strings.Repeat(`,"b":1`, 1001) + "}",
		"type qui est nul": `{"resourceType":null}`, "type de deux lettres": `{"resourceType":12}`,
	} {
		_, err := AppendXML(nil, []byte(s))
		if e, ok := err.(*Error); !ok || e.Diagnostics == "" {
			t.Errorf("%s : %v", name, err)
		}
	}
}

// samples are resources of the files of testdata: hand-made after the official examples.
func samples(t testing.TB) map[string][]byte {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%v, %v", files, err)
	}
	m := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m[f] = b
	}
	return m
}

// Each sample becomes the XML that stands beside it, blanks between elements aside;
// xmllint reads it; and turned back, it is the sample.
func TestSamples(t *testing.T) {
	lint, err := exec.LookPath("xmllint")
	if err != nil && os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal(err)
	}
	for name, b := range samples(t) {
		got, err := AppendXML(nil, b)
		if err != nil {
			t.Errorf("%s : %v", name, err)
			continue
		}
		want, err := os.ReadFile(strings.TrimSuffix(name, "json") + "xml")
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for l := range strings.Lines(string(want)) {
			lines = append(lines, strings.TrimSpace(l))
		}
		if string(got) != strings.Join(lines, "") {
			t.Errorf("%s :\ngot  %s\nwant %s", name, got, strings.Join(lines, ""))
		}
		reverse(t, name, b, got)
		if lint == "" {
			t.Log("xmllint absent : la bonne forme n'est vue que par encoding/xml")
			continue
		}
		cmd := exec.Command(lint, "--noout", "-")
		cmd.Stdin = bytes.NewReader(got)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s : %s", name, out)
		}
	}
}

// reverse turns XML back and compares with the JSON, as far as XML says: which elements
// are arrays and which values are texts is read from the JSON.
func reverse(t interface{ Errorf(string, ...any) }, name string, resource, made []byte) {
	d := xml.NewDecoder(bytes.NewReader(made))
	var want any
	j := json.NewDecoder(bytes.NewReader(resource))
	j.UseNumber()
	if err := j.Decode(&want); err != nil {
		t.Errorf("%s : %v", name, err)
		return
	}
	got := leavesXML(d)
	if l := leavesJSON("", want); !slices.Equal(got, l) {
		t.Errorf("%s :\ngot  %q\nwant %q", name, got, l)
	}
}

// leavesXML is path=value of each primitive, sorted: an independent reading.
func leavesXML(d *xml.Decoder) (l []string) {
	var path []string
	for {
		tok, err := d.Token()
		if err == io.EOF {
			slices.Sort(l)
			return l
		}
		if err != nil {
			return []string{err.Error()}
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if e.Name.Space == "http://www.w3.org/1999/xhtml" {
				if err := d.Skip(); err != nil {
					return []string{err.Error()}
				}
				continue
			}
			p := strings.Join(path, "")
			if n := e.Name.Local; n[0] >= 'A' && n[0] <= 'Z' {
				l = append(l, p+"/resourceType="+n)
				path = append(path, "")
				continue
			}
			path, p = append(path, "/"+e.Name.Local), p+"/"+e.Name.Local
			for _, a := range e.Attr {
				if a.Name.Local == "value" {
					l = append(l, p+"="+a.Value)
				} else {
					l = append(l, p+"/"+a.Name.Local+"="+a.Value)
				}
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

func leavesJSON(path string, v any) (l []string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if k != "div" { // which is passed as it is: the files say how
				l = append(l, leavesJSON(path+"/"+strings.TrimPrefix(k, "_"), x)...)
			}
		}
	case []any:
		for _, x := range v {
			l = append(l, leavesJSON(path, x)...)
		}
	case nil:
	default:
		l = append(l, fmt.Sprint(path, "=", v))
	}
	slices.Sort(l)
	return l
}

// Whatever a Writer writes, its XML is well formed and says the same.
func TestXMLOfAny(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Writer
		m := w.Object("")
		w.String("resourceType", "Basic")
		writeNames(t, &w, 0)
		w.End(m)
		got, err := AppendXML(nil, w.B)
		if err != nil {
			t.Fatalf("%v : %s", err, w.B)
		}
		reverse(t, string(w.B), w.B, got)
	})
}

// writeNames writes members with texts that XML can hold.
func writeNames(t *rapid.T, w *Writer, depth int) {
	for _, k := range rapid.SliceOfNDistinct(rapid.StringMatching("[b-h]{1,3}"), 0, 4, rapid.ID).Draw(t, "names") {
		if rapid.Bool().Draw(t, "leaf") || depth == 3 {
			w.String(k, rapid.StringOf(rapid.RuneFrom([]rune("aé<>&\"'\t\n\r\\/😀 \u00a0"))).Draw(t, "text"))
			continue
		}
		a := w.Array(k)
		for range rapid.IntRange(0, 2).Draw(t, "items") {
			m := w.Object("")
			writeNames(t, w, depth+1)
			w.End(m)
		}
		w.End(a)
	}
}

// No input makes the transcoder fail otherwise than by a refusal, and what it makes is
// well formed.
func FuzzAppendXML(f *testing.F) {
	for _, b := range samples(f) {
		f.Add(b)
	}
	f.Add([]byte(`{"resourceType":"A","_b":[null,{"id":"\ud800"}],"b":"\u0001"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := AppendXML(nil, b)
		if err != nil {
			if _, ok := err.(*Error); !ok {
				t.Fatal(err)
			}
			return
		}
		for d := xml.NewDecoder(bytes.NewReader(x)); ; {
			if _, err := d.Token(); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%v : %s", err, x)
			}
		}
	})
}
