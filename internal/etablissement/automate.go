package etablissement

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Etat is the state of a coverage of a visit, one for each rank of insurer.
// The codes are those of the reference. ref: ROC §3.3
type Etat string

// The states. Expiree and FactureAnnulee are added by DEC 26.
const (
	Nouvelle           Etat = "NEW"
	DroitsDemandes     Etat = "RIGHTS_ASKED"
	DroitsAccordes     Etat = "RIGHTS_OK"
	DroitsRefuses      Etat = "RIGHTS_KO"
	Simulee            Etat = "SIMULATED"
	CalculDemande      Etat = "CALC_ASKED"
	Engagee            Etat = "ENGAGED"
	CalculRefuse       Etat = "CALC_KO"
	AnnulationDemandee Etat = "CANCEL_ASKED"
	Annulee            Etat = "CANCELLED"
	Expiree            Etat = "EXPIRED"
	Facturee           Etat = "INVOICED"
	Accusee            Etat = "ACK"
	Payee              Etat = "PAID"
	PayeePartiellement Etat = "PARTIAL"
	Rejetee            Etat = "REJECTED"
	Corrigee           Etat = "CORRECTED"
	FactureAnnulee     Etat = "ANNULEE"
	Close              Etat = "CLOSED"

	// The transitional phase: no rights are asked, nobody is bound. ref: DEC 28
	ConventionRetenue Etat = "CONVENTION"
	SansEngagement    Etat = "UNSECURED"
)

var libellesEtat = []struct {
	etat    Etat
	libelle string
}{
	{Nouvelle, "Nouvelle"},
	{DroitsDemandes, "Droits demandés"},
	{DroitsAccordes, "Droits ouverts"},
	{DroitsRefuses, "Droits refusés"},
	{Simulee, "Simulée"},
	{CalculDemande, "Calcul demandé"},
	{Engagee, "Garantie obtenue"},
	{CalculRefuse, "Calcul refusé"},
	{AnnulationDemandee, "Annulation demandée"},
	{Annulee, "Garantie annulée"},
	{Expiree, "Garantie expirée"},
	{Facturee, "Facturée"},
	{Accusee, "Facture reçue par l'AMC"},
	{Payee, "Payée"},
	{PayeePartiellement, "Payée en partie"},
	{Rejetee, "Facture rejetée"},
	{Corrigee, "Facture corrigée"},
	{FactureAnnulee, "Facture annulée"},
	{Close, "Close"},
	{ConventionRetenue, "Par convention, sans garantie : à calculer"},
	{SansEngagement, "Calculée par convention, sans garantie"},
}

// Codes is the closed list of states, in the order of a visit.
func (Etat) Codes() []string {
	l := make([]string, len(libellesEtat))
	for i, e := range libellesEtat {
		l[i] = string(e.etat)
	}
	return l
}

// Libelle is the French label of the state.
func (e Etat) Libelle() string {
	for _, l := range libellesEtat {
		if l.etat == e {
			return l.libelle
		}
	}
	return ""
}

// EnAttente tells whether an insurer's answer is awaited in this state.
func (e Etat) EnAttente() bool {
	return e == DroitsDemandes || e == CalculDemande || e == AnnulationDemandee
}

// Evenement is what makes a coverage change its state.
type Evenement string

// The events: what the agent asks, what the insurer answers, what time does.
const (
	DemanderDroits     Evenement = "DEMANDER_DROITS"
	AccorderDroits     Evenement = "DROITS_ACCORDES"
	RefuserDroits      Evenement = "DROITS_REFUSES"
	Simuler            Evenement = "SIMULER"
	OublierSimulation  Evenement = "OUBLIER_SIMULATION"
	DemanderCalcul     Evenement = "DEMANDER_CALCUL"
	CalculerIci        Evenement = "CALCULER_LOCALEMENT"
	Engager            Evenement = "ENGAGER"
	RefuserCalcul      Evenement = "REFUSER_CALCUL"
	DemanderAnnulation Evenement = "DEMANDER_ANNULATION"
	Annuler            Evenement = "ANNULER"
	RestaurerGarantie  Evenement = "RESTAURER_GARANTIE"
	Expirer            Evenement = "EXPIRER"
	Facturer           Evenement = "FACTURER"
	Accuser            Evenement = "ACCUSER_RECEPTION"
	Payer              Evenement = "PAYER"
	PayerEnPartie      Evenement = "PAYER_EN_PARTIE"
	Rejeter            Evenement = "REJETER"
	Corriger           Evenement = "CORRIGER"
	AnnulerFacture     Evenement = "ANNULER_FACTURE"
	MaintenirFacture   Evenement = "MAINTENIR_FACTURE"
	Clore              Evenement = "CLORE"

	RecourirConvention   Evenement = "RECOURIR_CONVENTION"
	CalculerSansGarantie Evenement = "CALCULER_SANS_GARANTIE"
	OublierCalcul        Evenement = "OUBLIER_CALCUL"
)

// gestesEvenement names the events that the agent asks for, as after « impossible
// de ». The others are the insurer's, or time's.
var gestesEvenement = map[Evenement]string{
	DemanderDroits: "demander les droits", Simuler: "demander une simulation", OublierSimulation: "faire oublier la simulation",
	DemanderCalcul: "demander le calcul", CalculerIci: "calculer sur place", DemanderAnnulation: "annuler l'engagement",
	RecourirConvention: "recourir à la convention", CalculerSansGarantie: "calculer par convention, sans garantie",
	Facturer: "facturer", Corriger: "corriger la facture", AnnulerFacture: "annuler la facture", Clore: "clore",
}

// Geste is the event as an agent asks for it, in French; "" when it is not his.
func (e Evenement) Geste() string { return gestesEvenement[e] }

// transition is one arrow of the state machine.
type transition struct {
	avant     Etat
	evenement Evenement
	apres     Etat
}

// automate is the whole state machine: what is not here does not happen.
// ref: ROC §3.3, DEC 26 // hyp: AUTOMATE-VENUE
var automate = []transition{
	// Rights are asked, again when they were refused, aged or are in doubt.
	{Nouvelle, DemanderDroits, DroitsDemandes},
	{DroitsDemandes, DemanderDroits, DroitsDemandes},
	{DroitsAccordes, DemanderDroits, DroitsDemandes},
	{DroitsRefuses, DemanderDroits, DroitsDemandes},
	{Simulee, DemanderDroits, DroitsDemandes},
	{CalculRefuse, DemanderDroits, DroitsDemandes},
	{Annulee, DemanderDroits, DroitsDemandes},
	{Expiree, DemanderDroits, DroitsDemandes},
	{DroitsDemandes, AccorderDroits, DroitsAccordes},
	{DroitsDemandes, RefuserDroits, DroitsRefuses},

	// An estimate, as often as wished; it commits nobody.
	{DroitsAccordes, Simuler, Simulee},
	{Simulee, Simuler, Simulee},
	{CalculRefuse, Simuler, Simulee}, // some insurers want an estimate first (C306)
	{Simulee, OublierSimulation, DroitsAccordes},

	// The calculation, on line or here.
	{DroitsAccordes, DemanderCalcul, CalculDemande},
	{Simulee, DemanderCalcul, CalculDemande},
	{CalculRefuse, DemanderCalcul, CalculDemande},
	{Annulee, DemanderCalcul, CalculDemande},
	{Expiree, DemanderCalcul, CalculDemande},
	{CalculDemande, Engager, Engagee},
	{CalculDemande, RefuserCalcul, CalculRefuse},
	{DroitsAccordes, CalculerIci, Engagee},
	{Simulee, CalculerIci, Engagee},
	{Engagee, Expirer, Expiree},

	// The guarantee is given back, until the invoice; after a final rejection
	// or an annulled invoice too. The insurer's word on its state is kept.
	{Engagee, DemanderAnnulation, AnnulationDemandee},
	{CalculRefuse, DemanderAnnulation, AnnulationDemandee},
	{Rejetee, DemanderAnnulation, AnnulationDemandee},
	{FactureAnnulee, DemanderAnnulation, AnnulationDemandee},
	{AnnulationDemandee, DemanderAnnulation, AnnulationDemandee},
	{AnnulationDemandee, Annuler, Annulee},
	{AnnulationDemandee, RestaurerGarantie, Engagee},
	{AnnulationDemandee, Expirer, Expiree},
	{AnnulationDemandee, Facturer, Facturee},
	{AnnulationDemandee, Payer, Payee},

	// The invoice and its returns.
	{Engagee, Facturer, Facturee},
	{Facturee, Accuser, Accusee},
	{Facturee, AnnulerFacture, FactureAnnulee},
	{Accusee, AnnulerFacture, FactureAnnulee},
	{Facturee, Rejeter, Rejetee}, // its batch, or the invoice itself, refused on reception
	{Accusee, Payer, Payee},
	{Accusee, PayerEnPartie, PayeePartiellement},
	{Accusee, Rejeter, Rejetee},
	{Rejetee, Accuser, Accusee},                 // its batch was given up, and had arrived. hyp: LOT-ABANDONNE
	{FactureAnnulee, MaintenirFacture, Accusee}, // the insurer does not let it go. hyp: ANNULATIVE-REFUSEE
	{PayeePartiellement, PayerEnPartie, PayeePartiellement},
	{PayeePartiellement, Payer, Payee},
	{Rejetee, Corriger, Corrigee},
	{Corrigee, Facturer, Facturee},

	// A partner that is not on line: the convention, a calculation that binds
	// nobody, and the invoice. hyp: CONVENTION-AUTOMATE
	{Nouvelle, RecourirConvention, ConventionRetenue},
	{DroitsRefuses, RecourirConvention, ConventionRetenue}, // the Annuaire knew no way
	{ConventionRetenue, RecourirConvention, ConventionRetenue},
	{SansEngagement, RecourirConvention, ConventionRetenue},
	{ConventionRetenue, CalculerSansGarantie, SansEngagement},
	{SansEngagement, CalculerSansGarantie, SansEngagement},
	{SansEngagement, OublierCalcul, ConventionRetenue}, // what it was made from changed
	{SansEngagement, Facturer, Facturee},
	{Rejetee, CalculerSansGarantie, SansEngagement}, // the amounts change: there is nothing to give back
	{FactureAnnulee, CalculerSansGarantie, SansEngagement},
	{ConventionRetenue, DemanderDroits, DroitsDemandes}, // it came on line meanwhile
	{SansEngagement, DemanderDroits, DroitsDemandes},

	// The end.
	{ConventionRetenue, Clore, Close},
	{SansEngagement, Clore, Close},
	{DroitsRefuses, Clore, Close},
	{CalculRefuse, Clore, Close},
	{Annulee, Clore, Close},
	{Expiree, Clore, Close},
	{Payee, Clore, Close},
	{PayeePartiellement, Clore, Close},
	{Rejetee, Clore, Close},
	{Accusee, Clore, Close}, // given up, by a person. hyp: CLOTURE
	{FactureAnnulee, Clore, Close},
}

// ErrTransition: the event is not possible in this state.
var ErrTransition = errors.New("etablissement: étape impossible dans cet état")

// suivant gives the state after an event, or ErrTransition.
func suivant(avant Etat, e Evenement) (Etat, error) {
	for _, t := range automate {
		if t.avant == avant && t.evenement == e {
			return t.apres, nil
		}
	}
	return avant, fmt.Errorf("%w: %s après %s", ErrTransition, e, avant)
}

// Possibles lists the events that the table allows in a state.
func Possibles(avant Etat) []Evenement {
	var l []Evenement
	for _, t := range automate {
		if t.avant == avant && !slices.Contains(l, t.evenement) {
			l = append(l, t.evenement)
		}
	}
	return l
}

// Dessin draws the state machine as a Mermaid diagram, from its table.
func Dessin() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    [*] --> NEW\n")
	for _, l := range libellesEtat {
		fmt.Fprintf(&b, "    %s: %s\n", l.etat, l.libelle)
	}
	for _, t := range automate {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", t.avant, t.apres, t.evenement)
	}
	fmt.Fprintf(&b, "    %s --> [*]\n", Close)
	return b.String()
}
