package xmlflux_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// recit writes what was read, one piece a line.
func recit(t testing.TB, doc string, lim xmlflux.Limites) (string, error) {
	t.Helper()
	var l xmlflux.Lecteur
	l.Reset([]byte(doc), lim)
	var s strings.Builder
	for {
		g, err := l.Suivant()
		if err != nil {
			return s.String(), err
		}
		switch g {
		case xmlflux.Debut:
			fmt.Fprintf(&s, "<{%s}%s", l.Espace(), l.Local())
			for i := range l.NbAttributs() {
				a := l.Attribut(i)
				fmt.Fprintf(&s, " {%s}%s=%q", a.Espace, a.Local, a.Valeur)
			}
			s.WriteString("\n")
		case xmlflux.Fin:
			fmt.Fprintf(&s, ">%s\n", l.Local())
		case xmlflux.Texte:
			fmt.Fprintf(&s, "%q\n", l.Texte())
		case xmlflux.Termine:
			return s.String(), nil
		}
	}
}

func TestLecture(t *testing.T) {
	cas := []struct{ nom, doc, veut string }{
		{"vide", `<a/>`, "<{}a\n>a\n"},
		{"déclaration et marque d'ordre", "\xEF\xBB\xBF<?xml version='1.0' encoding=\"utf-8\" standalone='yes' ?>\n<a></a >\n<!-- fin -->", "<{}a\n>a\n"},
		{"texte et entités", `<a>x&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;é</a>`, "<{}a\n\"x&<>\\\"'A😀é\"\n>a\n"},
		{"sections CDATA réunies", `<a>1<![CDATA[<2>]]>3<![CDATA[]]]]><![CDATA[>]]></a>`, "<{}a\n\"1<2>3]]>\"\n>a\n"},
		{"un commentaire ne coupe pas le texte", `<a>12<!-- x - y ] é -->34</a>`, "<{}a\n\"1234\"\n>a\n"},
		{"rien que des commentaires", `<a><!----><b/><!-- --></a>`, "<{}a\n<{}b\n>b\n>a\n"},
		{"fins de ligne", "<a b='1\r\n2\r3\n4\t5&#10;&#13;'>1\r\n2\r3&#13;<![CDATA[\r\n\r]]></a>", "<{}a {}b=\"1 2 3 4 5\\n\\r\"\n\"1\\n2\\n3\\r\\n\\n\"\n>a\n"},
		{"guillemets", `<a b='"' c="'" d='&quot;'/>`, "<{}a {}b=\"\\\"\" {}c=\"'\" {}d=\"\\\"\"\n>a\n"},
		{"espaces de noms", `<p:a xmlns:p="urn:p" xmlns="urn:d" p:x="1" x="2"><b xmlns=""/><c xml:lang="fr"/></p:a>`,
			"<{urn:p}a {urn:p}x=\"1\" {}x=\"2\"\n<{}b\n>b\n<{urn:d}c {http://www.w3.org/XML/1998/namespace}lang=\"fr\"\n>c\n>a\n"},
		{"préfixe déclaré après son emploi", `<p:a p:b="1" xmlns:p="urn:p"/>`, "<{urn:p}a {urn:p}b=\"1\"\n>a\n"},
		{"préfixe redéfini puis rendu", `<p:a xmlns:p="urn:1"><p:b xmlns:p="urn:2"/><p:c/></p:a>`, "<{urn:1}a\n<{urn:2}b\n>b\n<{urn:1}c\n>c\n>a\n"},
		{"espace écrit avec une référence", `<p:a xmlns:p="urn:&#49;"><q:b xmlns:q="urn:&#50;" c="&lt;"/><p:d/></p:a>`, "<{urn:1}a\n<{urn:2}b {}c=\"<\"\n>b\n<{urn:1}d\n>d\n>a\n"},
		{"noms non ASCII", `<été·1 naïf="1"/>`, "<{}été·1 {}naïf=\"1\"\n>été·1\n"},
		{"instruction qui ressemble à la déclaration", ` <a/>`, "<{}a\n>a\n"},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			a, err := recit(t, c.doc, xmlflux.Limites{})
			if err != nil {
				t.Fatalf("%s : %v", c.doc, err)
			}
			if d := cmp.Diff(c.veut, a); d != "" {
				t.Errorf("%s : (-veut +a)\n%s", c.doc, d)
			}
		})
	}
}

func TestRefus(t *testing.T) {
	nomLong := strings.Repeat("n", 129)
	cas := []struct {
		nom, doc string
		motif    xmlflux.Motif
	}{
		{"document vide", ``, xmlflux.MotifRacine},
		{"que des blancs", " \n", xmlflux.MotifRacine},
		{"deux racines", `<a/><b/>`, xmlflux.MotifRacine},
		{"texte avant", `x<a/>`, xmlflux.MotifRacine},
		{"texte après", `<a/>x`, xmlflux.MotifRacine},
		{"CDATA après", `<a/><![CDATA[x]]>`, xmlflux.MotifRacine},
		{"référence après", `<a/>&#32;`, xmlflux.MotifRacine},
		{"DTD", `<!DOCTYPE a><a/>`, xmlflux.MotifDTD},
		{"DTD et entité externe", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`, xmlflux.MotifDTD},
		{"DTD dans le contenu", `<a><!DOCTYPE a></a>`, xmlflux.MotifDTD},
		{"instruction", `<?php x?><a/>`, xmlflux.MotifPI},
		{"instruction dans le contenu", `<a>x<?p?></a>`, xmlflux.MotifPI},
		{"déclaration après un blanc", ` <?xml version="1.0"?><a/>`, xmlflux.MotifPI},
		{"feuille de style", `<?xml-stylesheet href="x"?><a/>`, xmlflux.MotifPI},
		{"Latin-1 annoncé", `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, xmlflux.MotifEncodage},
		{"UTF-16", "\xFF\xFE<\x00a\x00", xmlflux.MotifEncodage},
		{"UTF-16 sans marque", "\x00<\x00a", xmlflux.MotifEncodage},
		{"Latin-1 non annoncé", "<a>\xE9t\xE9</a>", xmlflux.MotifEncodage},
		{"UTF-8 trop long", "<a>\xC0\xAF</a>", xmlflux.MotifEncodage},
		{"demi-codet", "<a>\xED\xA0\x80</a>", xmlflux.MotifEncodage},
		{"XML 1.1", `<?xml version="1.1"?><a/>`, xmlflux.MotifSyntaxe},
		{"déclaration sans version", `<?xml encoding="UTF-8"?><a/>`, xmlflux.MotifSyntaxe},
		{"déclaration bavarde", `<?xml version="1.0" x="1"?><a/>`, xmlflux.MotifSyntaxe},
		{"entité inconnue", `<a>&eacute;</a>`, xmlflux.MotifEntite},
		{"entité inconnue en attribut", `<a b="&x;"/>`, xmlflux.MotifEntite},
		{"référence vide", `<a>&#;</a>`, xmlflux.MotifEntite},
		{"référence hexadécimale vide", `<a>&#x;</a>`, xmlflux.MotifEntite},
		{"référence trop grande", `<a>&#x110000;</a>`, xmlflux.MotifEntite},
		{"référence énorme", `<a>&#99999999999999999999;</a>`, xmlflux.MotifEntite},
		{"esperluette seule", `<a>a & b</a>`, xmlflux.MotifEntite},
		{"référence à NUL", `<a>&#0;</a>`, xmlflux.MotifCaractere},
		{"référence à un demi-codet", `<a>&#xD800;</a>`, xmlflux.MotifCaractere},
		{"caractère de commande", "<a>\x01</a>", xmlflux.MotifCaractere},
		{"caractère de commande en attribut", "<a b='\x1f'/>", xmlflux.MotifCaractere},
		{"caractère de commande en CDATA", "<a><![CDATA[\x00]]></a>", xmlflux.MotifCaractere},
		{"caractère de commande en commentaire", "<a><!--\x00--></a>", xmlflux.MotifCaractere},
		{"U+FFFE", "<a>\xEF\xBF\xBE</a>", xmlflux.MotifCaractere},
		{"balises croisées", `<a><b></a></b>`, xmlflux.MotifBalise},
		{"balise de fin plus longue", `<a></ab>`, xmlflux.MotifBalise},
		{"fin sans début", `</a>`, xmlflux.MotifBalise},
		{"même nom, autre préfixe", `<p:a xmlns:p="u" xmlns:q="u"></q:a>`, xmlflux.MotifBalise},
		{"attribut en double", `<a b="1" b="2"/>`, xmlflux.MotifDoublon},
		{"attribut en double par l'espace", `<a xmlns:p="u" xmlns:q="u" p:b="1" q:b="2"/>`, xmlflux.MotifDoublon},
		{"déclaration en double", `<a xmlns:p="u" xmlns:p="v"/>`, xmlflux.MotifDoublon},
		{"espace par défaut en double", `<a xmlns="u" xmlns="v"/>`, xmlflux.MotifDoublon},
		{"préfixe non déclaré", `<p:a/>`, xmlflux.MotifPrefixe},
		{"préfixe d'attribut non déclaré", `<a p:b="1"/>`, xmlflux.MotifPrefixe},
		{"préfixe hors de portée", `<a><b xmlns:p="u"/><p:c/></a>`, xmlflux.MotifPrefixe},
		{"xml redéfini", `<a xmlns:xml="u"/>`, xmlflux.MotifPrefixe},
		{"espace xml sous un autre nom", `<a xmlns:x="http://www.w3.org/XML/1998/namespace"/>`, xmlflux.MotifPrefixe},
		{"xmlns déclaré", `<a xmlns:xmlns="u"/>`, xmlflux.MotifPrefixe},
		{"espace xmlns déclaré", `<a xmlns:x="http://www.w3.org/2000/xmlns/"/>`, xmlflux.MotifPrefixe},
		{"préfixe retiré", `<a xmlns:p="u"><b xmlns:p=""/></a>`, xmlflux.MotifPrefixe},
		{"élément xmlns", `<xmlns:a/>`, xmlflux.MotifPrefixe},
		{"deux deux-points", `<a:b:c xmlns:a="u"/>`, xmlflux.MotifNom},
		{"deux-points en tête", `<:a/>`, xmlflux.MotifNom},
		{"deux-points en fin", `<a: xmlns:a="u"/>`, xmlflux.MotifNom},
		{"nom qui commence par un chiffre", `<1a/>`, xmlflux.MotifNom},
		{"partie locale qui commence par un tiret", `<p:-a xmlns:p="u"/>`, xmlflux.MotifNom},
		{"blanc avant le nom", `< a/>`, xmlflux.MotifNom},
		{"caractère interdit dans un nom", `<a×/>`, xmlflux.MotifNom},
		{"attributs collés", `<a b="1"c="2"/>`, xmlflux.MotifSyntaxe},
		{"attribut sans valeur", `<a b/>`, xmlflux.MotifSyntaxe},
		{"attribut sans guillemets", `<a b=1/>`, xmlflux.MotifSyntaxe},
		{"inférieur en attribut", `<a b="<"/>`, xmlflux.MotifSyntaxe},
		{"oblique perdue", `<a / >`, xmlflux.MotifSyntaxe},
		{"fin de CDATA dans le texte", `<a>]]></a>`, xmlflux.MotifSyntaxe},
		{"tirets en commentaire", `<a><!-- -- --></a>`, xmlflux.MotifSyntaxe},
		{"commentaire à trois tirets", `<a><!-- ---></a>`, xmlflux.MotifSyntaxe},
		{"balise inconnue", `<a><!ELEMENT b></a>`, xmlflux.MotifSyntaxe},
		{"nom trop long", `<` + nomLong + `/>`, xmlflux.MotifNomLong},
		{"trop d'attributs", `<a` + attributs(33) + `/>`, xmlflux.MotifAttributs},
		{"trop de déclarations en vue", strings.Repeat(`<a`+declarations(32)+`>`, 9), xmlflux.MotifAttributs},
		{"trop profond", strings.Repeat(`<a>`, 65), xmlflux.MotifProfondeur},
		{"trop grand", `<a>` + strings.Repeat("x", 1<<20) + `</a>`, xmlflux.MotifTaille},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			a, err := recit(t, c.doc, xmlflux.Limites{})
			if !errors.Is(err, c.motif) {
				t.Fatalf("refus %v, veut %q ; lu :\n%s", err, string(c.motif), a)
			}
		})
	}
}

func attributs(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, ` a%d="1"`, i)
	}
	return s.String()
}

func declarations(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, ` xmlns:a%d="u"`, i)
	}
	return s.String()
}

// Every prefix of a sound document is refused, and says that it is too short.
func TestTronque(t *testing.T) {
	const doc = `<p:a xmlns:p="urn:p" b="&amp;é"><!-- c --><p:d>x&#65;é<![CDATA[y]]></p:d><e/></p:a>`
	if _, err := recit(t, doc, xmlflux.Limites{}); err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(doc); n++ {
		_, err := recit(t, doc[:n], xmlflux.Limites{})
		coupe := doc[n]&0xC0 == 0x80 // in the middle of a character
		if !errors.Is(err, xmlflux.MotifTronque) && !(coupe && errors.Is(err, xmlflux.MotifEncodage)) {
			t.Errorf("%q : %v", doc[:n], err)
		}
	}
}

func TestPlace(t *testing.T) {
	_, err := recit(t, "<a>\n  <é>&x;</é></a>", xmlflux.Limites{})
	var e *xmlflux.Erreur
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if e.Ligne != 2 || e.Colonne != 6 || e.Position != 10 {
		t.Errorf("ligne %d, colonne %d, position %d ; veut 2, 6, 10", e.Ligne, e.Colonne, e.Position)
	}
}

func TestLimitesDonnees(t *testing.T) {
	if _, err := recit(t, strings.Repeat("<a>", 3)+strings.Repeat("</a>", 3), xmlflux.Limites{Profondeur: 2}); !errors.Is(err, xmlflux.MotifProfondeur) {
		t.Error(err)
	}
	if _, err := recit(t, "<abc/>", xmlflux.Limites{TailleNom: 2}); !errors.Is(err, xmlflux.MotifNomLong) {
		t.Error(err)
	}
	if _, err := recit(t, "<abc/>", xmlflux.Limites{Octets: 5}); !errors.Is(err, xmlflux.MotifTaille) {
		t.Error(err)
	}
	if _, err := recit(t, "<a"+attributs(40)+"/>", xmlflux.Limites{Attributs: 40}); err != nil {
		t.Error(err)
	}
}

func TestErreurRepetee(t *testing.T) {
	var l xmlflux.Lecteur
	l.Reset([]byte("<a>"), xmlflux.Limites{})
	l.Suivant()
	_, premier := l.Suivant()
	_, second := l.Suivant()
	if premier == nil || premier != second {
		t.Errorf("%v puis %v", premier, second)
	}
	l.Reset([]byte("<a/>"), xmlflux.Limites{})
	if g, err := l.Suivant(); g != xmlflux.Debut || err != nil {
		t.Errorf("après Reset : %v, %v", g, err)
	}
}

func TestBornesBrutes(t *testing.T) {
	const doc = `<a> x<!-- --> y <b c="1"/></a>`
	var l xmlflux.Lecteur
	l.Reset([]byte(doc), xmlflux.Limites{})
	var lu []string
	for {
		g, err := l.Suivant()
		if err != nil {
			t.Fatal(err)
		}
		if g == xmlflux.Termine {
			break
		}
		lu = append(lu, doc[l.DebutBrut():l.FinBrut()])
	}
	if d := cmp.Diff([]string{"<a>", " x<!-- --> y ", `<b c="1"/>`, "", "</a>"}, lu); d != "" {
		t.Error(d)
	}
}

// An element is read again alone with the declarations that surround it.
func TestReprendre(t *testing.T) {
	const doc = `<p:a xmlns:p="urn:1" xmlns="urn:d"><x xmlns:p="urn:2"><p:b q="1"><c/>t</p:b></x><p:e/></p:a>`
	var l xmlflux.Lecteur
	l.Reset([]byte(doc), xmlflux.Limites{})
	debut, portee := 0, xmlflux.Portee(0)
	for {
		g, err := l.Suivant()
		if err != nil {
			t.Fatal(err)
		}
		if g == xmlflux.Debut && string(l.Local()) == "b" {
			debut, portee = l.DebutBrut(), l.PorteeExterne()
		}
		if g == xmlflux.Termine {
			break
		}
	}
	for range 2 {
		l.Reprendre(debut, portee)
		var lu []string
		for {
			g, err := l.Suivant()
			if err != nil {
				t.Fatal(err)
			}
			lu = append(lu, g.String()+" {"+string(l.Espace())+"}"+string(l.Local()))
			if g == xmlflux.Termine {
				break
			}
		}
		veut := []string{"début {urn:2}b", "début {urn:d}c", "fin {urn:d}c", "texte {urn:d}c", "fin {urn:2}b", "terminé {urn:2}b"}
		if d := cmp.Diff(veut, lu); d != "" {
			t.Error(d)
		}
	}
}

func TestSauter(t *testing.T) {
	var l xmlflux.Lecteur
	l.Reset([]byte(`<a><b><c/><b>x</b></b><d/><e></e></a>`), xmlflux.Limites{})
	l.Suivant()
	for _, nom := range []string{"b", "d", "e"} {
		if g, _ := l.Suivant(); g != xmlflux.Debut || string(l.Local()) != nom {
			t.Fatalf("%v %s, veut le début de %s", g, l.Local(), nom)
		}
		if err := l.Sauter(); err != nil || string(l.Local()) != nom || l.Profondeur() != 1 {
			t.Fatalf("après %s : %v, %s, profondeur %d", nom, err, l.Local(), l.Profondeur())
		}
	}
}

// A document nested 100 000 times costs no more than its first 64 levels.
func TestProfondeurHostile(t *testing.T) {
	doc := []byte(strings.Repeat("<a>", 100_000))
	var l xmlflux.Lecteur
	n := 0
	for l.Reset(doc, xmlflux.Limites{}); ; n++ {
		if _, err := l.Suivant(); err != nil {
			if !errors.Is(err, xmlflux.MotifProfondeur) || n != 64 {
				t.Errorf("refusé au bout de %d pièces : %v", n, err)
			}
			return
		}
	}
}

func TestSansAllocation(t *testing.T) {
	doc := []byte(`<?xml version="1.0"?><p:a xmlns:p="urn:p" b="&amp;1"><!-- c --><p:d>x&#65;é<![CDATA[y]]></p:d><e/></p:a>`)
	var l xmlflux.Lecteur
	lire := func() {
		l.Reset(doc, xmlflux.Limites{})
		for {
			if g, err := l.Suivant(); err != nil || g == xmlflux.Termine {
				return
			}
		}
	}
	lire()
	if n := testing.AllocsPerRun(100, lire); n != 0 {
		t.Errorf("%v allocations par lecture, veut 0", n)
	}
}
