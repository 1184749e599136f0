package roc

import "github.com/ecluse-sante/ecluse/calcul"

// The closed lists of the calculation are those of the engine: one list, one
// meaning, on the wire and in the rules.
type (
	// Categorie is the category of a hospital. ref: ROC §0.3, §13.3
	Categorie = calcul.Categorie
	// Discipline is the field of activity. ref: ROC §7.1, DEC 27
	Discipline = calcul.Discipline
	// NatureAssurance is the nature of the insurance (B2). ref: ROC §15.2
	NatureAssurance = calcul.NatureAssurance
	// ExoTM is why the ticket modérateur is exempted. ref: ROC §15.1
	ExoTM = calcul.ExoTM
	// CodePecFJ is who takes the forfait journalier. ref: ROC §15.3
	CodePecFJ = calcul.PecFJ
	// ModeSortie is how the patient left. ref: ROC §15.4
	ModeSortie = calcul.ModeSortie
	// TypeHospi is the kind of hospitalisation. ref: ROC §15.5
	TypeHospi = calcul.TypeHospitalisation
	// Famille is a family of prestations. ref: ROC §9.1
	Famille = calcul.Famille
	// Secteur is the fee sector of a practitioner. ref: ROC §9.1
	Secteur = calcul.Secteur
	// Profession is who does an act, where the rate depends on it.
	Profession = calcul.Profession
	// TypeFacture is the kind of passage that is calculated. ref: ROC §9.1
	TypeFacture = calcul.TypeFacture
)

// The categories and fields of activity, and the kinds of passage.
const (
	EPS = calcul.EPS
	PNL = calcul.PNL
	HIA = calcul.HIA
	OQN = calcul.OQN

	MCO = calcul.MCO
	ODO = calcul.ODO
	PSY = calcul.PSY
	SMR = calcul.SMR
	HAD = calcul.HAD

	FactureACE           = calcul.FactureDACE
	FactureSejour        = calcul.FactureDeSejour
	FactureIntermediaire = calcul.FactureIntermediaire
	FactureHAD           = calcul.FactureDHAD
	FactureUrgences      = calcul.FactureDUrgences
)

// What a contract pays, as IDB returns it for a local calculation: the engine's
// own types, so that both sides compute from the same words. ref: ROC §12, DEC 24
type (
	// Formule is what a contract pays on a family of prestations.
	Formule = calcul.Garantie
	// Exclusion is what a contract never pays.
	Exclusion = calcul.Exclusion
)
