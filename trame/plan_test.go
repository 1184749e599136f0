package trame

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

type (
	sansEtiquette struct{ A string }
	nonExporte    struct {
		//lint:ignore U1000 read by reflection: the plan must refuse it
		a string `fil:"a"`
	}
	nomDouble struct {
		A, B string `fil:"a"`
	}
	nomInvalide struct {
		A string `fil:"é"`
	}
	optionInconnue struct {
		A string `fil:"a,optionnel"`
	}
	listeSeule struct {
		A string `fil:"a,n=1..2"`
	}
	intervalleFaux struct {
		A []string `fil:"a,n=3..2"`
	}
	borneFausse struct {
		A string `fil:"a,max=x"`
	}
	bornesCroisees struct {
		A int `fil:"a,min=3,max=2"`
	}
	bornesDeCodes struct {
		A Sens `fil:"a,max=3"`
	}
	bornesDeStruct struct {
		A Ligne `fil:"a,max=3"`
	}
	typeFlottant struct {
		A float64 `fil:"a"`
	}
	listeDeListes struct {
		A [][]string `fil:"a"`
	}
	anonyme struct {
		A struct {
			B string `fil:"b"`
		} `fil:"a"`
	}
	choixSeul struct {
		A *string `fil:"a,choix=x"`
	}
	choixDisperse struct {
		A *string `fil:"a,choix=x"`
		B string  `fil:"b"`
		C *string `fil:"c,choix=x"`
	}
	choixSansAbsence struct {
		A *string `fil:"a,choix=x"`
		B int     `fil:"b,choix=x"`
	}
	codesVides struct {
		A sansCodes `fil:"a"`
	}
	motifFaux struct {
		A motifFautif `fil:"a"`
	}
	sansCodes   string
	motifFautif string
)

func (sansCodes) Codes() []string { return nil }
func (motifFautif) Motif() string { return "(" }

// A malformed type is a bug of ours, told at start.
func TestTypesRefuses(t *testing.T) {
	cas := []struct {
		pour  func()
		motif string
	}{
		{func() { Pour[Ligne]("") }, "espace de noms"},
		{func() { Pour[Ligne](`a"b`) }, "espace de noms"},
		{func() { Pour[int](espaceEssai) }, "une structure nommée est attendue"},
		{func() { Pour[sansEtiquette](espaceEssai) }, "étiqueté"},
		{func() { Pour[nonExporte](espaceEssai) }, "exporté"},
		{func() { Pour[nomDouble](espaceEssai) }, `"a" en double`},
		{func() { Pour[nomInvalide](espaceEssai) }, "nom de fil"},
		{func() { Pour[optionInconnue](espaceEssai) }, "option"},
		{func() { Pour[listeSeule](espaceEssai) }, "n= sur un champ"},
		{func() { Pour[intervalleFaux](espaceEssai) }, `intervalle "3..2"`},
		{func() { Pour[borneFausse](espaceEssai) }, `borne "x"`},
		{func() { Pour[bornesCroisees](espaceEssai) }, "bornes 3..2"},
		{func() { Pour[bornesDeCodes](espaceEssai) }, "sur une liste de codes"},
		{func() { Pour[bornesDeStruct](espaceEssai) }, "sans objet"},
		{func() { Pour[typeFlottant](espaceEssai) }, "float64 non pris en charge"},
		{func() { Pour[listeDeListes](espaceEssai) }, "[]string non pris en charge"},
		{func() { Pour[anonyme](espaceEssai) }, "structure nommée"},
		{func() { Pour[choixSeul](espaceEssai) }, "d'un seul champ"},
		{func() { Pour[choixDisperse](espaceEssai) }, "non consécutifs"},
		{func() { Pour[choixSansAbsence](espaceEssai) }, `champ "b" sans absence`},
		{func() { Pour[codesVides](espaceEssai) }, "liste de codes vide"},
		{func() { Pour[motifFaux](espaceEssai) }, "motif de"},
		{func() { XSD("urn:b", []Element{{Nom: "m", Plan: Pour[Ligne]("urn:a")}}) }, "autre espace de noms"},
		{func() { homonymes() }, "même nom de schéma"},
	}
	for _, c := range cas {
		t.Run(c.motif, func(t *testing.T) {
			defer func() {
				if s := fmt.Sprint(recover()); !strings.Contains(s, c.motif) {
					t.Errorf("got %q, want %q", s, c.motif)
				}
			}()
			c.pour()
		})
	}
}

// homonymes describes two types of the same name.
func homonymes() {
	type Ligne struct {
		A string `fil:"a"`
	}
	SchemaJSON([]Element{{Nom: "l", Plan: Pour[Ligne](espaceEssai)}, {Nom: "m", Plan: Pour[Message[Corps]](espaceEssai)}})
}

// Renomme has another name in the schemas than in the source.
type Renomme struct {
	A Sens   `fil:"a"`
	B Voisin `fil:"b"`
}

func (Renomme) NomSchema() string { return "Autre" }

// Voisin is a closed list that would be called Sens elsewhere.
type Voisin string

func (Voisin) Codes() []string   { return []string{"N", "S"} }
func (Voisin) NomSchema() string { return "SensVoisin" }

func TestNomSchema(t *testing.T) {
	p := Pour[Renomme](espaceEssai)
	if got := NomSchema(p); got != "Autre" {
		t.Errorf("got %q, want Autre", got)
	}
	xsd := string(XSD(espaceEssai, []Element{{Nom: "r", Plan: p}}))
	for _, attendu := range []string{`type="t:Autre"`, `complexType name="Autre"`, `simpleType name="SensVoisin"`, `name="b" type="t:SensVoisin"`} {
		if !strings.Contains(xsd, attendu) {
			t.Errorf("absent : %s", attendu)
		}
	}
}

// Formule holds itself, as the larger of two formulas does.
type Formule struct {
	Numero string    `fil:"numero"`
	De     []Formule `fil:"de,n=0..2"`
}

func TestTypeRecursif(t *testing.T) {
	p := Pour[Formule](espaceEssai)
	f := Formule{"F12", []Formule{{Numero: "F01"}, {"F12", []Formule{{Numero: "F05"}}}}}
	var lue Formule
	if err := p.DecodeXML(p.AppendXML(nil, "f", &f), "f", &lue); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(f, lue); d != "" {
		t.Error(d)
	}
	profond := strings.Repeat("<de><numero>x</numero>", 100_000)
	if err := p.DecodeXML([]byte(`<f xmlns="`+espaceEssai+`"><numero>x</numero>`+profond), "f", &lue); err == nil {
		t.Error("imbrication sans limite acceptée")
	}
	if n := strings.Count(string(XSD(espaceEssai, []Element{{Nom: "f", Plan: p}})), `complexType name="Formule"`); n != 1 {
		t.Errorf("got %d types, want 1", n)
	}
}

// Routage is what a relay reads of a message.
type Routage struct {
	Enveloppe    Entete  `fil:"enveloppe"`
	Corps        *Opaque `fil:"corps,opt,choix=a"`
	CorpsChiffre string  `fil:"corpsChiffre,opt,choix=a,max=2000000"`
}

func TestOpaque(t *testing.T) {
	p := Pour[Routage](espaceEssai)
	for _, lire := range []func(*Routage) error{
		func(r *Routage) error { return p.DecodeXML([]byte(exempleXML), "m", r) },
		func(r *Routage) error { return p.DecodeJSON([]byte(exempleJSON), r) },
	} {
		var r Routage
		if err := lire(&r); err != nil || r.Corps == nil || r.Enveloppe.Sens != "Q" {
			t.Error(err, r)
		}
	}
	var r Routage
	if err := p.DecodeXML([]byte(strings.Replace(exempleXML, "</ald>", "</alt>", 1)), "m", &r); err == nil {
		t.Error("corps mal formé accepté")
	}
}

// An element is read where it stands in a larger document.
func TestLireXML(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	source := "<s:Body xmlns:s='urn:s' xmlns:q='" + espaceEssai + "'>\n" +
		strings.NewReplacer(` xmlns="`+espaceEssai+`"`, "", "<a:", "<a:", "</a:", "</a:", "</", "</q:", "<", "<q:").Replace(exempleXML) + "</s:Body>"
	var l xmlflux.Lecteur
	l.Reset([]byte(source), xmlflux.Limites{})
	for range 3 {
		if _, err := l.Suivant(); err != nil {
			t.Fatal(err)
		}
	}
	var m Message[Corps]
	if err := p.LireXML(&l, "m", &m); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(exemple(t), &m, comparaison); d != "" {
		t.Error(d)
	}
	if g, err := l.Suivant(); g != xmlflux.Fin || err != nil {
		t.Error(g, err)
	}
}

// Embedded structs are laid out in place; the doc of the type is kept.
func TestDocumentation(t *testing.T) {
	doc := string(Documentation([]Element{{Nom: "m", Plan: Pour[Message[Corps]](espaceEssai), Doc: "Le message."}}))
	for _, ligne := range []string{
		"| `m` | [MessageCorps](#messagecorps) | Le message. |",
		"### MessageCorps\n\nUn message de l'échange.",
		"| `corpsChiffre` | texte 1..2000000 | choix a | Corps chiffré. |",
		"| `finessGeo` | [FINESS](#finess) | 0..1 | Site de soins. |",
		"| `service` | [Sens](#sens) | 0 ou 2..3 | Deux ou trois services. |",
		"| `lignes` | [Ligne](#ligne) | 1..4 | Lignes. |",
		"| `rang` | entier 1..200 | 1 | Rang de la ligne. |",
		"| `Q` | Question |",
		"Texte de la forme `[0-9a-f]{8}`.",
	} {
		if !strings.Contains(doc, ligne) {
			t.Errorf("absent : %s", ligne)
		}
	}
}

func TestVerify(t *testing.T) {
	p := Pour[Message[Corps]](espaceEssai)
	cas := []struct {
		nom    string
		abimer func(*Message[Corps])
		want   string
	}{
		{"valide", func(m *Message[Corps]) {}, ""},
		{"ni corps ni chiffré", func(m *Message[Corps]) { m.Corps = nil }, "un élément et un seul attendu parmi : corps, corpsChiffre"},
		{"sans ligne", func(m *Message[Corps]) { m.Corps.Lignes = nil }, "corps/lignes : absent alors qu'il est obligatoire"},
		{"instant non dit", func(m *Message[Corps]) { m.Enveloppe.Horodatage = m.Enveloppe.Ferme }, "enveloppe/horodatage : absent alors qu'il est obligatoire"},
		{"jour non dit", func(m *Message[Corps]) { m.Corps.Jour = 0 }, "corps/dateReference : valeur vide"},
		{"code non dit", func(m *Message[Corps]) { m.Enveloppe.Sens = "" }, "enveloppe/sens : code attendu : Q, R"},
		{"texte trop long", func(m *Message[Corps]) { m.Corps.Lignes[1].Libelle = strings.Repeat("é", 41) }, "corps/lignes[2]/libelle : texte de 1 à 40 caractères attendu"},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			m, got := exemple(t), ""
			c.abimer(m)
			if err := p.Verify(m); err != nil {
				got = strings.TrimPrefix(err.Error(), "trame: ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
