package rass_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/ecluse-sante/ecluse/rass"
)

// Who has which speciality, in a file where a line was cut by mistake.
func Example() {
	src := strings.NewReader("Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom d’exercice|Prénom d’exercice|" +
		"Code profession|Code type savoir-faire|Code savoir-faire|Libellé savoir-faire\n" +
		"8|99900112204|899900112204|LE GUÉNNEC|MAËLLE|10|S|SM04|Cardiologie et maladies vasculaires\n" +
		"8|99900112212|899900112212|DUFRESNOY\n")
	signaler := func(a rass.Anomalie) {
		fmt.Printf("ligne %d : %s (%d champs, %d attendus)\n", a.Ligne, a.Motif, a.Lus, a.Attendus)
	}
	r, err := rass.Reglage{Signaler: signaler}.Lecteur(src, rass.SavoirFaire)
	if err != nil {
		fmt.Println(err)
		return
	}
	for r.Next() {
		l := r.Ligne()
		fmt.Printf("%s : %s\n", l.Champ(rass.SFIdentifiant), l.Champ(rass.SFSavoirFaire))
	}
	fmt.Println(r.Lus(), "lignes lues,", r.Err())
	// Output:
	// 99900112204 : Cardiologie et maladies vasculaires
	// ligne 3 : nombre de champs autre que celui de l'en-tête, ligne laissée de côté (4 champs, 9 attendus)
	// 3 lignes lues, <nil>
}

// A file of differences: what changed from one day to the next.
func ExampleNewEcrivain() {
	e := rass.NewEcrivain(os.Stdout, rass.Membres, rass.Forme{Delta: true})
	ligne := make([][]byte, rass.MENombre)
	ligne[rass.MEIdentifiant] = []byte("990000001")
	ligne[rass.METypeMembre] = []byte("PP")
	ligne[rass.MEIDNat] = []byte("899900112204")
	if err := e.EcrireDelta(rass.Retrait, ligne); err != nil {
		fmt.Println(err)
	}
	if err := e.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Opération|Identifiant du réseau|Type de membre|Identification nationale du membre|Code rôle|Libellé rôle|Date d'entrée|Date de sortie
	// R|990000001|PP|899900112204||||
}
