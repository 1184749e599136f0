package b2

import "github.com/ecluse-sante/ecluse/noemie/zone"

// longueur is the length of every record.
const longueur = 128

// Where a position comes from. VIS is the public table of the viewer
// sesamviewer (S. Cresto, 2007), RSF the layouts of the hospital statistics
// (ATIH, RSF-ACE 2023), which quote the positions of the B2 records that they
// copy: two sources that do not copy each other. The specification itself was
// not read. Nothing here is a claim of conformity.
const (
	vis  = "VIS"
	rsf  = "RSF"
	deux = "VIS, RSF"
)

// The fields, record by record: the only place where a position stands. The
// writer and the reader both go through it. "*" is the identification that
// records 2 to 5 share, "*S" that of 2S and 3S, "*F" that of 3F, 3H, 4M and 4H,
// whose number of invoice stands elsewhere. ref: ROC §17.5 // hyp: B2-IDENTIFICATION
var (
	fEmType      = zone.Zone{Type: "000", Nom: "type d'émetteur", Debut: 3, Longueur: 2, Nature: zone.Texte, Obligatoire: true, Source: vis}
	fEmetteur    = zone.Zone{Type: "000", Nom: "émetteur", Debut: 5, Longueur: 14, Nature: zone.Identifiant, Mini: 9, Obligatoire: true, Source: vis}
	fDestType    = zone.Zone{Type: "000", Nom: "type de destinataire", Debut: 25, Longueur: 2, Nature: zone.Texte, Source: vis}
	fDest        = zone.Zone{Type: "000", Nom: "destinataire", Debut: 27, Longueur: 14, Nature: zone.Identifiant, Mini: 8, Source: vis}
	fApplication = zone.Zone{Type: "000", Nom: "application", Debut: 47, Longueur: 2, Nature: zone.Texte, Source: vis}
	fIdent       = zone.Zone{Type: "000", Nom: "identification du fichier", Debut: 49, Longueur: 6, Nature: zone.Texte, Source: vis}
	fCreation    = zone.Zone{Type: "000", Nom: "date de création", Debut: 55, Longueur: 6, Nature: zone.Jour, Source: vis}
	fNorme       = zone.Zone{Type: "000", Nom: "norme", Debut: 61, Longueur: 4, Nature: zone.Texte, Source: vis}
	fVersion     = zone.Zone{Type: "000", Nom: "version", Debut: 65, Longueur: 2, Nature: zone.Texte, Source: vis}
	fLongueur    = zone.Zone{Type: "000", Nom: "longueur d'enregistrement", Debut: 82, Longueur: 3, Nature: zone.Nombre, Source: vis}
	fMessage     = zone.Zone{Type: "000", Nom: "message", Debut: 91, Longueur: 37, Nature: zone.Texte, Source: vis}

	lEtab      = zone.Zone{Type: "1", Nom: "établissement", Debut: 1, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Obligatoire: true, Source: vis}
	lOrigine   = zone.Zone{Type: "1", Nom: "origine", Debut: 10, Longueur: 6, Nature: zone.Texte, Source: vis}
	lOrganisme = zone.Zone{Type: "1", Nom: "organisme destinataire", Debut: 16, Longueur: 3, Nature: zone.Texte, Source: vis}
	lNumero    = zone.Zone{Type: "1", Nom: "numéro de lot", Debut: 19, Longueur: 3, Nature: zone.Nombre, Obligatoire: true, Source: vis}
	lCategorie = zone.Zone{Type: "1", Nom: "catégorie", Debut: 22, Longueur: 3, Nature: zone.Texte, Source: vis}
	lStatut    = zone.Zone{Type: "1", Nom: "statut juridique", Debut: 25, Longueur: 2, Nature: zone.Texte, Source: vis}
	lTarif     = zone.Zone{Type: "1", Nom: "mode de fixation des tarifs", Debut: 27, Longueur: 2, Nature: zone.Texte, Source: vis}
	lRaison    = zone.Zone{Type: "1", Nom: "raison sociale", Debut: 29, Longueur: 40, Nature: zone.Texte, Source: vis}
	lNorme     = zone.Zone{Type: "1", Nom: "norme", Debut: 69, Longueur: 2, Nature: zone.Texte, Source: vis}
	lCreation  = zone.Zone{Type: "1", Nom: "date du lot", Debut: 71, Longueur: 6, Nature: zone.Jour, Source: vis}
	lCode      = zone.Zone{Type: "1", Nom: "code norme", Debut: 78, Longueur: 2, Nature: zone.Texte, Source: vis}
	lVersion   = zone.Zone{Type: "1", Nom: "numéro de version", Debut: 81, Longueur: 6, Nature: zone.Texte, Source: vis}
	lMonnaie   = zone.Zone{Type: "1", Nom: "unité monétaire", Debut: 87, Longueur: 1, Nature: zone.Texte, Source: vis} // hyp: B2-MONNAIE
	lRegime    = zone.Zone{Type: "1", Nom: "régime pivot", Debut: 88, Longueur: 2, Nature: zone.Texte, Source: vis}
	lCaisse    = zone.Zone{Type: "1", Nom: "caisse pivot", Debut: 90, Longueur: 3, Nature: zone.Texte, Source: vis}

	iEtab    = zone.Zone{Type: "*", Nom: "établissement", Debut: 1, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Obligatoire: true, Source: vis}
	iNIR     = zone.Zone{Type: "*", Nom: "immatriculation", Debut: 11, Longueur: 15, Nature: zone.Texte, Source: deux}
	iRang    = zone.Zone{Type: "*", Nom: "rang du bénéficiaire", Debut: 26, Longueur: 3, Nature: zone.Numero, Source: deux}
	iFacture = zone.Zone{Type: "*", Nom: "numéro de facture", Debut: 29, Longueur: 9, Nature: zone.Numero, Obligatoire: true, Source: deux}

	iComplement = zone.Zone{Type: "*S", Nom: "complément de type", Debut: 38, Longueur: 1, Nature: zone.Texte, Source: vis}
	iSequence   = zone.Zone{Type: "*S", Nom: "séquence", Debut: 39, Longueur: 2, Nature: zone.Nombre, Source: vis}

	gFacture    = zone.Zone{Type: "*F", Nom: "numéro de facture", Debut: 26, Longueur: 9, Nature: zone.Numero, Obligatoire: true, Source: vis}
	gComplement = zone.Zone{Type: "*F", Nom: "complément de type", Debut: 35, Longueur: 1, Nature: zone.Texte, Source: vis}
	gSequence   = zone.Zone{Type: "*F", Nom: "séquence", Debut: 36, Longueur: 2, Nature: zone.Nombre, Source: vis}

	tOperation   = zone.Zone{Type: "2", Nom: "nature d'opération", Debut: 38, Longueur: 1, Nature: zone.Texte, Source: deux}
	tEntree      = zone.Zone{Type: "2", Nom: "numéro d'entrée", Debut: 39, Longueur: 9, Nature: zone.Texte, Source: deux}
	tRegime      = zone.Zone{Type: "2", Nom: "régime", Debut: 48, Longueur: 2, Nature: zone.Texte, Source: deux}
	tCaisse      = zone.Zone{Type: "2", Nom: "caisse", Debut: 50, Longueur: 3, Nature: zone.Texte, Source: vis}
	tCentre      = zone.Zone{Type: "2", Nom: "centre", Debut: 53, Longueur: 4, Nature: zone.Texte, Source: vis}
	tPiece       = zone.Zone{Type: "2", Nom: "pièce justificative", Debut: 57, Longueur: 1, Nature: zone.Texte, Source: vis}
	tNature      = zone.Zone{Type: "2", Nom: "nature d'assurance", Debut: 76, Longueur: 2, Nature: zone.Texte, Source: deux}
	tExoneration = zone.Zone{Type: "2", Nom: "exonération", Debut: 78, Longueur: 1, Nature: zone.Texte, Source: deux}
	tAccident    = zone.Zone{Type: "2", Nom: "accident", Debut: 85, Longueur: 9, Nature: zone.Texte, Source: deux}
	tNaissance   = zone.Zone{Type: "2", Nom: "date de naissance", Debut: 95, Longueur: 6, Nature: zone.Texte, Source: deux}
	tRangNaiss   = zone.Zone{Type: "2", Nom: "rang de naissance", Debut: 101, Longueur: 1, Nature: zone.Texte, Source: deux}
	tDateEntree  = zone.Zone{Type: "2", Nom: "date d'entrée", Debut: 102, Longueur: 6, Nature: zone.Jour, Source: deux}
	tDateSortie  = zone.Zone{Type: "2", Nom: "date de sortie", Debut: 108, Longueur: 6, Nature: zone.Jour, Source: deux}
	tHeure       = zone.Zone{Type: "2", Nom: "heure de sortie", Debut: 114, Longueur: 2, Nature: zone.Texte, Source: vis}
	tContrat     = zone.Zone{Type: "2", Nom: "type de contrat", Debut: 116, Longueur: 2, Nature: zone.Texte, Source: deux}
	tAMC         = zone.Zone{Type: "2", Nom: "organisme complémentaire", Debut: 118, Longueur: 10, Nature: zone.Identifiant, Mini: 8, Source: deux}

	sTitre     = zone.Zone{Type: "2S", Nom: "complément du titre", Debut: 41, Longueur: 6, Nature: zone.Texte, Source: vis}
	sReglement = zone.Zone{Type: "2S", Nom: "destinataire du règlement", Debut: 47, Longueur: 2, Nature: zone.Texte, Source: vis}
	sNIR       = zone.Zone{Type: "2S", Nom: "immatriculation individuelle", Debut: 49, Longueur: 15, Nature: zone.Texte, Source: deux}

	pMode       = zone.Zone{Type: "3", Nom: "mode de traitement", Debut: 38, Longueur: 2, Nature: zone.Texte, Source: deux}
	pDiscipline = zone.Zone{Type: "3", Nom: "discipline", Debut: 40, Longueur: 3, Nature: zone.Texte, Source: deux}
	pDebut      = zone.Zone{Type: "3", Nom: "début", Debut: 43, Longueur: 6, Nature: zone.Jour, Source: deux}
	pFin        = zone.Zone{Type: "3", Nom: "fin", Debut: 49, Longueur: 6, Nature: zone.Jour, Source: vis}
	pCode       = zone.Zone{Type: "3", Nom: "code de prestation", Debut: 55, Longueur: 5, Nature: zone.Texte, Obligatoire: true, Source: deux}
	pQuantite   = zone.Zone{Type: "3", Nom: "quantité", Debut: 60, Longueur: 3, Nature: zone.Nombre, Source: deux}
	pExo        = zone.Zone{Type: "3", Nom: "exonération", Debut: 63, Longueur: 1, Nature: zone.Texte, Source: deux}
	pCoef       = zone.Zone{Type: "3", Nom: "coefficient", Debut: 64, Longueur: 5, Nature: zone.Nombre, Source: deux}
	pPecFJ      = zone.Zone{Type: "3", Nom: "prise en charge du forfait journalier", Debut: 69, Longueur: 1, Nature: zone.Texte, Source: vis}
	pMCO        = zone.Zone{Type: "3", Nom: "coefficient MCO", Debut: 70, Longueur: 5, Nature: zone.Nombre, Source: deux}
	pPrix       = zone.Zone{Type: "3", Nom: "prix unitaire", Debut: 75, Longueur: 7, Nature: zone.Montant, Source: deux}
	pBase       = zone.Zone{Type: "3", Nom: "base de remboursement", Debut: 82, Longueur: 8, Nature: zone.Montant, Source: deux}
	pTaux       = zone.Zone{Type: "3", Nom: "taux", Debut: 90, Longueur: 3, Nature: zone.Nombre, Source: deux}
	pAMO        = zone.Zone{Type: "3", Nom: "montant AMO", Debut: 93, Longueur: 8, Nature: zone.Montant, Source: deux}
	pDepense    = zone.Zone{Type: "3", Nom: "dépense", Debut: 101, Longueur: 8, Nature: zone.Montant, Source: deux}
	pGHS        = zone.Zone{Type: "3", Nom: "GHS", Debut: 109, Longueur: 4, Nature: zone.Texte, Source: vis}
	pQualif     = zone.Zone{Type: "3", Nom: "qualificatif", Debut: 119, Longueur: 1, Nature: zone.Texte, Source: vis}
	pAMC        = zone.Zone{Type: "3", Nom: "montant AMC", Debut: 121, Longueur: 7, Nature: zone.Montant, Source: deux}

	oPrescripteur = zone.Zone{Type: "3S", Nom: "prescripteur", Debut: 41, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Source: vis}
	oSpecialite   = zone.Zone{Type: "3S", Nom: "spécialité", Debut: 51, Longueur: 2, Nature: zone.Texte, Source: vis}
	oDate         = zone.Zone{Type: "3S", Nom: "date de prescription", Debut: 53, Longueur: 6, Nature: zone.Jour, Source: vis}
	oDateAccord   = zone.Zone{Type: "3S", Nom: "date de l'accord préalable", Debut: 59, Longueur: 6, Nature: zone.Jour, Source: vis}
	oAccord       = zone.Zone{Type: "3S", Nom: "accord préalable", Debut: 65, Longueur: 1, Nature: zone.Texte, Source: vis}
	oLieu         = zone.Zone{Type: "3S", Nom: "lieu ou établissement", Debut: 66, Longueur: 14, Nature: zone.Identifiant, Mini: 9, Source: vis}
	oFin          = zone.Zone{Type: "3S", Nom: "nature de la fin de séjour", Debut: 80, Longueur: 1, Nature: zone.Texte, Source: vis}

	aCode     = zone.Zone{Type: "3F", Nom: "code LPP", Debut: 42, Longueur: 13, Nature: zone.Texte, Obligatoire: true, Source: deux}
	aSIRET    = zone.Zone{Type: "3F", Nom: "SIRET du fabricant", Debut: 55, Longueur: 14, Nature: zone.Texte, Source: vis}
	aQuantite = zone.Zone{Type: "3F", Nom: "quantité", Debut: 69, Longueur: 2, Nature: zone.Nombre, Source: deux}
	aPrix     = zone.Zone{Type: "3F", Nom: "prix unitaire", Debut: 71, Longueur: 7, Nature: zone.Montant, Source: deux}
	aMontant  = zone.Zone{Type: "3F", Nom: "montant facturé", Debut: 78, Longueur: 7, Nature: zone.Montant, Source: deux}

	mCode     = zone.Zone{Type: "3H", Nom: "code UCD", Debut: 48, Longueur: 7, Nature: zone.Texte, Obligatoire: true, Source: deux}
	mTaux     = zone.Zone{Type: "3H", Nom: "code taux", Debut: 55, Longueur: 1, Nature: zone.Texte, Source: vis}
	mCoef     = zone.Zone{Type: "3H", Nom: "coefficient de fractionnement", Debut: 56, Longueur: 5, Nature: zone.Nombre, Source: rsf}
	mAchat    = zone.Zone{Type: "3H", Nom: "prix d'achat unitaire", Debut: 66, Longueur: 7, Nature: zone.Montant, Source: deux}
	mEcart    = zone.Zone{Type: "3H", Nom: "écart ou marge", Debut: 73, Longueur: 7, Nature: zone.Montant, Source: deux}
	mUnitaire = zone.Zone{Type: "3H", Nom: "écart total ou prix facturé", Debut: 80, Longueur: 7, Nature: zone.Montant, Source: rsf} // hyp: B2-3H-ECART
	mQuantite = zone.Zone{Type: "3H", Nom: "quantité", Debut: 87, Longueur: 3, Nature: zone.Nombre, Source: deux}
	mMontant  = zone.Zone{Type: "3H", Nom: "montant facturé", Debut: 90, Longueur: 7, Nature: zone.Montant, Source: deux}

	hMode         = zone.Zone{Type: "4", Nom: "mode de traitement", Debut: 38, Longueur: 2, Nature: zone.Texte, Source: deux}
	hDiscipline   = zone.Zone{Type: "4", Nom: "discipline", Debut: 40, Longueur: 3, Nature: zone.Texte, Source: deux}
	hPrescripteur = zone.Zone{Type: "4", Nom: "prescripteur", Debut: 43, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Source: vis}
	hExo          = zone.Zone{Type: "4", Nom: "exonération", Debut: 53, Longueur: 1, Nature: zone.Texte, Source: deux}
	hSpecPrescr   = zone.Zone{Type: "4", Nom: "spécialité du prescripteur", Debut: 54, Longueur: 2, Nature: zone.Texte, Source: vis}
	hExecutant    = zone.Zone{Type: "4", Nom: "exécutant", Debut: 56, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Source: vis}
	hZoneTarif    = zone.Zone{Type: "4", Nom: "zone tarif", Debut: 65, Longueur: 2, Nature: zone.Texte, Source: vis}
	hSpecialite   = zone.Zone{Type: "4", Nom: "spécialité de l'exécutant", Debut: 67, Longueur: 2, Nature: zone.Texte, Source: deux}
	hDate         = zone.Zone{Type: "4", Nom: "date des soins", Debut: 69, Longueur: 6, Nature: zone.Jour, Source: deux}
	hCode         = zone.Zone{Type: "4", Nom: "code d'acte", Debut: 75, Longueur: 5, Nature: zone.Texte, Obligatoire: true, Source: deux}
	hQuantite     = zone.Zone{Type: "4", Nom: "quantité", Debut: 80, Longueur: 2, Nature: zone.Nombre, Source: deux}
	hCoef         = zone.Zone{Type: "4", Nom: "coefficient", Debut: 82, Longueur: 6, Nature: zone.Nombre, Source: deux}
	hDenombre     = zone.Zone{Type: "4", Nom: "dénombrement", Debut: 88, Longueur: 2, Nature: zone.Nombre, Source: deux}
	hPrix         = zone.Zone{Type: "4", Nom: "prix unitaire", Debut: 90, Longueur: 7, Nature: zone.Montant, Source: deux}
	hBase         = zone.Zone{Type: "4", Nom: "base de remboursement", Debut: 97, Longueur: 7, Nature: zone.Montant, Source: deux}
	hTaux         = zone.Zone{Type: "4", Nom: "taux", Debut: 104, Longueur: 3, Nature: zone.Nombre, Source: deux}
	hAMO          = zone.Zone{Type: "4", Nom: "montant AMO", Debut: 107, Longueur: 7, Nature: zone.Montant, Source: deux}
	hHonoraires   = zone.Zone{Type: "4", Nom: "honoraires", Debut: 114, Longueur: 7, Nature: zone.Montant, Source: deux}
	hQualif       = zone.Zone{Type: "4", Nom: "qualificatif", Debut: 121, Longueur: 1, Nature: zone.Texte, Source: vis}
	hAMC          = zone.Zone{Type: "4", Nom: "montant AMC", Debut: 122, Longueur: 6, Nature: zone.Montant, Source: deux}

	cCode        = zone.Zone{Type: "4M", Nom: "code CCAM", Debut: 42, Longueur: 13, Nature: zone.Texte, Obligatoire: true, Source: deux}
	cExtension   = zone.Zone{Type: "4M", Nom: "extension documentaire", Debut: 55, Longueur: 1, Nature: zone.Texte, Source: deux}
	cActivite    = zone.Zone{Type: "4M", Nom: "activité", Debut: 56, Longueur: 1, Nature: zone.Texte, Source: deux}
	cPhase       = zone.Zone{Type: "4M", Nom: "phase", Debut: 57, Longueur: 1, Nature: zone.Texte, Source: deux}
	cModif       = zone.Zone{Type: "4M", Nom: "modificateurs", Debut: 58, Longueur: 4, Nature: zone.Texte, Source: deux}
	cAssociation = zone.Zone{Type: "4M", Nom: "association non prévue", Debut: 62, Longueur: 1, Nature: zone.Texte, Source: deux}
	cException   = zone.Zone{Type: "4M", Nom: "remboursement sous condition", Debut: 63, Longueur: 1, Nature: zone.Texte, Source: deux}
	cSeance      = zone.Zone{Type: "4M", Nom: "date de séance", Debut: 64, Longueur: 6, Nature: zone.Jour, Source: vis}
	cDents       = zone.Zone{Type: "4M", Nom: "dents", Debut: 70, Longueur: 32, Nature: zone.Texte, Source: deux}

	t5Lignes        = zone.Zone{Type: "5", Nom: "nombre de lignes", Debut: 38, Longueur: 3, Nature: zone.Nombre, Source: vis}
	t5BasePH        = zone.Zone{Type: "5", Nom: "base des prestations", Debut: 41, Longueur: 8, Nature: zone.Montant, Source: deux}
	t5AMOPH         = zone.Zone{Type: "5", Nom: "AMO des prestations", Debut: 49, Longueur: 8, Nature: zone.Montant, Source: deux}
	t5Honoraires    = zone.Zone{Type: "5", Nom: "honoraires", Debut: 57, Longueur: 8, Nature: zone.Montant, Source: deux}
	t5AMOHono       = zone.Zone{Type: "5", Nom: "AMO des honoraires", Debut: 65, Longueur: 8, Nature: zone.Montant, Source: deux}
	t5Participation = zone.Zone{Type: "5", Nom: "participation avant AMC", Debut: 73, Longueur: 8, Nature: zone.Montant, Source: deux} // hyp: B2-PARTICIPATION
	t5AMCPH         = zone.Zone{Type: "5", Nom: "AMC des prestations", Debut: 81, Longueur: 8, Nature: zone.Montant, Source: deux}
	t5AMCHono       = zone.Zone{Type: "5", Nom: "AMC des honoraires", Debut: 89, Longueur: 8, Nature: zone.Montant, Source: deux}
	t5TotPH         = zone.Zone{Type: "5", Nom: "total des prestations", Debut: 114, Longueur: 8, Nature: zone.Montant, Source: deux}

	t6Etab     = zone.Zone{Type: "6", Nom: "établissement", Debut: 1, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Obligatoire: true, Source: vis}
	t6Factures = zone.Zone{Type: "6", Nom: "nombre de factures", Debut: 10, Longueur: 3, Nature: zone.Nombre, Source: vis}
	t6Lignes   = zone.Zone{Type: "6", Nom: "nombre de lignes", Debut: 13, Longueur: 4, Nature: zone.Nombre, Source: vis}
	t6Types2   = zone.Zone{Type: "6", Nom: "nombre d'enregistrements 2", Debut: 17, Longueur: 4, Nature: zone.Nombre, Source: vis}
	t6Types5   = zone.Zone{Type: "6", Nom: "nombre d'enregistrements 5", Debut: 21, Longueur: 3, Nature: zone.Nombre, Source: vis}
	t6Depense  = zone.Zone{Type: "6", Nom: "total facturé", Debut: 24, Longueur: 9, Nature: zone.Montant, Source: vis}
	t6AMO      = zone.Zone{Type: "6", Nom: "total AMO", Debut: 33, Longueur: 9, Nature: zone.Montant, Source: vis}
	t6AMC      = zone.Zone{Type: "6", Nom: "total AMC", Debut: 42, Longueur: 9, Nature: zone.Montant, Source: vis}
	t6Numero   = zone.Zone{Type: "6", Nom: "numéro de lot", Debut: 51, Longueur: 3, Nature: zone.Nombre, Source: vis}

	t9Volume = zone.Zone{Type: "999", Nom: "nombre d'enregistrements", Debut: 55, Longueur: 8, Nature: zone.Nombre, Source: vis}
	t9Lots   = zone.Zone{Type: "999", Nom: "nombre de lots", Debut: 82, Longueur: 3, Nature: zone.Nombre, Source: vis}
)

// table lists the fields in the order of the records.
var table = []*zone.Zone{
	&fEmType, &fEmetteur, &fDestType, &fDest, &fApplication, &fIdent, &fCreation, &fNorme, &fVersion, &fLongueur,
	&fMessage, &lEtab, &lOrigine, &lOrganisme, &lNumero, &lCategorie, &lStatut, &lTarif, &lRaison, &lNorme,
	&lCreation, &lCode, &lVersion, &lMonnaie, &lRegime, &lCaisse, &iEtab, &iNIR, &iRang, &iFacture, &iComplement,
	&iSequence, &gFacture, &gComplement, &gSequence, &tOperation, &tEntree, &tRegime, &tCaisse, &tCentre, &tPiece,
	&tNature, &tExoneration, &tAccident, &tNaissance, &tRangNaiss, &tDateEntree, &tDateSortie, &tHeure, &tContrat,
	&tAMC, &sTitre, &sReglement, &sNIR, &pMode, &pDiscipline, &pDebut, &pFin, &pCode, &pQuantite, &pExo, &pCoef,
	&pPecFJ, &pMCO, &pPrix, &pBase, &pTaux, &pAMO, &pDepense, &pGHS, &pQualif, &pAMC, &oPrescripteur, &oSpecialite,
	&oDate, &oDateAccord, &oAccord, &oLieu, &oFin, &aCode, &aSIRET, &aQuantite, &aPrix, &aMontant, &mCode, &mTaux,
	&mCoef, &mAchat, &mEcart, &mUnitaire, &mQuantite, &mMontant, &hMode, &hDiscipline, &hPrescripteur, &hExo,
	&hSpecPrescr, &hExecutant, &hZoneTarif, &hSpecialite, &hDate, &hCode, &hQuantite, &hCoef, &hDenombre, &hPrix,
	&hBase, &hTaux, &hAMO, &hHonoraires, &hQualif, &hAMC, &cCode, &cExtension, &cActivite, &cPhase, &cModif,
	&cAssociation, &cException, &cSeance, &cDents, &t5Lignes, &t5BasePH, &t5AMOPH, &t5Honoraires, &t5AMOHono,
	&t5Participation, &t5AMCPH, &t5AMCHono, &t5TotPH, &t6Etab, &t6Factures, &t6Lignes, &t6Types2, &t6Types5,
	&t6Depense, &t6AMO, &t6AMC, &t6Numero, &t9Volume, &t9Lots,
}

// Champs is a copy of the table of the fields, for a document or a check.
func Champs() []zone.Zone {
	l := make([]zone.Zone, len(table))
	for i, z := range table {
		l[i] = *z
	}
	return l
}
