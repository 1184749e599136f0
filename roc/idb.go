package roc

import "github.com/ecluse-sante/ecluse/sante"

// Contexte is the step of the hospital's process. ref: ROC §7.1
type Contexte string

// The steps.
const (
	ContexteACE          Contexte = "ACE"
	ContextePreadmission Contexte = "PREADM"
	ContexteAdmission    Contexte = "ADM"
	ContextePeriode      Contexte = "PERIODE"
)

// Codes is the closed list of steps.
func (Contexte) Codes() []string { return []string{"ACE", "PREADM", "ADM", "PERIODE"} }

// Sejour tells whether the step is of a stay.
func (c Contexte) Sejour() bool { return c != ContexteACE }

// Acquisition is how the data of the card were acquired. ref: ROC §7.1
type Acquisition string

// The means.
const (
	Saisie     Acquisition = "SAISIE"
	Datamatrix Acquisition = "DATAMATRIX"
	Vitale     Acquisition = "VITALE"
	ADRi       Acquisition = "ADRI"
	Piano      Acquisition = "PIANO"
)

// Codes is the closed list of means.
func (Acquisition) Codes() []string {
	return []string{"SAISIE", "DATAMATRIX", "VITALE", "ADRI", "PIANO"}
}

// Etablissement is the hospital that asks. ref: ROC §7.1
type Etablissement struct {
	FinessJuridique sante.FINESS `fil:"finessJuridique" doc:"FINESS juridique"`
	FinessGeo       sante.FINESS `fil:"finessGeo" doc:"FINESS géographique du site"`
	Categorie       Categorie    `fil:"categorie" doc:"Catégorie, qui décide de la base du ticket modérateur"`
}

// Beneficiaire is who is cared for, as the hospital knows him. ref: ROC §7.1
type Beneficiaire struct {
	NumeroAdherent  sante.NumeroAdherent `fil:"numeroAdherent" doc:"Numéro d'adhérent de la carte"`
	NIRAssure       sante.NIR            `fil:"nirAssure,opt" doc:"NIR de l'ouvrant droit, avec sa clé"`
	NIRBeneficiaire sante.NIR            `fil:"nirBeneficiaire,opt" doc:"NIR certifié du bénéficiaire, avec sa clé"`
	NomNaissance    string               `fil:"nomNaissance,min=1,max=80" doc:"Nom de naissance"`
	NomUsage        string               `fil:"nomUsage,opt,max=80" doc:"Nom d'usage"`
	Prenom          string               `fil:"prenom,min=1,max=60" doc:"Prénom"`
	DateNaissance   sante.DateNaissance  `fil:"dateNaissance" doc:"Date de naissance AAAAMMJJ, éventuellement lunaire"`
	RangGemellaire  int                  `fil:"rangGemellaire,min=1,max=9" doc:"Rang de naissance"`
	Qualite         string               `fil:"qualite,opt,max=1" doc:"Qualité : 0 assuré, 1 ascendant, 2 conjoint, 6 enfant"`
}

// Carte is what the insurer's card shows. ref: ROC §7.1, §15.6
type Carte struct {
	NumeroAMC       sante.NumeroAMC `fil:"numeroAMC" doc:"Numéro d'AMC"`
	TypeConvention  string          `fil:"typeConvention,opt,max=2" doc:"Type de convention"`
	CSR             string          `fil:"csr,opt,max=15" doc:"Critère secondaire de routage"`
	ValiditeDebut   sante.Jour      `fil:"validiteDebut,opt" doc:"Début de validité imprimé"`
	ValiditeFin     sante.Jour      `fil:"validiteFin,opt" doc:"Fin de validité imprimée"`
	ModeAcquisition Acquisition     `fil:"modeAcquisition" doc:"Comment la carte a été lue"`
}

// AMO is the compulsory insurance of the beneficiary. ref: ROC §7.1
type AMO struct {
	Regime          string          `fil:"regime,opt,max=2" doc:"Régime"`
	Caisse          string          `fil:"caisse,opt,max=3" doc:"Caisse"`
	Centre          string          `fil:"centre,opt,max=4" doc:"Centre"`
	CodeGestion     string          `fil:"codeGestion,opt,max=2" doc:"Code gestion"`
	NatureAssurance NatureAssurance `fil:"natureAssurance" doc:"Nature d'assurance"`
	ExoTM           ExoTM           `fil:"exoTM,opt" doc:"Justification d'exonération du ticket modérateur"`
}

// Entete is what IDB, SIM and CLC say of the patient and of his coverage.
// ref: ROC §7.1, §9.1
type Entete struct {
	Contexte                Contexte      `fil:"contexte" doc:"Étape du parcours"`
	DateReference           sante.Jour    `fil:"dateReference" doc:"Date des soins, ou d'admission"`
	PeriodeDebut            sante.Jour    `fil:"periodeDebut,opt" doc:"Début de la période"`
	PeriodeFin              sante.Jour    `fil:"periodeFin,opt" doc:"Fin de la période"`
	Etablissement           Etablissement `fil:"etablissement" doc:"Établissement"`
	Discipline              Discipline    `fil:"discipline" doc:"Champ d'activité"`
	DMT                     string        `fil:"dmt,opt,max=3" doc:"Discipline médico-tarifaire"`
	MT                      string        `fil:"mt,opt,max=2" doc:"Mode de traitement"`
	Beneficiaire            Beneficiaire  `fil:"beneficiaire" doc:"Bénéficiaire"`
	Carte                   Carte         `fil:"carte" doc:"Carte de l'AMC"`
	RangAMC                 int           `fil:"rangAMC,min=1,max=3" doc:"Rang de cette AMC selon l'établissement"`
	AMO                     AMO           `fil:"amo" doc:"Assurance obligatoire"`
	ConsentementInformation bool          `fil:"consentementInformation" doc:"Le patient a reçu la notice d'information"`
}

// DemandeIDB asks whether a beneficiary is known and covered. ref: ROC §7.1
type DemandeIDB struct {
	Entete
}

// StatutDroits is the state of the rights. ref: ROC §7.2
type StatutDroits string

// The states.
const (
	DroitsOuverts StatutDroits = "OUVERT"
	DroitsClos    StatutDroits = "FERME"
	DroitInconnu  StatutDroits = "INCONNU"
	DroitSuspendu StatutDroits = "SUSPENDU"
)

// Codes is the closed list of states.
func (StatutDroits) Codes() []string { return []string{"OUVERT", "FERME", "INCONNU", "SUSPENDU"} }

// TypeContrat is the kind of contract. ref: ROC §7.2
type TypeContrat string

// The kinds.
const (
	ContratCSS         TypeContrat = "CSS"
	ContratCSSParticip TypeContrat = "CSS_PARTICIP"
	ContratIndividuel  TypeContrat = "INDIV"
	ContratCollectif   TypeContrat = "COLLECTIF"
)

// Codes is the closed list of kinds.
func (TypeContrat) Codes() []string { return []string{"CSS", "CSS_PARTICIP", "INDIV", "COLLECTIF"} }

// ModeCalcul chooses between local calculation and CLC. ref: ROC §7.2
type ModeCalcul string

// The modes.
const (
	CalculLocal      ModeCalcul = "LOCAL"
	CalculCLC        ModeCalcul = "CLC"
	CalculLocalOuCLC ModeCalcul = "LOCAL_OU_CLC"
)

// Codes is the closed list of modes.
func (ModeCalcul) Codes() []string { return []string{"LOCAL", "CLC", "LOCAL_OU_CLC"} }

// ReponseIDB is what the insurer says of the rights. ref: ROC §7.2
type ReponseIDB struct {
	Retour
	StatutDroits        StatutDroits      `fil:"statutDroits" doc:"État des droits"`
	IDReponseIDB        string            `fil:"idReponseIDB,opt,min=12,max=30" doc:"Référence à citer dans SIM et CLC"`
	DroitsDebut         sante.Jour        `fil:"droitsDebut,opt" doc:"Début de la période de certitude"`
	DroitsFin           sante.Jour        `fil:"droitsFin,opt" doc:"Fin de la période de certitude"`
	TiersPayantAutorise *bool             `fil:"tiersPayantAutorise,opt" doc:"Le tiers payant est accordé"`
	Perimetre           []Perimetre       `fil:"perimetre,opt,n=0..20" doc:"Prestations couvertes"`
	ContratResponsable  *bool             `fil:"contratResponsable,opt" doc:"Contrat responsable"`
	TypeContrat         TypeContrat       `fil:"typeContrat,opt" doc:"Type de contrat"`
	ModeCalcul          ModeCalcul        `fil:"modeCalcul,opt" doc:"Calcul local, en ligne, ou au choix"`
	Formules            []Formule         `fil:"formules,opt,n=0..60" doc:"Règles de calcul par famille de prestations"`
	Exclusions          []Exclusion       `fil:"exclusions,opt,n=0..50" doc:"Ce que le contrat ne paie jamais"`
	GarantieLocale      *GarantieLocale   `fil:"garantieLocale,opt" doc:"Garantie de paiement du calcul local"`
	AutresAMC           []AutreAMC        `fil:"autresAMC,opt,n=0..2" doc:"Autres AMC connues"`
	IdentiteCorrigee    *IdentiteCorrigee `fil:"identiteCorrigee,opt" doc:"Identité dont l'AMC est sûre ; l'agent doit confirmer"`
	MessageAgent        string            `fil:"messageAgent,opt,max=250" doc:"Message pour l'agent"`
	MessagePatient      string            `fil:"messagePatient,opt,max=250" doc:"Message pour le patient"`
}

// Perimetre is what is covered. ref: ROC §7.2
type Perimetre struct {
	Domaine string `fil:"domaine,min=1,max=20" doc:"ACE, SEJOUR, CP, ACCOMPAGNANT, HAD"`
	Couvert bool   `fil:"couvert" doc:"Couvert ou non"`
	Motif   string `fil:"motif,opt,max=100" doc:"Pourquoi non"`
}

// GarantieLocale is the guarantee of a local calculation. ref: ROC §7.2, DEC 24
type GarantieLocale struct {
	Numero     NumeroEngagement `fil:"numero" doc:"Numéro d'engagement à citer dans la facture"`
	Debut      sante.Jour       `fil:"debut" doc:"Premier jour"`
	Fin        sante.Jour       `fil:"fin" doc:"Dernier jour"`
	MontantMax *sante.Montant   `fil:"montantMax,opt" doc:"Plafond de la garantie"`
}

// AutreAMC is another insurer of the beneficiary. ref: ROC §7.2
type AutreAMC struct {
	NumeroAMC sante.NumeroAMC `fil:"numeroAMC" doc:"Numéro d'AMC"`
	Rang      int             `fil:"rang,min=1,max=3" doc:"Rang"`
}

// IdentiteCorrigee is the identity that the insurer is sure of. ref: ROC §7.2
type IdentiteCorrigee struct {
	Nom            string              `fil:"nom,max=80" doc:"Nom"`
	Prenom         string              `fil:"prenom,max=60" doc:"Prénom"`
	DateNaissance  sante.DateNaissance `fil:"dateNaissance" doc:"Date de naissance"`
	RangGemellaire int                 `fil:"rangGemellaire,min=1,max=9" doc:"Rang de naissance"`
}

// LEngagement is the number under which the exchange is kept: that of the
// guarantee of a local calculation, when there is one.
func (r *ReponseIDB) LEngagement() string {
	if r.GarantieLocale == nil {
		return ""
	}
	return r.GarantieLocale.Numero.String()
}
