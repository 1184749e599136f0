package calcul

import "slices"

// ExoTM is the reason why the ticket modérateur is exempted. ref: ROC §15.1
type ExoTM string

// Reasons of exemption; the empty text is "not said".
const (
	ExoAucune        ExoTM = "0"
	ExoActeAncien    ExoTM = "1" // NGAP act K or KC of 50 or more
	ExoTrenteJours   ExoTM = "2"
	ExoSoinsSpeciaux ExoTM = "3"
	ExoALD           ExoTM = "4"
	ExoAssure        ExoTM = "5"
	ExoSNCF          ExoTM = "6"
	ExoPrevention    ExoTM = "7"
	ExoReserve       ExoTM = "8"
	ExoFSV           ExoTM = "9"
	ExoActeCCAM      ExoTM = "C"
	ExoSansObjet     ExoTM = "X"
)

// Codes is the closed list of B2 annex 9.
func (ExoTM) Codes() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "C", "X"}
}

// Libelle is the meaning of the code, in French.
func (e ExoTM) Libelle() string {
	return map[ExoTM]string{
		ExoAucune: "pas d'exonération", ExoActeAncien: "acte K ou KC 50 et plus", ExoTrenteJours: "séjour de plus de 30 jours",
		ExoSoinsSpeciaux: "soins particuliers exonérés", ExoALD: "affection de longue durée", ExoAssure: "assuré exonéré",
		ExoSNCF: "SNCF", ExoPrevention: "dispositif de prévention", ExoReserve: "réservé au régime général",
		ExoFSV: "FSV/FSI", ExoActeCCAM: "acte CCAM exonérant", ExoSansObjet: "sans objet",
	}[e]
}

// NatureAssurance is the insurance under which care is given. ref: ROC §15.2
type NatureAssurance string

// Natures of insurance; the empty text is "not said".
const (
	NatureMaladie       NatureAssurance = "10"
	NatureLocal         NatureAssurance = "13" // Alsace-Moselle local scheme
	NatureMaternite     NatureAssurance = "30"
	NatureAccident      NatureAssurance = "41"
	NaturePrevention    NatureAssurance = "90"
	NatureNonApplicable NatureAssurance = "XX"
)

// Codes is the list of the codes seen in national data.
func (NatureAssurance) Codes() []string {
	return []string{"10", "11", "12", "13", "22", "30", "41", "50", "80", "90", "XX"}
}

// Libelle is the meaning of the code, in French.
func (n NatureAssurance) Libelle() string {
	return map[NatureAssurance]string{
		NatureMaladie: "maladie", "11": "maladie, navigation", "12": "maladie, navigation", NatureLocal: "maladie, régime local d'Alsace-Moselle",
		"22": "invalides de guerre", NatureMaternite: "maternité", NatureAccident: "accident du travail", "50": "décès", "80": "autre",
		NaturePrevention: "prévention maladie", NatureNonApplicable: "sans objet",
	}[n]
}

// PecFJ tells who pays the daily charge. ref: ROC §15.3
type PecFJ string

// Payers of the daily charge; the empty text is "not said".
const (
	FJAssure  PecFJ = "A"
	FJRegime  PecFJ = "R"
	FJLocal   PecFJ = "L"
	FJInconnu PecFJ = "X"
)

// Codes is the closed list of B2 annex 16.
func (PecFJ) Codes() []string { return []string{"A", "R", "L", "X"} }

// Libelle is the meaning of the code, in French.
func (p PecFJ) Libelle() string {
	return map[PecFJ]string{FJAssure: "assuré", FJRegime: "régime obligatoire", FJLocal: "régime local d'Alsace-Moselle", FJInconnu: "sans information"}[p]
}

// ModeSortie is how a stay ends. ref: ROC §15.4
type ModeSortie string

// Modes of exit; the empty text is "not said".
const (
	SortieTransfertActe ModeSortie = "0"
	SortieMutation      ModeSortie = "6"
	SortieTransfert     ModeSortie = "7"
	SortieDomicile      ModeSortie = "8"
	SortieDeces         ModeSortie = "9"
)

// Codes is the closed list of PMSI.
func (ModeSortie) Codes() []string { return []string{"0", "6", "7", "8", "9"} }

// Libelle is the meaning of the code, in French.
func (m ModeSortie) Libelle() string {
	return map[ModeSortie]string{SortieTransfertActe: "transfert pour un acte", SortieMutation: "mutation", SortieTransfert: "transfert", SortieDomicile: "domicile", SortieDeces: "décès"}[m]
}

// jourDeSortieDu tells whether the daily charge of the exit day is due: at home,
// and for any value that is neither a transfer nor a death. ref: ROC §§13.4, 15.4
func (m ModeSortie) jourDeSortieDu() bool {
	return m != SortieTransfertActe && m != SortieMutation && m != SortieTransfert && m != SortieDeces
}

// lisible tells whether the text can be a mode of exit: one digit.
func (m ModeSortie) lisible() bool { return len(m) == 1 && m[0] >= '0' && m[0] <= '9' }

// Discipline is the field of hospital activity. ref: DEC 27
type Discipline string

// Disciplines; the empty text is MCO.
const (
	MCO Discipline = "MCO"
	ODO Discipline = "ODO"
	PSY Discipline = "PSY"
	SMR Discipline = "SMR"
	HAD Discipline = "HAD"
)

// Codes is the closed list.
func (Discipline) Codes() []string { return []string{"MCO", "ODO", "PSY", "SMR", "HAD"} }

// Libelle is the meaning of the code, in French.
func (d Discipline) Libelle() string {
	return map[Discipline]string{MCO: "médecine, chirurgie, obstétrique", ODO: "odontologie", PSY: "psychiatrie", SMR: "soins médicaux et de réadaptation", HAD: "hospitalisation à domicile"}[d]
}

// Categorie is the legal and tariff category of the hospital. ref: ROC §7.1
type Categorie string

// Categories of hospital; the empty text is EPS.
const (
	EPS Categorie = "EPS"
	PNL Categorie = "PNL"
	HIA Categorie = "HIA"
	OQN Categorie = "OQN"
)

// Codes is the closed list.
func (Categorie) Codes() []string { return []string{"EPS", "PNL", "HIA", "OQN"} }

// Libelle is the meaning of the code, in French.
func (c Categorie) Libelle() string {
	return map[Categorie]string{EPS: "établissement public de santé", PNL: "privé à but non lucratif", HIA: "hôpital des armées", OQN: "clinique privée"}[c]
}

// TypeHospitalisation is the form of a stay. ref: ROC §15.5
type TypeHospitalisation string

// Forms of stay; the empty text is complete.
const (
	Complete TypeHospitalisation = "1"
	DeJour   TypeHospitalisation = "2"
	DeNuit   TypeHospitalisation = "3"
	Seances  TypeHospitalisation = "4"
)

// Codes is the closed list.
func (TypeHospitalisation) Codes() []string { return []string{"1", "2", "3", "4"} }

// Libelle is the meaning of the code, in French.
func (h TypeHospitalisation) Libelle() string {
	return map[TypeHospitalisation]string{Complete: "complète", DeJour: "de jour", DeNuit: "de nuit", Seances: "séances"}[h]
}

func (h TypeHospitalisation) partielle() bool { return h == DeJour || h == DeNuit || h == Seances }

// Famille is the kind of a line. ref: ROC §9.1
type Famille string

// Families of lines.
const (
	FamilleSEJ  Famille = "SEJ"
	FamilleFJ   Famille = "FJ"
	FamillePAS  Famille = "PAS"
	FamilleFPU  Famille = "FPU"
	FamilleACTE Famille = "ACTE"
	FamilleCONS Famille = "CONS"
	FamilleBIO  Famille = "BIO"
	FamilleMED  Famille = "MED"
	FamilleDMI  Famille = "DMI"
	FamilleCP   Famille = "CP"
	FamilleACC  Famille = "ACC"
	FamilleTRSP Famille = "TRSP"
	FamilleDIV  Famille = "DIV"
)

// Codes is the closed list.
func (Famille) Codes() []string {
	return []string{"SEJ", "FJ", "PAS", "FPU", "ACTE", "CONS", "BIO", "MED", "DMI", "CP", "ACC", "TRSP", "DIV"}
}

// Libelle is the meaning of the code, in French.
func (f Famille) Libelle() string {
	return map[Famille]string{
		FamilleSEJ: "frais de séjour", FamilleFJ: "forfait journalier", FamillePAS: "participation pour acte lourd", FamilleFPU: "forfait patient urgences",
		FamilleACTE: "acte", FamilleCONS: "consultation", FamilleBIO: "biologie", FamilleMED: "médicament", FamilleDMI: "dispositif médical",
		FamilleCP: "chambre particulière", FamilleACC: "accompagnant", FamilleTRSP: "transport", FamilleDIV: "divers",
	}[f]
}

// forfait tells whether the whole line is a participation of the patient side,
// without any base of the AMO.
func (f Famille) forfait() bool { return f == FamilleFJ || f == FamillePAS || f == FamilleFPU }

// confort tells whether the AMO never reimburses the family. ref: ROC §13.11
func (f Famille) confort() bool { return f == FamilleCP || f == FamilleACC }

// medical tells whether a line is an act or a consultation of a professional.
func (f Famille) medical() bool { return f == FamilleACTE || f == FamilleCONS }

// Secteur is the tariff sector of a professional. ref: ROC §9.1
type Secteur string

// Sectors; the empty text is "not said".
const (
	Secteur1           Secteur = "1"
	Secteur2OPTAM      Secteur = "2O"
	Secteur2           Secteur = "2"
	SecteurNonConvenue Secteur = "NC"
)

// Codes is the closed list.
func (Secteur) Codes() []string { return []string{"1", "2O", "2", "NC"} }

// Libelle is the meaning of the code, in French.
func (s Secteur) Libelle() string {
	return map[Secteur]string{Secteur1: "secteur 1", Secteur2OPTAM: "secteur 2 avec OPTAM", Secteur2: "secteur 2 hors OPTAM", SecteurNonConvenue: "non conventionné"}[s]
}

func (s Secteur) horsOptam() bool { return s == Secteur2 || s == SecteurNonConvenue }

// Profession is who does an act, where the rate depends on it.
type Profession string

// Professions; the empty text is a doctor.
const (
	Medecin    Profession = "MEDECIN"
	SageFemme  Profession = "SAGE_FEMME"
	Dentiste   Profession = "DENTISTE"
	Auxiliaire Profession = "AUXILIAIRE"
)

// Codes is the closed list.
func (Profession) Codes() []string {
	return []string{"MEDECIN", "SAGE_FEMME", "DENTISTE", "AUXILIAIRE"}
}

// Libelle is the meaning of the code, in French.
func (p Profession) Libelle() string {
	return map[Profession]string{Medecin: "médecin", SageFemme: "sage-femme", Dentiste: "chirurgien-dentiste", Auxiliaire: "auxiliaire médical"}[p]
}

// Service is the reimbursement class of a medicine. ref: ROC §13.1
type Service string

// Classes of medicines.
const (
	Irremplacable Service = "IRREMPLACABLE" // 100 %
	Majeur        Service = "MAJEUR"        // 65 %
	Modere        Service = "MODERE"        // 30 %
	Faible        Service = "FAIBLE"        // 15 %
)

// Codes is the closed list.
func (Service) Codes() []string { return []string{"IRREMPLACABLE", "MAJEUR", "MODERE", "FAIBLE"} }

// Libelle is the meaning of the code, in French.
func (s Service) Libelle() string {
	return map[Service]string{Irremplacable: "irremplaçable", Majeur: "service médical majeur ou important", Modere: "service médical modéré", Faible: "service médical faible"}[s]
}

// TypeFacture is the kind of an invoice. ref: ROC §9.1
type TypeFacture string

// Kinds of invoice.
const (
	FactureDACE          TypeFacture = "ACE"
	FactureDeSejour      TypeFacture = "SEJOUR"
	FactureIntermediaire TypeFacture = "SEJOUR_INTERMEDIAIRE"
	FactureDHAD          TypeFacture = "HAD"
	FactureDUrgences     TypeFacture = "URGENCES"
)

// Codes is the closed list.
func (TypeFacture) Codes() []string {
	return []string{"ACE", "SEJOUR", "SEJOUR_INTERMEDIAIRE", "HAD", "URGENCES"}
}

// Libelle is the meaning of the code, in French.
func (t TypeFacture) Libelle() string {
	return map[TypeFacture]string{FactureDACE: "actes et consultations externes", FactureDeSejour: "séjour", FactureIntermediaire: "séjour, facture intermédiaire", FactureDHAD: "hospitalisation à domicile", FactureDUrgences: "urgences"}[t]
}

func (t TypeFacture) sejour() bool {
	return t == FactureDeSejour || t == FactureIntermediaire || t == FactureDHAD
}

// codifie is a closed list of codes.
type codifie interface {
	~string
	Codes() []string
}

// connu tells whether a code is of its list; "not said" is not.
func connu[C codifie](c C) bool { return slices.Contains(c.Codes(), string(c)) }

// ouDefaut is the code, or the default when it is not said.
func ouDefaut[C codifie](c, defaut C) C {
	if c == "" {
		return defaut
	}
	return c
}
