package vigie

import (
	"regexp"
	"time"
)

// Gravite is how much an event matters, on the scale of CEF from 0 to 10.
type Gravite uint8

// Degrees used.
const (
	Information Gravite = 2
	Attention   Gravite = 5
	Alerte      Gravite = 8
	Critique    Gravite = 10
)

// CodeEvenement is what happened, for rules in the operator's tools.
type CodeEvenement string

// Events of the house. The first four and QuotaDuJour are raised here, the others by the
// gate and its callers.
// ref: ROC §16.5 (seal failures, replays, unknown beneficiaries, certificates)
const (
	DebitDepasse           CodeEvenement = "DEBIT_DEPASSE"
	IdentificationSuspecte CodeEvenement = "IDENTIFICATION_SUSPECTE"
	EssaisSurAdherent      CodeEvenement = "ESSAIS_ADHERENT"
	PartenaireSature       CodeEvenement = "PARTENAIRE_SATURE"
	SceauRefuse            CodeEvenement = "SCEAU_REFUSE"
	RejeuRefuse            CodeEvenement = "REJEU_REFUSE"
	IdentiteRefusee        CodeEvenement = "IDENTITE_REFUSEE"
	CertificatRefuse       CodeEvenement = "CERTIFICAT_REFUSE"
	HorsCercle             CodeEvenement = "HORS_CERCLE"
	CertificatExpire       CodeEvenement = "CERTIFICAT_EXPIRE_BIENTOT"
	ComptesDiscordants     CodeEvenement = "COMPTES_DISCORDANTS"
	TropDegrade            CodeEvenement = "TROP_DE_DEGRADE"
	FacturesEnRetard       CodeEvenement = "FACTURES_EN_RETARD"
	CleExpire              CodeEvenement = "CLE_EMETTEUR_EXPIRE"
	CleCompromise          CodeEvenement = "CLE_EMETTEUR_COMPROMISE"
	QuotaDuJour            CodeEvenement = "QUOTA_DU_JOUR"
)

// Libelle is the event in French, empty when the code is not of the list.
func (c CodeEvenement) Libelle() string {
	switch c {
	case DebitDepasse:
		return "Débit d’un émetteur au-delà de sa limite"
	case IdentificationSuspecte:
		return "Part suspecte de bénéficiaires inconnus chez un émetteur"
	case EssaisSurAdherent:
		return "Trop d’essais infructueux sur un même adhérent"
	case PartenaireSature:
		return "File d’un partenaire pleine"
	case SceauRefuse:
		return "Sceau invalide"
	case RejeuRefuse:
		return "Message rejoué ou hors délai"
	case IdentiteRefusee:
		return "Identifiant différent de celui du certificat"
	case CertificatRefuse:
		return "Certificat expiré ou révoqué"
	case HorsCercle:
		return "Structure hors du cercle de confiance"
	case CertificatExpire:
		return "Certificat expirant dans les trente jours"
	case ComptesDiscordants:
		return "Comptes d’un établissement différents de ses factures"
	case QuotaDuJour:
		return "Plus de demandes de droits qu’un professionnel n’en pose en un jour"
	case CleExpire:
		return "Clé d’un émetteur d’accréditations finie, ou près de l’être"
	case CleCompromise:
		return "Clé d’un émetteur d’accréditations compromise : il ne signe plus, tant qu’une autre n’est pas mise"
	case FacturesEnRetard:
		return "Factures de professionnels pas payées au jour promis"
	case TropDegrade:
		return "Trop de factures d’un professionnel en mode dégradé"
	}
	return ""
}

// Evenement is one security event. It names structures, never persons: Detail
// holds counts and technical references, and passes through Masquer.
type Evenement struct {
	Quand     time.Time
	Gravite   Gravite
	Code      CodeEvenement
	Tenant    string
	Structure string // sealer or partner concerned; may be empty
	Detail    string
}

// longs finds what could be a NIR, written together or in groups, with or without
// its key, Corsican departments included: eleven digits or more.
var longs = regexp.MustCompile(`[0-9](?:[ .\-]?[0-9ABab]){10,}`)

// Masquer removes from a text what could be a NIR. It is a net under the rule,
// not the rule: nobody writes a NIR in Detail.
func Masquer(s string) string { return longs.ReplaceAllString(s, "[masqué]") }
