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
	d := demande(m.Entete(h, e.Rang), f)
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

// demande writes an invoice of the engine as a question.
func demande(e roc.Entete, f calcul.Facture) *roc.DemandeCalcul {
	d := &roc.DemandeCalcul{Entete: e, TypeFacture: f.Type, TauxAMO: f.TauxAMO, CodePecFJ: f.PecFJ, ParcoursSoins: f.ParcoursSoins}
	d.PeriodeDebut, d.PeriodeFin = f.PeriodeDebut, f.PeriodeFin
	if f.NbNuitees != nil {
		d.Sejour = &roc.Sejour{ModeEntree: "8", ModeSortie: f.ModeSortie, DateEntree: f.DateEntree, DateSortie: f.DateSortie,
			NbNuitees: *f.NbNuitees, JoursAnterieurs: *f.JoursAnterieurs, TypeHospi: f.Hospitalisation}
	}
	for i := range f.Lignes {
		d.Lignes = append(d.Lignes, ligne(&f.Lignes[i]))
		if l := &f.Lignes[i]; d.TauxAMO == nil && l.BaseAMO != 0 {
			taux := l.TauxAMO
			d.TauxAMO = &taux
		}
	}
	if t := f.Totaux; t != nil {
		d.Totaux = &roc.Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}
	}
	return d
}

// ligne writes a line of the engine as the exchange carries it. Who did an act is
// said only when the share may depend on it. ref: ROC §9.1
func ligne(l *calcul.Ligne) roc.Ligne {
	r := roc.Ligne{
		Rang: l.Rang, Famille: l.Famille, CodePrestation: l.CodePrestation, CodeActe: l.CodeActe, DateDebut: l.DateDebut, DateFin: l.DateFin,
		Quantite: int(l.Quantite / calcul.Unites(1)), PrixUnitaire: l.PrixUnitaire, MontantDepense: l.MontantDepense,
		BaseAMO: l.BaseAMO, TauxAMO: l.TauxAMO, MontantAMO: l.MontantAMO, BaseTM: l.BaseTM, MontantTM: l.MontantTM, AutrePayeur: l.AutrePayeur,
	}
	if l.Secteur != "" {
		r.Executant = &roc.Executant{Secteur: l.Secteur, Profession: l.Profession}
		r.Executant.RPPS, _ = sante.ParseRPPS(l.Executant) // not said when it is not a number
	}
	return r
}

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
