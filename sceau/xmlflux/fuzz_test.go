package xmlflux_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// temoin tells the same story as recit, read by encoding/xml.
func temoin(doc string) (string, error) {
	d := xml.NewDecoder(strings.NewReader(doc))
	var s strings.Builder
	var texte strings.Builder
	profondeur := 0
	vider := func() {
		if texte.Len() > 0 && profondeur > 0 {
			fmt.Fprintf(&s, "%q\n", texte.String())
		}
		texte.Reset()
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return s.String(), nil
		}
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			vider()
			profondeur++
			fmt.Fprintf(&s, "<{%s}%s", tok.Name.Space, tok.Name.Local)
			for _, a := range tok.Attr {
				if a.Name.Space != "xmlns" && a.Name != (xml.Name{Local: "xmlns"}) {
					fmt.Fprintf(&s, " {%s}%s=%q", a.Name.Space, a.Name.Local, a.Value)
				}
			}
			s.WriteString("\n")
		case xml.EndElement:
			vider()
			profondeur--
			fmt.Fprintf(&s, ">%s\n", tok.Name.Local)
		case xml.CharData:
			texte.Write(tok)
		}
	}
}

// comparer checks that what we accept, encoding/xml reads in the same way. It
// does not normalise white space in attributes (XML 1.0 §3.3.3), and knows
// only the names of the second edition: such documents are not compared.
func comparer(t interface {
	Helper()
	Fatalf(string, ...any)
}, doc, lu string) {
	t.Helper()
	veut, err := temoin(doc)
	if err != nil {
		if strings.Contains(err.Error(), "invalid XML name") || strings.Contains(err.Error(), "expected element name") || strings.Contains(err.Error(), "expected attribute name") {
			return
		}
		t.Fatalf("accepté, et refusé par encoding/xml : %v\n%q", err, doc)
	}
	if lu != veut && !strings.ContainsAny(doc, "\t\r\n") {
		t.Fatalf("%q\nlu :\n%s\nencoding/xml :\n%s", doc, lu, veut)
	}
}

func FuzzLecteur(f *testing.F) {
	for _, s := range []string{
		`<a/>`, `<?xml version="1.0" encoding="UTF-8"?><a b="1">x</a>`,
		`<p:a xmlns:p="urn:p" xmlns="u" p:b='&lt;'><!-- c --><c xmlns="">&#x41;<![CDATA[y]]></c></p:a>`,
		`<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`, "<a>\xff</a>", `<a b="1" b="1"/>`, `<a><b></a>`,
		`<a>]]></a>`, `<a xml:lang="fr" xmlns:xml="http://www.w3.org/XML/1998/namespace"/>`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var l xmlflux.Lecteur
		l.Reset(doc, xmlflux.Limites{})
		fin := 0
		for pieces := 0; ; pieces++ {
			g, err := l.Suivant()
			if err != nil {
				return
			}
			if l.DebutBrut() < fin || l.FinBrut() < l.DebutBrut() || l.FinBrut() > len(doc) {
				t.Fatalf("%q : pièce [%d,%d] après %d", doc, l.DebutBrut(), l.FinBrut(), fin)
			}
			fin = l.FinBrut()
			if l.Profondeur() > 64 || l.NbAttributs() > 32 || pieces > len(doc)+1 {
				t.Fatalf("%q : limites dépassées", doc)
			}
			if g == xmlflux.Termine {
				break
			}
		}
		lu, err := recit(t, string(doc), xmlflux.Limites{})
		if err != nil {
			t.Fatal(err)
		}
		comparer(t, string(bytes.TrimPrefix(doc, []byte("\xEF\xBB\xBF"))), lu)
	})
}

// Random documents made of the interesting pieces, most of them sound.
func TestCommeEncodingXML(t *testing.T) {
	acceptes, total := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		doc := dessiner(t, 0)
		lu, err := recitSimple(doc)
		total++
		if err == nil {
			acceptes++
			comparer(t, doc, lu)
		}
	})
	if acceptes*2 < total {
		t.Errorf("%d documents acceptés sur %d : le tirage ne vaut rien", acceptes, total)
	}
}

func recitSimple(doc string) (string, error) { return recit(new(testing.T), doc, xmlflux.Limites{}) }

// dessiner draws an element. Prefixes p and q are always declared somewhere
// above, or on the element itself.
func dessiner(t *rapid.T, niveau int) string {
	prefixe := rapid.SampledFrom([]string{"", "", "p:", "q:"}).Draw(t, "prefixe")
	nom := prefixe + rapid.SampledFrom([]string{"a", "b", "Été", "x-1.y_z"}).Draw(t, "nom")
	var s strings.Builder
	s.WriteString("<" + nom)
	declare := []string{` xmlns:p="urn:p"`, ` xmlns:q='urn:q'`, ` xmlns="urn:d"`, ` xmlns=""`, ` xmlns:p="urn:&#112;2"`}
	if niveau == 0 {
		s.WriteString(declare[0] + declare[1])
	} else if rapid.Bool().Draw(t, "declare") {
		s.WriteString(rapid.SampledFrom(declare).Draw(t, "laquelle"))
	}
	for _, a := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"i", "p:i", "q:i", "xml:lang", "j"}), 0, 3, rapid.ID[string]).Draw(t, "attributs") {
		s.WriteString(" " + a + rapid.SampledFrom([]string{`="1"`, ` = '"'`, `="'&quot;&amp;&#10;&gt;>"`, `="é 😀"`, `=""`}).Draw(t, "valeur"))
	}
	if rapid.IntRange(0, 4).Draw(t, "vide") == 0 {
		s.WriteString("/>")
		return s.String()
	}
	s.WriteString(">")
	for range rapid.IntRange(0, 4).Draw(t, "enfants") {
		if niveau < 3 && rapid.Bool().Draw(t, "element") {
			s.WriteString(dessiner(t, niveau+1))
			continue
		}
		s.WriteString(rapid.SampledFrom([]string{"x", " é ", "&lt;&#38;", "<!-- - -->", "<![CDATA[<&>]]>", "]]", ">", "&#x1F600;", "<![CDATA[]]]]>"}).Draw(t, "texte"))
	}
	s.WriteString("</" + nom + " >")
	return s.String()
}
