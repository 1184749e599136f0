package visiodroits

import "errors"

// Code is a return code of the exchange. Those of rights are three digits; T6xx
// and F7xx are those of pricing and of invoices. Technical and security refusals
// are those of package roc. ref: VISIO §14, DEC 33
type Code string

// The codes of the profile, in the order of the reference. ref: VISIO §14
// hyp: VISIO-CODES
const (
	Fournis   Code = "000"
	Inchanges Code = "001"

	BeneficiaireInconnu   Code = "100"
	PlusieursTrouves      Code = "101"
	IdentiteDiscordante   Code = "102"
	DroitsFermes          Code = "110"
	DroitsFuturs          Code = "111"
	TiersPayantRefuse     Code = "120"
	CSSParLaCaisse        Code = "130"
	ServiceNonOuvert      Code = "200"
	ServiceIndisponible   Code = "201"
	OperateurInjoignable  Code = "202"
	OCTInjoignable        Code = "203" // found by the workstation
	PosteHorsLigne        Code = "204" // found by the workstation
	DossierRefuse         Code = "300"
	DossierInconnu        Code = "T611"
	IdentiteInterdite     Code = "T620"
	DetailInterdit        Code = "T621"
	DechiffrementFailli   Code = "T630"
	JetonNonSigne         Code = "T631"
	AccreditationFausse   Code = "F701"
	AccreditationInconnue Code = "F702"
	AutreBeneficiaire     Code = "F703"
	AutreCategorie        Code = "F704"
	HorsDroits            Code = "F705"
	AccreditationRevoquee Code = "F706"
	MontantDifferent      Code = "F707"
	TarificationFausse    Code = "F708"
	FactureEnDouble       Code = "F709"
	FactureTardive        Code = "F710"
	DegradeSansPreuve     Code = "F711"
)

// Signification is what a code means, who must act and how. ref: VISIO §14
type Signification struct {
	Code    Code
	Libelle string // French, for a person
	Qui     string // who must act; "" when nobody
	Reessai string // "" when repeating the question cannot help, else when it can
	AFaire  string // one French sentence: what to do now
}

// Significations lists every code, in order. It is published as documentation
// and as an enumeration in the schemas.
func Significations() []Signification { return significations }

var significations = []Signification{
	{Fournis, "Droits fournis", "", "", "Appliquer le tiers payant et garder le reçu de l'accréditation avec la facture."},
	{Inchanges, "Droits inchangés depuis ceux que le poste connaît", "", "", "Appliquer le tiers payant avec les droits déjà gardés."},
	{BeneficiaireInconnu, "Bénéficiaire inconnu de cette AMC", "l'officine", "", "Vérifier le numéro d'AMC et le numéro d'adhérent sur la carte, puis demander de nouveau."},
	{PlusieursTrouves, "Plusieurs bénéficiaires correspondent", "l'officine", "avec le rang ou le nom", "Ajouter le rang gémellaire ou le nom, puis demander de nouveau."},
	{IdentiteDiscordante, "Identité discordante", "l'officine", "", "Comparer la date de naissance et le rang à ceux de la carte."},
	{DroitsFermes, "Droits fermés à cette date", "le patient", "", "Demander au patient la carte de son contrat actuel ; sinon, il paie la part complémentaire."},
	{DroitsFuturs, "Droits pas encore ouverts", "", "", "Faire payer la part complémentaire : les droits commencent plus tard."},
	{TiersPayantRefuse, "Tiers payant non accordé à cette catégorie de professionnels", "", "", "Faire payer la part complémentaire et remettre au patient de quoi se faire rembourser."},
	{CSSParLaCaisse, "Complémentaire santé solidaire gérée par l'assurance maladie obligatoire", "le logiciel", "", "Facturer la part complémentaire à la caisse d'assurance maladie."},
	{ServiceNonOuvert, "Service que cette AMC n'ouvre pas", "l'éditeur du logiciel", "", "Facturer d'après la carte papier : l'AMC a fait savoir qu'elle n'ouvre pas ce service."},
	{ServiceIndisponible, "Service ouvert, indisponible pour l'instant", "", "plus tard", "Passer en mode dégradé, et demander de nouveau plus tard."},
	{OperateurInjoignable, "Opérateur injoignable", "", "plus tard", "Passer en mode dégradé, et demander de nouveau plus tard."},
	{OCTInjoignable, "Organisme concentrateur injoignable", "", "plus tard", "Passer en mode dégradé, et demander de nouveau plus tard ou sans concentrateur."},
	{PosteHorsLigne, "Poste hors ligne", "l'officine", "au retour de la connexion", "Passer en mode dégradé et rétablir la connexion de l'officine."},
	{DossierRefuse, "Numéro de dossier non accordé", "le logiciel", "", "Facturer sans tarification en ligne."},
	{DossierInconnu, "Numéro de dossier expiré ou inconnu", "le logiciel", "après une demande de droits", "Demander de nouveau les droits, puis un numéro de dossier."},
	{IdentiteInterdite, "Donnée d'identité interdite dans cet échange", "l'éditeur du logiciel", "", "Retirer du message ce qui dit qui est le patient : la tarification n'en a pas besoin."},
	{DetailInterdit, "Détail de délivrance interdit dans cet échange", "l'éditeur du logiciel", "", "Retirer du message les codes de produits : la demande de droits n'en a pas besoin."},
	{DechiffrementFailli, "Déchiffrement impossible, ou clé inconnue", "le logiciel", "après mise à jour des clés", "Mettre à jour la liste des clés, puis demander de nouveau."},
	{JetonNonSigne, "Jeton de dossier que les clés publiées de l'AMC ne vérifient pas", "le logiciel", "après une demande de droits", "Demander de nouveau les droits, puis un numéro de dossier avec le jeton remis."},
	{AccreditationFausse, "Numéro d'accréditation absent, ou de forme ou de clé fausse", "l'officine", "", "Reprendre le numéro du reçu, puis envoyer une facture corrigée."},
	{AccreditationInconnue, "Accréditation inconnue de l'émetteur, ou d'une autre AMC", "l'officine", "", "Vérifier l'AMC de la facture et le reçu de l'accréditation."},
	{AutreBeneficiaire, "Accréditation d'un autre bénéficiaire", "l'officine", "", "Vérifier le bénéficiaire de la facture, puis envoyer une facture corrigée."},
	{AutreCategorie, "Accréditation d'une autre catégorie de professionnels ou d'une autre convention", "l'officine", "", "Écrire la convention de l'accréditation, ou aucune si elle n'en dit pas ; pour un autre métier, demander des droits à son titre."},
	{HorsDroits, "Soins hors de la période des droits, ou mode dégradé hors de sa règle", "l'officine", "", "Vérifier la date des soins ; sinon, le patient paie la part complémentaire."},
	{AccreditationRevoquee, "Accréditation révoquée à la date des soins", "l'officine", "", "Demander de nouveau les droits et facturer avec la nouvelle accréditation."},
	{MontantDifferent, "Montant différent du calcul sous les garanties accréditées", "l'éditeur du logiciel", "", "Comparer les deux calculs, puis envoyer une facture corrigée."},
	{TarificationFausse, "Numéro de tarification inconnu, ou montants différents de ceux promis", "l'officine", "", "Reprendre le numéro et les montants de la réponse de tarification."},
	{FactureEnDouble, "Facture en double", "l'officine", "", "Ne rien renvoyer : la première facture est traitée."},
	{FactureTardive, "Facture arrivée après le délai de l'AMC", "l'officine", "", "Voir avec l'AMC si elle accepte encore la facture."},
	{DegradeSansPreuve, "Mode dégradé sans preuve de la tentative, ou au-delà du quota", "l'officine", "avec la preuve", "Joindre la preuve de la tentative qui a échoué, puis envoyer de nouveau la facture."},
}

var parCode = func() map[Code]*Signification {
	m := make(map[Code]*Signification, len(significations))
	for i := range significations {
		m[significations[i].Code] = &significations[i]
	}
	return m
}()

// ErrCode is returned for a text that is not a code of the profile.
var ErrCode = errors.New("code de retour inconnu du profil")

// ParseCode reads a code of the closed list.
func ParseCode(s string) (Code, error) {
	if parCode[Code(s)] == nil {
		return "", ErrCode
	}
	return Code(s), nil
}

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

// Accord tells whether rights were given: new, or unchanged.
func (c Code) Accord() bool { return c == Fournis || c == Inchanges }

// Degrade tells whether the code permits the degraded mode: a link that was cut,
// never an insurer that does not open the service. ref: VISIO §8.1, §14
func (c Code) Degrade() bool {
	switch c {
	case ServiceIndisponible, OperateurInjoignable, OCTInjoignable, PosteHorsLigne:
		return true
	}
	return false
}

// Codes is the closed list of codes.
func (Code) Codes() []string {
	l := make([]string, len(significations))
	for i, s := range significations {
		l[i] = string(s.Code)
	}
	return l
}

// String is the code as it is written.
func (c Code) String() string { return string(c) }

// MarshalText is the code as it is written.
func (c Code) MarshalText() ([]byte, error) { return []byte(c), nil }

// AppendText writes the code.
func (c Code) AppendText(b []byte) ([]byte, error) { return append(b, c...), nil }

// UnmarshalText reads a code of the closed list; an empty text is "not said".
func (c *Code) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*c = ""
		return nil
	}
	*c, err = ParseCode(string(b))
	return err
}

// NomSchema keeps these codes apart, in the schemas, from those of package roc.
func (Code) NomSchema() string { return "CodeVisiodroits" }
