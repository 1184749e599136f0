package pupitre

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/trame"
)

// contenu is where a message is read from: what was sealed, or the raw bytes
// when the seal is refused.
type contenu struct {
	json []byte
	xml  func(f func(*xmlflux.Lecteur) error, chemin ...string) error // from the SOAP Body down
	nom  string                                                       // element in the Body
}

// scelle is the content of a piece: its signed bytes only.
func scelle(p *sceau.Piece) contenu {
	if p.Face() == sceau.SOAP {
		return contenu{xml: p.XML, nom: p.Element()}
	}
	return contenu{json: p.Contenu()}
}

// brut is the content of a message whose seal is refused: to be looked at, and
// believed by nobody.
func brut(face sceau.Face, b []byte) contenu {
	if face == sceau.SOAP {
		lire := func(f func(*xmlflux.Lecteur) error, chemin ...string) error { return lireBrut(b, f, chemin...) }
		c := contenu{xml: lire}
		_ = lire(func(l *xmlflux.Lecteur) error { c.nom = string(l.Local()); return nil }, "")
		return c
	}
	var m struct {
		Message json.RawMessage `json:"message"`
	}
	if json.Unmarshal(b, &m) != nil {
		return contenu{}
	}
	return contenu{json: m.Message}
}

var errForme = errors.New("ce n'est pas un message de l'échange")

func lireBrut(b []byte, f func(*xmlflux.Lecteur) error, chemin ...string) error {
	var l xmlflux.Lecteur
	l.Reset(b, xmlflux.Limites{Octets: len(b) + 1})
	if g, err := l.Suivant(); err != nil || g != xmlflux.Debut {
		return errForme
	}
	for _, nom := range append([]string{"Body"}, chemin...) {
		if err := descendre(&l, nom); err != nil {
			return err
		}
	}
	return f(&l)
}

// descendre moves to the first child of that name, any when nom is "".
func descendre(l *xmlflux.Lecteur, nom string) error {
	for {
		g, err := l.Suivant()
		switch {
		case err != nil:
			return err
		case g == xmlflux.Debut && (nom == "" || string(l.Local()) == nom):
			return nil
		case g == xmlflux.Debut:
			if err := l.Sauter(); err != nil {
				return err
			}
		case g != xmlflux.Texte:
			return errForme
		}
	}
}

// Lecteur reads the messages of one kind.
type Lecteur struct {
	service roc.Service
	sens    roc.Sens
	nom     string // of the element
	lire    func(c contenu, cles roc.Dechiffreur) (porteur, error)
}

// LecteursDe reads the questions and the answers of a service.
func LecteursDe[Q, R any](e *roc.Echange[Q, R]) []Lecteur {
	return []Lecteur{
		{e.Service, roc.Question, e.NomDemande, lire(e.NomDemande, e.Demande, e.CorpsDemande)},
		{e.Service, roc.Reponse, e.NomReponse, lire(e.NomReponse, e.Reponse, e.CorpsReponse)},
	}
}

// lecteurs lists the messages of the profile. ref: ROC §4
func lecteurs() (l []Lecteur) {
	l = append(l, LecteursDe(roc.EchangeAnnuaire)...)
	l = append(l, LecteursDe(roc.EchangeIDB)...)
	l = append(l, LecteursDe(roc.EchangeSIM)...)
	l = append(l, LecteursDe(roc.EchangeCLC)...)
	l = append(l, LecteursDe(roc.EchangeDEL)...)
	l = append(l, LecteursDe(roc.EchangeEngagement)...)
	return append(l, LecteursDe(roc.EchangeEtat)...)
}

func lire[C any](nom string, plan *trame.Plan[roc.Message[C]], corps *trame.Plan[C], chemin ...string) func(contenu, roc.Dechiffreur) (porteur, error) {
	if len(chemin) == 0 {
		chemin = []string{nom}
	}
	return func(c contenu, cles roc.Dechiffreur) (porteur, error) {
		m := new(roc.Message[C])
		var err error
		if c.xml != nil {
			err = c.xml(func(l *xmlflux.Lecteur) error { return plan.LireXML(l, nom, m) }, chemin...)
		} else {
			err = plan.DecodeJSON(c.json, m)
		}
		if err != nil {
			return nil, err
		}
		if m.Corps == nil && corps != nil && cles != nil {
			if clair, e := cles.Corps(m.CorpsChiffre, &m.Enveloppe); e == nil {
				if v := new(C); corps.DecodeJSON(clair, v) == nil {
					m.Corps = v
				}
			}
		}
		return lu[C]{m, plan, nom}, nil
	}
}

// planRoutage reads the envelope of any message and leaves its body alone.
var planRoutage = trame.Pour[roc.Message[trame.Opaque]](roc.Espace)

// decoder reads a message of any service, in either direction, or a refusal.
func decoder(c contenu, cles roc.Dechiffreur, autres []Lecteur) (porteur, error) {
	if c.json == nil && c.xml == nil {
		return nil, errForme
	}
	if p := decoderRefus(c); p != nil {
		return p, nil
	}
	var service roc.Service
	var sens roc.Sens
	if c.xml == nil {
		m := new(roc.Message[trame.Opaque])
		if err := planRoutage.DecodeJSON(c.json, m); err != nil {
			return nil, err
		}
		service, sens = m.Enveloppe.Service, m.Enveloppe.Sens
	}
	for _, l := range append(lecteurs(), autres...) {
		if c.nom == l.nom && c.nom != "" || c.xml == nil && l.service == service && l.sens == sens {
			return l.lire(c, cles)
		}
	}
	return nil, fmt.Errorf("%w : %s", errForme, c.nom)
}

// decoderRefus reads a technical or security refusal, nil when it is not one.
func decoderRefus(c contenu) porteur {
	chemin := []string{roc.NomRefus}
	switch {
	case c.nom == "Fault":
		chemin = []string{"Fault", "Detail", roc.NomRefus}
	case c.xml != nil:
		return nil
	}
	p, err := lire(roc.NomRefus, roc.PlanRefus, nil, chemin...)(c, nil)
	if err != nil {
		return nil
	}
	if r, ok := p.corps().(roc.CorpsReponse); !ok || !r.LeRetour().CodeRetour.Technique() {
		return nil
	}
	return p
}
