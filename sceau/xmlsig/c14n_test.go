package xmlsig_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

func TestCanoniser(t *testing.T) {
	cas := []struct {
		nom, doc, id string
		prefixes     []string
		veut         string
	}{
		{"ordre, guillemets, balise vide", `<?xml version="1.0"?><a z='1' y="é&#10;&quot;" />`, "", nil, `<a y="é&#xA;&quot;" z="1"></a>`},
		{"déclarations inutiles ôtées", `<a xmlns:p="urn:p" xmlns:q="urn:q"><q:b p:i="1"/></a>`, "", nil, `<a><q:b xmlns:p="urn:p" xmlns:q="urn:q" p:i="1"></q:b></a>`},
		{"espace par défaut retiré", `<a xmlns="urn:d"><b xmlns=""><c xmlns=""/></b></a>`, "", nil, `<a xmlns="urn:d"><b xmlns=""><c></c></b></a>`},
		{"attributs par espace de noms", `<a xmlns:z="urn:1" xmlns:y="urn:2" y:i="1" z:i="2" i="3" xml:lang="fr"/>`, "", nil, `<a xmlns:y="urn:2" xmlns:z="urn:1" i="3" xml:lang="fr" z:i="2" y:i="1"></a>`},
		{"texte", "<a>&lt;&amp;&gt;\"'&#13;\r\n<![CDATA[<>&]]><!-- x -->1</a>", "", nil, "<a>&lt;&amp;&gt;\"'&#xD;\n&lt;&gt;&amp;1</a>"},
		{"valeur", "<a b='&lt;&amp;>&quot;&#9;&#10;&#13; \n'/>", "", nil, `<a b="&lt;&amp;>&quot;&#x9;&#xA;&#xD;  "></a>`},
		{"élément par Id, prefixes hérités", `<s:e xmlns:s="urn:s" xmlns:x="urn:x"><s:b Id="i"><x:c/></s:b></s:e>`, "i", nil, `<s:b xmlns:s="urn:s" Id="i"><x:c xmlns:x="urn:x"></x:c></s:b>`},
		{"esperluette dans un espace de noms", `<a xmlns="urn:a?b&amp;c"/>`, "", nil, `<a xmlns="urn:a?b&amp;c"></a>`},
		{"PrefixList", `<s:e xmlns:s="urn:s" xmlns:x="urn:x" xmlns="urn:d"><s:b Id="i"><x:c/><s:d xmlns:x="urn:y"/></s:b></s:e>`, "i", []string{"x", "inconnu", "#default"},
			`<s:b xmlns="urn:d" xmlns:s="urn:s" xmlns:x="urn:x" Id="i"><x:c></x:c><s:d xmlns:x="urn:y"></s:d></s:b>`},
		{"attributs xml non hérités", `<a xml:lang="fr"><b Id="i"/></a>`, "i", nil, `<b Id="i"></b>`},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			a, err := xmlsig.Canoniser(nil, []byte(c.doc), c.id, xmlflux.Limites{}, c.prefixes...)
			if err != nil {
				t.Fatal(err)
			}
			if string(a) != c.veut {
				t.Errorf("\n a   %s\nveut %s", a, c.veut)
			}
			h := sha256.New()
			if err := xmlsig.Empreinte(h, []byte(c.doc), c.id, xmlflux.Limites{}, c.prefixes...); err != nil {
				t.Fatal(err)
			}
			if s := sha256.Sum256([]byte(c.veut)); !bytes.Equal(h.Sum(nil), s[:]) {
				t.Error("l'empreinte n'est pas celle de la forme canonique")
			}
		})
	}
}

func TestCanoniserRefuse(t *testing.T) {
	cas := []struct {
		nom, doc, id string
		motif        error
	}{
		{"Id absent", `<a/>`, "i", xmlsig.MotifReference},
		{"Id double, même après", `<a><b Id="i"/><c ID="i"/></a>`, "i", xmlsig.MotifIdDouble},
		{"Id double sans rapport", `<a><b Id="i"/><c xml:id="j"/><c AssertionID="j"/></a>`, "i", xmlsig.MotifIdDouble},
		{"espace de noms relatif", `<a xmlns="relatif"/>`, "", xmlsig.MotifStructure},
		{"mal formé après l'élément", `<a><b Id="i"/><c></a>`, "i", xmlflux.MotifBalise},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			if _, err := xmlsig.Canoniser(nil, []byte(c.doc), c.id, xmlflux.Limites{}); !errors.Is(err, c.motif) {
				t.Errorf("%v, veut %v", err, c.motif)
			}
		})
	}
}

// A canonical form larger than what is kept in memory gives the same digest.
func TestEmpreinteGrosse(t *testing.T) {
	doc := contenu(100_000)
	h := sha256.New()
	if err := xmlsig.Empreinte(h, doc, "", xmlflux.Limites{}); err != nil {
		t.Fatal(err)
	}
	if s := sha256.Sum256(doc); !bytes.Equal(h.Sum(nil), s[:]) {
		t.Error("l'empreinte n'est pas celle de la forme canonique")
	}
}

// tirage writes sound documents where namespaces, attributes and text are as
// twisted as the rules allow.
type tirage struct {
	*rand.Rand
	s  strings.Builder
	id int
}

// No ampersand here: libxml2 2.9 writes it as it is in a declaration, against
// C14N §2.3 (namespace nodes are written as attributes are) and against XML.
var espaces = []string{"urn:a", "urn:b", "http://c.example/%C3%A9", "urn:q?x=1;y=&#39;2&#x41;"}

func (d *tirage) parmi(s ...string) string { return s[d.IntN(len(s))] }

func (d *tirage) element(niveau int, prefixes map[string]bool) {
	mien := map[string]bool{}
	for p := range prefixes {
		mien[p] = true
	}
	var declarations []string
	for _, p := range []string{"", "p", "q", "r", "aa"} {
		switch d.IntN(5) {
		case 0:
			declarations = append(declarations, d.declaration(p))
			mien[p] = true
		case 1:
			if p == "" {
				declarations = append(declarations, ` xmlns=""`)
			}
		}
	}
	connus := []string{""}
	for _, p := range []string{"p", "q", "r", "aa"} {
		if mien[p] {
			connus = append(connus, p+":")
		}
	}
	nom := connus[d.IntN(len(connus))] + d.parmi("e", "Été", "x-1.y", "_z")
	attributs := d.attributs(connus)
	if d.IntN(3) == 0 {
		d.id++
		attributs = append(attributs, fmt.Sprintf(` Id="i%d"`, d.id))
	}
	tout := append(declarations, attributs...)
	d.Shuffle(len(tout), func(i, j int) { tout[i], tout[j] = tout[j], tout[i] })
	d.s.WriteString("<" + nom + strings.Join(tout, "") + d.parmi("", " ", "\n"))
	if d.IntN(4) == 0 {
		d.s.WriteString("/>")
		return
	}
	d.s.WriteString(">")
	for range d.IntN(5) {
		if niveau < 4 && d.IntN(2) == 0 {
			d.element(niveau+1, mien)
		} else {
			d.s.WriteString(d.parmi("texte", " é😀 ", "&lt;&amp;&gt;&quot;&apos;", "&#13;&#10;&#9;", "\r\n", "\r", "\n\t", "]] ", ">", "<!-- c -->", "<![CDATA[<&>\r\n]]>", "&#x10FFFF;\u00a0", "\"'"))
		}
	}
	d.s.WriteString("</" + nom + d.parmi("", " ") + ">")
}

func (d *tirage) declaration(p string) string {
	if p != "" {
		p = ":" + p
	}
	return " xmlns" + p + `="` + espaces[d.IntN(len(espaces))] + `"`
}

// attributs never repeats a local name: two prefixes may mean one namespace.
func (d *tirage) attributs(connus []string) (a []string) {
	for _, local := range []string{"a", "b", "c", "é"} {
		if d.IntN(3) > 0 {
			continue
		}
		p := connus[d.IntN(len(connus))]
		if d.IntN(8) == 0 {
			p, local = "xml:", d.parmi("lang", "base")
			if slicesPrefixe(a, " xml:"+local) {
				continue
			}
		}
		a = append(a, " "+p+local+d.parmi(`="1"`, ` = 'é"'`, `="'&quot;&amp;&lt;>"`, `="&#9;&#10;&#13; `+"\t\n\r\n"+`"`, `=""`))
	}
	return a
}

func slicesPrefixe(a []string, p string) bool {
	for _, s := range a {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

func corpus(n int, graine uint64) []string {
	docs := make([]string, n)
	for i := range docs {
		d := tirage{Rand: rand.New(rand.NewPCG(graine, uint64(i)))}
		d.element(0, nil)
		docs[i] = d.s.String()
	}
	return docs
}

var commentaires = regexp.MustCompile(`(?s)<!--.*?-->`)

// Byte for byte what libxml2 writes, on generated documents.
func TestCommeXmllint(t *testing.T) {
	xmllint := outil(t, "xmllint")
	docs, dossier := corpus(1500, 1), t.TempDir()
	args := []string{"--exc-c14n", "--nonet"}
	for i, d := range docs {
		args = append(args, ecrire(t, dossier, fmt.Sprintf("%d.xml", i), []byte(d)))
	}
	tout, err := exec.Command(xmllint, args...).Output()
	if err != nil {
		t.Fatalf("xmllint : %v\n%.600s", err, messageDe(err))
	}
	reste := commentaires.ReplaceAll(tout, nil)
	for i, d := range docs {
		a, err := xmlsig.Canoniser(nil, []byte(d), "", xmlflux.Limites{})
		if err != nil {
			t.Fatalf("%v\n%s", err, d)
		}
		if !bytes.HasPrefix(reste, a) {
			t.Fatalf("document %d\n%s\n a   %s\nveut %.*s", i, d, a, len(a)+200, reste)
		}
		reste = reste[len(a):]
	}
	if len(reste) > 0 {
		t.Errorf("xmllint a écrit %d octets de plus", len(reste))
	}
}

const formesPython = `
import sys, json
from lxml import etree
for ligne in sys.stdin:
    d = json.loads(ligne)
    racine = etree.fromstring(d["doc"].encode("utf-8"))
    e = racine.xpath("//*[@Id=$i]", i=d["id"])[0]
    texte = etree.tostring(e, method="c14n", exclusive=True, with_comments=False, with_tail=False, inclusive_ns_prefixes=d["prefixes"] or None)
    print(json.dumps(texte.decode("utf-8")))
`

// Elements in the middle of a document, with and without a PrefixList.
func TestCommeLxml(t *testing.T) {
	py := python(t, "lxml")
	type demande struct {
		Doc      string   `json:"doc"`
		ID       string   `json:"id"`
		Prefixes []string `json:"prefixes"`
	}
	var demandes []demande
	var entree bytes.Buffer
	e := json.NewEncoder(&entree)
	r := rand.New(rand.NewPCG(2, 2))
	for _, d := range corpus(1200, 3) {
		n := strings.Count(d, ` Id="`)
		if n == 0 {
			continue
		}
		q := demande{d, fmt.Sprintf("i%d", 1+r.IntN(n)), [][]string{nil, {"p"}, {"q", "aa", "zz"}}[r.IntN(3)]}
		demandes = append(demandes, q)
		if err := e.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(py, "-c", formesPython)
	c.Stdin = &entree
	sortie, err := c.Output()
	if err != nil {
		t.Fatalf("lxml : %v\n%.600s", err, messageDe(err))
	}
	lignes := json.NewDecoder(bytes.NewReader(sortie))
	for _, q := range demandes {
		var veut string
		if err := lignes.Decode(&veut); err != nil {
			t.Fatal(err)
		}
		a, err := xmlsig.Canoniser(nil, []byte(q.Doc), q.ID, xmlflux.Limites{}, q.Prefixes...)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(veut, string(a)); d != "" {
			t.Fatalf("%s\n%s %v\n%s", q.Doc, q.ID, q.Prefixes, d)
		}
	}
	if len(demandes) < 300 {
		t.Errorf("%d documents seulement", len(demandes))
	}
}

// The canonical form of a canonical form is itself.
func TestCanonisationStable(t *testing.T) {
	for _, d := range corpus(500, 4) {
		a, err := xmlsig.Canoniser(nil, []byte(d), "", xmlflux.Limites{})
		if err != nil {
			t.Fatal(err)
		}
		b, err := xmlsig.Canoniser(nil, a, "", xmlflux.Limites{})
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("%v\n%s\n%s", err, a, b)
		}
	}
}
