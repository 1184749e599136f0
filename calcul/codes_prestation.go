package calcul

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

var listeFamille = []entree{
	{"SEJ", "frais de séjour"},
	{"FJ", "forfait journalier"},
	{"PAS", "participation pour acte lourd"},
	{"FPU", "forfait patient urgences"},
	{"ACTE", "acte"},
	{"CONS", "consultation"},
	{"BIO", "biologie"},
	{"MED", "médicament"},
	{"DMI", "dispositif médical"},
	{"CP", "chambre particulière"},
	{"ACC", "accompagnant"},
	{"TRSP", "transport"},
	{"DIV", "divers"},
}

// Codes is the closed list.
func (Famille) Codes() []string { return codesDe(listeFamille) }

// Libelle is the meaning of the code, in French.
func (f Famille) Libelle() string { return libelleDe(listeFamille, string(f)) }

func (Famille) liste() []entree { return listeFamille }

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

var listeSecteur = []entree{
	{"1", "secteur 1"},
	{"2O", "secteur 2 avec OPTAM"},
	{"2", "secteur 2 hors OPTAM"},
	{"NC", "non conventionné"},
}

// Codes is the closed list.
func (Secteur) Codes() []string { return codesDe(listeSecteur) }

// Libelle is the meaning of the code, in French.
func (s Secteur) Libelle() string { return libelleDe(listeSecteur, string(s)) }

func (Secteur) liste() []entree { return listeSecteur }

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

var listeProfession = []entree{
	{"MEDECIN", "médecin"},
	{"SAGE_FEMME", "sage-femme"},
	{"DENTISTE", "chirurgien-dentiste"},
	{"AUXILIAIRE", "auxiliaire médical"},
}

// Codes is the closed list.
func (Profession) Codes() []string { return codesDe(listeProfession) }

// Libelle is the meaning of the code, in French.
func (p Profession) Libelle() string { return libelleDe(listeProfession, string(p)) }

func (Profession) liste() []entree { return listeProfession }

// Service is the reimbursement class of a medicine. ref: ROC §13.1
type Service string

// Classes of medicines.
const (
	Irremplacable Service = "IRREMPLACABLE" // 100 %
	Majeur        Service = "MAJEUR"        // 65 %
	Modere        Service = "MODERE"        // 30 %
	Faible        Service = "FAIBLE"        // 15 %
)

var listeService = []entree{
	{"IRREMPLACABLE", "irremplaçable"},
	{"MAJEUR", "service médical majeur ou important"},
	{"MODERE", "service médical modéré"},
	{"FAIBLE", "service médical faible"},
}

// Codes is the closed list.
func (Service) Codes() []string { return codesDe(listeService) }

// Libelle is the meaning of the code, in French.
func (s Service) Libelle() string { return libelleDe(listeService, string(s)) }

func (Service) liste() []entree { return listeService }

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

var listeTypeFacture = []entree{
	{"ACE", "actes et consultations externes"},
	{"SEJOUR", "séjour"},
	{"SEJOUR_INTERMEDIAIRE", "séjour, facture intermédiaire"},
	{"HAD", "hospitalisation à domicile"},
	{"URGENCES", "urgences"},
}

// Codes is the closed list.
func (TypeFacture) Codes() []string { return codesDe(listeTypeFacture) }

// Libelle is the meaning of the code, in French.
func (t TypeFacture) Libelle() string { return libelleDe(listeTypeFacture, string(t)) }

func (TypeFacture) liste() []entree { return listeTypeFacture }

func (t TypeFacture) sejour() bool {
	return t == FactureDeSejour || t == FactureIntermediaire || t == FactureDHAD
}
