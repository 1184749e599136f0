package tarif_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// A pharmacy has a delivery priced. What carries the messages, the card and the seal is
// left out: the third party's answer is written here.
func ExamplePoste() {
	// From the list of services.
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	poste := tarif.Poste{Tiers: tarif.Destinataire{Cle: &cle.PublicKey, Kid: strings.Repeat("0a", 32)}}

	// The token that came with the rights was exchanged for this number.
	dossier, err := tarif.TirerNumeroDossier(nil)
	if err != nil {
		panic(err)
	}
	produit, err := tarif.ParseCodeProduit("9900022")
	if err != nil {
		panic(err)
	}
	q, err := poste.Preparer(dossier, sante.JourDe(2026, 11, 23), tarif.Devis, []tarif.Ligne{{
		Rang: 1, Famille: calcul.FamilleDMI, CodePrestation: "VER", CodeProduit: produit, Quantite: 2, PrixUnitaire: 10050, MontantDepense: 20100,
		BaseAMO: 1000, TauxAMO: sante.Pourcent(60), MontantAMO: 600,
	}})
	if err != nil {
		panic(err)
	}
	fmt.Println("produit lisible d'un relais :", strings.Contains(string(q.Demande.Lignes), "9900022"))

	amc, patient := sante.Montant(14000), sante.Montant(5500)
	p, err := q.Lire(&tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.Accepte, ""), TotalAMC: &amc, TotalPatient: &patient,
		Validite: sante.JourDe(2026, 11, 24).Debut(sante.Paris()),
		Lignes:   []tarif.LigneTarifee{{Rang: 1, MontantAMC: 14000, Regle: "F07", Motif: "Formule F07 : un montant par unité ou par jour ; plafond atteint."}}})
	if err != nil {
		panic(err)
	}
	fmt.Println("AMO", p.AMO, "AMC", p.AMC, "patient", p.Patient, "dépense", p.Depense)

	amc++ // one cent too many
	_, err = q.Lire(&tarif.ReponseTarification{Retour: tarif.RetourDe(tarif.Accepte, ""), TotalAMC: &amc, TotalPatient: &patient,
		Lignes: []tarif.LigneTarifee{{Rang: 1, MontantAMC: 14000, Regle: "F07", Motif: "m"}}})
	fmt.Println(err)
	// Output:
	// produit lisible d'un relais : false
	// AMO 6.00 AMC 140.00 patient 55.00 dépense 201.00
	// tarif: les totaux de la réponse ne sont pas la somme de ses lignes
}
