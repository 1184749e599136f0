package roc

// Code is a return or rejection code of the profile. Its first letter is the
// family: T technical, S security, A annuaire, I identification, D droits,
// C engagement, P prestation, F facture. ref: ROC §18
type Code string

// The codes of the profile, in the order of the reference. ref: ROC §18
// hyp: CODES-RETOUR
const (
	Accepte      Code = "000"
	AvecReserve  Code = "010"
	Illisible    Code = "T001"
	Version      Code = "T003"
	Ferme        Code = "T010"
	DelaiInterne Code = "T011"
	MemeID       Code = "T012"
	PanneRelais  Code = "T020"
	Saturation   Code = "T030"
	Interne      Code = "T040"

	AutreIdentifiant Code = "S501"
	SceauInvalide    Code = "S502"
	CertificatRefuse Code = "S503"
	Rejeu            Code = "S504"
	HorsCercle       Code = "S505"
	Quota            Code = "S506"

	AMCInconnue   Code = "A001"
	AucunService  Code = "A002"
	AMCRemplacee  Code = "A003"
	RoutageAmbigu Code = "A004"

	BeneficiaireInconnu Code = "I101"
	PlusieursTrouves    Code = "I102"
	IdentiteDiscordante Code = "I103"
	RangRequis          Code = "I104"

	DroitsFermes      Code = "D201"
	DroitsSuspendus   Code = "D202"
	DroitsFuturs      Code = "D203"
	DomaineNonCouvert Code = "D204"
	TiersPayantRefuse Code = "D205"
	AutreAMCDAbord    Code = "D206"
	CSSParLaCaisse    Code = "D207"

	IDBInconnue         Code = "C301"
	EngagementInconnu   Code = "C302"
	EngagementExpire    Code = "C303"
	EngagementAnnule    Code = "C304"
	EngagementFacture   Code = "C305"
	SimulationRequise   Code = "C306" // ours: the insurer asks for a SIM before the CLC of a stay
	EngagementExistant  Code = "C310"
	TotalFaux           Code = "P401"
	DatesIncoherentes   Code = "P402"
	NuitsFausses        Code = "P403"
	PrestationInconnue  Code = "P410"
	ForfaitEnDouble     Code = "P411"
	TauxIndetermine     Code = "P412"
	TauxIncoherent      Code = "P413"
	FJIncoherent        Code = "P414"
	PASIncoherente      Code = "P415"
	HorsGarantie        Code = "P420"
	PlafondAtteint      Code = "P421"
	NonPrenable         Code = "P422"
	RangIncoherent      Code = "P430"
	MontantDifferent    Code = "F601"
	FactureTardive      Code = "F602"
	FactureEnDouble     Code = "F603"
	AMCNonDebitrice     Code = "F604"
	PiecesManquantes    Code = "F605"
	RecalculDifferent   Code = "F606" // ours: a local calculation that the insurer computes otherwise. ref: DEC 24
	CoordonneesBancaire Code = "F610"
	RejetParFichier     Code = "F690" // ours: a reject of a return file whose reason is of another list. ref: DEC 28
)

// Signification is what a code means and who must act. ref: ROC §18
type Signification struct {
	Code    Code
	Libelle string // French, for the agent
	Reessai string // "" when repeating the message cannot help, else when it can
	Qui     string // who must act; "" when nobody
}

// Significations lists every code, in order. It is published as documentation
// and as an enumeration in the schemas.
func Significations() []Signification { return significations }

var significations = []Signification{
	{Accepte, "Accepté", "", ""},
	{AvecReserve, "Accepté avec réserve : voir le motif de chaque ligne", "", "l'établissement"},
	{Illisible, "Message illisible ou non conforme au schéma", "", "l'éditeur du logiciel de l'établissement"},
	{Version, "Version du profil non prise en charge", "", "l'éditeur du logiciel de l'établissement"},
	{Ferme, "Service fermé", "plus tard", ""},
	{DelaiInterne, "Délai interne dépassé", "tout de suite", ""},
	{MemeID, "Même identifiant de message, contenu différent", "", "l'éditeur du logiciel de l'établissement"},
	{PanneRelais, "Relais en panne ou destinataire injoignable", "tout de suite", "le concentrateur ou l'opérateur"},
	{Saturation, "Service saturé", "après le délai indiqué", ""},
	{Interne, "Erreur interne", "tout de suite", "l'organisme qui répond, avec le numéro de demande"},
	{AutreIdentifiant, "L'identifiant ne correspond pas au certificat", "", "l'établissement"},
	{SceauInvalide, "Sceau invalide", "", "l'établissement"},
	{CertificatRefuse, "Certificat refusé : expiré, révoqué ou impropre à cet usage", "", "l'établissement"},
	{Rejeu, "Message rejoué, ou horloge décalée", "", "l'établissement"},
	{HorsCercle, "Structure hors du cercle de confiance", "", "l'établissement"},
	{Quota, "Quota dépassé", "plus tard", "l'établissement"},
	{AMCInconnue, "AMC inconnue", "", "l'agent : vérifier la carte"},
	{AucunService, "Aucun service ouvert à cette date", "", "l'agent"},
	{AMCRemplacee, "AMC remplacée par une autre", "avec le nouveau numéro", "le logiciel"},
	{RoutageAmbigu, "Routage ambigu", "", "l'association inter-AMC"},
	{BeneficiaireInconnu, "Bénéficiaire inconnu", "", "l'agent"},
	{PlusieursTrouves, "Plusieurs bénéficiaires correspondent", "", "l'agent"},
	{IdentiteDiscordante, "Identité discordante", "", "l'agent"},
	{RangRequis, "Rang de naissance nécessaire", "avec le rang", "l'agent"},
	{DroitsFermes, "Droits fermés à cette date", "", "l'agent"},
	{DroitsSuspendus, "Droits suspendus", "", "l'agent"},
	{DroitsFuturs, "Droits pas encore ouverts", "", "l'agent"},
	{DomaineNonCouvert, "Domaine de prestation non couvert", "", "l'agent"},
	{TiersPayantRefuse, "Tiers payant non accordé dans cet établissement", "", "l'agent"},
	{AutreAMCDAbord, "Une autre AMC vient avant", "", "l'agent"},
	{CSSParLaCaisse, "Complémentaire santé solidaire gérée par la caisse", "", "le logiciel"},
	{IDBInconnue, "Référence d'IDB inconnue ou périmée", "après un IDB", "le logiciel"},
	{EngagementInconnu, "Engagement inconnu", "", "l'établissement"},
	{EngagementExpire, "Engagement expiré", "", "l'établissement : nouveau CLC"},
	{EngagementAnnule, "Engagement annulé", "", "l'établissement"},
	{EngagementFacture, "Engagement déjà facturé", "", "l'établissement"},
	{SimulationRequise, "Cette AMC demande une simulation avant le calcul d'un séjour", "après une SIM", "le logiciel"},
	{EngagementExistant, "Un engagement est déjà en cours", "", "l'établissement : annuler d'abord"},
	{TotalFaux, "Le total diffère de la somme des lignes", "", "l'éditeur"},
	{DatesIncoherentes, "Dates incohérentes", "", "l'agent"},
	{NuitsFausses, "Le nombre de nuits ne correspond pas aux dates", "", "l'agent"},
	{PrestationInconnue, "Code de prestation inconnu", "", "l'éditeur"},
	{ForfaitEnDouble, "Forfait journalier ou participation en double", "", "l'agent"},
	{TauxIndetermine, "Taux AMO indéterminable", "", "l'agent"},
	{TauxIncoherent, "Taux incohérent avec l'exonération ou la nature d'assurance", "", "l'agent"},
	{FJIncoherent, "Forfait journalier incohérent avec le code de prise en charge", "", "l'agent"},
	{PASIncoherente, "Participation forfaitaire sans acte lourd, ou avec un ticket modérateur", "", "l'agent"},
	{HorsGarantie, "Hors garantie", "", "le patient paie"},
	{PlafondAtteint, "Plafond atteint", "", "le patient paie"},
	{NonPrenable, "Franchise ou participation qu'une complémentaire ne peut prendre en charge", "", "le patient paie"},
	{RangIncoherent, "Rang d'AMC incohérent", "", "l'agent"},
	{MontantDifferent, "Montant différent de l'engagement", "", "l'établissement"},
	{FactureTardive, "Facture tardive", "", "l'établissement"},
	{FactureEnDouble, "Facture en double", "", "l'établissement"},
	{AMCNonDebitrice, "AMC non débitrice", "", "l'établissement"},
	{PiecesManquantes, "Pièces justificatives manquantes", "avec les pièces", "l'établissement"},
	{RecalculDifferent, "Recalcul différent de celui de l'établissement : les deux sont donnés", "", "l'établissement, puis l'AMC"},
	{CoordonneesBancaire, "Coordonnées bancaires de l'établissement inconnues", "une fois connues", "l'établissement et l'AMC"},
	{RejetParFichier, "Rejet lu dans un fichier de retour, dont le motif est d'une autre liste", "", "l'établissement, puis l'AMC"},
}

var parCode = func() map[Code]*Signification {
	m := make(map[Code]*Signification, len(significations))
	for i := range significations {
		m[significations[i].Code] = &significations[i]
	}
	return m
}()

// Signification is what the code means; the zero Signification for a code that
// is not of the profile.
func (c Code) Signification() Signification {
	if s := parCode[c]; s != nil {
		return *s
	}
	return Signification{}
}

// Libelle is the French label of the code.
func (c Code) Libelle() string { return c.Signification().Libelle }

// Famille is the first letter of the code, or '0' for an acceptance.
func (c Code) Famille() byte {
	if c == "" {
		return 0
	}
	return c[0]
}

// Accord tells whether the code accepts.
func (c Code) Accord() bool { return c == Accepte || c == AvecReserve }

// Technique tells whether the code is a technical or security refusal, which
// travels as a fault instead of an answer.
func (c Code) Technique() bool { return c.Famille() == 'T' || c.Famille() == 'S' }

// Codes is the closed list of codes.
func (Code) Codes() []string {
	l := make([]string, len(significations))
	for i, s := range significations {
		l[i] = string(s.Code)
	}
	return l
}

// Refus is the error of a rule or of the gate that refuses: the code for the
// other party, a precision for a person, and the cause for the operator.
type Refus struct {
	Code    Code
	Detail  string // French, without any value of the patient
	Reprise int    // seconds to wait before trying again, 0 when not said
	Cause   error  // for the operator's log, never sent
	Distant bool   // the other party said it under its seal; otherwise it was found here
	Qui     string // who must act, in French, when it is not who the code says
	AFaire  string // what to do, in French, when it is not what the code says
	// Structure sealed it, when Distant: the recipient, his operator, or a relay.
	Structure string
}

// Refuser makes a refusal.
func Refuser(c Code, detail string) *Refus { return &Refus{Code: c, Detail: detail} }

// Error is the code and what it means.
func (r *Refus) Error() string {
	s := string(r.Code) + " " + r.Code.Libelle()
	if r.Detail != "" {
		s += " : " + r.Detail
	}
	return s
}

// Unwrap is the cause, for the operator.
func (r *Refus) Unwrap() error { return r.Cause }
