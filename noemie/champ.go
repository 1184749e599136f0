package noemie

import (
	"slices"

	"github.com/ecluse-sante/ecluse/noemie/zone"
)

// Where a position comes from. S34 is the public PowerShell reader of the
// digest, VIS the public tables of the viewer sesamviewer (S. Cresto, 2007): the
// specification itself was not read. Nothing here is a claim of conformity.
const (
	s34 = "S34"
	vis = "VIS"
	hyp = "hyp"
)

// The fields, entity by entity: the only place where a position stands. The
// reader and the writer both go through it. ref: ROC §17.4
var (
	entEmetteurType = zone.Zone{Type: "000", Nom: "type d'émetteur", Debut: 3, Longueur: 2, Nature: zone.Texte, Obligatoire: true, Source: s34}
	entEmetteur     = zone.Zone{Type: "000", Nom: "émetteur", Debut: 5, Longueur: 14, Nature: zone.Identifiant, Mini: 8, Obligatoire: true, Source: s34}
	entDestType     = zone.Zone{Type: "000", Nom: "type de destinataire", Debut: 25, Longueur: 2, Nature: zone.Texte, Source: vis}
	entDest         = zone.Zone{Type: "000", Nom: "destinataire", Debut: 27, Longueur: 14, Nature: zone.Identifiant, Mini: 8, Source: vis}
	entApplication  = zone.Zone{Type: "000", Nom: "application", Debut: 47, Longueur: 2, Nature: zone.Texte, Source: vis}
	entFichier      = zone.Zone{Type: "000", Nom: "identification du fichier", Debut: 49, Longueur: 6, Nature: zone.Texte, Source: vis}
	entCreation     = zone.Zone{Type: "000", Nom: "date de création", Debut: 55, Longueur: 6, Nature: zone.Jour, Source: vis}
	entReference    = zone.Zone{Type: "000", Nom: "référence", Debut: 61, Longueur: 4, Nature: zone.Texte, Obligatoire: true, Source: s34} // three figures in S34, four characters in VIS
	entMonnaie      = zone.Zone{Type: "000", Nom: "unité monétaire", Debut: 69, Longueur: 1, Nature: zone.Texte, Source: vis}
	entFlux         = zone.Zone{Type: "000", Nom: "type de flux", Debut: 70, Longueur: 1, Nature: zone.Texte, Source: vis}
	entLongueur     = zone.Zone{Type: "000", Nom: "longueur d'enregistrement", Debut: 82, Longueur: 3, Nature: zone.Nombre, Source: vis}
	entMessage      = zone.Zone{Type: "000", Nom: "message", Debut: 91, Longueur: 37, Nature: zone.Texte, Source: vis}

	mndNumero = zone.Zone{Type: "020", Nom: "mandataire", Debut: 5, Longueur: 15, Nature: zone.Identifiant, Mini: 8, Obligatoire: true, Source: vis}
	dstNumero = zone.Zone{Type: "040", Nom: "destinataire de règlement", Debut: 5, Longueur: 15, Nature: zone.Identifiant, Mini: 8, Obligatoire: true, Source: s34}

	jrnDate   = zone.Zone{Type: "070", Nom: "journée comptable", Debut: 5, Longueur: 6, Nature: zone.Jour, Obligatoire: true, Source: s34}
	virDate   = zone.Zone{Type: "071", Nom: "journée comptable", Debut: 5, Longueur: 6, Nature: zone.Jour, Obligatoire: true, Source: vis}
	virLigne1 = zone.Zone{Type: "071", Nom: "libellé du virement", Debut: 11, Longueur: 32, Nature: zone.Texte, Source: vis}
	virLigne2 = zone.Zone{Type: "071", Nom: "suite du libellé", Debut: 43, Longueur: 32, Nature: zone.Texte, Source: vis}
	virPayeur = zone.Zone{Type: "071", Nom: "organisme payeur", Debut: 75, Longueur: 10, Nature: zone.Texte, Source: vis}

	lotDate   = zone.Zone{Type: "080", Nom: "date du lot", Debut: 5, Longueur: 6, Nature: zone.Jour, Source: vis}
	lotNumero = zone.Zone{Type: "080", Nom: "numéro de lot", Debut: 11, Longueur: 3, Nature: zone.Nombre, Obligatoire: true, Source: s34}

	facNumero     = zone.Zone{Type: "100", Nom: "numéro de facture", Debut: 5, Longueur: 9, Nature: zone.Numero, Obligatoire: true, Source: s34}
	falNumero     = zone.Zone{Type: "102", Nom: "numéro de facture", Debut: 5, Longueur: 15, Nature: zone.Texte, Obligatoire: true, Source: vis} // nine characters, then a complement of six
	falLot        = zone.Zone{Type: "102", Nom: "lot d'origine", Debut: 20, Longueur: 3, Nature: zone.Nombre, Source: vis}
	falLotDate    = zone.Zone{Type: "102", Nom: "date du lot d'origine", Debut: 23, Longueur: 6, Nature: zone.Jour, Source: vis}
	falForme      = zone.Zone{Type: "102", Nom: "type de facture", Debut: 29, Longueur: 1, Nature: zone.Texte, Source: vis}
	falDate       = zone.Zone{Type: "102", Nom: "date de facturation", Debut: 30, Longueur: 6, Nature: zone.Jour, Source: vis}
	falTraitement = zone.Zone{Type: "102", Nom: "traitement de la part AMC", Debut: 36, Longueur: 1, Nature: zone.Texte, Source: vis}
	falNature     = zone.Zone{Type: "102", Nom: "nature d'assurance", Debut: 37, Longueur: 2, Nature: zone.Texte, Source: vis}

	titNumero = zone.Zone{Type: "105", Nom: "numéro de titre", Debut: 5, Longueur: 20, Nature: zone.Texte, Obligatoire: true, Source: hyp} // hyp: NOEMIE-TITRE
	orgNumero = zone.Zone{Type: "010", Nom: "organisme complémentaire", Debut: 5, Longueur: 10, Nature: zone.Texte, Obligatoire: true, Source: s34}

	assNIR    = zone.Zone{Type: "110", Nom: "immatriculation", Debut: 5, Longueur: 15, Nature: zone.Texte, Source: s34}
	assNature = zone.Zone{Type: "110", Nom: "nature du nom", Debut: 20, Longueur: 1, Nature: zone.Texte, Source: vis}
	assNom    = zone.Zone{Type: "110", Nom: "nom de l'assuré", Debut: 21, Longueur: 25, Nature: zone.Texte, Source: s34}
	assPrenom = zone.Zone{Type: "110", Nom: "prénom de l'assuré", Debut: 72, Longueur: 15, Nature: zone.Texte, Source: s34}

	malNaissance = zone.Zone{Type: "120", Nom: "date de naissance", Debut: 5, Longueur: 6, Nature: zone.Texte, Source: s34}
	malRang      = zone.Zone{Type: "120", Nom: "rang de naissance", Debut: 11, Longueur: 1, Nature: zone.Texte, Source: s34}
	malNom       = zone.Zone{Type: "120", Nom: "nom du malade", Debut: 12, Longueur: 25, Nature: zone.Texte, Source: s34}
	malPrenom    = zone.Zone{Type: "120", Nom: "prénom du malade", Debut: 37, Longueur: 15, Nature: zone.Texte, Source: s34}

	// 103 is read, never written.
	perNIR       = zone.Zone{Type: "103", Nom: "immatriculation", Debut: 5, Longueur: 15, Nature: zone.Texte, Source: vis}
	perNom       = zone.Zone{Type: "103", Nom: "nom de l'assuré", Debut: 20, Longueur: 25, Nature: zone.Texte, Source: vis}
	perPrenom    = zone.Zone{Type: "103", Nom: "prénom de l'assuré", Debut: 70, Longueur: 15, Nature: zone.Texte, Source: vis}
	perNaissance = zone.Zone{Type: "103", Nom: "date de naissance", Debut: 100, Longueur: 6, Nature: zone.Texte, Source: vis}
	perRang      = zone.Zone{Type: "103", Nom: "rang de naissance", Debut: 106, Longueur: 1, Nature: zone.Texte, Source: vis}
	perMalade    = zone.Zone{Type: "103", Nom: "nom du malade", Debut: 107, Longueur: 25, Nature: zone.Texte, Source: vis}
	perMaladeP   = zone.Zone{Type: "103", Nom: "prénom du malade", Debut: 132, Longueur: 15, Nature: zone.Texte, Source: vis}

	natAssurance = zone.Zone{Type: "150", Nom: "nature d'assurance", Debut: 5, Longueur: 2, Nature: zone.Texte, Obligatoire: true, Source: s34}
	arcNumero    = zone.Zone{Type: "160", Nom: "numéro d'archivage", Debut: 5, Longueur: 17, Nature: zone.Texte, Obligatoire: true, Source: vis}

	ligNumero       = zone.Zone{Type: "210", Nom: "numéro de ligne", Debut: 5, Longueur: 2, Nature: zone.Nombre, Obligatoire: true, Source: vis}
	ligExoneration  = zone.Zone{Type: "210", Nom: "exonération", Debut: 9, Longueur: 1, Nature: zone.Texte, Source: vis}
	ligMode         = zone.Zone{Type: "210", Nom: "mode de traitement", Debut: 10, Longueur: 2, Nature: zone.Texte, Source: vis}
	ligDiscipline   = zone.Zone{Type: "210", Nom: "discipline", Debut: 12, Longueur: 3, Nature: zone.Texte, Source: vis}
	ligPrescription = zone.Zone{Type: "210", Nom: "date de prescription", Debut: 15, Longueur: 6, Nature: zone.Jour, Source: vis}
	ligDebut        = zone.Zone{Type: "210", Nom: "début des soins", Debut: 21, Longueur: 6, Nature: zone.Jour, Source: vis}
	ligFin          = zone.Zone{Type: "210", Nom: "fin des soins", Debut: 27, Longueur: 6, Nature: zone.Jour, Source: vis}
	ligPrix         = zone.Zone{Type: "210", Nom: "prix unitaire", Debut: 33, Longueur: 8, Nature: zone.Montant, Source: vis}
	ligBase         = zone.Zone{Type: "210", Nom: "base de remboursement", Debut: 41, Longueur: 8, Nature: zone.Montant, Source: vis}
	ligTaux         = zone.Zone{Type: "210", Nom: "taux", Debut: 49, Longueur: 3, Nature: zone.Nombre, Source: vis}
	ligRembourse    = zone.Zone{Type: "210", Nom: "montant remboursé", Debut: 52, Longueur: 8, Nature: zone.Montant, Obligatoire: true, Source: vis}
	ligSigne        = zone.Zone{Type: "210", Nom: "signe", Debut: 60, Longueur: 1, Nature: zone.Texte, Obligatoire: true, Source: vis}
	ligNature       = zone.Zone{Type: "210", Nom: "nature de prestation", Debut: 61, Longueur: 3, Nature: zone.Texte, Source: vis}
	ligComplement   = zone.Zone{Type: "210", Nom: "complément de nature", Debut: 64, Longueur: 2, Nature: zone.Texte, Source: vis}
	ligQuantite     = zone.Zone{Type: "210", Nom: "quantité", Debut: 66, Longueur: 3, Nature: zone.Nombre, Source: vis}
	ligCoefficient  = zone.Zone{Type: "210", Nom: "coefficient", Debut: 69, Longueur: 5, Nature: zone.Nombre, Source: vis}
	ligDenombrement = zone.Zone{Type: "210", Nom: "dénombrement", Debut: 74, Longueur: 3, Nature: zone.Nombre, Source: vis}
	ligDepense      = zone.Zone{Type: "210", Nom: "dépense", Debut: 77, Longueur: 8, Nature: zone.Montant, Source: vis}
	ligQualificatif = zone.Zone{Type: "210", Nom: "qualificatif", Debut: 85, Longueur: 2, Nature: zone.Texte, Source: vis}
	ligTauxLocal    = zone.Zone{Type: "210", Nom: "taux du régime local", Debut: 87, Longueur: 3, Nature: zone.Nombre, Source: vis}
	ligPartLocale   = zone.Zone{Type: "210", Nom: "part du régime local", Debut: 90, Longueur: 8, Nature: zone.Montant, Source: vis}
	ligTauxAMC      = zone.Zone{Type: "210", Nom: "taux de la part AMC", Debut: 98, Longueur: 3, Nature: zone.Nombre, Source: vis}
	ligPartAMC      = zone.Zone{Type: "210", Nom: "part AMC", Debut: 101, Longueur: 8, Nature: zone.Montant, Source: vis}
	ligBaseAMC      = zone.Zone{Type: "210", Nom: "base de l'AMC", Debut: 109, Longueur: 8, Nature: zone.Montant, Source: vis}
	ligExecutant    = zone.Zone{Type: "212", Nom: "exécutant", Debut: 117, Longueur: 11, Nature: zone.Identifiant, Mini: 9, Source: hyp}    // hyp: NOEMIE-EXECUTANT
	ligPrescripteur = zone.Zone{Type: "216", Nom: "prescripteur", Debut: 128, Longueur: 11, Nature: zone.Identifiant, Mini: 9, Source: hyp} // hyp: NOEMIE-EXECUTANT

	mvtLigne     = zone.Zone{Type: "250", Nom: "numéro de ligne", Debut: 5, Longueur: 2, Nature: zone.Nombre, Source: vis}
	mvtReference = zone.Zone{Type: "250", Nom: "référence de la dette", Debut: 7, Longueur: 10, Nature: zone.Texte, Source: vis}
	mvtDate      = zone.Zone{Type: "250", Nom: "date de la dette", Debut: 17, Longueur: 6, Nature: zone.Jour, Source: vis}
	mvtNature    = zone.Zone{Type: "250", Nom: "nature de la dette", Debut: 23, Longueur: 3, Nature: zone.Texte, Source: vis}
	mvtOperation = zone.Zone{Type: "250", Nom: "opération", Debut: 26, Longueur: 3, Nature: zone.Texte, Source: vis}
	mvtMontant   = zone.Zone{Type: "250", Nom: "montant", Debut: 29, Longueur: 8, Nature: zone.Montant, Obligatoire: true, Source: vis}
	mvtSigne     = zone.Zone{Type: "250", Nom: "signe", Debut: 37, Longueur: 1, Nature: zone.Texte, Obligatoire: true, Source: vis}
	mvtSolde     = zone.Zone{Type: "250", Nom: "solde de la dette", Debut: 38, Longueur: 8, Nature: zone.Montant, Source: vis}

	rejLigne   = zone.Zone{Type: "290", Nom: "numéro de ligne", Debut: 5, Longueur: 2, Nature: zone.Nombre, Source: vis}
	rejCode    = zone.Zone{Type: "290", Nom: "code du rejet", Debut: 7, Longueur: 10, Nature: zone.Texte, Obligatoire: true, Source: vis}
	rejLibelle = zone.Zone{Type: "290", Nom: "libellé du rejet", Debut: 17, Longueur: 80, Nature: zone.Texte, Source: vis}

	rjdCode       = zone.Zone{Type: "294", Nom: "code du rejet", Debut: 5, Longueur: 4, Nature: zone.Texte, Obligatoire: true, Source: vis}
	rjdLibelle    = zone.Zone{Type: "294", Nom: "libellé du rejet", Debut: 9, Longueur: 86, Nature: zone.Texte, Source: vis}
	rjdPortee     = zone.Zone{Type: "294", Nom: "portée du rejet", Debut: 95, Longueur: 1, Nature: zone.Texte, Obligatoire: true, Source: vis}
	rjdPart       = zone.Zone{Type: "294", Nom: "part concernée", Debut: 96, Longueur: 1, Nature: zone.Texte, Source: vis}
	rjdPrestation = zone.Zone{Type: "294", Nom: "prestation concernée", Debut: 97, Longueur: 5, Nature: zone.Texte, Source: vis}
	rjdDate       = zone.Zone{Type: "294", Nom: "date des soins", Debut: 102, Longueur: 6, Nature: zone.Jour, Source: vis}
	rjdExecutant  = zone.Zone{Type: "294", Nom: "exécutant", Debut: 108, Longueur: 9, Nature: zone.Identifiant, Mini: 9, Source: vis}
	rjdLigne      = zone.Zone{Type: "294", Nom: "numéro de ligne", Debut: 117, Longueur: 3, Nature: zone.Nombre, Source: vis}
	rjdRang       = zone.Zone{Type: "294", Nom: "rang du rejet", Debut: 120, Longueur: 2, Nature: zone.Nombre, Source: vis}
	rjdComplement = zone.Zone{Type: "294", Nom: "complément", Debut: 122, Longueur: 30, Nature: zone.Texte, Source: vis}

	ctlIdentification = zone.Zone{Type: "990", Nom: "identification du niveau", Debut: 5, Longueur: 17, Nature: zone.Texte, Source: vis}
	ctlCompte         = zone.Zone{Type: "990", Nom: "nombre", Debut: 22, Longueur: 8, Nature: zone.Nombre, Obligatoire: true, Source: vis}
	ctlMontant        = zone.Zone{Type: "990", Nom: "total", Debut: 30, Longueur: 11, Nature: zone.Montant, Obligatoire: true, Source: s34}
	ctlSigne          = zone.Zone{Type: "990", Nom: "signe", Debut: 41, Longueur: 1, Nature: zone.Texte, Source: vis}

	finEntites = zone.Zone{Type: "999", Nom: "nombre d'entités", Debut: 55, Longueur: 8, Nature: zone.Nombre, Source: vis}
	finLots    = zone.Zone{Type: "999", Nom: "nombre de lots", Debut: 82, Longueur: 3, Nature: zone.Nombre, Source: vis}
	finMontant = zone.Zone{Type: "999", Nom: "total du fichier", Debut: 85, Longueur: 11, Nature: zone.Montant, Source: vis}
	finSigne   = zone.Zone{Type: "999", Nom: "signe", Debut: 96, Longueur: 1, Nature: zone.Texte, Source: vis}
)

// table lists the fields in the order of the entities.
var table = []*zone.Zone{
	&entEmetteurType, &entEmetteur, &entDestType, &entDest, &entApplication, &entFichier, &entCreation, &entReference,
	&entMonnaie, &entFlux, &entLongueur, &entMessage, &orgNumero, &mndNumero, &dstNumero, &jrnDate, &virDate, &virLigne1,
	&virLigne2, &virPayeur, &lotDate, &lotNumero, &facNumero, &falNumero, &falLot, &falLotDate, &falForme, &falDate,
	&falTraitement, &falNature, &perNIR, &perNom, &perPrenom, &perNaissance, &perRang, &perMalade, &perMaladeP, &titNumero,
	&assNIR, &assNature, &assNom, &assPrenom, &malNaissance, &malRang, &malNom, &malPrenom, &natAssurance, &arcNumero,
	&ligNumero, &ligExoneration, &ligMode, &ligDiscipline, &ligPrescription, &ligDebut, &ligFin, &ligPrix, &ligBase,
	&ligTaux, &ligRembourse, &ligSigne, &ligNature, &ligComplement, &ligQuantite, &ligCoefficient, &ligDenombrement,
	&ligDepense, &ligQualificatif, &ligTauxLocal, &ligPartLocale, &ligTauxAMC, &ligPartAMC, &ligBaseAMC, &ligExecutant,
	&ligPrescripteur, &mvtLigne, &mvtReference, &mvtDate, &mvtNature, &mvtOperation, &mvtMontant, &mvtSigne, &mvtSolde,
	&rejLigne, &rejCode, &rejLibelle, &rjdCode, &rjdLibelle, &rjdPortee, &rjdPart, &rjdPrestation, &rjdDate, &rjdExecutant,
	&rjdLigne, &rjdRang, &rjdComplement, &ctlIdentification, &ctlCompte, &ctlMontant, &ctlSigne, &finEntites, &finLots,
	&finMontant, &finSigne,
}

// Champs is a copy of the table of the fields, for a document or a check. The
// entities 212 and 216 begin as the 210, and the 220 is as the 210
// (hyp: NOEMIE-FRAIS).
func Champs() []zone.Zone {
	l := make([]zone.Zone, len(table))
	for i, z := range table {
		l[i] = *z
	}
	return slices.Clip(l)
}
