package liquidation

import (
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/roc"
)

// Etat is where an invoice stands in the insurer's books.
type Etat string

// The states.
const (
	Recue        Etat = "RECU"
	Acceptee     Etat = "CONTROLE_OK"
	Refusee      Etat = "CONTROLE_KO"
	Liquidee     Etat = "LIQUIDE"
	PayeePartie  Etat = "PAYE_EN_PARTIE"
	Payee        Etat = "PAYE"
	Rejetee      Etat = "REJETE"
	AnnuleeParES Etat = "ANNULEE"
)

var etats = []Etat{Recue, Acceptee, Refusee, Liquidee, PayeePartie, Payee, Rejetee, AnnuleeParES}

// libelle is the state as a sentence says it.
func (e Etat) libelle() string {
	switch e {
	case PayeePartie:
		return "payée en partie"
	case Payee:
		return "payée"
	case Rejetee, Refusee:
		return "rejetée"
	case AnnuleeParES:
		return "annulée"
	case Liquidee:
		return "liquidée"
	}
	return "reçue"
}

// Codes is the closed list of states, in the order of an invoice.
func (Etat) Codes() []string {
	l := make([]string, len(etats))
	for i, e := range etats {
		l[i] = string(e)
	}
	return l
}

// Notification is the state as the exchange says it. ref: ROC §17.6
func (e Etat) Notification() roc.EtatFacture {
	switch e {
	case PayeePartie:
		return roc.FactureLiquidee
	case AnnuleeParES:
		return roc.FactureRejetee
	}
	return roc.EtatFacture(e)
}

// Evenement is what makes an invoice change its state.
type Evenement string

// The events.
const (
	Accepter      Evenement = "ACCEPTER"
	Refuser       Evenement = "REFUSER"
	Liquider      Evenement = "LIQUIDER"
	PayerEnPartie Evenement = "PAYER_EN_PARTIE"
	Payer         Evenement = "PAYER"
	Rejeter       Evenement = "REJETER"
	Annuler       Evenement = "ANNULER"
)

type transition struct {
	avant     Etat
	evenement Evenement
	apres     Etat
}

// automate is the whole life of an invoice at the insurer's: what is not here does
// not happen. ref: ROC §17.6, DEC 26 // hyp: AUTOMATE-LIQUIDATION
var automate = []transition{
	{Recue, Accepter, Acceptee},
	{Recue, Refuser, Refusee},
	{Refusee, Rejeter, Rejetee}, // the return that tells it
	{Acceptee, Liquider, Liquidee},
	{Acceptee, Rejeter, Rejetee}, // by a person: bank data, missing papers
	{Liquidee, Rejeter, Rejetee},
	{Liquidee, PayerEnPartie, PayeePartie},
	{PayeePartie, PayerEnPartie, PayeePartie},
	{Liquidee, Payer, Payee},
	{PayeePartie, Payer, Payee},
	{Recue, Annuler, AnnuleeParES},
	{Acceptee, Annuler, AnnuleeParES},
	{Liquidee, Annuler, AnnuleeParES},
}

// suivant is where an event leads from a state.
func suivant(avant Etat, e Evenement) (Etat, error) {
	for _, t := range automate {
		if t.avant == avant && t.evenement == e {
			return t.apres, nil
		}
	}
	return "", fmt.Errorf("liquidation: %s n'est pas possible dans l'état %s", e, avant)
}

// Dessin is the table as a Mermaid state diagram.
func Dessin() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> RECU\n")
	for _, t := range automate {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.avant, t.apres, t.evenement)
	}
	return b.String()
}

// Suite puts the moves of an invoice in the order in which they follow each other:
// several may be made at one instant.
func Suite(l []Moment) []Moment {
	etat := Recue
	for i := range l {
		for k := i; k < len(l); k++ {
			if l[k].Avant == etat {
				l[i], l[k] = l[k], l[i]
				break
			}
		}
		etat = l[i].Apres
	}
	return l
}
