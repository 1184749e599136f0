package sceau_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

func lire(_ *sceau.Piece, m *message) error { m.N = 1; return nil }

// A message that nobody sealed is read where it may come so, with the digest that its
// sender computed, and is never taken for one whose seal was verified.
func TestSansSceau(t *testing.T) {
	o := sceau.Ouvreur{Juge: sceautest.New(t, "1990000127", midi).Juge, Relais: relais}
	for _, c := range []struct {
		face    sceau.Face
		contenu string
		chaine  string
		ouvrir  func([]byte) (*sceau.Piece, error)
	}{
		{sceau.REST, objet, `{"maillon":[]}`, func(b []byte) (*sceau.Piece, error) { return o.REST(b, midi) }},
		{sceau.SOAP, element, `<chaine xmlns="urn:test"></chaine>`, func(b []byte) (*sceau.Piece, error) { return o.SOAP(b, midi) }},
	} {
		for _, chaine := range []string{"", c.chaine} {
			s := sceau.Envelopper(c.face, []byte(c.contenu), []byte(chaine))
			if chaine == "" {
				s = sceau.Envelopper(c.face, []byte(c.contenu), nil)
			}
			p, err := o.Lire(c.face, s.Octets, midi)
			if err != nil {
				t.Fatalf("%s : %v", c.face, err)
			}
			if p.Scellee() || p.Empreinte() != s.Empreinte || string(p.Chaine()) != chaine || !bytes.Contains(p.Contenu(), []byte(c.contenu)) {
				t.Errorf("%s : scellée %v, chaîne %s, contenu %s", c.face, p.Scellee(), p.Chaine(), p.Contenu())
			}
			l, err := sceau.Lu(p, lire)
			if _, ok := l.Ouverte(); err != nil || ok || l.Message().N != 1 {
				t.Errorf("%s : message sans sceau pris pour un message scellé (%v)", c.face, err)
			}
			if _, err := c.ouvrir(s.Octets); err == nil {
				t.Errorf("%s : ouvert sans sceau", c.face)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s : Open a pris une pièce sans sceau", c.face)
					}
				}()
				sceau.Open(p, lire)
			}()
		}
	}
}

// A seal that is there must be good; taking it off is seen, since nobody sealed then.
func TestSceauPresentEtMauvais(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	o := sceau.Ouvreur{Juge: id.Juge, Relais: relais}
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		sceller, contenu := id.Cachet.REST, objet
		if face == sceau.SOAP {
			sceller, contenu = id.Cachet.SOAP, element
		}
		s, err := sceller([]byte(contenu), nil, midi)
		if err != nil {
			t.Fatal(err)
		}
		p, err := o.Lire(face, s.Octets, midi)
		if err != nil || !p.Scellee() {
			t.Fatalf("%s : %v", face, err)
		}
		if l, err := sceau.Lu(p, lire); err != nil {
			t.Error(err)
		} else if x, ok := l.Ouverte(); !ok || x.Piece().Scelleur().Porteur.Structure() != "1990000127" {
			t.Errorf("%s : le sceau n'est pas vu", face)
		}
		altere := []byte(strings.NewReplacer(`"IDB"`, `"SIM"`, `>IDB<`, `>SIM<`).Replace(string(s.Octets)))
		if _, err := o.Lire(face, altere, midi); !sceau.EstSceau(err) {
			t.Errorf("%s altéré : %v", face, err)
		}
	}
}

// A relay adds its name to an envelope of an ordinary client, whatever its Header: the
// rest keeps its bytes, and so its digest.
func TestEnchainerSansSceau(t *testing.T) {
	o := sceau.Ouvreur{Relais: relais}
	const soap = `xmlns:s="` + sceau.EspaceSOAP + `"`
	for _, b := range []string{
		`<s:Envelope ` + soap + `><s:Body>` + element + `</s:Body></s:Envelope>`,
		`<s:Envelope ` + soap + `><s:Header/><s:Body>` + element + `</s:Body></s:Envelope>`,
		`<s:Envelope ` + soap + `><s:Header></s:Header><s:Body>` + element + `</s:Body></s:Envelope>`,
		"<?xml version=\"1.0\"?>\n<s:Envelope " + soap + ">\n<s:Header>\n<x xmlns=\"urn:x\"/></s:Header>\n<s:Body>" + element + `</s:Body></s:Envelope>`,
		`{"message":` + objet + `}`,
		"\n{ \"message\" : " + objet + " , \"chaine\":{}}",
	} {
		face, chaines := sceau.SOAP, []string{`<chaine xmlns="urn:test">1</chaine>`, `<chaine xmlns="urn:test">2</chaine>`}
		if strings.Contains(b, "message") {
			face, chaines = sceau.REST, []string{`{"a":1}`, `{"a":2}`}
		}
		p, err := o.Lire(face, []byte(b), midi)
		if err != nil {
			t.Fatalf("%s : %v", b, err)
		}
		empreinte, brut := p.Empreinte(), []byte(b)
		for _, c := range chaines {
			if brut, err = p.Enchainer(nil, []byte(c)); err != nil {
				t.Fatalf("%s : %v", b, err)
			}
			if p, err = o.Lire(face, brut, midi); err != nil {
				t.Fatalf("%s : %v", brut, err)
			}
			if string(p.Chaine()) != c || p.Empreinte() != empreinte {
				t.Errorf("%s : chaîne %s", brut, p.Chaine())
			}
		}
		if face == sceau.REST && !json.Valid(brut) {
			t.Errorf("JSON cassé : %s", brut)
		}
	}
}

// A Security header that seals nothing is no message without seal.
func TestSecuriteSansSceau(t *testing.T) {
	b := `<s:Envelope xmlns:s="` + sceau.EspaceSOAP + `"><s:Header><w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"/></s:Header><s:Body>` + element + `</s:Body></s:Envelope>`
	o := sceau.Ouvreur{}
	if _, err := o.Lire(sceau.SOAP, []byte(b), midi); !sceau.EstSceau(err) {
		t.Errorf("%v, un refus du sceau attendu", err)
	}
	if _, err := o.Lire(sceau.REST, []byte(`{"scellement":""}`), midi); !errors.Is(err, sceau.ErrForme) {
		t.Errorf("sans message : %v", err)
	}
}
