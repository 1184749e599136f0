package droits

import (
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// Vente is what the counter may do now for a patient: on which accreditation to bill the
// insurer's share, or who must do what. It never says 200 unless the insurer did.
type Vente struct {
	Instant       time.Time
	AMC           sante.NumeroAMC
	LibelleAMC    string
	DateReference sante.Jour
	Code          visiodroits.Code
	// TiersPayant tells whether the insurer's share may be billed to it, on Accreditation.
	TiersPayant   bool
	Accreditation Accreditee // zero when there is none
	Etendue       *Etendue   // what the share is computed from; nil without accreditation
	JetonDossier  string     // for the third party of confidence; "" without pricing
	Recu          *Recu      // to print, and to store with the invoice; nil without accreditation
	Degrade       *VenteDegradee
	// What to show: what happened, who acts ("" when nobody must), what to do now. French.
	Phrase, QuiAgit, AFaire string
	// Directe tells that the concentrator did not answer, and that the question went on
	// without it.
	Directe bool
	// Diagnostic is why nobody answered, for the maintenance; nil when somebody did.
	Diagnostic error

	personne  Personne
	tolerance int      // X of the insurer, when the question was asked
	refus     roc.Code // that the question met; "" without
}

// VenteDegradee is what lets a sale be billed on earlier rights. ref: VISIO §8.3
type VenteDegradee struct {
	Cause    CauseDegrade
	Decision Decision
	Preuve   TentativeGardee // evidence of the attempt, kept in the store
}

// ErrReponse is wrapped by why an answer of rights is not believed.
var ErrReponse = errors.New("droits: réponse qui n'est pas crue")

// fournis are rights as they were supplied, and as they are kept.
type fournis struct {
	_             struct{}  `doc:"Des droits tels qu'ils ont été fournis"`
	Accreditation string    `fil:"accreditation,max=4000" doc:"Accréditation signée"`
	Etendue       Etendue   `fil:"etendue" doc:"Étendue des droits"`
	DateMAJ       time.Time `fil:"dateMAJ" doc:"Mise à jour par l'AMC"`
	LibelleAMC    string    `fil:"libelleAMC,opt,max=60" doc:"Nom de l'AMC"`
}

// dossier is what the store keeps of a person at an insurer: a dépannage lives a day,
// and takes nothing from the rights that the insurer gave.
type dossier struct {
	_         struct{} `doc:"Les droits gardés d'une personne"`
	Normale   *fournis `fil:"normale,opt" doc:"Donnés par l'AMC, ou en son nom"`
	Depannage *fournis `fil:"depannage,opt" doc:"Donnés par l'opérateur, l'AMC étant muette"`
}

var planDossier = trame.Pour[dossier](espace)

// tenus are rights that were verified, from the wire or from the store.
type tenus struct {
	*fournis
	a Accreditee
}

// croire verifies rights offline: the signature, the mandate, the person, the insurer,
// the trade, and that the extent is the one that was accredited.
func (f *fournis) croire(p Personne, amc sante.NumeroAMC, metier Categorie, cles *Cles, a time.Time) (*tenus, error) {
	s, err := VerifierAccreditation(f.Accreditation, cles, a)
	if err != nil {
		return nil, fmt.Errorf("%w : %w", ErrReponse, err)
	}
	x, e := s.Accreditation(), &f.Etendue
	detail := ""
	switch {
	case !MemeEmetteur(x.AMC, amc) || !MemeEmetteur(e.NumeroAMC, amc):
		detail = "d'une autre AMC"
	case !x.Concerne(p):
		detail = "d'une autre personne"
	case x.Perimetre.Categorie != "" && x.Perimetre.Categorie != string(metier):
		detail = "d'une autre profession"
	case Empreinte(e.Empreinte()) != x.Garanties || e.Debut != x.DroitsDebut || e.Fin != x.DroitsFin:
		detail = "d'autres garanties que celles fournies"
	default:
		return &tenus{f, s}, nil
	}
	return nil, fmt.Errorf("%w : accréditation %s", ErrReponse, detail)
}

// servir fills a sale from rights that may be billed on.
func (v *Vente) servir(t *tenus) {
	e := t.Etendue
	r := t.a.Recu(t.LibelleAMC)
	v.Accreditation, v.Etendue, v.Recu, v.TiersPayant = t.a, &e, &r, true
}

// Facturer writes in an invoice what it takes from the sale: the insurer, the accreditation
// and, in degraded mode, the cause and its evidence. An accreditation that another than the
// insurer signed goes with the invoice, for the insurer may not know it.
func (v *Vente) Facturer(f *FactureOfficine) {
	a := v.Accreditation.a
	f.NumeroAMC, f.Convention, f.NumeroAccreditation, f.DateSoins = v.AMC, a.Perimetre.Convention, a.Numero.String(), v.DateReference
	f.Jeton, f.Etendue, f.Degrade = "", nil, nil
	if !MemeEmetteur(a.Emetteur(), a.AMC) {
		f.Jeton, f.Etendue = v.Accreditation.jeton, v.Etendue
	}
	if v.Degrade != nil {
		f.Degrade = &ModeDegrade{Cause: v.Degrade.Cause, Tentatives: []Tentative{v.Degrade.Preuve.Tentative}}
	}
}
