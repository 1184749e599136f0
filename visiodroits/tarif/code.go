package tarif

// Code is a return code of the profile. ref: VISIO §14, DEC 33
type Code = string

// The codes that the fine side answers with. ref: VISIO §14
const (
	Accepte        Code = "000"
	Illisible      Code = "T001" // lines that contradict themselves
	NonOuvert      Code = "200"  // this insurer does not offer pricing
	Indisponible   Code = "201"  // it does, and cannot answer now
	SansDossier    Code = "300"  // no file number: bill without pricing
	DossierInconnu Code = "T611"
	IdentiteEnTrop Code = "T620"
	Indechiffrable Code = "T630"
)

// Retour is the beginning of every answer. ref: VISIO §14
type Retour struct {
	CodeRetour Code   `fil:"codeRetour,max=4" doc:"Code de retour"`
	Libelle    string `fil:"libelle,max=250" doc:"Ce que le code signifie"`
	Precision  string `fil:"precision,opt,max=500" doc:"Précision pour une personne"`
	QuiAgit    string `fil:"quiAgit,opt,max=100" doc:"Qui doit agir"`
	Reessai    string `fil:"reessai,opt,max=100" doc:"Quand une nouvelle tentative peut réussir"`
}

// sens is what a code of the fine side means, who acts, and when to try again.
type sens struct{ libelle, qui, reessai string }

func sensDe(c Code) sens {
	switch c {
	case Accepte:
		return sens{"Accepté", "", ""}
	case Illisible:
		return sens{"Lignes incohérentes", "l'éditeur du logiciel", ""}
	case NonOuvert:
		return sens{"Tarification en ligne non ouverte par cette AMC", "l'éditeur du logiciel", ""}
	case Indisponible:
		return sens{"Tarification en ligne momentanément indisponible", "", "plus tard"}
	case SansDossier:
		return sens{"Numéro de dossier non accordé : facturer sans tarification", "l'officine", ""}
	case DossierInconnu:
		return sens{"Dossier expiré ou inconnu", "le logiciel", "après une nouvelle demande de droits"}
	case IdentiteEnTrop:
		return sens{"Donnée d'identité interdite dans cet échange", "l'éditeur du logiciel", ""}
	case Indechiffrable:
		return sens{"Déchiffrement impossible, ou clé inconnue", "le logiciel", "après mise à jour des clés"}
	}
	return sens{"Code inconnu", "", ""}
}

// RetourDe is the beginning of an answer with a code.
func RetourDe(c Code, precision string) Retour {
	s := sensDe(c)
	return Retour{CodeRetour: c, Libelle: s.libelle, Precision: precision, QuiAgit: s.qui, Reessai: s.reessai}
}

// Accord tells whether the answer accepts.
func (r *Retour) Accord() bool { return r.CodeRetour == Accepte }
