package trame

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// noeud is an element that a test can damage.
type noeud struct {
	nom, attributs, texte string
	enfants               []*noeud
}

func lireNoeud(t *testing.T, b []byte) *noeud {
	var l xmlflux.Lecteur
	l.Reset(b, xmlflux.Limites{Octets: TailleMax})
	racine := &noeud{}
	pile := []*noeud{racine}
	for {
		g, err := l.Suivant()
		haut := pile[len(pile)-1]
		switch {
		case err != nil:
			t.Fatal(err)
		case g == xmlflux.Debut:
			n := &noeud{nom: string(l.Nom())}
			if len(pile) == 1 {
				n.attributs = ` xmlns="` + espaceEssai + `"`
			}
			haut.enfants = append(haut.enfants, n)
			pile = append(pile, n)
			if string(l.Espace()) != espaceEssai { // the inside of an extension stays as it is
				debut := l.DebutBrut()
				if err := l.Sauter(); err != nil {
					t.Fatal(err)
				}
				n.nom, n.texte = "", string(b[debut:l.FinBrut()])
				pile = pile[:len(pile)-1]
			}
		case g == xmlflux.Texte:
			haut.texte += string(echapperXML(nil, l.Texte()))
		case g == xmlflux.Fin:
			pile = pile[:len(pile)-1]
		default:
			return racine.enfants[0]
		}
	}
}

func (n *noeud) ecrire(b *strings.Builder) {
	if n.nom == "" {
		b.WriteString(n.texte)
		return
	}
	b.WriteString("<" + n.nom + n.attributs + ">" + n.texte)
	for _, e := range n.enfants {
		e.ecrire(b)
	}
	b.WriteString("</" + n.nom + ">")
}

func (n *noeud) copie() *noeud {
	c := *n
	c.enfants = nil
	for _, e := range n.enfants {
		c.enfants = append(c.enfants, e.copie())
	}
	return &c
}

func (n *noeud) tous() []*noeud {
	if n.nom == "" {
		return nil
	}
	l := []*noeud{n}
	for _, e := range n.enfants {
		l = append(l, e.tous()...)
	}
	return l
}

var textesHostiles = []string{"", " ", "x", "0", "-1", "+1", "01", "1.0", "1.00", "-0.00", "-0", "201", "true", "TRUE", "1", " true ", "Q", "R ", "DEUX",
	"2026-02-30", "2026-03-01", " 2026-03-01 ", "1799-12-31", "2026-03-01Z", "00000000", "2026-03-01T08:15:00Z", "2026-03-01T24:00:00Z", "2026-03-01T08:15:60Z",
	"2026-03-01T08:15:00.5+02:00", "2026-03-01T08:15:00", "\n2026-12-31T23:59:59.999999999-13:59\t", "2026-03-01T08:15:00+14:00", "9007199254740992", "-9007199254740991",
	"99999999999999999999", "deadbeef", "12", "123", "123.4", "1234567890", "12345678901", "12345678901234567890", "123456789012345678901", strings.Repeat("1", 250), strings.Repeat("1", 251), "DEADBEEF", "750000002", "750000003", "70.123", "1000.01", "é<!-- c -->é", "<![CDATA[x<]]>", "&#xD;", strings.Repeat("é", 20),
	strings.Repeat("é", 21), strings.Repeat("é", 40), strings.Repeat("é", 41), strings.Repeat("é", 60), strings.Repeat("é", 61)}

// abimer damages a document once.
func abimer(r *rand.Rand, racine *noeud) {
	tous := racine.tous()
	n := tous[r.IntN(len(tous))]
	if i := r.IntN(max(1, len(n.enfants))); len(n.enfants) > 0 {
		switch r.IntN(8) {
		case 0:
			n.enfants = slices.Delete(n.enfants, i, i+1)
		case 1, 2:
			n.enfants = slices.Insert(n.enfants, i, n.enfants[i].copie())
		case 3:
			j := r.IntN(len(n.enfants))
			n.enfants[i], n.enfants[j] = n.enfants[j], n.enfants[i]
		case 4:
			n.enfants = append(n.enfants, tous[r.IntN(len(tous))].copie())
			n.enfants = n.enfants[max(0, len(n.enfants)-12):]
		case 5:
			n.texte = []string{" \n", "x", "<!-- c -->"}[r.IntN(3)]
		case 6:
			n.enfants = nil
		case 7:
			n.attributs += []string{` a="1"`, ` xmlns="urn:autre"`, ` xmlns=""`, ` xmlns:q="urn:q"`,
				` xmlns:xsi="` + espaceXSI + `" xsi:schemaLocation="a b"`}[r.IntN(5)]
		}
		return
	}
	switch r.IntN(8) {
	case 0:
		n.nom = tous[r.IntN(len(tous))].nom
	case 1:
		n.enfants = append(n.enfants, &noeud{nom: "x"})
	case 2:
		n.attributs += ` id="1"`
	default:
		n.texte = textesHostiles[r.IntN(len(textesHostiles))]
	}
}

// hors tells that a refusal is one that our XSD does not say: keys of identifiers,
// rates above the maximum, minus zero, namespaces inside an extension, one element
// where there may be none or two.
func hors(err error) bool {
	for _, e := range []error{sante.ErrFINESS, sante.ErrTaux, sante.ErrMontant, ErrExtension} {
		if errors.Is(err, e) {
			return true
		}
	}
	var e *Erreur
	return errors.As(err, &e) && e.Chemin == "corps/service" && e.Motif == "présent moins de 2 fois"
}

// The schema and DecodeXML judge alike thousands of documents, good and damaged.
func TestXSDParXmllint(t *testing.T) {
	xmllint := outil(t, "xmllint")
	p, gen := Pour[Message[Corps]](espaceEssai), messageAuHasard()
	r := rand.New(rand.NewPCG(1, 2))
	var docs [][]byte
	for i := range 80 {
		ecrit := p.AppendXML(nil, "m", gen.Example(i))
		docs = append(docs, ecrit)
		for range 12 {
			racine := lireNoeud(t, ecrit)
			for range 1 + r.IntN(2) {
				abimer(r, racine)
			}
			var b strings.Builder
			racine.ecrire(&b)
			docs = append(docs, []byte(b.String()))
		}
	}
	chemins := deposer(t, ".xml", docs)
	xsd := filepath.Join(t.TempDir(), "m.xsd")
	if err := os.WriteFile(xsd, XSD(espaceEssai, []Element{{Nom: "m", Plan: p}}), 0o600); err != nil {
		t.Fatal(err)
	}
	sortie, _ := exec.Command(xmllint, append([]string{"--noout", "--schema", xsd}, chemins...)...).CombinedOutput()
	acceptes, refuses, ecarts := 0, 0, 0
	for i, doc := range docs {
		var m Message[Corps]
		err := p.DecodeXML(doc, "m", &m)
		valide := bytes.Contains(sortie, []byte(chemins[i]+" validates\n"))
		switch {
		case valide && err == nil:
			acceptes++
		case !valide && err != nil:
			refuses++
		case valide && hors(err):
			ecarts++
		default:
			t.Errorf("xmllint : %v, DecodeXML : %v\n%s", valide, err, doc)
			for _, ligne := range bytes.Split(sortie, []byte("\n")) {
				if bytes.HasPrefix(ligne, []byte(chemins[i])) {
					t.Logf("%s", ligne)
				}
			}
		}
	}
	t.Logf("%d acceptés, %d refusés par les deux ; %d refusés par DecodeXML seul", acceptes, refuses, ecarts)
	if acceptes < 120 || refuses < 400 {
		t.Error("corpus trop pauvre pour prouver quelque chose")
	}
}
