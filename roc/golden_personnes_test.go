package roc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// The golden messages speak of fictitious people and structures only.

// instant is when every golden question is sealed.
var instant = time.Date(2026, time.March, 2, 9, 15, 0, 120_000_000, time.UTC)

// partie is who asks and who is asked.
type partie struct{ de, a roc.Partie }

var (
	lHopital     = roc.Partie{Type: roc.ES, ID: "990001018", FinessGeo: doit(sante.ParseFINESS("990001026")), Libelle: "CENTRE HOSPITALIER DE LA COMBE-AUX-FÉES (fictif)"}
	versMutuelle = partie{lHopital, roc.Partie{Type: roc.AMC, ID: "99000101", Libelle: "MUTUELLE DU MOULIN-AUX-BRUMES (fictive)"}}
	versAnnuaire = partie{lHopital, roc.Partie{Type: roc.Annuaire, ID: "ANNUAIRE"}}
)

func doit[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func euros(s string) sante.Montant { return doit(sante.ParseMontant(s)) }

func amc(s string) sante.NumeroAMC { return doit(sante.ParseNumeroAMC(s)) }

func le(jour int, mois time.Month) sante.Jour { return sante.JourDe(2026, mois, jour) }

func vrai() *bool { b := true; return &b }

// entete is what every question on a patient says.
func entete(c roc.Contexte, j sante.Jour) roc.Entete {
	nir := "2910429999001"
	return roc.Entete{
		Contexte: c, DateReference: j, PeriodeDebut: j, Discipline: roc.MCO, DMT: "900", MT: "07", RangAMC: 1, ConsentementInformation: true,
		Etablissement: roc.Etablissement{FinessJuridique: doit(sante.ParseFINESS("990001018")), FinessGeo: doit(sante.ParseFINESS("990001026")), Categorie: roc.EPS},
		Beneficiaire: roc.Beneficiaire{
			NumeroAdherent: doit(sante.ParseNumeroAdherent("MB/1990417-A")), NIRAssure: doit(sante.ParseNIR(nir + sante.CleNIR(nir))),
			NomNaissance: "LE GALL-KERBRIANT", NomUsage: "LE GALL", Prenom: "SOLENE", DateNaissance: naissance("19910417"), RangGemellaire: 1, Qualite: "0",
		},
		Carte: roc.Carte{NumeroAMC: amc("99000101"), TypeConvention: "CM", CSR: "990000101", ValiditeDebut: le(1, time.January),
			ValiditeFin: le(31, time.December), ModeAcquisition: roc.Datamatrix},
		AMO: roc.AMO{Regime: "01", Caisse: "990", Centre: "9900", CodeGestion: "10", NatureAssurance: calcul.NatureMaladie, ExoTM: calcul.ExoAucune},
	}
}

func naissance(s string) sante.DateNaissance { return doit(sante.ParseDateNaissance(s)) }

// contrat pays all that a responsible contract must, and 50 € a day of private
// room, five days a stay.
func contrat() calcul.Contrat {
	c := calcul.Responsable100()
	c.Reference = "MB-TRANQUILLE"
	cinquante := calcul.Regle{Numero: calcul.F08, M: euros("50.00"), N: 5, Fenetre: calcul.ParSejour}
	c.Garanties = append(c.Garanties, calcul.Garantie{Code: "CP", Famille: calcul.FamilleCP, Formule: calcul.Simple(cinquante)})
	return c
}

func moteur(t testing.TB) calcul.Moteur {
	t.Helper()
	m, err := calcul.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// consultation is an outpatient question of calculation.
func consultation(t testing.TB, actes ...calcul.Acte) *roc.DemandeCalcul {
	t.Helper()
	if actes == nil {
		actes = []calcul.Acte{{Famille: calcul.FamilleCONS, CodePrestation: "CS", Date: le(2, time.March), Base: euros("31.50"), Depense: euros("31.50")}}
	}
	f, _, err := moteur(t).FactureACE(calcul.DossierACE{ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, Parcours: "T", Actes: actes})
	if err != nil {
		t.Fatal(err)
	}
	d, err := roc.DemandeDe(entete(roc.ContexteACE, le(2, time.March)), f)
	if err != nil {
		t.Fatal(err)
	}
	d.IDReponseIDB, d.NumeroFactureES = "IK7Q2MZ4WX8T", "F2026000417"
	return d
}

// sejour is a stay of six nights that crosses 1 March 2026, with a private room.
func sejour(t testing.TB) *roc.DemandeCalcul {
	t.Helper()
	tarif, tnjp := euros("4210.55"), euros("812.00")
	f, _, err := moteur(t).FactureSejour(calcul.DossierSejour{
		Sejour: calcul.Sejour{Entree: le(26, time.February), Sortie: le(4, time.March), ModeSortie: calcul.SortieDomicile, Discipline: calcul.MCO,
			Categorie: calcul.EPS, Tarif: &tarif, TNJP: &tnjp, ExoTM: calcul.ExoAucune, Nature: calcul.NatureMaladie, PecFJ: calcul.FJAssure},
		Confort: []calcul.Confort{{Famille: calcul.FamilleCP, Debut: le(26, time.February), Fin: le(3, time.March), Quantite: calcul.Unites(6), Prix: euros("65.00")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := entete(roc.ContexteAdmission, le(26, time.February))
	e.DMT, e.MT = "104", "03"
	d, err := roc.DemandeDe(e, f)
	if err != nil {
		t.Fatal(err)
	}
	d.Sejour.ModeEntree, d.IDReponseIDB, d.NumeroFactureES = "8", "IK7Q2MZ4WX8T", "F2026000418"
	return d
}

// engagement is a number of an insurer, with its check character.
func engagement(t testing.TB, amc string) roc.NumeroEngagement {
	t.Helper()
	n := "E" + strings.Repeat("0", 10-len(amc)) + amc + "7Q2MZ4WX8T3C"
	lu, err := roc.ParseNumeroEngagement(n + string(sante.CleMod37(n)))
	if err != nil {
		t.Fatal(err)
	}
	return lu
}
