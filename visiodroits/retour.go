package visiodroits

import "github.com/ecluse-sante/ecluse/roc"

// Retour is the beginning of every answer of the community exchange.
type Retour struct {
	CodeRetour Code   `fil:"codeRetour" doc:"Code de retour"`
	Libelle    string `fil:"libelle,max=250" doc:"Ce que le code signifie"`
	Precision  string `fil:"precision,opt,max=500" doc:"Précision pour une personne"`
	QuiAgit    string `fil:"quiAgit,opt,max=100" doc:"Qui doit agir"`
	Reessai    string `fil:"reessai,opt,max=100" doc:"Quand une nouvelle tentative peut réussir"`
}

// RetourDe is the beginning of an answer with a code.
func RetourDe(c Code, precision string) Retour {
	s := c.Signification()
	return Retour{CodeRetour: c, Libelle: s.Libelle, Precision: precision, QuiAgit: s.Qui, Reessai: s.Reessai}
}

// LeCode implements roc.CorpsCode.
func (r *Retour) LeCode() roc.Code { return roc.Code(r.CodeRetour) }

// SignificationsROC are the codes of the community exchange and, after them, those of the
// refusals that all profiles share, as they are said in town, in the form of the descriptions of a profile.
func SignificationsROC() []roc.Signification {
	var l []roc.Signification
	for _, s := range significations {
		l = append(l, roc.Signification{Code: roc.Code(s.Code), Libelle: s.Libelle, Reessai: s.Reessai, Qui: s.Qui})
	}
	for _, s := range roc.Significations() {
		if s.Code.Technique() {
			l = append(l, RefusDeVille("", s.Code))
		}
	}
	return l
}
