// Package etablissementtest holds what the tests of the hospital's side share:
// fictitious people and cards, an insurer that answers as the rules say, and the
// suite that every store must pass.
package etablissementtest

import (
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// Midi is the instant at which fixtures live.
var Midi = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

// Jour reads a day, or stops the test.
func Jour(t testing.TB, s string) sante.Jour {
	t.Helper()
	j, err := sante.ParseJour(s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Euros reads an amount, or stops the test.
func Euros(t testing.TB, s string) sante.Montant {
	t.Helper()
	m, err := sante.ParseMontant(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func lu[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Maison is a fictitious public hospital.
func Maison(t testing.TB) etablissement.Maison {
	t.Helper()
	juridique, err := sante.ParseFINESS("750712184")
	geo, err2 := sante.ParseFINESS("690781810")
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	return etablissement.Maison{Libelle: "Centre hospitalier des Écluses",
		Etablissement: roc.Etablissement{FinessJuridique: juridique, FinessGeo: geo, Categorie: roc.EPS}}
}

// Patient is a fictitious patient.
func Patient(t testing.TB) etablissement.Patient {
	t.Helper()
	d, err := sante.ParseDateNaissance("19550812")
	return etablissement.Patient{IPP: "80001", NomNaissance: "Martinez-Fictif", Prenom: "Zoé", DateNaissance: lu(t, d, err), RangGemellaire: 1}
}

// ACE is the file of an outpatient visit on 4 May 2026.
func ACE(t testing.TB, dossier string) etablissement.Dossier {
	t.Helper()
	return etablissement.Dossier{Numero: dossier, Contexte: roc.ContexteACE, DateReference: Jour(t, "2026-05-04"),
		Discipline: roc.MCO, Patient: Patient(t), AMO: roc.AMO{NatureAssurance: "10", ExoTM: "0"}, Information: true}
}

// Sejour is the file of a stay from 20 April to 30 April 2026.
func Sejour(t testing.TB, dossier string) etablissement.Dossier {
	t.Helper()
	d := ACE(t, dossier)
	d.Contexte, d.DateReference = roc.ContexteAdmission, Jour(t, "2026-04-20")
	d.PeriodeFin = Jour(t, "2026-04-30")
	return d
}

// Carte is a fictitious card of an insurer.
func Carte(t testing.TB, amc string) etablissement.Attestation {
	t.Helper()
	n, err := sante.ParseNumeroAMC(amc)
	if err != nil {
		t.Fatal(err)
	}
	a, err := sante.ParseNumeroAdherent("ADH-" + amc)
	return etablissement.Attestation{NumeroAMC: n, TypeConvention: "RO", CSR: "94", NumeroAdherent: lu(t, a, err),
		ValiditeDebut: Jour(t, "2026-01-01"), ValiditeFin: Jour(t, "2026-12-31"), ModeAcquisition: roc.Saisie}
}

// Consultation is the passage of a consultation of 26.50 euros, computed from
// facts. ref: ROC §19 V01
func Consultation(t testing.TB) etablissement.Passage {
	t.Helper()
	return etablissement.Passage{TypeFacture: roc.FactureACE, ParcoursSoins: "T", Faits: &etablissement.Faits{
		Externe: &etablissement.FaitsExterne{Actes: []etablissement.FaitActe{{Famille: calcul.FamilleCONS, CodePrestation: "G",
			Date: Jour(t, "2026-05-04"), Base: Euros(t, "26.50"), Depense: Euros(t, "26.50")}}}}}
}

// DixNuits is the passage of the stay of ten nights of the vector V07b, with a
// private room of 70 euros a day, after its entry and exit days. ref: ROC §19 V07b, V19
func DixNuits(t testing.TB) etablissement.Passage {
	t.Helper()
	tnjp := Euros(t, "900.00")
	entree := Jour(t, "2026-04-20")
	return etablissement.Passage{TypeFacture: roc.FactureSejour, CodePecFJ: "A",
		Sejour: &roc.Sejour{ModeSortie: "8", DateEntree: entree, DateSortie: entree + 10, NbNuitees: 10},
		Faits: &etablissement.Faits{Sejour: &etablissement.FaitsSejour{Tarif: Euros(t, "4500.00"), TNJP: &tnjp,
			Confort: []etablissement.FaitConfort{{Famille: calcul.FamilleCP, Code: "CP", Debut: entree, Fin: entree + 9, Nombre: 10, Prix: Euros(t, "70.00")}}}}}
}

// Contrat is the contract of the worked examples, with a private room of so much
// a day. ref: ROC §19
func Contrat(cp sante.Montant) calcul.Contrat {
	c := calcul.Responsable100()
	if cp > 0 {
		c.Garanties = append(c.Garanties, calcul.Garantie{Code: "CP", Famille: calcul.FamilleCP,
			Formule: calcul.Simple(calcul.Regle{Numero: calcul.F07, M: cp})})
	}
	return c
}
