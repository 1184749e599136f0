package ldap

import "fmt"

// Code is the result of an operation. ref: RFC 4511 §4.1.9
type Code int32

// The results that this door gives.
const (
	Succes             Code = 0
	ErreurOperations   Code = 1
	ErreurProtocole    Code = 2
	TempsDepasse       Code = 3
	TailleDepassee     Code = 4
	CompareFaux        Code = 5
	CompareVrai        Code = 6
	MethodeInconnue    Code = 7
	LimiteAdmin        Code = 11
	ExtensionCritique  Code = 12
	ClairRefuse        Code = 13
	AttributAbsent     Code = 16
	AttributInconnu    Code = 17
	ObjetInconnu       Code = 32
	NomInvalide        Code = 34
	LiaisonInadaptee   Code = 48
	IdentifiantsFaux   Code = 49
	DroitsInsuffisants Code = 50
	Occupe             Code = 51
	Indisponible       Code = 52
	Refuse             Code = 53
	Autre              Code = 80
)

// Refus is an answer other than a success: its code, a text for a person, and the
// part of the name that does exist, for [ObjetInconnu]. Behind the port, a refusal
// is an error of this type; any other error is answered [Autre], without its text.
type Refus struct {
	Code  Code
	Texte string
	Connu string
}

// Error is for the operator.
func (r *Refus) Error() string { return fmt.Sprintf("ldap: code %d: %s", r.Code, r.Texte) }

func refuser(c Code, texte string) *Refus { return &Refus{Code: c, Texte: texte} }

// The refusals of the door itself.
var (
	refusLectureSeule   = refuser(Refuse, "Cet annuaire se consulte seulement : une fiche se corrige auprès de l'autorité qui la tient (ordre, ARS, établissement, opérateur).")
	refusClair          = refuser(ClairRefuse, "Connexion sans chiffrement : se connecter en LDAPS, ou demander StartTLS avant toute autre opération.")
	refusMal            = refuser(ErreurProtocole, "Requête illisible : elle ne suit pas la RFC 4511.")
	refusLong           = refuser(ErreurProtocole, "Message trop long : le réduire.")
	refusFiltre         = refuser(LimiteAdmin, "Filtre trop profond ou trop long : le réduire.")
	refusAttributs      = refuser(LimiteAdmin, "Trop d'attributs demandés : en demander moins, ou \"*\".")
	refusVersion        = refuser(ErreurProtocole, "Seul LDAP version 3 est servi.")
	refusMethode        = refuser(MethodeInconnue, "Seuls un mot de passe sous TLS et SASL EXTERNAL (certificat client) sont admis.")
	refusSansMotDePasse = refuser(Refuse, "Un nom sans mot de passe n'identifie personne : donner le mot de passe, ou ni l'un ni l'autre.")
	refusSansCert       = refuser(LiaisonInadaptee, "SASL EXTERNAL demande un certificat client, présenté à l'ouverture du TLS.")
	refusAutreNom       = refuser(IdentifiantsFaux, "On ne peut agir sous un autre nom que celui du certificat.")
	refusControle       = refuser(ExtensionCritique, "Un contrôle dit critique n'est pas connu de cet annuaire.")
	refusExtension      = refuser(ErreurProtocole, "Opération étendue inconnue de cet annuaire.")
	refusAttribut       = refuser(AttributInconnu, "Attribut inconnu du schéma, ou qui ne se compare pas.")
	refusAbsent         = refuser(AttributAbsent, "Cette entrée n'a pas cet attribut, ou cette vue ne le montre pas.")
	refusAvant          = refuser(ErreurOperations, "StartTLS se demande quand plus rien d'autre n'est en cours.")
	refusDejaTLS        = refuser(ErreurOperations, "La connexion est déjà chiffrée.")
	refusNom            = refuser(NomInvalide, "Nom (DN) mal écrit : voir la RFC 4514.")
	refusInterne        = refuser(Autre, "Erreur interne : réessayer, puis prévenir l'exploitant de l'annuaire.")
	refusTaille         = refuser(TailleDepassee, "Trop de réponses : préciser la recherche, ou demander des pages (RFC 2696).")
	refusTemps          = refuser(TempsDepasse, "Recherche trop longue : la préciser.")
	refusTotal          = refuser(LimiteAdmin, "Assez d'entrées données pour cette recherche dans cette vue : la préciser, ou demander un droit d'extraction.")
	refusLarge          = refuser(Refuse, "Cette recherche lirait tout l'annuaire : chercher un nom, une adresse (trois lettres au moins), un identifiant, une commune, une profession ou un jour de mise à jour.")
	refusVues           = refuser(LimiteAdmin, "Trop de fiches à examiner pour trop peu de réponses : préciser la recherche, ou demander des pages (RFC 2696).")
	refusCurseur        = refuser(Refuse, "Le repère de page n'est pas d'ici, ou la recherche a changé : la reprendre à la première page.")
	refusCurseurVieux   = refuser(Refuse, "Le repère de page a expiré : reprendre la recherche à la première page.")
	refusArret          = refuser(Indisponible, "L'annuaire s'arrête : se reconnecter.")
	refusInactif        = refuser(Indisponible, "Connexion restée trop longtemps sans demande.")
	refusSession        = refuser(Indisponible, "Identification trop ancienne : se reconnecter et s'identifier de nouveau.")
	refusEssais         = refuser(Occupe, "Trop d'identifications refusées depuis cette adresse : attendre une minute.")
	refusEchecs         = refuser(Indisponible, "Trop d'identifications refusées sur cette connexion.")
)
