package visiodroits

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
)

// Visite is shown what a message holds, in JSON or XML, whatever its schema: it is how one
// tells why a body is refused, and never how it is read.
type Visite struct {
	Membre func(nom string) error // a member, an element, an attribute: its name
	Valeur func(s string) error   // a text or a number
}

// commentaire is the name under which a comment is shown: it is a free text.
const commentaire = "commentaire"

// Parcourir shows a body to a visit, until an error, which it returns. What cannot be read at
// all ends the visit without an error.
func (v Visite) Parcourir(corps []byte) error { return v.parcourir(corps, true) }

// ParcourirMessage is Parcourir for a whole message, or for the Body that holds it: names are
// shown wherever they are; values, inside of the body (corps) only, for those of the envelope
// name parties.
func (v Visite) ParcourirMessage(contenu []byte) error { return v.parcourir(contenu, false) }

func (v Visite) parcourir(b []byte, dedans bool) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '<' {
		return v.xml(b, dedans)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var x any
	if d.Decode(&x) != nil {
		return nil
	}
	return v.json(x, dedans)
}

func (v Visite) json(x any, dedans bool) error {
	switch x := x.(type) {
	case map[string]any:
		for nom, y := range x {
			if err := v.Membre(nom); err != nil {
				return err
			}
			if err := v.json(y, dedans || nom == nomCorps); err != nil {
				return err
			}
		}
	case []any:
		for _, y := range x {
			if err := v.json(y, dedans); err != nil {
				return err
			}
		}
	case string:
		return v.valeur(x, dedans)
	case json.Number:
		return v.valeur(x.String(), dedans)
	}
	return nil
}

const nomCorps = "corps"

func (v Visite) valeur(s string, dedans bool) error {
	if !dedans {
		return nil
	}
	return v.Valeur(s)
}

func (v Visite) xml(b []byte, dedans bool) error {
	d := xml.NewDecoder(bytes.NewReader(b))
	profondeur, corps := 0, 0 // corps: where the body begins, 0 outside of it
	if dedans {
		corps = 1
	}
	for {
		t, err := d.Token()
		if err != nil {
			return nil
		}
		switch x := t.(type) {
		case xml.StartElement:
			if profondeur++; corps == 0 && x.Name.Local == nomCorps {
				corps = profondeur
			}
			err = v.element(x, corps > 0)
		case xml.EndElement:
			if profondeur--; !dedans && profondeur < corps {
				corps = 0
			}
		case xml.CharData:
			err = v.valeur(strings.TrimSpace(string(x)), corps > 0)
		case xml.Comment:
			err = v.Membre(commentaire)
		}
		if err != nil {
			return err
		}
	}
}

func (v Visite) element(x xml.StartElement, dedans bool) error {
	if err := v.Membre(x.Name.Local); err != nil {
		return err
	}
	for _, a := range x.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		if err := v.Membre(a.Name.Local); err != nil {
			return err
		}
		if err := v.valeur(a.Value, dedans); err != nil {
			return err
		}
	}
	return nil
}
