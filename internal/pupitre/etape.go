package pupitre

import (
	"cmp"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Etape is one step of a story: one question and its answer. Only Service and
// Titre are always there; what is empty is not told.
type Etape struct {
	Numero   int      // in the order of the whole demonstration, from 1
	Histoire string   // title of the story that the step belongs to
	Titre    string   // of the step
	Recit    []string // what was asked, who answered and why: French sentences

	Service   roc.Service
	Code      roc.Code // of the answer, or of the refusal
	Libelle   string   // of a code of another profile than the hospitals', which says by itself what it means
	Accepte   bool     // such a code accepts
	Precision string   // what the answer says beside its code
	Demandeur string   // name of the party that asks
	Repondant string   // name of the party that answers
	Face      sceau.Face
	Relais    []string // names of the relays crossed, in order
	Chiffre   bool     // bodies encrypted end to end
	Annuaire  string   // where the address came from, when not from the directory just now

	Debut time.Time
	Duree time.Duration

	Libre    bool   // a true exchange, of which nothing was expected
	Ok       bool   // the step did what was expected of it
	Attendu  string // what was expected, in words
	Constate string // what happened, when it is not what was expected

	Question *Vu // nil when nothing was sent
	Reponse  *Vu // nil when no answer came

	Lignes     []LigneParts
	Totaux     *Parts
	Indicatif  bool     // an estimate: nobody is bound
	Hypotheses []string // what the estimate supposed
	Engagement *Engagement
	Preuve     *Preuve
	Refus      *Refus
	Regards    *Regards // what each party could read of it
}

// LibelleDuCode is what the code means, in French.
func (e *Etape) LibelleDuCode() string { return cmp.Or(e.Libelle, e.Code.Libelle()) }

// Accord tells whether the code accepts.
func (e *Etape) Accord() bool { return e.Accepte || e.Libelle == "" && e.Code.Accord() }

// Parts are who pays what.
type Parts struct {
	Depense     sante.Montant `json:"depense"`
	AMO         sante.Montant `json:"amo"`
	AutrePayeur sante.Montant `json:"autrePayeur"`     // régime local, State
	Rangs       []Part        `json:"rangs,omitempty"` // insurers before the one that answers
	AMC         sante.Montant `json:"amc"`             // the insurer that answers
	Patient     sante.Montant `json:"patient"`
}

// Part is the share of one insurer of lower rank.
type Part struct {
	AMC     string        `json:"amc"` // name or number
	Rang    int           `json:"rang"`
	Montant sante.Montant `json:"montant"`
}

// somme is what the parties pay together.
func (p *Parts) somme() sante.Montant {
	s := p.AMO + p.AutrePayeur + p.AMC + p.Patient
	for _, r := range p.Rangs {
		s += r.Montant
	}
	return s
}

// Soi is the shares themselves, for a template that holds a line.
func (p Parts) Soi() *Parts { return &p }

// Equilibre tells whether the shares make the expense. ref: ROC §13.0
func (p *Parts) Equilibre() bool { return p.somme() == p.Depense }

// LigneParts are the shares of one line, and why.
type LigneParts struct {
	Rang    int    `json:"rang"`
	Libelle string `json:"libelle"`
	Parts
	Regle  string   `json:"regle,omitempty"`  // formula of the contract
	Source string   `json:"source,omitempty"` // text that the figure comes from
	Motif  roc.Code `json:"motif,omitempty"`  // why the share is reduced
	Phrase string   `json:"phrase,omitempty"` // what can be read to the patient
}

// Engagement is the guarantee of payment that a step gave, used or cancelled.
type Engagement struct {
	Numero  string     `json:"numero"`
	Etat    string     `json:"etat,omitempty"` // in words: "en cours", "annulé"
	Debut   sante.Jour `json:"debut,omitzero"`
	Fin     sante.Jour `json:"fin,omitzero"` // last day to invoice
	Etendue string     `json:"etendue,omitempty"`
}

// Actif tells whether the guarantee still binds, as its state says.
func (g *Engagement) Actif() bool {
	switch g.Etat {
	case "annulé", "déjà annulé", "expiré", "inconnu":
		return false
	}
	return true
}

// Refus explains a refusal: who must act, and what to do.
type Refus struct {
	Code     roc.Code `json:"code"`
	Libelle  string   `json:"libelle"`
	Detail   string   `json:"detail,omitempty"`
	QuiAgit  string   `json:"quiAgit,omitempty"`
	Reessai  string   `json:"reessai,omitempty"` // when trying again can help, "" when it cannot
	QueFaire string   `json:"queFaire,omitempty"`
}

// ExpliquerRefus tells a refusal from its code; nil for a code that accepts, and
// for one that is not of the profile.
func ExpliquerRefus(c roc.Code, detail, queFaire string) *Refus {
	s := c.Signification()
	if s.Code == "" || c.Accord() {
		return nil
	}
	return &Refus{Code: c, Libelle: s.Libelle, Detail: detail, QuiAgit: s.Qui, Reessai: s.Reessai, QueFaire: queFaire}
}

// Coherente checks what the step shows by itself: the shares of each line make
// its expense, the lines make the totals, and the proof of the journal holds. A
// refused seal is not incoherent: a story may be about one.
func (e *Etape) Coherente() error {
	var somme Parts
	for i := range e.Lignes {
		l := &e.Lignes[i]
		if !l.Equilibre() {
			return fmt.Errorf("ligne %d : les parts font %s pour une dépense de %s", l.Rang, l.somme().Euros(), l.Depense.Euros())
		}
		somme.ajouter(&l.Parts)
	}
	if t := e.Totaux; t != nil {
		if !t.Equilibre() {
			return fmt.Errorf("totaux : les parts font %s pour une dépense de %s", t.somme().Euros(), t.Depense.Euros())
		}
		if len(e.Lignes) > 0 && !somme.memes(t) {
			return fmt.Errorf("la somme des lignes n'est pas celle des totaux")
		}
	}
	if e.Preuve != nil && !e.Preuve.Verifiee {
		return fmt.Errorf("preuve du journal : %s", e.Preuve.Echec)
	}
	return nil
}

// Tient tells whether the step did what was expected and is coherent.
func (e *Etape) Tient() bool { return e.Ok && e.Coherente() == nil }

func (p *Parts) ajouter(q *Parts) {
	p.Depense += q.Depense
	p.AMO += q.AMO
	p.AutrePayeur += q.AutrePayeur
	p.AMC += q.AMC
	p.Patient += q.Patient
	for _, r := range q.Rangs {
		i := 0
		for i < len(p.Rangs) && p.Rangs[i].Rang != r.Rang {
			i++
		}
		if i == len(p.Rangs) {
			p.Rangs = append(p.Rangs, Part{AMC: r.AMC, Rang: r.Rang})
		}
		p.Rangs[i].Montant += r.Montant
	}
}

// memes compares shares, the ranks together.
func (p *Parts) memes(q *Parts) bool {
	return p.Depense == q.Depense && p.AMO == q.AMO && p.AutrePayeur == q.AutrePayeur &&
		p.AMC == q.AMC && p.Patient == q.Patient && p.somme() == q.somme()
}
