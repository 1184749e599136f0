package pupitre

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// Sceller seals the pasted message of a trial with a test cachet, in the face
// asked: its instant becomes now, the rest stays as it was written.
func (e *Essai) Sceller(c *sceau.Cachet, maintenant time.Time) (sceau.Scelle, error) {
	p, err := decoder(aSceller(e.Brut), nil, nil)
	if err != nil {
		return sceau.Scelle{}, fmt.Errorf("message à sceller: %w", err)
	}
	p.enveloppe().Horodatage = maintenant
	if e.Face == sceau.SOAP {
		return c.SOAP(p.ecrire(sceau.SOAP), nil, maintenant)
	}
	return c.REST(p.ecrire(sceau.REST), nil, maintenant)
}

// aSceller is where a message is read from: a JSON object, alone or in its
// member « message », an XML element, alone or in a SOAP envelope.
func aSceller(b []byte) contenu {
	b = bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
	if FaceDe(b) == sceau.REST {
		var m map[string]json.RawMessage
		if json.Unmarshal(b, &m) == nil && m["message"] != nil {
			return brut(sceau.REST, b)
		}
		return contenu{json: b}
	}
	if c := brut(sceau.SOAP, b); c.nom != "" {
		return c
	}
	c := contenu{xml: func(f func(*xmlflux.Lecteur) error, _ ...string) error {
		var l xmlflux.Lecteur
		l.Reset(b, xmlflux.Limites{})
		if g, err := l.Suivant(); err != nil || g != xmlflux.Debut {
			return errForme
		}
		return f(&l)
	}}
	_ = c.xml(func(l *xmlflux.Lecteur) error { c.nom = string(l.Local()); return nil })
	return c
}

// Modele writes the message again, as a pasted message to start from: with new
// identifiers, so that it is another question. It is "" when the message could
// not be read.
func (v *Vu) Modele() string {
	if v == nil || v.message == nil {
		return ""
	}
	var b bytes.Buffer
	if json.Indent(&b, v.message.neuf(), "", "  ") != nil {
		return ""
	}
	return strings.TrimSpace(b.String())
}
