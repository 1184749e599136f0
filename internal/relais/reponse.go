package relais

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sceau"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/trame"
)

// Why an answer is not carried back. Each is told to the hospital as T020.
var (
	ErrAutreQuestion   = errors.New("réponse à une autre question")
	ErrAutreRepondant  = errors.New("réponse scellée par une structure qui n'est ni le destinataire ni son opérateur mandaté")
	ErrAutrePartie     = errors.New("réponse d'une autre partie que le destinataire")
	ErrAutreInstant    = errors.New("réponse dont l'horodatage est à plus de 300 secondes de notre horloge")
	ErrRefusDeSecurite = errors.New("un relais ne peut refuser que pour une raison technique")
)

// refusDuSuivant is the technical refusal of a further relay. It is said again in
// our name: the hospital accepts refusals of its own relay only. ref: DEC 11
// hyp: RELAIS-REFUS-SUITE
type refusDuSuivant struct{ refus *roc.Refus }

func (r *refusDuSuivant) Error() string { return r.refus.Error() }

// croire opens an answer, checks that it answers the question and that who sealed
// it may, and writes it again with our name in its chain.
func (r *Relais) croire(q *Question, e *etape, a *Arrivee) (*Reponse, error) {
	o := sceau.Ouvreur{Juge: r.p.Juge, Limite: r.reglages.Limite, Relais: roc.BlocChaine}
	ouvrir := o.REST
	if q.Piece.Face() == sceau.SOAP {
		ouvrir = o.SOAP
	}
	p, err := ouvrir(a.Octets, r.p.Horloge())
	if err != nil {
		return nil, err
	}
	refus, env, code, err := lire(q.Norme, p)
	if err != nil {
		return nil, err
	}
	if refus != nil {
		err = r.admettreRefus(q, e, p, refus)
	} else {
		err = r.admettre(q, e, p, env)
	}
	if err != nil {
		return nil, err
	}
	chaine, err := roc.LireChaine(p)
	if err != nil {
		return nil, fmt.Errorf("liste des relais de la réponse : %w", err)
	}
	octets, err := r.ajouter(p, chaine)
	if err != nil {
		return nil, err
	}
	return &Reponse{Octets: octets, Piece: p, Code: code, Refus: refus != nil, Feuille: a.Feuille, Attente: a.Attente}, nil
}

// lire reads the envelope of an answer, its code when it is in clear, and the
// refusal that it is, if it is one.
func lire(n *roc.Norme, p *sceau.Piece) (refus *roc.Message[roc.CorpsRefus], env *roc.Enveloppe, code roc.Code, err error) {
	if p.Face() == sceau.SOAP && p.Element() == "Fault" {
		refus = new(roc.Message[roc.CorpsRefus])
		err = p.XML(func(l *xmlflux.Lecteur) error { return roc.PlanRefus.LireXML(l, roc.NomRefus, refus) }, "Fault", "Detail", roc.NomRefus)
	} else if code = codeRetour(p); code.Technique() && p.Face() == sceau.REST {
		refus = new(roc.Message[roc.CorpsRefus])
		err = roc.PlanRefus.DecodeJSON(p.Contenu(), refus)
	}
	switch {
	case err != nil:
		return nil, nil, "", err
	case refus != nil && (refus.Corps == nil || !refus.Corps.CodeRetour.Technique()):
		return nil, nil, "", errors.New("refus sans code technique ni de sécurité")
	case refus != nil:
		return refus, &refus.Enveloppe, refus.Corps.CodeRetour, nil
	}
	m, plan := new(roc.Message[trame.Opaque]), n.Routage()
	if p.Face() == sceau.REST {
		err = plan.DecodeJSON(p.Contenu(), m)
	} else {
		nom := p.Element()
		err = p.XML(func(l *xmlflux.Lecteur) error { return plan.LireXML(l, nom, m) }, nom)
	}
	return nil, &m.Enveloppe, code, err
}

// admettre checks an answer. ref: ROC §16.3, DEC 14
func (r *Relais) admettre(q *Question, e *etape, p *sceau.Piece, env *roc.Enveloppe) error {
	d := q.Enveloppe.Destinataire
	switch {
	case !slices.Contains(e.structures, p.Scelleur().Porteur.Structure()):
		return ErrAutreRepondant
	case env.Emetteur.Type != d.Type || env.Emetteur.ID != d.ID:
		return ErrAutrePartie
	case env.EmpreinteQuestion != sceau.EmpreinteTexte(q.Piece.Empreinte()), env.IDEchange != q.Enveloppe.IDEchange,
		env.Service != q.Enveloppe.Service, env.Environnement != q.Enveloppe.Environnement, env.Sens != roc.Reponse:
		return ErrAutreQuestion
	}
	return r.instant(env)
}

// admettreRefus checks a technical or security refusal: the recipient may refuse
// anything, and may not have read which question it was; a further relay refuses
// this very question, for technical reasons. ref: DEC 11
func (r *Relais) admettreRefus(q *Question, e *etape, p *sceau.Piece, m *roc.Message[roc.CorpsRefus]) error {
	structure, env := p.Scelleur().Porteur.Structure(), &m.Enveloppe
	destinataire := slices.Contains(e.structures, structure)
	sans := env.EmpreinteQuestion == "" && destinataire
	switch {
	case !destinataire && !slices.Contains(e.relais, structure):
		return ErrAutreRepondant
	case !sans && env.EmpreinteQuestion != sceau.EmpreinteTexte(q.Piece.Empreinte()), env.Sens != roc.Reponse:
		return ErrAutreQuestion
	case !destinataire && m.Corps.CodeRetour.Famille() != 'T':
		return ErrRefusDeSecurite
	}
	if err := r.instant(env); err != nil || destinataire {
		return err
	}
	return &refusDuSuivant{&roc.Refus{Code: m.Corps.CodeRetour, Reprise: m.Corps.ReprendreApres,
		Detail: "refus du relais suivant " + env.Emetteur.ID, Cause: errors.New(m.Corps.Precision)}}
}

func (r *Relais) instant(env *roc.Enveloppe) error {
	if d := r.p.Horloge().Sub(env.Horodatage); d > roc.TolereHorloge || d < -roc.TolereHorloge {
		return ErrAutreInstant
	}
	return nil
}

// codeRetour reads the code of an answer in clear and nothing else of its body;
// "" when there is none to read.
func codeRetour(p *sceau.Piece) roc.Code {
	var texte string
	if p.Face() == sceau.REST {
		texte = texteJSON(p.Contenu(), "corps", "codeRetour")
	} else {
		p.XML(func(l *xmlflux.Lecteur) error {
			if g, err := l.Suivant(); err != nil || g != xmlflux.Texte {
				return err
			}
			texte = string(l.Texte())
			return nil
		}, p.Element(), "corps", "codeRetour")
	}
	if c := roc.Code(texte); c.Libelle() != "" {
		return c
	}
	return ""
}

// texteJSON is the string at the end of a path of members, "" when there is none.
func texteJSON(b []byte, chemin ...string) string {
	var l jcs.Lecteur
	l.Reset(b, jcs.Limites{Taille: len(b) + 1})
	if g, err := l.Suivant(); err != nil || g != jcs.ObjetDebut {
		return ""
	}
	for {
		g, err := l.Suivant()
		if err != nil || g != jcs.Cle {
			return ""
		}
		cible := string(l.Texte()) == chemin[0]
		if g, err = l.Suivant(); err != nil {
			return ""
		}
		switch {
		case cible && len(chemin) == 1 && g == jcs.Chaine:
			return string(l.Texte())
		case cible && len(chemin) > 1 && g == jcs.ObjetDebut:
			chemin = chemin[1:]
		case cible:
			return ""
		default:
			if err := l.Passer(g); err != nil {
				return ""
			}
		}
	}
}
