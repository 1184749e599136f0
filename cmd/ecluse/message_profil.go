package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/trame"
)

// message is a message of the profile, read whole.
type message struct {
	xml       bool // as it was read
	enveloppe *roc.Enveloppe
	ecrire    func(xml bool) []byte
}

// genreDeMessages reads the messages of a service, on both faces.
type genreDeMessages struct {
	service          roc.Service
	demande, reponse string // their elements
	lire             func(b []byte, nom string, reponse bool) (message, error)
}

// genresDeMessages are those of the profile.
func genresDeMessages() []genreDeMessages {
	return []genreDeMessages{
		messagesDe(roc.EchangeAnnuaire), messagesDe(roc.EchangeIDB), messagesDe(roc.EchangeSIM), messagesDe(roc.EchangeCLC), messagesDe(roc.EchangeDEL),
		messagesDe(roc.EchangeEngagement), messagesDe(roc.EchangeDRE), messagesDe(roc.EchangeRET), messagesDe(roc.EchangeEtat),
	}
}

func messagesDe[Q, R any](e *roc.Echange[Q, R]) genreDeMessages {
	return genreDeMessages{e.Service, e.NomDemande, e.NomReponse, func(b []byte, nom string, reponse bool) (message, error) {
		if reponse {
			return relire(e.Reponse, b, nom, e.NomReponse)
		}
		return relire(e.Demande, b, nom, e.NomDemande)
	}}
}

// relire reads a message, in XML when nom names its element.
func relire[C any](p *trame.Plan[roc.Message[C]], b []byte, nom, element string) (message, error) {
	m := new(roc.Message[C])
	err := error(nil)
	if nom == "" {
		err = p.DecodeJSON(b, m)
	} else {
		err = p.DecodeXML(b, nom, m)
	}
	return message{nom != "", &m.Enveloppe, func(xml bool) []byte {
		if xml {
			return p.AppendXML(nil, element, m)
		}
		return p.AppendJSON(nil, m)
	}}, err
}

// reconnaitre reads a message of the profile from what it says of itself.
func reconnaitre(b []byte) (message, error) {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		return reconnaitreJSON(b)
	}
	nom, err := racineXML(b)
	if err != nil {
		return message{}, err
	}
	if nom == roc.NomRefus {
		return relire(roc.PlanRefus, b, nom, nom)
	}
	for _, m := range genresDeMessages() {
		if nom == m.demande || nom == m.reponse {
			return m.lire(b, nom, nom == m.reponse)
		}
	}
	return message{}, fmt.Errorf("élément « %.60s » inconnu", nom)
}

func reconnaitreJSON(b []byte) (message, error) {
	var x struct {
		Enveloppe *struct {
			Service roc.Service `json:"service"`
			Sens    roc.Sens    `json:"sens"`
		} `json:"enveloppe"`
		Message json.RawMessage `json:"message"`
	}
	err := json.Unmarshal(b, &x)
	var genre *json.UnmarshalTypeError
	switch {
	case err != nil && !errors.As(err, &genre):
		return message{}, errors.New("JSON illisible")
	case x.Message != nil:
		return message{}, errors.New("il est déjà scellé")
	case x.Enveloppe == nil:
		return message{}, errors.New("membre « enveloppe » attendu")
	}
	for _, m := range genresDeMessages() {
		if m.service != x.Enveloppe.Service {
			continue
		}
		lu, err := m.lire(b, "", x.Enveloppe.Sens == roc.Reponse)
		if err != nil && x.Enveloppe.Sens == roc.Reponse {
			if refus, autre := relire(roc.PlanRefus, b, "", roc.NomRefus); autre == nil {
				return refus, nil
			}
		}
		return lu, err
	}
	var codes []string
	for _, m := range genresDeMessages() {
		codes = append(codes, string(m.service))
	}
	return message{}, fmt.Errorf("enveloppe.service : %s attendu", strings.Join(codes, ", "))
}

// racineXML is the local name of the root element.
func racineXML(b []byte) (string, error) {
	d := xml.NewDecoder(io.LimitReader(bytes.NewReader(b), 64<<10))
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", errors.New("XML illisible")
		}
		if e, ok := t.(xml.StartElement); ok {
			return e.Name.Local, nil
		}
	}
}
