package gate

import (
	"encoding/json"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// pressentir chooses who seals the refusal of a message that could not be opened:
// the party that it says it is for, when that party is here, so that its emitter
// knows the seal. Nothing else is decided from bytes that nobody verified.
// ref: DEC 2, 11
func (t *transit) pressentir() {
	p := t.portail
	if t.env != nil || t.porte != p.Defaut || len(t.arrivee.Brut) == 0 {
		return
	}
	p.mu.RLock()
	seule := len(p.portes) < 2
	p.mu.RUnlock()
	if seule {
		return
	}
	d := destinataireJSON
	if t.arrivee.Face == sceau.SOAP {
		d = destinataireXML
	}
	if porte := p.porte(d(t.arrivee.Brut)); porte != nil {
		t.porte = porte
	}
}

// destinataireJSON reads whom a message says it is for, or the zero value.
func destinataireJSON(brut []byte) roc.Partie {
	var m struct {
		Message struct {
			Enveloppe struct {
				Destinataire struct{ Type, ID string }
			}
		}
	}
	if json.Unmarshal(brut, &m) != nil {
		return roc.Partie{}
	}
	d := m.Message.Enveloppe.Destinataire
	return roc.Partie{Type: roc.TypePartie(d.Type), ID: d.ID}
}

// destinataireXML reads the same from a SOAP envelope: the type and the id of
// Envelope/Body/*/enveloppe/destinataire.
func destinataireXML(brut []byte) (d roc.Partie) {
	var l xmlflux.Lecteur
	l.Reset(brut, xmlflux.Limites{Octets: len(brut) + 1})
	chemin := [...]string{"Envelope", "Body", "", "enveloppe", "destinataire"}
	for {
		g, err := l.Suivant()
		if err != nil || g == xmlflux.Termine {
			return roc.Partie{}
		}
		if g != xmlflux.Debut {
			continue
		}
		n := l.Profondeur()
		switch nom := string(l.Local()); {
		case n <= len(chemin) && (chemin[n-1] == "" || chemin[n-1] == nom):
			continue
		case n == len(chemin)+1 && nom == "type":
			d.Type = roc.TypePartie(texte(&l))
		case n == len(chemin)+1 && nom == "id":
			d.ID = texte(&l)
			return d // type comes first in the schema
		case l.Sauter() != nil:
			return roc.Partie{}
		}
	}
}

// texte is the text of the element just begun.
func texte(l *xmlflux.Lecteur) string {
	if g, err := l.Suivant(); err != nil || g != xmlflux.Texte {
		return ""
	}
	return string(l.Texte())
}
