package officine

import (
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// Evenement is what makes an invoice change its state.
type Evenement string

// The events.
const (
	Accepter Evenement = "ACCEPTER"
	Refuser  Evenement = "REFUSER"
	Attendre Evenement = "ATTENDRE" // the third party does not answer
	Ordonner Evenement = "ORDONNER" // a transfer is ordered
	Payer    Evenement = "PAYER"
	Rendre   Evenement = "RENDRE" // the bank gave the transfer back
)

// automate is the whole life of an invoice: what is not here does not happen. Nothing
// leads from an accepted invoice to a refused one. ref: VISIO §13
var automate = []struct {
	avant     droits.EtatFacture
	evenement Evenement
	apres     droits.EtatFacture
}{
	{droits.FactureRecue, Accepter, droits.FactureAcceptee},
	{droits.FactureRecue, Refuser, droits.FactureRefusee},
	{droits.FactureRecue, Attendre, droits.FactureEnAttente},
	{droits.FactureEnAttente, Accepter, droits.FactureAcceptee},
	{droits.FactureEnAttente, Refuser, droits.FactureRefusee},
	{droits.FactureAcceptee, Ordonner, droits.FactureOrdonnee},
	{droits.FactureAcceptee, Payer, droits.FacturePayee}, // nothing is due
	{droits.FactureOrdonnee, Payer, droits.FacturePayee},
	{droits.FactureOrdonnee, Rendre, droits.FactureAcceptee},
	{droits.FacturePayee, Rendre, droits.FactureAcceptee}, // the transfer came back afterwards
}

// suivant is where an event leads from a state.
func suivant(avant droits.EtatFacture, e Evenement) (droits.EtatFacture, error) {
	for _, t := range automate {
		if t.avant == avant && t.evenement == e {
			return t.apres, nil
		}
	}
	return "", fmt.Errorf("officine: %s n'est pas possible dans l'état %s", e, avant)
}

// Dessin is the table as a Mermaid state diagram.
func Dessin() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> RECUE\n")
	for _, t := range automate {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.avant, t.apres, t.evenement)
	}
	return b.String()
}
