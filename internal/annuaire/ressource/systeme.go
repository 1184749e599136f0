package ressource

import "strings"

const (
	guide             = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/"
	frCore            = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
	nos               = "https://mos.esante.gouv.fr/NOS/"
	TypesIdentifiant  = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
	TypesOrganisation = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-3307"
	marques           = guide + "as-ext-organization-types"
	adresseXP         = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-"
)

// The nomenclatures of codes, as the guide of the agency, its examples and its
// terminologies name them. ref: RASS §12
const (
	TREProfession      = nos + "TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
	TRECategorie       = nos + "TRE_R09-CategorieProfessionnelle/FHIR/TRE-R09-CategorieProfessionnelle"
	TRETypeSavoir      = nos + "TRE_R04-TypeSavoirFaire/FHIR/TRE-R04-TypeSavoirFaire"
	TRETypeDiplome     = nos + "TRE_R14-TypeDiplome/FHIR/TRE-R14-TypeDiplome"
	TREDiplome         = nos + "TRE_R48-DiplomeEtatFrancais/FHIR/TRE-R48-DiplomeEtatFrancais" // hyp: FHIR-NOMENCLATURES
	TRETypeAutor       = nos + "TRE_R17-TypeAutorisation/FHIR/TRE-R17-TypeAutorisation"
	TREDiscipline      = nos + "TRE_R18-DisciplineAutorisation/FHIR/TRE-R18-DisciplineAutorisation"
	TREAttribution     = nos + "TRE_R03-AttributionParticuliere/FHIR/TRE-R03-AttributionParticuliere"
	TRECarte           = nos + "TRE_R87-TypeCarte/FHIR/TRE-R87-TypeCarte"
	TREAutorite        = nos + "TRE_R60-AutoriteEnregistrement/FHIR/TRE-R60-AutoriteEnregistrement"
	TREStatut          = nos + "TRE_R33-StatutInscription/FHIR/TRE-R33-StatutInscription"
	TRELangue          = nos + "TRE_G00-Langue/FHIR/TRE-G00-Langue"
	TREDepartement     = nos + "TRE_G09-DepartementOM/FHIR/TRE-G09-DepartementOM" // hyp: FHIR-NOMENCLATURES
	TREGenre           = nos + "TRE_R22-GenreActivite/FHIR/TRE-R22-GenreActivite"
	TREMode            = nos + "TRE_R23-ModeExercice/FHIR/TRE-R23-ModeExercice"
	TREFonction        = nos + "TRE_R21-Fonction/FHIR/TRE-R21-Fonction"
	TRELiberal         = nos + "TRE_R24-TypeActiviteLiberale/FHIR/TRE-R24-TypeActiviteLiberale"
	TRESSA             = nos + "TRE_R34-StatutProfessionnelSSA/FHIR/TRE-R34-StatutProfessionnelSSA"
	TREHospitalier     = nos + "TRE_R32-StatutHospitalier/FHIR/TRE-R32-StatutHospitalier"
	TREPharmacien      = nos + "TRE_G05-SousSectionTableauCNOP/FHIR/TRE-G05-SousSectionTableauCNOP"
	TRESection         = nos + "TRE_R06-SectionTableauCNOP/FHIR/TRE-R06-SectionTableauCNOP"
	TREConvention      = nos + "TRE_R282-CNAMAmeliSecteurConventionnement/FHIR/TRE-R282-CNAMAmeliSecteurConventionnement"
	TREMessagerie      = nos + "TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
	TREBAL             = nos + "TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
	TRESecteur         = nos + "TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
	TREEtablissement   = nos + "TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"
	TREStatutJuridique = nos + "TRE_R72-FinessStatutJuridique/FHIR/TRE-R72-FinessStatutJuridique"
	TRESPH             = nos + "TRE_R73-ESPIC/FHIR/TRE-R73-ESPIC"
	TREFermeture       = nos + "TRE_R286-TypeFermeture/FHIR/TRE-R286-TypeFermeture"
	TRECommune         = nos + "TRE_R13-Commune/FHIR/TRE-R13-Commune"
	TREModalite        = nos + "TRE_R275-ModaliteActivite/FHIR/TRE-R275-ModaliteActivite"
	TREActivite        = nos + "TRE_R274-ActiviteSanitaireRegulee/FHIR/TRE-R274-ActiviteSanitaireRegulee"
	TREForme           = nos + "TRE_R276-FormeActivite/FHIR/TRE-R276-FormeActivite"
	TRETypeActivite    = nos + "TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite"
	TREPublic          = "https://smt.esante.gouv.fr/fhir/CodeSystem/tre-r403-public-activite-smsse-regulee"
	TRESociale         = "https://smt.esante.gouv.fr/fhir/ValueSet/jdv-j379-activite-sociale-regulee-rass" // hyp: FHIR-NOMENCLATURES
	TREEquipement      = nos + "TRE_R272-EquipementMaterielLourd/FHIR/TRE-R272-EquipementMaterielLourd"
	TRERegion          = nos + "TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM"
	SystemeADELI       = "https://adeli.esante.gouv.fr"
)

// TRESavoir is the nomenclature of savoir-faire of a type.
// ref: as-dp-practitioner, qualification[savoirFaire]
func TRESavoir(t string) string {
	switch t {
	case "C":
		return nos + "TRE_R39-Competence/FHIR/TRE-R39-Competence"
	case "CEX":
		return nos + "TRE_R40-CompetenceExclusive/FHIR/TRE-R40-CompetenceExclusive"
	case "DNQ":
		return nos + "TRE_R42-DESCnonQualifiant/FHIR/TRE-R42-DESCnonQualifiant"
	case "CAPA":
		return nos + "TRE_R43-CapaciteSavoirFaire/FHIR/TRE-R43-CapaciteSavoirFaire"
	case "PAC":
		return nos + "TRE_R44-QualificationPAC/FHIR/TRE-R44-QualificationPAC"
	case "FQ":
		return nos + "TRE_R45-FonctionQualifiee/FHIR/TRE-R45-FonctionQualifiee"
	case "DEC":
		return nos + "TRE_R97-DroitExerciceCompl/FHIR/TRE-R97-DroitExerciceCompl"
	case "OP":
		return nos + "TRE_G13-OrientationParticuliere/FHIR/TRE-G13-OrientationParticuliere"
	}
	return nos + "TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
}

// EstSavoir tells whether a nomenclature is one of savoir-faire.
func EstSavoir(systeme string) bool {
	n, ok := strings.CutPrefix(systeme, nos+"TRE_")
	if !ok {
		return false
	}
	n, _, _ = strings.Cut(n, "-")
	switch n {
	case "R38", "R39", "R40", "R42", "R43", "R44", "R45", "R97", "G13":
		return true
	}
	return false
}

// EstDiplome tells whether a nomenclature is one of diplomas.
func EstDiplome(systeme string) bool {
	n, ok := strings.CutPrefix(systeme, nos+"TRE_R")
	return ok && (strings.Contains(n, "Diplome") || strings.Contains(n, "Certificat") || strings.Contains(n, "Attestation"))
}
