package b2_test

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/b2"
	"github.com/ecluse-sante/ecluse/sante"
)

// Write a file of one consultation, then verify it.
func ExampleEcrire() {
	jour := sante.JourDe(2026, time.March, 1)
	var b bytes.Buffer
	e, err := b2.Ecrire(&b, b2.Fichier{Emetteur: "750000018", TypeDestinataire: "OC", Destinataire: "99000101", Creation: jour})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = e.Lot(b2.Lot{Etablissement: "750000018", Numero: 1, RaisonSociale: "Hôpital fictif", Creation: jour})
	err = errors.Join(err, e.Facture(&b2.Facture{
		Numero: "417", NatureAssurance: "10", DateEntree: jour, AMC: "99000101",
		Actes: []b2.Acte{{Date: jour, Code: "CS", Quantite: 1, Coefficient: 100, PrixUnitaire: 3000, Base: 3000, Taux: 70,
			MontantAMO: 2100, Honoraires: 3000, MontantAMC: 900}},
	}), e.Fermer())
	if err != nil {
		fmt.Println(err)
		return
	}
	bilan, err := b2.Verifier(&b)
	fmt.Println(bilan.Factures, "facture,", bilan.Enregistrements, "enregistrements, part AMC", bilan.AMC, err)
	// Output: 1 facture, 7 enregistrements, part AMC 9.00 <nil>
}

// A value that does not fit is refused, never cut.
func ExampleErreur() {
	e, err := b2.Ecrire(&bytes.Buffer{}, b2.Fichier{Emetteur: "750000018"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Lot(b2.Lot{Etablissement: "750000018", Numero: 1234}))
	// Output: b2: valeur plus longue que la zone (enregistrement n° 2, type 1, zone « numéro de lot », 4 caractères)
}
