package roc

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// DemandeDe writes the question of calculation of an invoice that the engine
// made: it is the other way of [DemandeCalcul.Facture]. The reference of the IDB,
// the number of the invoice and the shares of lower ranks are left to say. The
// error is that of [LignesDe]. ref: ROC §9.1
func DemandeDe(e Entete, f calcul.Facture) (*DemandeCalcul, error) {
	d := &DemandeCalcul{Entete: e, TypeFacture: f.Type, TauxAMO: f.TauxAMO, CodePecFJ: f.PecFJ, ParcoursSoins: f.ParcoursSoins}
	d.PeriodeDebut, d.PeriodeFin = f.PeriodeDebut, f.PeriodeFin
	if f.NbNuitees != nil {
		d.Sejour = &Sejour{ModeSortie: f.ModeSortie, DateEntree: f.DateEntree, DateSortie: f.DateSortie, NbNuitees: *f.NbNuitees, TypeHospi: f.Hospitalisation}
		if f.JoursAnterieurs != nil {
			d.Sejour.JoursAnterieurs = *f.JoursAnterieurs
		}
	}
	for _, l := range f.Lignes {
		if d.TauxAMO == nil && l.BaseAMO != 0 {
			d.TauxAMO = &l.TauxAMO
		}
	}
	if t := f.Totaux; t != nil {
		d.Totaux = &Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}
	}
	lignes, err := LignesDe(f)
	d.Lignes = lignes
	return d, err
}

// LignesDe writes the lines of an invoice as the exchange carries them. Who did
// an act is said only when a share may depend on it: by a fee sector, by a
// profession, or because a participation is due once for the acts of one
// practitioner. An error tells that this practitioner has no RPPS number.
// ref: ROC §9.1, §13.6
func LignesDe(f calcul.Facture) ([]Ligne, error) {
	participations := make(map[sante.Jour]bool) // days of one
	for i := range f.Lignes {
		if l := &f.Lignes[i]; l.Famille == calcul.FamillePAS {
			participations[l.DateDebut] = true
		}
	}
	lignes := make([]Ligne, 0, len(f.Lignes))
	for i := range f.Lignes {
		l := &f.Lignes[i]
		r := ligneDe(l)
		seul := l.Profession == "" || l.Profession == calcul.Medecin // the profession says nothing
		if l.Secteur != "" || !seul || l.Executant != "" && participations[l.DateDebut] {
			r.Executant = &Executant{Secteur: l.Secteur, Profession: l.Profession}
			if err := r.Executant.nommer(l.Executant); err != nil {
				return nil, fmt.Errorf("roc: ligne %d: %w", l.Rang, err)
			}
		}
		lignes = append(lignes, r)
	}
	return lignes, nil
}

func (e *Executant) nommer(rpps string) (err error) {
	if rpps != "" {
		e.RPPS, err = sante.ParseRPPS(rpps)
	}
	return err
}

func ligneDe(l *calcul.Ligne) Ligne {
	r := Ligne{
		Rang: l.Rang, Famille: l.Famille, CodePrestation: l.CodePrestation, CodeActe: l.CodeActe, DateDebut: l.DateDebut, DateFin: l.DateFin,
		Quantite: int(l.Quantite / calcul.Unites(1)), PrixUnitaire: l.PrixUnitaire, MontantDepense: l.MontantDepense,
		BaseAMO: l.BaseAMO, TauxAMO: l.TauxAMO, MontantAMO: l.MontantAMO, BaseTM: l.BaseTM, MontantTM: l.MontantTM, AutrePayeur: l.AutrePayeur,
	}
	if l.Coefficient != 0 {
		c := sante.Taux(l.Coefficient) // both are hundredths
		r.Coefficient = &c
	}
	return r
}
