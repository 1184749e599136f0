package trame

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// What is accepted is written and read again as the same value, on both faces.
func relire(t *testing.T, p *Plan[Message[Corps]], m *Message[Corps]) {
	x, j := p.AppendXML(nil, "m", m), p.AppendJSON(nil, m)
	var parXML, parJSON Message[Corps]
	if err := p.DecodeXML(x, "m", &parXML); err != nil {
		t.Fatalf("%v\n%s", err, x)
	}
	if err := p.DecodeJSON(j, &parJSON); err != nil {
		t.Fatalf("%v\n%s", err, j)
	}
	if d := cmp.Diff(m, &parXML, comparaison) + cmp.Diff(m, &parJSON, comparaison); d != "" {
		t.Fatal(d)
	}
	if c, err := jcs.Canoniser(nil, j, jcs.Limites{}); err != nil || !bytes.Equal(c, j) {
		t.Fatalf("%v\n%s\n%s", err, c, j)
	}
	if !bytes.Equal(x, p.AppendXML(nil, "m", &parJSON)) {
		t.Fatalf("XML différent après JSON\n%s", x)
	}
}

func FuzzDecodeXML(f *testing.F) {
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	f.Add([]byte(exempleXML))
	for i := range 10 {
		f.Add(p.AppendXML(nil, "m", gen.Example(i)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Message[Corps]
		if p.DecodeXML(b, "m", &m) == nil {
			relire(t, p, &m)
		}
	})
}

func FuzzDecodeJSON(f *testing.F) {
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	f.Add([]byte(exempleJSON))
	for i := range 10 {
		f.Add(p.AppendJSON(nil, gen.Example(i)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Message[Corps]
		if p.DecodeJSON(b, &m) == nil {
			relire(t, p, &m)
		}
	})
}

func FuzzExtension(f *testing.F) {
	for _, s := range extensions {
		f.Add([]byte(s))
	}
	p := Pour[porteur](espaceEssai)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, faire := range []func([]byte) (Extension, error){ExtensionXML, ExtensionJSON} {
			e, err := faire(b)
			if err != nil {
				continue
			}
			v, parXML, parJSON := porteur{e}, porteur{}, porteur{}
			if p.Verify(&v) != nil { // an element of the namespace of the message
				continue
			}
			if err := p.DecodeXML(p.AppendXML(nil, "p", &v), "p", &parXML); err != nil || parXML != v {
				t.Fatalf("%v\n%s\n%s", err, e.s, parXML.E.s)
			}
			if err := p.DecodeJSON(p.AppendJSON(nil, &v), &parJSON); err != nil || parJSON != v {
				t.Fatalf("%v\n%s\n%s", err, e.s, parJSON.E.s)
			}
		}
	})
}
