package roc

import (
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
)

// DemandeDe writes the question of calculation of an invoice that the engine
// made: it is the other way of [DemandeCalcul.Facture]. The reference of the IDB,
// the number of the invoice and the shares of lower ranks are left to say. Who
// did an act is said only when the share may depend on it. ref: ROC §9.1
func DemandeDe(e Entete, f calcul.Facture) *DemandeCalcul {
	d := &DemandeCalcul{Entete: e, TypeFacture: f.Type, TauxAMO: f.TauxAMO, CodePecFJ: f.PecFJ, ParcoursSoins: f.ParcoursSoins}
	d.PeriodeDebut, d.PeriodeFin = f.PeriodeDebut, f.PeriodeFin
	if f.NbNuitees != nil {
		d.Sejour = &Sejour{ModeSortie: f.ModeSortie, DateEntree: f.DateEntree, DateSortie: f.DateSortie, NbNuitees: *f.NbNuitees, TypeHospi: f.Hospitalisation}
		if f.JoursAnterieurs != nil {
			d.Sejour.JoursAnterieurs = *f.JoursAnterieurs
		}
	}
	for i := range f.Lignes {
		l := &f.Lignes[i]
		d.Lignes = append(d.Lignes, ligneDe(l))
		if d.TauxAMO == nil && l.BaseAMO != 0 {
			taux := l.TauxAMO
			d.TauxAMO = &taux
		}
	}
	if t := f.Totaux; t != nil {
		d.Totaux = &Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}
	}
	return d
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
	if l.Secteur != "" {
		r.Executant = &Executant{Secteur: l.Secteur, Profession: l.Profession}
		r.Executant.RPPS, _ = sante.ParseRPPS(l.Executant) // not said when it is not a number
	}
	return r
}
