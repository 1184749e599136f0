package roc

import (
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/trame"
)

// BlocChaine is the SOAP header that lists the relays crossed.
var BlocChaine = sceau.Bloc{Espace: Espace, Local: NomChaine}

// NomChaine is the element and the member that list the relays crossed.
const NomChaine = "chaine"

// PlanChaine writes and reads the list of the relays crossed.
var PlanChaine = trame.Pour[Chaine](Espace)

// LireChaine reads the relays that a message says it crossed. They are outside
// the seal: only TLS says who the last one is.
func LireChaine(p *sceau.Piece) (Chaine, error) {
	var c Chaine
	b := p.Chaine()
	if b == nil {
		return c, nil
	}
	if p.Face() == sceau.REST {
		return c, PlanChaine.DecodeJSON(b, &c)
	}
	return c, PlanChaine.DecodeXML(b, NomChaine, &c)
}
