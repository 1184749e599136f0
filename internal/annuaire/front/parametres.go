package front

import (
	"github.com/ecluse-sante/ecluse/internal/annuaire/ressource"

	"github.com/ecluse-sante/ecluse/fhir"
	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// The search parameters, by number. ref: RASS §7.1
const (
	pID = 1 + iota
	pMaj
	pProfil
	pIdentifiant
	pTypeIdentifiant
	pActif
	pSysteme
	pAutorite
	pNom
	pFamille
	pPrenom
	pBAL
	pTypeBAL
	pNumeroCarte
	pTypeCarte
	pQualification
	pPraticien
	pStructure
	pRole
	pAdresse
	pCommune
	pVoie
	pCodePostal
	pINSEE
	pPartOf
	pLicence
	pTypeStructure
	pPres
	pForme
	pModalite
	pTypeOffre
	pFabricant
	pModele
	pStatut
	pAMC
	pService
)

const (
	surTexte = fhir.Missing | fhir.Exact | fhir.Contains
	surJeton = fhir.Missing | fhir.Not
	surLien  = fhir.Missing | fhir.Identifier
)

func texte(id int, nom, doc string) fhir.Param {
	return fhir.Param{Name: nom, Kind: fhir.KindString, ID: id, Modifiers: surTexte, Doc: doc}
}

func jeton(id int, nom, doc string) fhir.Param {
	return fhir.Param{Name: nom, Kind: fhir.KindToken, ID: id, Modifiers: surJeton, Doc: doc}
}

func lien(id int, nom, vers, doc string) fhir.Param {
	return fhir.Param{Name: nom, Kind: fhir.KindReference, ID: id, Modifiers: surLien, Targets: []string{vers}, Include: true, Reverse: true, Doc: doc}
}

// communs are the parameters of all resources.
func communs(l ...fhir.Param) []fhir.Param {
	identifiant := jeton(pIdentifiant, "identifier", "Identifiant, seul ou avec son système : https://rpps.esante.gouv.fr|…")
	identifiant.Modifiers |= fhir.OfType
	maj := fhir.Param{Name: "_lastUpdated", Kind: fhir.KindDate, ID: pMaj, Modifiers: fhir.Missing, Sort: true, Doc: "Instant du dernier changement visible, avec un préfixe (ge, lt…)."}
	profil := fhir.Param{Name: "_profile", Kind: fhir.KindURI, ID: pProfil, Doc: "Profil du guide, avec ou sans version."}
	return append([]fhir.Param{
		{Name: "_id", Kind: fhir.KindToken, ID: pID, Doc: "Identifiant technique de la ressource."}, maj, profil, identifiant,
		jeton(pSysteme, "data-information-system", "Système d'information d'où vient la fiche : RPPS, FINESS, CG, MSS."),
		jeton(pAutorite, "data-registration-authority", "Autorité d'enregistrement de la fiche (JDV_J83)."),
	}, l...)
}

var (
	paramActif   = jeton(pActif, "active", "true ou false.")
	paramBAL     = texte(pBAL, "mailbox-mss", "Adresse de messagerie sécurisée ; :contains=@domaine trouve un domaine.")
	paramTypeBAL = jeton(pTypeBAL, "mailbox-mss-type", "Type de boîte aux lettres : PER, ORG, APP, CAB.")
	paramTypeID  = jeton(pTypeIdentifiant, "identifier-type", "Type d'identifiant : RPPS, ADELI, IDNPS, FINEG, FINEJ, SIREN, SIRET, IDNST.")
)

// types are the resources and their parameters. ref: RASS §7.1, §7.2
func types(source, version string) []fhir.Type {
	p := ressource.NouveauxProfils(source, version)
	tri := func(p fhir.Param) fhir.Param { p.Sort = true; return p }
	l := []fhir.Type{
		{Name: "Practitioner", Params: communs(paramActif, paramTypeID,
			tri(texte(pNom, "name", "Nom ou prénom d'exercice ; chaque mot doit être trouvé.")),
			tri(texte(pFamille, "family", "Nom d'exercice.")), tri(texte(pPrenom, "given", "Prénom d'exercice.")),
			paramBAL, paramTypeBAL, texte(pNumeroCarte, "number-smartcard", "Numéro de carte, entier."),
			jeton(pTypeCarte, "type-smartcard", "Type de carte."),
			jeton(pQualification, "qualification-code", "Profession, catégorie, savoir-faire ou diplôme."))},
		{Name: "PractitionerRole", Params: communs(paramActif, paramBAL, paramTypeBAL,
			lien(pPraticien, "practitioner", "Practitioner", "Le professionnel."), lien(pStructure, "organization", "Organization", "La structure."),
			jeton(pRole, "role", "Fonction, genre d'activité, mode d'exercice, section."))},
		{Name: "Organization", Params: communs(paramActif, paramTypeID,
			tri(texte(pNom, "name", "Raison sociale ou enseigne.")), paramBAL, paramTypeBAL,
			texte(pAdresse, "address", "Voie, commune ou code postal ; chaque mot doit être trouvé."), texte(pCommune, "address-city", "Commune."),
			texte(pVoie, "address-line", "Voie."), texte(pCodePostal, "address-postalcode", "Code postal, ou son début."),
			texte(pINSEE, "address-insee", "Code INSEE de la commune."), lien(pPartOf, "partof", "Organization", "L'entité juridique d'un site."),
			texte(pLicence, "pharmacy-licence", "Numéro de licence d'une pharmacie, entier."),
			jeton(pTypeStructure, "type", "Sorte de structure, secteur d'activité ou catégorie d'établissement."),
			fhir.Param{Name: "near", Kind: fhir.KindNear, ID: pPres, Modifiers: fhir.Missing, Doc: "Latitude|longitude|distance|km."})},
		{Name: "HealthcareService", Params: communs(paramActif, lien(pStructure, "organization", "Organization", "La structure."),
			jeton(pForme, "characteristic", "Forme d'activité, ou type d'activité."), jeton(pModalite, "service-category", "Modalité."),
			jeton(pTypeOffre, "service-type", "Activité de soins, ou discipline sociale."))},
		{Name: "Device", Params: communs(texte(pFabricant, "manufacturer", "Marque."), texte(pModele, "model", "Modèle."),
			lien(pStructure, "organization", "Organization", "La structure."), jeton(pStatut, "status", "active ou inactive."),
			jeton(pTypeOffre, "type", "Type d'équipement."))},
		{Name: "Endpoint", Params: communs(paramActif, lien(pStructure, "organization", "Organization", "L'AMC."),
			jeton(pAMC, "numero-amc", "Numéro de l'AMC."), jeton(pService, "payload-type", "Service rendu à ce point d'accès."))},
	}
	for i := range l {
		l[i].Profiles = p.Adresses(ressource.NatureDe(l[i].Name))
		l[i].Operations = []fhir.Operation{{Name: "export", Definition: "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"}}
		if l[i].Name == "Practitioner" || l[i].Name == "Organization" {
			l[i].Operations = append(l[i].Operations, fhir.Operation{Name: "rechercher", Definition: source + "/OperationDefinition/rechercher"})
		}
	}
	return l
}

// champs are the fields of the image that a parameter asks, for the natures that have
// it; a value with a system is asked of those whose nomenclature it is.
var champs = [pService + 1][]champDe{
	pTypeIdentifiant: {{annuaire.ParTypeIdentifiant, ressource.TypesIdentifiant}},
	pActif:           {{annuaire.ParActif, ""}},
	pSysteme:         {{annuaire.ParSysteme, ""}},
	pAutorite:        {{annuaire.ParAutorite, ressource.TREAutorite}},
	pFamille:         {{annuaire.ParNom, ""}},
	pPrenom:          {{annuaire.ParPrenom, ""}},
	pBAL:             {{annuaire.ParBAL, ""}},
	pTypeBAL:         {{annuaire.ParTypeBAL, ressource.TREBAL}},
	pNumeroCarte:     {{annuaire.ParCarte, ""}},
	pTypeCarte:       {{annuaire.ParTypeCarte, ressource.TRECarte}},
	pQualification: {{annuaire.ParProfession, ressource.TREProfession}, {annuaire.ParCategorie, ressource.TRECategorie},
		{annuaire.ParSavoir, savoirs}, {annuaire.ParDiplome, diplomes}},
	pPraticien:     {{annuaire.ParPraticien, ""}},
	pStructure:     {{annuaire.ParStructure, ""}},
	pRole:          {{annuaire.ParFonction, roles}},
	pCommune:       {{annuaire.ParCommune, ""}},
	pVoie:          {{annuaire.ParVoie, ""}},
	pCodePostal:    {{annuaire.ParCodePostal, ""}},
	pINSEE:         {{annuaire.ParINSEE, ""}},
	pPartOf:        {{annuaire.ParJuridique, ""}},
	pLicence:       {{annuaire.ParLicence, ""}},
	pTypeStructure: {{annuaire.ParSorte, ressource.TypesOrganisation}, {annuaire.ParSecteur, ressource.TRESecteur}, {annuaire.ParCategorie, ressource.TREEtablissement}},
	pPres:          {{annuaire.ParLieu, ""}},
	pForme:         {{annuaire.ParForme, formes}},
	pModalite:      {{annuaire.ParModalite, ressource.TREModalite}},
	pTypeOffre:     {{annuaire.ParSecteur, offres}},
	pFabricant:     {{annuaire.ParFabricant, ""}},
	pModele:        {{annuaire.ParModele, ""}},
	pStatut:        {{annuaire.ParStatut, ""}},
	pAMC:           {{annuaire.ParAMC, ""}},
	pService:       {{annuaire.ParService, ""}},
}

// champDe is a field and the nomenclature of its codes: an address, one of the families
// below, or empty when any system is taken.
type champDe struct {
	champ   annuaire.Champ
	systeme string
}

// Families of nomenclatures.
const (
	savoirs  = "savoirs"
	diplomes = "diplomes"
	roles    = "roles"
	formes   = "formes"
	offres   = "offres"
)

// du tells whether a code of a system may be in the field.
func (c champDe) du(systeme string) bool {
	switch c.systeme {
	case "", systeme:
		return true
	case savoirs:
		return ressource.EstSavoir(systeme)
	case diplomes:
		return ressource.EstDiplome(systeme) || systeme == ressource.TREDiscipline
	case roles:
		switch systeme {
		case ressource.TREGenre, ressource.TREMode, ressource.TRELiberal, ressource.TRESSA, ressource.TREHospitalier, ressource.TREFonction, ressource.TREPharmacien, ressource.TRESection:
			return true
		}
	case formes:
		return systeme == ressource.TREForme || systeme == ressource.TRETypeActivite
	case offres:
		return systeme == ressource.TREActivite || systeme == ressource.TRESociale || systeme == ressource.TREEquipement
	}
	return false
}
