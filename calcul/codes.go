package calcul

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

var listeExoTM = []entree{
	{"0", "pas d'exonération"},
	{"1", "acte K ou KC 50 et plus"},
	{"2", "séjour de plus de 30 jours"},
	{"3", "soins particuliers exonérés"},
	{"4", "affection de longue durée"},
	{"5", "assuré exonéré"},
	{"6", "SNCF"},
	{"7", "dispositif de prévention"},
	{"8", "réservé au régime général"},
	{"9", "FSV/FSI"},
	{"C", "acte CCAM exonérant"},
	{"X", "sans objet"},
}

// Codes is the closed list of B2 annex 9.
func (ExoTM) Codes() []string { return codesDe(listeExoTM) }

// Libelle is the meaning of the code, in French.
func (e ExoTM) Libelle() string { return libelleDe(listeExoTM, string(e)) }

func (ExoTM) liste() []entree { return listeExoTM }

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

var listeNatureAssurance = []entree{
	{"10", "maladie"},
	{"11", "maladie, navigation"},
	{"12", "maladie, navigation"},
	{"13", "maladie, régime local d'Alsace-Moselle"},
	{"22", "invalides de guerre"},
	{"30", "maternité"},
	{"41", "accident du travail"},
	{"50", "décès"},
	{"80", "autre"},
	{"90", "prévention maladie"},
	{"XX", "sans objet"},
}

// Codes is the list of the codes seen in national data.
func (NatureAssurance) Codes() []string { return codesDe(listeNatureAssurance) }

// Libelle is the meaning of the code, in French.
func (n NatureAssurance) Libelle() string { return libelleDe(listeNatureAssurance, string(n)) }

func (NatureAssurance) liste() []entree { return listeNatureAssurance }

// PecFJ tells who pays the daily charge. ref: ROC §15.3
type PecFJ string

// Payers of the daily charge; the empty text is "not said".
const (
	FJAssure  PecFJ = "A"
	FJRegime  PecFJ = "R"
	FJLocal   PecFJ = "L"
	FJInconnu PecFJ = "X"
)

var listePecFJ = []entree{
	{"A", "assuré"},
	{"R", "régime obligatoire"},
	{"L", "régime local d'Alsace-Moselle"},
	{"X", "sans information"},
}

// Codes is the closed list of B2 annex 16.
func (PecFJ) Codes() []string { return codesDe(listePecFJ) }

// Libelle is the meaning of the code, in French.
func (p PecFJ) Libelle() string { return libelleDe(listePecFJ, string(p)) }

func (PecFJ) liste() []entree { return listePecFJ }

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

var listeModeSortie = []entree{
	{"0", "transfert pour un acte"},
	{"6", "mutation"},
	{"7", "transfert"},
	{"8", "domicile"},
	{"9", "décès"},
}

// Codes is the closed list of PMSI.
func (ModeSortie) Codes() []string { return codesDe(listeModeSortie) }

// Libelle is the meaning of the code, in French.
func (m ModeSortie) Libelle() string { return libelleDe(listeModeSortie, string(m)) }

func (ModeSortie) liste() []entree { return listeModeSortie }

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

var listeDiscipline = []entree{
	{"MCO", "médecine, chirurgie, obstétrique"},
	{"ODO", "odontologie"},
	{"PSY", "psychiatrie"},
	{"SMR", "soins médicaux et de réadaptation"},
	{"HAD", "hospitalisation à domicile"},
}

// Codes is the closed list.
func (Discipline) Codes() []string { return codesDe(listeDiscipline) }

// Libelle is the meaning of the code, in French.
func (d Discipline) Libelle() string { return libelleDe(listeDiscipline, string(d)) }

func (Discipline) liste() []entree { return listeDiscipline }

// Categorie is the legal and tariff category of the hospital. ref: ROC §7.1
type Categorie string

// Categories of hospital; the empty text is EPS.
const (
	EPS Categorie = "EPS"
	PNL Categorie = "PNL"
	HIA Categorie = "HIA"
	OQN Categorie = "OQN"
)

var listeCategorie = []entree{
	{"EPS", "établissement public de santé"},
	{"PNL", "privé à but non lucratif"},
	{"HIA", "hôpital des armées"},
	{"OQN", "clinique privée"},
}

// Codes is the closed list.
func (Categorie) Codes() []string { return codesDe(listeCategorie) }

// Libelle is the meaning of the code, in French.
func (c Categorie) Libelle() string { return libelleDe(listeCategorie, string(c)) }

func (Categorie) liste() []entree { return listeCategorie }

// TypeHospitalisation is the form of a stay. ref: ROC §15.5
type TypeHospitalisation string

// Forms of stay; the empty text is complete.
const (
	Complete TypeHospitalisation = "1"
	DeJour   TypeHospitalisation = "2"
	DeNuit   TypeHospitalisation = "3"
	Seances  TypeHospitalisation = "4"
)

var listeTypeHospitalisation = []entree{
	{"1", "complète"},
	{"2", "de jour"},
	{"3", "de nuit"},
	{"4", "séances"},
}

// Codes is the closed list.
func (TypeHospitalisation) Codes() []string { return codesDe(listeTypeHospitalisation) }

// Libelle is the meaning of the code, in French.
func (h TypeHospitalisation) Libelle() string { return libelleDe(listeTypeHospitalisation, string(h)) }

func (TypeHospitalisation) liste() []entree { return listeTypeHospitalisation }

func (h TypeHospitalisation) partielle() bool { return h == DeJour || h == DeNuit || h == Seances }
