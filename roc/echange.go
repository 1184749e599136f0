package roc

import "github.com/ecluse-sante/ecluse/trame"

// Echange ties a service to its two messages: the names of their elements and
// the plans that write and read them on both faces.
type Echange[Q, R any] struct {
	Norme      *Norme
	Service    Service
	NomDemande string
	NomReponse string
	Demande    *trame.Plan[Message[Q]]
	Reponse    *trame.Plan[Message[R]]
	// CorpsDemande and CorpsReponse write and read a body alone, in JSON on both
	// faces, when it is encrypted. hyp: CORPS-CHIFFRE-JSON
	CorpsDemande *trame.Plan[Q]
	CorpsReponse *trame.Plan[R]
}

// NouvelEchange ties a service of a profile to its messages; nom ends the names of
// their elements.
func NouvelEchange[Q, R any](n *Norme, s Service, nom string) *Echange[Q, R] {
	return &Echange[Q, R]{
		Norme: n, Service: s, NomDemande: "Demande" + nom, NomReponse: "Reponse" + nom,
		Demande: trame.Pour[Message[Q]](n.Espace), Reponse: trame.Pour[Message[R]](n.Espace),
		CorpsDemande: trame.Pour[Q](n.Espace), CorpsReponse: trame.Pour[R](n.Espace),
	}
}

func echange[Q, R any](s Service, nom string) *Echange[Q, R] { return NouvelEchange[Q, R](ROC, s, nom) }

// The exchanges of the profile, in the order of the reference. ref: ROC §4
var (
	EchangeAnnuaire   = echange[DemandeAnnuaire, ReponseAnnuaire](ANN, "Annuaire")
	EchangeIDB        = echange[DemandeIDB, ReponseIDB](IDB, "IDB")
	EchangeSIM        = echange[DemandeCalcul, ReponseCalcul](SIM, "SIM")
	EchangeCLC        = echange[DemandeCalcul, ReponseCalcul](CLC, "CLC")
	EchangeDEL        = echange[DemandeDEL, ReponseDEL](DEL, "DEL")
	EchangeEngagement = echange[DemandeEngagement, ReponseEngagement](ENG, "Engagement")
	EchangeDRE        = echange[DemandeDRE, ReponseDRE](DRE, "DRE")
	EchangeRET        = echange[DemandeRET, ReponseRET](RET, "Retour")
	EchangeEtat       = echange[DemandeEtat, ReponseEtat](ETAT, "Etat")
)

// PlanRefus writes and reads technical and security refusals.
var PlanRefus = trame.Pour[Message[CorpsRefus]](Espace)

// NomRefus is the element of a refusal.
const NomRefus = "Refus"

// Chemin is the path of a service of the hospitals on the REST face. ref: DEC 6
func (s Service) Chemin() string { return ROC.Chemin(s) }

// CheminSOAP is the path of the SOAP face; "?wsdl" publishes its description.
const CheminSOAP = "/v1/roc/soap"
