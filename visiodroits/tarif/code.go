package tarif

import "github.com/ecluse-sante/ecluse/visiodroits"

// Code is a return code of the community exchange. Lines that contradict themselves, or
// cannot be read, are refused by code T001 of package roc, as any message is.
// ref: VISIO §14, DEC 33
type Code = visiodroits.Code

// The codes that the fine side answers with. ref: VISIO §14
const (
	Accepte        = visiodroits.Fournis
	NonOuvert      = visiodroits.ServiceNonOuvert    // this insurer does not offer pricing
	Indisponible   = visiodroits.ServiceIndisponible // it does, and cannot answer now
	SansDossier    = visiodroits.DossierRefuse       // no file number: bill without pricing
	DossierInconnu = visiodroits.DossierInconnu      // T611
	IdentiteEnTrop = visiodroits.IdentiteInterdite   // T620
	Indechiffrable = visiodroits.DechiffrementFailli // T630
	JetonRefuse    = visiodroits.JetonNonSigne       // T631
)

// Retour is the beginning of every answer.
type Retour struct{ visiodroits.Retour }

// RetourDe is the beginning of an answer with a code.
func RetourDe(c Code, precision string) Retour {
	r := Retour{visiodroits.RetourDe(c, precision)}
	if c == Accepte {
		r.Libelle = "Accepté" // no rights are supplied here
	}
	return r
}

// Accord tells whether the answer accepts.
func (r *Retour) Accord() bool { return r.CodeRetour == Accepte }
