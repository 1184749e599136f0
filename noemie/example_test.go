package noemie_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ecluse-sante/ecluse/noemie"
)

// Read a return file: what was paid, what was refused and why.
func ExampleLire() {
	fichier, err := os.Open("testdata/paiement-578R.noemie")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer fichier.Close()
	retour, err := noemie.Lire(fichier, noemie.Limites{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		f, err := retour.Suivante()
		var e *noemie.Erreur
		switch {
		case err == io.EOF:
			b := retour.Bilan()
			fmt.Println(b.Factures, "factures,", b.Refusees, "refusée,", b.Montant, "complet :", b.Complet)
			return
		case errors.As(err, &e) && e.Motif.Fatal():
			fmt.Println(err)
			return
		case err != nil:
			fmt.Println(err) // one invoice or one total: go on
		default:
			fmt.Println(f.Numero, "lot", f.Lot.Numero, f.Montant)
		}
	}
	// Output:
	// F2026000001 lot 1 45.50
	// F2026000002 lot 1 45.50
	// 417 lot 2 -55.50
	// 3 factures, 0 refusée, 35.50 complet : true
}

// Write a file of rejections. Levels and totals are computed.
func ExampleEcrire() {
	var b bytes.Buffer
	w, err := noemie.Ecrire(&b, noemie.Entete{TypeEmetteur: "OC", Emetteur: "99000101", Reference: "908R"})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = w.Facture(&noemie.Facture{
		Contexte: noemie.Contexte{Destinataire: "750000018"},
		Numero:   "417",
		Rejets:   []noemie.Rejet{{Code: "F601", Libelle: "Montant différent de l'engagement"}},
		Montant:  4550,
	})
	fmt.Println(errors.Join(err, w.Fermer()))
	for _, e := range bytes.Split(b.Bytes(), []byte("@"))[1:5] {
		fmt.Printf("%s\n", bytes.TrimRight(e, " "))
	}
	// Output:
	// <nil>
	// 04002000000750000018
	// 10005000000417
	// 2900600F601      MONTANT DIFFERENT DE L'ENGAGEMENT
	// 99005                 0000000000000004550P
}
