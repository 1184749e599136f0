package fhir

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestWriter(t *testing.T) {
	var w Writer
	o := w.Object("")
	w.String("resourceType", "Practitioner")
	w.String("id", "")
	m := w.Object("meta")
	w.Instant("lastUpdated", 0)
	w.End(m)
	w.Bool("active", false)
	a := w.Array("identifier")
	x := w.Object("")
	w.String("system", "urn:x")
	w.String("value", "a\"b")
	w.End(x)
	x = w.Object("")
	inner := w.Array("coding")
	w.Coding("", "s", "", "")
	w.End(inner)
	w.End(x)
	w.End(a)
	a = w.Array("given")
	w.Item("Zoé")
	w.Item("")
	w.End(a)
	w.Reference("organization", "Organization", "s1", "")
	w.Reference("partOf", "Organization", "", "rien")
	w.Coding("type", "urn:t", "1", "Un")
	w.Int("rank", -3)
	w.Raw("raw", []byte("[1]"))
	w.Raw("none", nil)
	w.End(o)
	const want = `{"resourceType":"Practitioner","active":false,"identifier":[{"system":"urn:x","value":"a\"b"}],"given":["Zoé",""],` +
		`"organization":{"reference":"Organization/s1"},"type":{"system":"urn:t","code":"1","display":"Un"},"rank":-3,"raw":[1]}`
	if string(w.B) != want {
		t.Errorf("got  %s\nwant %s", w.B, want)
	}
}

func TestDecimal(t *testing.T) {
	for v, want := range map[int64]string{48850000: "48.85", -2350001: "-2.350001", 0: "0", -500000: "-0.5", 1: "0.000001", 180000000: "180", 1050000: "1.05"} {
		var w Writer
		w.Decimal("x", v)
		if got := string(w.B); got != `"x":`+want {
			t.Errorf("%d : got %s, want %s", v, got, want)
		}
	}
}

// Instants and days are those of package time.
func TestInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).UnixMilli()).Draw(t, "ms")
		if got, want := string(AppendInstant(nil, ms)), time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		days := int64(math.Floor(float64(ms) / 86400000))
		if got, want := string(AppendDay(nil, days)), time.UnixMilli(ms).UTC().Format("2006-01-02"); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	})
}

// What is written is what encoding/json would read, whatever the texts, and nothing empty
// is left.
func TestWriterRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Writer
		want := writeAny(t, &w, "", 0)
		var got any
		if len(w.B) == 0 {
			if want != nil {
				t.Fatal("rien d'écrit")
			}
			return
		}
		if err := json.Unmarshal(w.B, &got); err != nil {
			t.Fatalf("%v : %s", err, w.B)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if !bytes.Equal(a, b) {
			t.Fatalf("got %s, want %s", a, b)
		}
	})
}

// writeAny writes an object drawn at random and returns it as encoding/json would.
func writeAny(t *rapid.T, w *Writer, name string, depth int) any {
	m := w.Object(name)
	o := map[string]any{}
	for _, k := range rapid.SliceOfNDistinct(rapid.StringMatching("[a-z]{1,4}"), 0, 4, rapid.ID).Draw(t, "names") {
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			if s := rapid.String().Draw(t, "text"); s != "" {
				w.String(k, s)
				o[k] = s
			}
		case 1:
			b := rapid.Bool().Draw(t, "bool")
			w.Bool(k, b)
			o[k] = b
		case 2:
			a := w.Array(k)
			var l []any
			for range rapid.IntRange(0, 3).Draw(t, "items") {
				if depth < 3 {
					if x := writeAny(t, w, "", depth+1); x != nil {
						l = append(l, x)
					}
				}
			}
			if w.End(a); l != nil {
				o[k] = l
			}
		case 3:
			if depth < 3 {
				if x := writeAny(t, w, k, depth+1); x != nil {
					o[k] = x
				}
			}
		}
	}
	if w.End(m); len(o) == 0 {
		return nil
	}
	return o
}

func TestOutcome(t *testing.T) {
	got := AppendOutcome(nil, Issue{Code: CodeValue, Diagnostics: "écrire une date", Param: "_lastUpdated"}, Issue{Severity: Warning, Code: CodeNotSupported, Diagnostics: "ignoré"})
	const want = `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"value","diagnostics":"écrire une date","location":["http._lastUpdated"]},` +
		`{"severity":"warning","code":"not-supported","diagnostics":"ignoré"}]}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
	for _, c := range []struct {
		err    error
		status int
		code   IssueCode
	}{
		{refuse(CodeExpired, "", "x"), 410, CodeExpired}, {refuse(CodeValue, "", "x"), 400, CodeValue}, {refuse(CodeNotFound, "", "x").with(406), 406, CodeNotFound},
		{refuse(CodeThrottled, "", "x"), 429, CodeThrottled}, {refuse(CodeLogin, "", "x"), 401, CodeLogin}, {refuse(CodeForbidden, "", "x"), 403, CodeForbidden},
		{errors.New("mot de passe de la base"), 500, CodeException},
	} {
		status, issue := Outcome(c.err)
		if status != c.status || issue.Code != c.code || strings.Contains(issue.Diagnostics, "passe") {
			t.Errorf("%v : %d %+v", c.err, status, issue)
		}
	}
}

func TestBundle(t *testing.T) {
	var w Writer
	b := BeginBundle(&w, &BundleHead{Type: "searchset", Updated: 1, Total: 2, Links: []Link{{"self", "https://x"}, {"next", ""}}})
	b.Begin("https://x", "Practitioner", "p1")
	w.B = append(w.B, `{"resourceType":"Practitioner","id":"p1"}`...)
	b.End(Match)
	b.Begin("", "", "")
	w.B = AppendOutcome(w.B, Issue{Severity: Warning, Code: CodeNotSupported, Diagnostics: "x"})
	b.End(OfOutcome)
	b.Close()
	const want = `{"resourceType":"Bundle","meta":{"lastUpdated":"1970-01-01T00:00:00.001Z"},"type":"searchset","total":2,"link":[{"relation":"self","url":"https://x"}],` +
		`"entry":[{"fullUrl":"https://x/Practitioner/p1","resource":{"resourceType":"Practitioner","id":"p1"},"search":{"mode":"match"}},` +
		`{"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-supported","diagnostics":"x"}]},"search":{"mode":"outcome"}}]}`
	if string(w.B) != want {
		t.Errorf("got %s", w.B)
	}
	w = Writer{}
	b = BeginBundle(&w, &BundleHead{Type: "searchset", Total: -1})
	b.Begin("", "", "")
	w.B = append(w.B, `{"resourceType":"Device"}`...)
	b.EndScored(Match, 875000)
	b.Close()
	if got := string(w.B); got != `{"resourceType":"Bundle","type":"searchset","entry":[{"resource":{"resourceType":"Device"},"search":{"mode":"match","score":0.875}}]}` {
		t.Errorf("got %s", got)
	}
	w = Writer{}
	b = BeginBundle(&w, &BundleHead{Type: "history", Total: -1})
	b.Begin("https://x", "Device", "e1")
	w.B = append(w.B, `{"resourceType":"Device"}`...)
	b.EndVersion("PUT", "Device/e1", "200", 1)
	b.Close()
	const history = `{"resourceType":"Bundle","type":"history","entry":[{"fullUrl":"https://x/Device/e1","resource":{"resourceType":"Device"},` +
		`"request":{"method":"PUT","url":"Device/e1"},"response":{"status":"200","lastModified":"1970-01-01T00:00:00.001Z"}}]}`
	if string(w.B) != history {
		t.Errorf("got %s", w.B)
	}
}

func TestSubset(t *testing.T) {
	const tag = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`
	for _, c := range []struct{ name, resource, want string }{
		{"avec meta", `{"resourceType":"A","id":"1","meta":{"source":"s"},"active":true,"name":[{"family":"x"}]}`, `{"resourceType":"A","id":"1","meta":{"source":"s","tag":[` + tag + `]},"active":true}`},
		{"sans meta", `{"resourceType":"A","id":"1","name":[],"active":true,"_active":{"id":"z"}}`, `{"resourceType":"A","id":"1","meta":{"tag":[` + tag + `]},"active":true,"_active":{"id":"z"}}`},
		{"une étiquette déjà", `{"resourceType":"A","meta":{"tag":[{"code":"x"}],"source":"s"}}`, `{"resourceType":"A","meta":{"tag":[{"code":"x"},` + tag + `],"source":"s"}}`},
		{"rien d'autre", `{"resourceType":"A","id":"1"}`, `{"resourceType":"A","id":"1","meta":{"tag":[` + tag + `]}}`},
	} {
		if got := string(AppendElements(nil, []byte(c.resource), "active")); got != c.want {
			t.Errorf("%s :\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
	if got := string(AppendWithout(nil, []byte(`{"resourceType":"A","text":{"div":"<div/>"},"active":true}`), "text")); got != `{"resourceType":"A","meta":{"tag":[`+tag+`]},"active":true}` {
		t.Errorf("got %s", got)
	}
}

func TestNDJSON(t *testing.T) {
	var b bytes.Buffer
	n := NewNDJSON(&b)
	for range 20000 {
		if err := n.Line(func(w *Writer) { w.B = append(w.B, `{"resourceType":"Device","id":"e1"}`...) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Flush(); err != nil {
		t.Fatal(err)
	}
	if n.Size() != int64(b.Len()) || n.Count() != 20000 || n.SHA256() != sha256.Sum256(b.Bytes()) || bytes.Count(b.Bytes(), []byte("\n")) != 20000 {
		t.Errorf("got %d bytes, %d resources", n.Size(), n.Count())
	}
	if err := n.Line(func(w *Writer) { w.B = append(w.B, "{\n}"...) }); err == nil {
		t.Error("un saut de ligne a passé")
	}
}

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		accept, format string
		want           Format
		refused        bool
	}{
		{"", "", JSON, false}, {"*/*", "", JSON, false}, {"application/fhir+xml", "", XML, false}, {"application/xml;q=0.5, application/json", "", JSON, false},
		{"application/fhir+json;q=0.5,application/fhir+xml;q=0.9", "", XML, false}, {"text/html", "", JSON, true}, {"text/html,*/*;q=0.1", "", JSON, false},
		{"application/fhir+json; fhirVersion=4.0", "", JSON, false}, {"application/fhir+json; fhirVersion=3.0", "", JSON, true}, {"application/json;q=0", "", JSON, true},
		{"text/html", "xml", XML, false}, {"", "application/fhir xml", XML, false}, {"", "text/json", JSON, false}, {"", "ttl", JSON, true}, {"application/json;q=NaN", "", JSON, true},
	} {
		got, err := Negotiate(c.accept, c.format)
		if got != c.want || (err != nil) != c.refused {
			t.Errorf("%q %q : got %v, %v", c.accept, c.format, got, err)
		}
		if e, ok := err.(*Error); c.refused && (!ok || e.Status() != 406) {
			t.Errorf("%q : %v", c.accept, err)
		}
	}
	if p := ParsePrefer("respond-async, handling=lenient", `return="minimal"`); !p.Async || !p.Lenient || p.Strict || p.Return != "minimal" {
		t.Errorf("got %+v", p)
	}
}

func TestCapability(t *testing.T) {
	tb := table(t)
	b := tb.AppendCapability(nil, &Capability{Name: "Annuaire", Title: "Annuaire", Date: 1, Software: "Écluse", History: true, Operations: []Operation{{"export", "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"}}})
	var c struct {
		ResourceType string
		FHIRVersion  string
		Rest         []struct {
			Resource []struct {
				Type             string
				SearchInclude    []string
				SearchRevInclude []string
				SearchParam      []struct{ Name, Type string }
			}
		}
	}
	if err := json.Unmarshal(b, &c); err != nil || c.FHIRVersion != "4.0.1" || len(c.Rest) != 1 || len(c.Rest[0].Resource) != len(tb.Types) {
		t.Fatalf("%v : %s", err, b)
	}
	for i, r := range c.Rest[0].Resource {
		if len(r.SearchParam) != len(tb.Types[i].Params) || r.Type != tb.Types[i].Name {
			t.Errorf("%s : %d paramètres", r.Type, len(r.SearchParam))
		}
	}
	if got := strings.Join(c.Rest[0].Resource[1].SearchRevInclude, " "); got != "Organization:partof PractitionerRole:organization" {
		t.Errorf("got %s", got)
	}
	if _, err := AppendXML(nil, b); err != nil {
		t.Error(err)
	}
}
