package front

import "strings"

const (
	guide     = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/"
	frCore    = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
	nos       = "https://mos.esante.gouv.fr/NOS/"
	typesID   = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
	typesOrg  = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-3307"
	marques   = guide + "as-ext-organization-types"
	adresseXP = "http://hl7.org/fhir/StructureDefinition/iso21090-ADXP-"
)

// The nomenclatures of codes, as the guide of the agency, its examples and its
// terminologies name them. ref: RASS §12
const (
	treProfession      = nos + "TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
	treCategorie       = nos + "TRE_R09-CategorieProfessionnelle/FHIR/TRE-R09-CategorieProfessionnelle"
	treTypeSavoir      = nos + "TRE_R04-TypeSavoirFaire/FHIR/TRE-R04-TypeSavoirFaire"
	treTypeDiplome     = nos + "TRE_R14-TypeDiplome/FHIR/TRE-R14-TypeDiplome"
	treDiplome         = nos + "TRE_R48-DiplomeEtatFrancais/FHIR/TRE-R48-DiplomeEtatFrancais" // hyp: FHIR-NOMENCLATURES
	treTypeAutor       = nos + "TRE_R17-TypeAutorisation/FHIR/TRE-R17-TypeAutorisation"
	treDiscipline      = nos + "TRE_R18-DisciplineAutorisation/FHIR/TRE-R18-DisciplineAutorisation"
	treAttribution     = nos + "TRE_R03-AttributionParticuliere/FHIR/TRE-R03-AttributionParticuliere"
	treCarte           = nos + "TRE_R87-TypeCarte/FHIR/TRE-R87-TypeCarte"
	treAutorite        = nos + "TRE_R60-AutoriteEnregistrement/FHIR/TRE-R60-AutoriteEnregistrement"
	treStatut          = nos + "TRE_R33-StatutInscription/FHIR/TRE-R33-StatutInscription"
	treLangue          = nos + "TRE_G00-Langue/FHIR/TRE-G00-Langue"
	treDepartement     = nos + "TRE_G09-DepartementOM/FHIR/TRE-G09-DepartementOM" // hyp: FHIR-NOMENCLATURES
	treGenre           = nos + "TRE_R22-GenreActivite/FHIR/TRE-R22-GenreActivite"
	treMode            = nos + "TRE_R23-ModeExercice/FHIR/TRE-R23-ModeExercice"
	treFonction        = nos + "TRE_R21-Fonction/FHIR/TRE-R21-Fonction"
	treLiberal         = nos + "TRE_R24-TypeActiviteLiberale/FHIR/TRE-R24-TypeActiviteLiberale"
	treSSA             = nos + "TRE_R34-StatutProfessionnelSSA/FHIR/TRE-R34-StatutProfessionnelSSA"
	treHospitalier     = nos + "TRE_R32-StatutHospitalier/FHIR/TRE-R32-StatutHospitalier"
	trePharmacien      = nos + "TRE_G05-SousSectionTableauCNOP/FHIR/TRE-G05-SousSectionTableauCNOP"
	treSection         = nos + "TRE_R06-SectionTableauCNOP/FHIR/TRE-R06-SectionTableauCNOP"
	treConvention      = nos + "TRE_R282-CNAMAmeliSecteurConventionnement/FHIR/TRE-R282-CNAMAmeliSecteurConventionnement"
	treMessagerie      = nos + "TRE_R256-TypeMessagerie/FHIR/TRE-R256-TypeMessagerie"
	treBAL             = nos + "TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"
	treSecteur         = nos + "TRE_R02-SecteurActivite/FHIR/TRE-R02-SecteurActivite"
	treEtablissement   = nos + "TRE_R66-CategorieEtablissement/FHIR/TRE-R66-CategorieEtablissement"
	treStatutJuridique = nos + "TRE_R72-FinessStatutJuridique/FHIR/TRE-R72-FinessStatutJuridique"
	treSPH             = nos + "TRE_R73-ESPIC/FHIR/TRE-R73-ESPIC"
	treFermeture       = nos + "TRE_R286-TypeFermeture/FHIR/TRE-R286-TypeFermeture"
	treCommune         = nos + "TRE_R13-Commune/FHIR/TRE-R13-Commune"
	treModalite        = nos + "TRE_R275-ModaliteActivite/FHIR/TRE-R275-ModaliteActivite"
	treActivite        = nos + "TRE_R274-ActiviteSanitaireRegulee/FHIR/TRE-R274-ActiviteSanitaireRegulee"
	treForme           = nos + "TRE_R276-FormeActivite/FHIR/TRE-R276-FormeActivite"
	treTypeActivite    = nos + "TRE_R209-TypeActivite/FHIR/TRE-R209-TypeActivite"
	trePublic          = "https://smt.esante.gouv.fr/fhir/CodeSystem/tre-r403-public-activite-smsse-regulee"
	treSociale         = "https://smt.esante.gouv.fr/fhir/ValueSet/jdv-j379-activite-sociale-regulee-rass" // hyp: FHIR-NOMENCLATURES
	treEquipement      = nos + "TRE_R272-EquipementMaterielLourd/FHIR/TRE-R272-EquipementMaterielLourd"
	treRegion          = nos + "TRE_R30-RegionOM/FHIR/TRE-R30-RegionOM"
	systemeADELI       = "https://adeli.esante.gouv.fr"
)

// treSavoir is the nomenclature of savoir-faire of a type.
// ref: as-dp-practitioner, qualification[savoirFaire]
func treSavoir(t string) string {
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

// estSavoir tells whether a nomenclature is one of savoir-faire.
func estSavoir(systeme string) bool {
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

// estDiplome tells whether a nomenclature is one of diplomas.
func estDiplome(systeme string) bool {
	n, ok := strings.CutPrefix(systeme, nos+"TRE_R")
	return ok && (strings.Contains(n, "Diplome") || strings.Contains(n, "Certificat") || strings.Contains(n, "Attestation"))
}
