package visiodroits_test

import (
	"fmt"
	"time"

	"errors"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"net/http"

	"github.com/ecluse-sante/ecluse/certificat"
)

// juge is where a *certificat.Magasin stands in a program.
type juge = certificat.Magasin

// coupe is a network that is cut.
type coupe struct{}

func (coupe) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("réseau coupé")
}

// What a workstation counts in a day, and what it says of the service.
func ExampleCalculer() {
	amc, err := sante.ParseNumeroAMC("99000001")
	if err != nil {
		fmt.Println(err)
		return
	}
	officine, err := sante.ParseNumeroFacturation("990000001")
	if err != nil {
		fmt.Println(err)
		return
	}
	ligne := visiodroits.LigneStatistique{NumeroAMC: amc}
	for range 19 {
		ligne.NoterDemande(visiodroits.CodeVu(visiodroits.Fournis), 420*time.Millisecond)
	}
	ligne.NoterDemande(visiodroits.CodeVu(visiodroits.ServiceIndisponible), 4*time.Second)
	ligne.NoterDementi(visiodroits.CodeVu(visiodroits.ServiceIndisponible)) // the same question was answered at noon
	ligne.Factures, ligne.FacturesAccreditees, ligne.FacturesAvecTrace = 19, 19, 19

	journee := visiodroits.Statistiques{Jour: sante.JourDe(2026, 3, 2), NumeroFacturation: officine, Lignes: []visiodroits.LigneStatistique{ligne}}
	cibles, err := visiodroits.CiblesPubliees()
	if err != nil {
		fmt.Println(err)
		return
	}
	somme := journee.Sommer(nil)
	for _, i := range visiodroits.Calculer(&somme, cibles) {
		if i.Sur > 0 {
			fmt.Println(i.Nom, i.Valeur, i.Unite, i.Verdict)
		}
	}
	// Output:
	// TAUX_REUSSITE 9500 % SANS_CIBLE
	// FAUX_NEGATIFS 500 % SANS_CIBLE
	// DUREE_MEDIANE 500 ms TENUE
	// DUREE_P95 500 ms TENUE
	// PART_DEGRADE 0 % TENUE
	// REJETS_ACCREDITES 0 nombre TENUE
	// TRACE_VISIBLE 10000 % TENUE
}

// A list is published whole; what changed since an earlier one is deduced.
func ExamplePartielle() {
	terme := func(code visiodroits.CodeTerme, libelle string) visiodroits.Terme {
		return visiodroits.Terme{Table: visiodroits.TableRejets, Code: code, Libelle: libelle, Debut: sante.JourDe(2026, 1, 1)}
	}
	lundi := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	une, err := visiodroits.Complete(visiodroits.EnTete{Emetteur: "99100803", Numero: 1, DateEmission: lundi, ProchaineEmission: lundi.AddDate(0, 0, 1)},
		[]visiodroits.Terme{terme("F701", "Accréditation fausse"), terme("F709", "Doublon"), terme("F799", "Autre")})
	if err != nil {
		fmt.Println(err)
		return
	}
	mardi := lundi.AddDate(0, 0, 1)
	deux, err := visiodroits.Complete(visiodroits.EnTete{Emetteur: "99100803", Numero: 2, DateEmission: mardi, ProchaineEmission: mardi.AddDate(0, 0, 1)},
		[]visiodroits.Terme{terme("F701", "Accréditation fausse"), terme("F709", "Facture en double")})
	if err != nil {
		fmt.Println(err)
		return
	}
	partielle, err := visiodroits.Partielle(une, deux)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(partielle.Entrees[0].Libelle, "; retirée :", partielle.Retraits[0])
	relue, err := une.Appliquer(partielle)
	fmt.Println(relue.EnTete.Empreinte == deux.EnTete.Empreinte, err)
	// Output:
	// Facture en double ; retirée : REJET|F799|2026-01-01
	// true <nil>
}
