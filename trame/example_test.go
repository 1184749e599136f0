package trame_test

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/trame"
)

// Devis is a message of two fields and a list.
type Devis struct {
	_      struct{}        `doc:"Un devis."`
	Jour   sante.Jour      `fil:"jour" doc:"Jour du devis."`
	Objet  string          `fil:"objet,opt,max=40" doc:"Ce qui est chiffré."`
	Lignes []sante.Montant `fil:"ligne,n=1..3" doc:"Montants."`
}

func ExamplePour() {
	plan := trame.Pour[Devis]("urn:x-exemple:devis:1")
	d := Devis{Jour: sante.JourDe(2026, 3, 1), Lignes: []sante.Montant{1250, 300}}
	fmt.Println(string(plan.AppendXML(nil, "devis", &d)))
	fmt.Println(string(plan.AppendJSON(nil, &d)))
	fmt.Println(plan.DecodeJSON([]byte(`{"jour":"2026-03-01","ligne":["12.50",3]}`), &d))
	// Output:
	// <devis xmlns="urn:x-exemple:devis:1"><jour>2026-03-01</jour><ligne>12.50</ligne><ligne>3.00</ligne></devis>
	// {"jour":"2026-03-01","ligne":["12.50","3.00"]}
	// trame: ligne[2] : chaîne attendue (ligne 1, colonne 39)
}
