package sceau_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/sceautest"
)

var midi = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const (
	objet   = `{"enveloppe":{"service":"IDB"},"n":1}`
	element = `<Demande xmlns="urn:test"><service>IDB</service></Demande>`
)

type message struct {
	N int `json:"n"`
}

func TestOpenREST(t *testing.T) {
	o := sceautest.Ouvrir(t, "1990000127", midi, []byte(objet), func(b []byte, m *message) error { return json.Unmarshal(b, m) })
	if o.Message().N != 1 {
		t.Errorf("got %+v", o.Message())
	}
	if s := o.Piece().Scelleur().Porteur.Structure(); s != "1990000127" {
		t.Errorf("structure %q", s)
	}
	r := o.Piece().Rapport()
	if r.Profil != "JAdES B" || len(r.References) != 1 || !r.References[0].Concordante {
		t.Errorf("rapport %+v", r)
	}
}

// What is opened is what was sealed, whatever the spaces and the order of the
// members on the wire.
func TestRESTReecrit(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	s, err := id.Cachet.REST([]byte(objet), []byte(`{"maillon":[]}`), midi)
	if err != nil {
		t.Fatal(err)
	}
	autre := bytes.Replace(s.Octets, []byte(objet), []byte(`{ "n": 1.0, "enveloppe" : {"service":"IDB"} }`), 1)
	p, err := (&sceau.Ouvreur{Juge: id.Juge}).REST(autre, midi)
	if err != nil {
		t.Fatal(err)
	}
	if string(p.Contenu()) != objet || string(p.Chaine()) != `{"maillon":[]}` || p.Empreinte() != s.Empreinte {
		t.Errorf("contenu %s, chaîne %s", p.Contenu(), p.Chaine())
	}
}

func TestSOAP(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	s, err := id.Cachet.SOAP([]byte(element), []byte(`<chaine xmlns="urn:test"></chaine>`), midi)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&sceau.Ouvreur{Juge: id.Juge, Relais: sceau.Bloc{Espace: "urn:test", Local: "chaine"}, Baseline: true}).SOAP(s.Octets, midi)
	if err != nil {
		t.Fatal(err)
	}
	if p.Element() != "Demande" || !bytes.Contains(p.Contenu(), []byte(element)) || p.Empreinte() != s.Empreinte {
		t.Errorf("élément %q, contenu %s", p.Element(), p.Contenu())
	}
	if string(p.Chaine()) != `<chaine xmlns="urn:test"></chaine>` {
		t.Errorf("chaîne %s", p.Chaine())
	}
	if r := p.Rapport(); r.Profil != "WS-Security, XAdES B" || len(r.References) != 3 {
		t.Errorf("rapport %+v", r)
	}
}

func TestRefus(t *testing.T) {
	id := sceautest.New(t, "1990000127", midi)
	autre := sceautest.New(t, "1990000341", midi)
	rest, _ := id.Cachet.REST([]byte(objet), nil, midi)
	soap, _ := id.Cachet.SOAP([]byte(element), nil, midi)
	etranger, _ := autre.Cachet.REST([]byte(objet), nil, midi)
	var refus *certificat.Refus
	estRefus := func(err error) bool { return errors.As(err, &refus) }
	estForme := func(err error) bool { return errors.Is(err, sceau.ErrForme) }
	for _, c := range []struct {
		nom   string
		face  sceau.Face
		brut  string
		a     time.Time
		genre func(error) bool
	}{
		{"REST altéré", sceau.REST, strings.Replace(string(rest.Octets), `"n":1`, `"n":2`, 1), midi, sceau.EstSceau},
		{"SOAP altéré", sceau.SOAP, strings.Replace(string(soap.Octets), `IDB`, `CLC`, 1), midi, sceau.EstSceau},
		{"SOAP sans sceau", sceau.SOAP, `<soap:Envelope xmlns:soap="` + sceau.EspaceSOAP + `"><soap:Body>` + element + `</soap:Body></soap:Envelope>`, midi, sceau.EstSceau},
		{"autorité inconnue", sceau.REST, string(etranger.Octets), midi, estRefus},
		{"certificat expiré", sceau.REST, string(rest.Octets), midi.Add(30 * time.Hour), estRefus},
		{"horodatage WS-Security expiré", sceau.SOAP, string(soap.Octets), midi.Add(time.Hour), func(err error) bool { return errors.Is(err, sceau.ErrPerime) }},
		{"pas du JSON", sceau.REST, `bonjour`, midi, estForme},
		{"pas du XML", sceau.SOAP, `bonjour`, midi, estForme},
		{"membre inconnu", sceau.REST, `{"message":{},"scellement":"a","x":1}`, midi, estForme},
		{"membre en double", sceau.REST, `{"message":{},"message":{},"scellement":"a"}`, midi, estForme},
		{"sans sceau", sceau.REST, `{"message":{}}`, midi, estForme},
		{"suite après la fin", sceau.REST, string(rest.Octets) + `{}`, midi, estForme},
	} {
		o := sceau.Ouvreur{Juge: id.Juge}
		ouvrir := o.REST
		if c.face == sceau.SOAP {
			ouvrir = o.SOAP
		}
		if _, err := ouvrir([]byte(c.brut), c.a); err == nil || !c.genre(err) {
			t.Errorf("%s : %v", c.nom, err)
		}
	}
}

// Go always allows the zero value: reading the message of an empty Opened panics.
func TestOpenedVide(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("un message jamais ouvert a été lu")
		}
	}()
	var o sceau.Opened[message]
	o.Message()
}
