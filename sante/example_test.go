package sante_test

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
)

// Identifiers are checked at the door, then trusted: a type says what was checked.
func Example() {
	for _, s := range []string{"990001018", "990001019"} {
		if f, err := sante.ParseFINESS(s); err != nil {
			fmt.Println(s, "refusé")
		} else {
			fmt.Println(f, f.Fuseau())
		}
	}
	// Output:
	// 990001018 Europe/Paris
	// 990001019 refusé
}

// Money is an integer number of cents; a share is rounded half up. ref: ROC §13.2
func ExampleMontant_Part() {
	base, _ := sante.ParseMontant("16.13")
	amo := base.Part(sante.Pourcent(60))
	fmt.Println(amo, base-amo, amo.Euros())
	// Output: 9.68 6.45 9,68 €
}

// A date of birth may be lunar: it is kept as a text, and is a day only when it
// is one. ref: ROC §7.1
func ExampleDateNaissance() {
	d, err := sante.ParseDateNaissance("19721901")
	_, vrai := d.Jour()
	fmt.Println(d, err, vrai)
	// Output: 19721901 <nil> false
}

// Names are compared folded: capitals, without accents or hyphens.
func ExamplePlier() {
	fmt.Println(sante.Plier("Désormeaux-Lœb"))
	// Output: DESORMEAUX LOEB
}
