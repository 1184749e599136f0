package visiodroits

import "time"

// Situation is why a service cannot be asked now. The zero value is "not said".
type Situation uint8

// The situations. Only the first one is that the insurer does not open the
// service: every other says something of the lists, of the card or of the hour.
const (
	NonOuverte      Situation = iota + 1 // the insurer said that it does not open the service
	SansListe                            // no list yet
	ListePerimee                         // one of the lists is not fresh
	ListeIncomplete                      // an issuer has published more than could be taken
	AMCInconnue                          // no list names the insurer
	ServiceNonDit                        // the insurer is named, the service is not spoken of
	AutreConvention                      // the insurer opens the service, for other cards
	RoutageAmbigu                        // two entries of equal rank
	AutreVersion                         // the service speaks a profile that the workstation does not
	HorsHoraires                         // closed at this hour
	ServiceArrete                        // its operator says that it is stopped
)

// situations pins the code of each. Degraded mode is safe in all but the first:
// what it reuses is an accreditation that the insurer signed. // hyp: VISIO-SILENCE-201
var situations = [...]struct {
	code           Code
	phrase, aFaire string
}{
	NonOuverte:      {ServiceNonOuvert, "cette AMC a fait savoir qu'elle n'ouvre pas ce service", "Facturer d'après la carte papier."},
	SansListe:       {ServiceIndisponible, "le poste n'a pas encore de liste des services", "Rétablir la connexion pour que le poste reçoive les listes, puis demander de nouveau."},
	ListePerimee:    {ServiceIndisponible, "les listes du poste ne sont pas à jour : elles ne permettent pas de dire que l'AMC n'ouvre pas ce service", "Mettre à jour les listes du poste, puis demander de nouveau."},
	ListeIncomplete: {ServiceIndisponible, "une liste plus récente existe, que le poste n'a pas pu prendre", "Mettre à jour les listes du poste, puis demander de nouveau ; si le défaut dure, prévenir l'éditeur du logiciel."},
	AMCInconnue:     {ServiceIndisponible, "aucune liste ne nomme cette AMC : cela ne veut pas dire qu'elle n'ouvre pas ce service", "Vérifier le numéro d'AMC sur la carte ; s'il est bon, prévenir l'éditeur du logiciel."},
	ServiceNonDit:   {ServiceIndisponible, "les listes ne disent rien de ce service pour cette AMC : cela ne veut pas dire qu'elle ne l'ouvre pas", "Demander de nouveau plus tard ; si cela dure, prévenir l'éditeur du logiciel."},
	AutreConvention: {ServiceIndisponible, "cette AMC ouvre ce service, mais pour d'autres conventions ou d'autres critères de routage que ceux de la carte", "Vérifier le type de convention et le CSR sur la carte."},
	RoutageAmbigu:   {ServiceIndisponible, "deux entrées de même rang répondent à cette carte", "Prévenir l'éditeur du logiciel : les émetteurs des listes doivent les accorder."},
	AutreVersion:    {ServiceIndisponible, "ce service parle une version que le logiciel ne connaît pas", "Mettre à jour le logiciel."},
	HorsHoraires:    {ServiceIndisponible, "ce service est fermé à cette heure", "Passer en mode dégradé, et demander de nouveau à l'ouverture."},
	ServiceArrete:   {ServiceIndisponible, "ce service est annoncé fermé", "Passer en mode dégradé, et demander de nouveau à la réouverture."},
}

// Code is the return code of the situation: 200 for the first, 201 for all others.
// ref: VISIO §14 (rule)
func (s Situation) Code() Code {
	if int(s) < len(situations) {
		return situations[s].code
	}
	return ""
}

// String is the situation in French.
func (s Situation) String() string {
	if int(s) < len(situations) {
		return situations[s].phrase
	}
	return ""
}

// NonTrouve says why a service cannot be asked now.
type NonTrouve struct {
	Situation Situation
	Precision string // French; "" when the situation says it all
	// Service is what the lists say of it all the same, when closed at this hour or
	// stopped: its X for the degraded mode, and its address, since the degraded mode
	// asks for the evidence of an attempt.
	Service *ServiceTrouve
	// Reprise is when it opens again, if known.
	Reprise time.Time
}

// Code is the return code.
func (n *NonTrouve) Code() Code { return n.Situation.Code() }

// AFaire is what to do now, in one French sentence.
func (n *NonTrouve) AFaire() string {
	if int(n.Situation) < len(situations) {
		return situations[n.Situation].aFaire
	}
	return ""
}

// Error is the French sentence shown to people.
func (n *NonTrouve) Error() string {
	s := string(n.Code()) + " " + n.Situation.String()
	if n.Precision != "" {
		s += " : " + n.Precision
	}
	return s
}
