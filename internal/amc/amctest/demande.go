package amctest

import (
	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/amc"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Entete is what a hospital says of a person of the portfolio, exactly.
func Entete(b amc.Beneficiaire, contexte roc.Contexte, le sante.Jour) roc.Entete {
	return roc.Entete{
		Contexte: contexte, DateReference: le, Discipline: roc.MCO, RangAMC: 1, ConsentementInformation: true,
		Etablissement: roc.Etablissement{FinessJuridique: Hopital, FinessGeo: Hopital, Categorie: roc.EPS},
		Beneficiaire: roc.Beneficiaire{
			NumeroAdherent: b.NumeroAdherent, NIRBeneficiaire: b.NIR, NomNaissance: b.NomNaissance, NomUsage: b.NomUsage,
			Prenom: b.Prenom, DateNaissance: b.DateNaissance, RangGemellaire: b.RangGemellaire,
		},
		Carte: roc.Carte{NumeroAMC: NumeroAMC, ModeAcquisition: roc.Saisie},
		AMO:   roc.AMO{NatureAssurance: calcul.NatureMaladie, ExoTM: calcul.ExoAucune},
	}
}

// Sejour is a CLC of a public stay at a private room, ended on the present day.
func Sejour(m calcul.Moteur, b amc.Beneficiaire, nuits, joursCP int) *roc.DemandeCalcul {
	sortie := sante.JourA(Instant, sante.Paris())
	tarif, tnjp := Montant("4500.00"), Montant("900.00")
	d := calcul.DossierSejour{Sejour: calcul.Sejour{
		Entree: sortie - sante.Jour(nuits), Sortie: sortie, ModeSortie: calcul.SortieDomicile, Discipline: calcul.MCO, Categorie: calcul.EPS,
		Tarif: &tarif, TNJP: &tnjp, ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, PecFJ: calcul.FJAssure,
	}}
	if joursCP > 0 {
		d.Confort = []calcul.Confort{{Famille: calcul.FamilleCP, Code: "CP", Debut: d.Entree, Fin: d.Sortie, Quantite: calcul.Unites(joursCP), Prix: Montant("70.00")}}
	}
	f, _, err := m.FactureSejour(d)
	if err != nil {
		panic("amctest: " + err.Error())
	}
	return Demande(b, roc.ContexteAdmission, f)
}

// Consultation is a CLC of an outpatient visit of the present day.
func Consultation(b amc.Beneficiaire) *roc.DemandeCalcul {
	le := sante.JourA(Instant, sante.Paris())
	taux := sante.Pourcent(70)
	f := calcul.Facture{
		Type: calcul.FactureDACE, Categorie: calcul.EPS, Discipline: calcul.MCO, PeriodeDebut: le, PeriodeFin: le,
		Nature: calcul.NatureMaladie, ExoTM: calcul.ExoAucune, TauxAMO: &taux, RangAMC: 1,
		Lignes: []calcul.Ligne{{Rang: 1, Famille: calcul.FamilleCONS, CodePrestation: "G", DateDebut: le, DateFin: le, Quantite: calcul.Unites(1),
			PrixUnitaire: Montant("26.50"), MontantDepense: Montant("26.50"), BaseAMO: Montant("26.50"), TauxAMO: taux, MontantAMO: Montant("18.55")}},
	}
	t := calcul.Totaliser(f.Lignes)
	f.Totaux = &t
	return Demande(b, roc.ContexteACE, f)
}

// Demande writes an invoice of the engine as a question.
func Demande(b amc.Beneficiaire, contexte roc.Contexte, f calcul.Facture) *roc.DemandeCalcul {
	d := &roc.DemandeCalcul{
		Entete: Entete(b, contexte, f.PeriodeDebut), TypeFacture: f.Type, TauxAMO: f.TauxAMO, CodePecFJ: f.PecFJ, ParcoursSoins: f.ParcoursSoins,
	}
	d.PeriodeDebut, d.PeriodeFin, d.Discipline, d.Etablissement.Categorie = f.PeriodeDebut, f.PeriodeFin, f.Discipline, f.Categorie
	d.AMO = roc.AMO{NatureAssurance: f.Nature, ExoTM: f.ExoTM}
	if f.NbNuitees != nil {
		d.Sejour = &roc.Sejour{ModeSortie: f.ModeSortie, DateEntree: f.DateEntree, DateSortie: f.DateSortie,
			NbNuitees: *f.NbNuitees, JoursAnterieurs: *f.JoursAnterieurs, TypeHospi: f.Hospitalisation}
	}
	for _, l := range f.Lignes {
		d.Lignes = append(d.Lignes, roc.Ligne{
			Rang: l.Rang, Famille: l.Famille, CodePrestation: l.CodePrestation, CodeActe: l.CodeActe, DateDebut: l.DateDebut, DateFin: l.DateFin,
			Quantite: int(l.Quantite / calcul.Unites(1)), PrixUnitaire: l.PrixUnitaire, MontantDepense: l.MontantDepense, BaseAMO: l.BaseAMO,
			TauxAMO: l.TauxAMO, MontantAMO: l.MontantAMO, BaseTM: l.BaseTM, MontantTM: l.MontantTM, AutrePayeur: l.AutrePayeur,
		})
	}
	if t := f.Totaux; t != nil {
		d.Totaux = &roc.Totaux{Depense: t.Depense, AMO: t.AMO, BaseAMC: t.BaseAMC, PatientAvantAMC: t.PatientAvantAMC}
	}
	return d
}
