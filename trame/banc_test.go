//go:build unix

package trame

import (
	"encoding/json"
	"encoding/xml"
	"syscall"
	"testing"
)

// The peers are the codecs of the standard library on a message of the same
// names and values, where every value is already a text: they check nothing and
// write no canonical form. Measured in the same run.

type pairEntete struct {
	Norme      string `xml:"normeVersion" json:"normeVersion"`
	Sens       string `xml:"sens" json:"sens"`
	Horodatage string `xml:"horodatage" json:"horodatage"`
}

type pairLigne struct {
	Rang     int    `xml:"rang" json:"rang"`
	Montant  string `xml:"montantDepense" json:"montantDepense"`
	Base     string `xml:"baseAMO,omitempty" json:"baseAMO,omitempty"`
	Taux     string `xml:"taux" json:"taux"`
	Libelle  string `xml:"libelle,omitempty" json:"libelle,omitempty"`
	Gratuit  *bool  `xml:"gratuit,omitempty" json:"gratuit,omitempty"`
	Quantite *int   `xml:"quantite,omitempty" json:"quantite,omitempty"`
}

type pairCorps struct {
	Site     string      `xml:"finessGeo" json:"finessGeo"`
	Jour     string      `xml:"dateReference" json:"dateReference"`
	Type     string      `xml:"typeFacture" json:"typeFacture"`
	Ald      bool        `xml:"ald" json:"ald"`
	Compteur int64       `xml:"compteur" json:"compteur"`
	Commen   string      `xml:"commentaire" json:"commentaire"`
	Pins     []string    `xml:"empreinte" json:"empreinte"`
	Services []string    `xml:"service" json:"service"`
	Lignes   []pairLigne `xml:"lignes" json:"lignes"`
	Conjoint *pairEntete `xml:"conjoint" json:"conjoint,omitempty"`
}

type pair struct {
	XMLName   xml.Name   `xml:"urn:x-essai:trame:1 m" json:"-"`
	Enveloppe pairEntete `xml:"enveloppe" json:"enveloppe"`
	Corps     pairCorps  `xml:"corps" json:"corps"`
}

// messageDe40 is a message of 40 scalar fields.
func messageDe40(b *testing.B) (*Plan[Message[Corps]], *Message[Corps], *pair) {
	p, m := Pour[Message[Corps]](espaceEssai), exemple(b)
	c := m.Corps
	c.Extension = Extension{}
	c.Pins = append(c.Pins, "01234567")
	c.Conjoint = &Entete{Norme: "x", Sens: "R", Horodatage: m.Enveloppe.Horodatage}
	for i := range c.Lignes {
		c.Lignes[i].Libelle = "Consultation d'un spécialiste"
	}
	c.Lignes = append(c.Lignes, c.Lignes...)
	var q pair
	j := p.AppendJSON(nil, m)
	if err := json.Unmarshal(j, &q); err != nil {
		b.Fatal(err)
	}
	return p, m, &q
}

func BenchmarkXML(b *testing.B) {
	p, m, q := messageDe40(b)
	source := p.AppendXML(nil, "m", m)
	autre, err := xml.Marshal(q)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 2*len(source))
	banc(b, "ecrire", len(source), func() error { dst = p.AppendXML(dst[:0], "m", m); return nil })
	banc(b, "ecrire-encoding-xml", len(autre), func() error { _, err := xml.Marshal(q); return err })
	var lu Message[Corps]
	banc(b, "lire", len(source), func() error { return p.DecodeXML(source, "m", &lu) })
	banc(b, "lire-encoding-xml", len(source), func() error { var q pair; return xml.Unmarshal(source, &q) })
}

func BenchmarkJSON(b *testing.B) {
	p, m, q := messageDe40(b)
	source := p.AppendJSON(nil, m)
	dst := make([]byte, 0, 2*len(source))
	banc(b, "ecrire", len(source), func() error { dst = p.AppendJSON(dst[:0], m); return nil })
	banc(b, "ecrire-encoding-json", len(source), func() error { _, err := json.Marshal(q); return err })
	var lu Message[Corps]
	banc(b, "lire", len(source), func() error { return p.DecodeJSON(source, &lu) })
	banc(b, "lire-encoding-json", len(source), func() error { var q pair; return json.Unmarshal(source, &q) })
}

// cpu is the processor time of the process, which a busy machine disturbs less
// than the clock on the wall. ref: DEC 37
func cpu() int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return r.Utime.Nano() + r.Stime.Nano()
}

func banc(b *testing.B, nom string, octets int, f func() error) {
	b.Run(nom, func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(octets))
		debut := cpu()
		for b.Loop() {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(cpu()-debut)/float64(b.N), "cpu-ns/op")
	})
}

// Writing into a buffer that is large enough allocates nothing.
func TestEcritureSansAllocation(t *testing.T) {
	p, m := Pour[Message[Corps]](espaceEssai), exemple(t)
	m.Corps.Lignes[0].Libelle = "é" // an escape costs a copy
	m.Enveloppe.Norme = "E"
	m.Corps.Extension = Extension{}
	dst := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { dst = p.AppendXML(dst[:0], "m", m) }); n > 0 {
		t.Errorf("XML : %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { dst = p.AppendJSON(dst[:0], m) }); n > 0 {
		t.Errorf("JSON : %v allocations", n)
	}
}

// Plans are compiled when a program starts.
func BenchmarkPour(b *testing.B) {
	for b.Loop() {
		Pour[Message[Corps]](espaceEssai)
	}
}
