package trame

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/sante"
)

func finess(t testing.TB, s string) sante.FINESS {
	f, err := sante.ParseFINESS(s)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func exemple(t testing.TB) *Message[Corps] {
	base, vrai, trois := sante.Montant(-5), true, 3
	ext, err := ExtensionXML([]byte(`<a:x xmlns:a="urn:a" z="1" a:b='2'>t&lt;</a:x>`))
	if err != nil {
		t.Fatal(err)
	}
	return &Message[Corps]{
		Enveloppe: Entete{Norme: "E<1>", Sens: "Q", Horodatage: time.Date(2026, 3, 1, 8, 15, 0, 7e6, time.UTC)},
		Corps: &Corps{
			Commun: Commun{Site: finess(t, "750000002"), Jour: sante.JourDe(2026, 3, 1)},
			Type:   2, Ald: true, Compteur: -9007199254740991, Commen: "",
			Pins: []Empreinte{"00ff00ff"}, Services: []Sens{"Q", "R"},
			Lignes: []Ligne{
				{Rang: 1, Montant: 123456, Base: &base, Taux: 6350, Libelle: "é\r\n\"\\&"},
				{Rang: 2, Gratuit: &vrai, Quantite: &trois},
			},
			Extension: ext,
		},
	}
}

const exempleXML = `<m xmlns="urn:x-essai:trame:1"><enveloppe><normeVersion>E&lt;1&gt;</normeVersion><sens>Q</sens>` +
	`<horodatage>2026-03-01T08:15:00.007Z</horodatage></enveloppe><corps><finessGeo>750000002</finessGeo>` +
	`<dateReference>2026-03-01</dateReference><typeFacture>DEUX</typeFacture><ald>true</ald><compteur>-9007199254740991</compteur>` +
	`<commentaire></commentaire><empreinte>00ff00ff</empreinte><service>Q</service><service>R</service>` +
	`<lignes><rang>1</rang><montantDepense>1234.56</montantDepense><baseAMO>-0.05</baseAMO><taux>63.5</taux><libelle>é&#xD;` + "\n" + `"\&amp;</libelle></lignes>` +
	`<lignes><rang>2</rang><montantDepense>0.00</montantDepense><taux>0</taux><gratuit>true</gratuit><quantite>3</quantite></lignes>` +
	`<extension><a:x xmlns:a="urn:a" z="1" a:b="2">t&lt;</a:x></extension></corps></m>`

const exempleJSON = `{"corps":{"ald":true,"commentaire":"","compteur":-9007199254740991,"dateReference":"2026-03-01","empreinte":["00ff00ff"],` +
	`"extension":{"xml":"<a:x xmlns:a=\"urn:a\" z=\"1\" a:b=\"2\">t&lt;</a:x>"},"finessGeo":"750000002",` +
	`"lignes":[{"baseAMO":"-0.05","libelle":"é\r\n\"\\&","montantDepense":"1234.56","rang":1,"taux":"63.5"},` +
	`{"gratuit":true,"montantDepense":"0.00","quantite":3,"rang":2,"taux":"0"}],"service":["Q","R"],"typeFacture":"DEUX"},` +
	`"enveloppe":{"horodatage":"2026-03-01T08:15:00.007Z","normeVersion":"E<1>","sens":"Q"}}`

func TestDeuxFaces(t *testing.T) {
	p, m := Pour[Message[Corps]](espaceEssai), exemple(t)
	if d := cmp.Diff(exempleXML, string(p.AppendXML(nil, "m", m))); d != "" {
		t.Errorf("XML\n%s", d)
	}
	if d := cmp.Diff(exempleJSON, string(p.AppendJSON(nil, m))); d != "" {
		t.Errorf("JSON\n%s", d)
	}
	prefixes := strings.NewReplacer("<m xmlns=", "<!-- c --> <q:m xmlns:q=", "</m>", " </q:m> ", "<enveloppe>", "<q:enveloppe><!-- d --> ", "</enveloppe>", "</q:enveloppe>",
		"<corps>", `<corps xmlns="urn:x-essai:trame:1">`, "<normeVersion>", "<q:normeVersion>", "</normeVersion>", "</q:normeVersion>",
		"<sens>", `<q:sens xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="x">`, "</sens>", "</q:sens>", "<horodatage>2026-03-01T08:15", "<q:horodatage> 2026-03-01T10:15", ".007Z</horodatage>", ".0079+02:00\n</q:horodatage>")
	for _, source := range []string{exempleXML, prefixes.Replace(exempleXML)} {
		var lu Message[Corps]
		if err := p.DecodeXML([]byte(source), "m", &lu); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(m, &lu, comparaison); d != "" {
			t.Errorf("%s\n%s", source, d)
		}
	}
	var lu Message[Corps]
	if err := p.DecodeJSON([]byte(" "+strings.ReplaceAll(exempleJSON, ",", " , ")), &lu); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(m, &lu, comparaison); d != "" {
		t.Error(d)
	}
}

var comparaison = cmp.Options{
	cmp.Comparer(func(a, b sante.FINESS) bool { return a == b }),
	cmp.Comparer(func(a, b sante.NumeroAdherent) bool { return a == b }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == "._" }, cmp.Ignore()),
}
