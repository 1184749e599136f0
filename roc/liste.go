package roc

// Categorie is the category of a hospital; it decides of the base of the ticket
// modérateur. ref: ROC §0.3, §13.3
type Categorie string

// The categories. ref: DEC 27
const (
	EPS Categorie = "EPS"
	PNL Categorie = "PNL"
	HIA Categorie = "HIA"
	OQN Categorie = "OQN"
)

// Codes is the closed list of categories.
func (Categorie) Codes() []string { return []string{"EPS", "PNL", "HIA", "OQN"} }

// Discipline is the field of activity. ref: ROC §7.1, DEC 27
type Discipline string

// The fields.
const (
	MCO Discipline = "MCO"
	ODO Discipline = "ODO"
	PSY Discipline = "PSY"
	SMR Discipline = "SMR"
	HAD Discipline = "HAD"
)

// Codes is the closed list of fields.
func (Discipline) Codes() []string { return []string{"MCO", "ODO", "PSY", "SMR", "HAD"} }

// NatureAssurance is the nature of the insurance (B2). ref: ROC §15.2
type NatureAssurance string

// Codes is the closed list of natures.
func (NatureAssurance) Codes() []string {
	return []string{"10", "11", "12", "13", "22", "30", "41", "50", "80", "90", "XX"}
}

// ExoTM is why the ticket modérateur is exempted (B2, annex 9). ref: ROC §15.1
type ExoTM string

// Codes is the closed list of justifications.
func (ExoTM) Codes() []string {
	return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "C", "X"}
}

// CodePecFJ is who takes the forfait journalier (B2, annex 16). ref: ROC §15.3
type CodePecFJ string

// Codes is the closed list of takers.
func (CodePecFJ) Codes() []string { return []string{"A", "R", "L", "X"} }

// ModeSortie is how the patient left (PMSI). ref: ROC §15.4
type ModeSortie string

// Codes is the closed list of exits.
func (ModeSortie) Codes() []string { return []string{"0", "6", "7", "8", "9"} }

// TypeHospi is the kind of hospitalisation (SMR). ref: ROC §15.5
type TypeHospi string

// Codes is the closed list of kinds.
func (TypeHospi) Codes() []string { return []string{"1", "2", "3", "4"} }

// Famille is a family of prestations. ref: ROC §9.1
type Famille string

// Codes is the closed list of families.
func (Famille) Codes() []string {
	return []string{"SEJ", "FJ", "PAS", "FPU", "ACTE", "CONS", "BIO", "MED", "DMI", "CP", "ACC", "TRSP", "DIV"}
}

// Formule is a calculation rule that IDB returns. ref: ROC §12
type Formule struct {
	Famille        Famille     `fil:"famille" doc:"Famille de prestations"`
	CodePrestation string      `fil:"codePrestation,opt,max=5" doc:"Code de prestation, si la règle lui est propre"`
	Numero         string      `fil:"numero,min=3,max=3" doc:"Numéro de la formule, F00 à F12"`
	Libelle        string      `fil:"libelle,opt,max=100" doc:"Libellé"`
	Parametres     []Parametre `fil:"parametres,opt,n=0..12" doc:"Paramètres"`
}

// Parametre is a parameter of a rule. ref: ROC §12
type Parametre struct {
	Nom    string `fil:"nom,min=1,max=20" doc:"Nom : p, m, n, periode, f, g, op, tarif"`
	Valeur string `fil:"valeur,min=1,max=40" doc:"Valeur : taux, montant, nombre ou code"`
}
