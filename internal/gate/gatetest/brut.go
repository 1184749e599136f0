package gatetest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

// Brut is the gate of one service, to which messages are sent that no client of ours writes.
type Brut[Q, R any] struct {
	*testing.T
	Echange *roc.Echange[Q, R]
	Juge    sceau.Juge
	HTTP    *http.Client
	Adresse string
	Cachet  *sceau.Cachet // nil sends without a seal
	Message func() *roc.Message[Q]
	Code    func(*R) roc.Code
}

// Membre is put in a message: the object it is under, "" for the root, its name, its value.
type Membre [3]string

// Envoyer sends a message with a member that no schema has, and gives the code of the answer
// and what a refusal says.
func (g *Brut[Q, R]) Envoyer(face sceau.Face, x Membre) (roc.Code, string) {
	g.Helper()
	sous, nom, valeur := x[0], x[1], x[2]
	m, chemin, genre := g.Message(), g.Echange.Norme.Chemin(g.Echange.Service), "application/json"
	var brut []byte
	if face == sceau.SOAP {
		chemin, genre = g.Echange.Norme.CheminSOAP(), "application/soap+xml"
		s, ouvre := string(g.Echange.Demande.AppendXML(nil, g.Echange.NomDemande, m)), "<"+sous+">"
		if sous == "" {
			ouvre = s[:strings.Index(s, ">")+1]
		}
		i := strings.Index(s, ouvre) + len(ouvre)
		brut = []byte(s[:i] + "<" + nom + ">" + valeur + "</" + nom + ">" + s[i:])
	} else {
		var racine map[string]any
		if err := json.Unmarshal(g.Echange.Demande.AppendJSON(nil, m), &racine); err != nil {
			g.Fatal(err)
		}
		o := racine
		if sous != "" && sous != "corps" && sous != "enveloppe" {
			o = racine["corps"].(map[string]any)
		}
		if sous != "" {
			o = o[sous].(map[string]any)
		}
		o[nom] = valeur
		brut, _ = json.Marshal(racine)
	}
	return g.lire(face, g.Poster(face, chemin, genre, brut))
}

// Poster seals the octets of a message, sends them, and gives what comes back.
func (g *Brut[Q, R]) Poster(face sceau.Face, chemin, genre string, brut []byte) []byte {
	g.Helper()
	a := time.Now()
	s := sceau.Envelopper(face, brut, nil)
	var err error
	switch {
	case g.Cachet != nil && face == sceau.SOAP:
		s, err = g.Cachet.SOAP(brut, nil, a)
	case g.Cachet != nil:
		s, err = g.Cachet.REST(brut, nil, a)
	}
	if err != nil {
		g.Fatal(err)
	}
	rep, err := g.HTTP.Post(g.Adresse+chemin, genre, bytes.NewReader(s.Octets))
	if err != nil {
		g.Fatal(err)
	}
	defer rep.Body.Close()
	recu, err := io.ReadAll(rep.Body)
	if err != nil {
		g.Fatal(err)
	}
	return recu
}

func (g *Brut[Q, R]) lire(face sceau.Face, recu []byte) (roc.Code, string) {
	g.Helper()
	o := sceau.Ouvreur{Juge: g.Juge}
	ouvrir := o.REST
	if face == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(recu, time.Now())
	if err != nil {
		g.Fatalf("%v : %s", err, recu)
	}
	r, f := new(roc.Message[R]), new(roc.Message[roc.CorpsRefus])
	if face == sceau.SOAP {
		if p.XML(func(l *xmlflux.Lecteur) error { return g.Echange.Reponse.LireXML(l, g.Echange.NomReponse, r) }, g.Echange.NomReponse) == nil {
			return g.Code(r.Corps), ""
		}
		err = p.XML(func(l *xmlflux.Lecteur) error { return roc.PlanRefus.LireXML(l, roc.NomRefus, f) }, "Fault", "Detail", roc.NomRefus)
	} else {
		if g.Echange.Reponse.DecodeJSON(p.Contenu(), r) == nil {
			return g.Code(r.Corps), ""
		}
		err = roc.PlanRefus.DecodeJSON(p.Contenu(), f)
	}
	if err != nil {
		g.Fatalf("%v : %s", err, recu)
	}
	return f.Corps.CodeRetour, f.Corps.Precision
}

// Enveloppe is that of a question of this service.
func (g *Brut[Q, R]) Enveloppe(de, a roc.Partie) roc.Enveloppe {
	return roc.Enveloppe{NormeVersion: g.Echange.Norme.Profil, Service: g.Echange.Service, Sens: roc.Question, IDMessage: roc.NouvelUUID(), IDEchange: roc.NouvelUUID(),
		IDDossierES: "-", Horodatage: time.Now(), Emetteur: de, Destinataire: a, Environnement: roc.Test}
}

// Interdire tries members on both faces. Outside of the body, nothing tells whom to answer: the
// refusal says the code.
func (g *Brut[Q, R]) Interdire(interdit roc.Code, l map[Membre]bool) {
	g.Helper()
	for _, face := range []sceau.Face{sceau.REST, sceau.SOAP} {
		for x, dit := range l {
			want := roc.Illisible
			if dit && x[0] != "" && x[0] != "enveloppe" {
				want = interdit
			}
			code, precision := g.Envoyer(face, x)
			if code != want || dit && code == roc.Illisible && !strings.HasPrefix(precision, string(interdit)) || !dit && strings.Contains(precision, string(interdit)) {
				g.Errorf("%s %s, %+v : %s %q, attendu %s", g.Echange.Service, face, x, code, precision, want)
			}
			if strings.Contains(precision, x[2]) {
				g.Errorf("%s %s, %+v : le refus redit ce qui est interdit", g.Echange.Service, face, x)
			}
		}
	}
}
