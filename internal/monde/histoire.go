package monde

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Histoire is a visit that the demonstration plays, step by step.
type Histoire struct {
	Cle           string
	Titre         string // in French
	Patient       *Patient
	Etablissement *Etablissement
	Dossier       string // idDossierES
	Contexte      roc.Contexte
	Entree        sante.Jour // date of care, or of admission
	DMT, MT       string
	Etapes        []Etape
}

// Etape is a step of a story. A step without Fait (IDB, DEL) has no amount.
type Etape struct {
	Service roc.Service
	Local   bool // the hospital computes itself: no question is sent
	Rang    int  // of the insurer concerned
	Titre   string
	Fait    *Fait
	Motif   roc.MotifAnnulation // of DEL
	// Attendu are the shares worked out by hand; nil when the tables of that day
	// are not those that they were worked out with.
	Attendu *Parts
}

// Fait is what was done, as the billing software of the hospital knows it: a stay
// or an outpatient visit.
type Fait struct {
	Facture string // numeroFactureES
	Sejour  *calcul.DossierSejour
	Externe *calcul.DossierACE
}

// Parts are who pays what. AMC is the insurer of the step, Inferieurs those of
// lower rank, Autre the local scheme or the State.
type Parts struct {
	Depense, AMO, Autre, Inferieurs, AMC, Patient sante.Montant
}

// Entete is what every question of a story says of the patient and of a card; it
// has no card when the patient has none of that rank.
func (m *Monde) Entete(h *Histoire, rang int) roc.Entete {
	c := h.Patient.Couverture(rang)
	if c == nil {
		c = new(Couverture)
	}
	return roc.Entete{
		Contexte: h.Contexte, DateReference: h.Entree, PeriodeDebut: h.Entree, Etablissement: h.Etablissement.Roc(),
		Discipline: calcul.MCO, DMT: h.DMT, MT: h.MT, Beneficiaire: h.Patient.Beneficiaire(c), Carte: m.Carte(c),
		RangAMC: rang, AMO: h.Patient.AMO, ConsentementInformation: true,
	}
}

// Demande writes the question of a step with the engine of the hospital: SIM, CLC,
// or what a local calculation computes from. It lacks the reference of the IDB.
// inferieurs are the answers of the insurers of lower rank.
func (m *Monde) Demande(moteur calcul.Moteur, h *Histoire, e *Etape, inferieurs ...roc.RangInferieur) (*roc.DemandeCalcul, error) {
	f, err := e.facture(moteur)
	if err != nil {
		return nil, fmt.Errorf("monde: histoire %s, étape %s : %w", h.Cle, e.Service, err)
	}
	d, err := roc.DemandeDe(m.Entete(h, e.Rang), f)
	if err != nil {
		return nil, fmt.Errorf("monde: histoire %s, étape %s : %w", h.Cle, e.Service, err)
	}
	if d.Sejour != nil {
		d.Sejour.ModeEntree = venuDeChezLui
	}
	d.NumeroFactureES, d.Situation, d.RangsInferieurs = e.Fait.Facture, h.Patient.Situation, inferieurs
	return d, nil
}

func (e *Etape) facture(m calcul.Moteur) (f calcul.Facture, err error) {
	switch {
	case e.Fait == nil:
		return f, fmt.Errorf("rien à calculer")
	case e.Fait.Sejour != nil:
		f, _, err = m.FactureSejour(*e.Fait.Sejour)
	default:
		f, _, err = m.FactureACE(*e.Fait.Externe)
	}
	return f, err
}

// venuDeChezLui is the mode of entry of a patient who comes from home.
const venuDeChezLui = "8"

// Citer is what a question to the next rank says of an answer. ref: ROC §13.8
func Citer(d *roc.DemandeCalcul, lignes []roc.LigneRepondue) roc.RangInferieur {
	r := roc.RangInferieur{Rang: d.RangAMC, NumeroAMC: d.Carte.NumeroAMC}
	for _, l := range lignes {
		r.Montants = append(r.Montants, roc.MontantDeLigne{Rang: l.Rang, Montant: l.MontantAMC})
	}
	return r
}

// Contrat is what an insurer promised to a patient on a day, or nil.
func (m *Monde) Contrat(c *Couverture, j sante.Jour) *Contrat {
	for i := range c.Adhesions {
		if c.Adhesions[i].Ouverte(j) {
			return m.Assureur(c.AMC).Contrat(c.Adhesions[i].Contrat)
		}
	}
	return nil
}
