package fhir_test

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/fhir"
)

// A server says which parameters it takes, reads a search, and writes what it found.
func Example() {
	table, err := fhir.NewTable(fhir.Limits{}, []fhir.Type{{Name: "Practitioner", Params: []fhir.Param{
		{Name: "family", Kind: fhir.KindString, ID: 1, Modifiers: fhir.Exact | fhir.Contains},
		{Name: "identifier", Kind: fhir.KindToken, ID: 2},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var q fhir.Query
	err = table.Parse(&q, "Practitioner", fhir.Input{Query: "family:contains=dup,mart&_count=2"})
	for _, c := range q.Criteria {
		fmt.Println(c.Param.Name, c.Modifier == fhir.Contains, c.Values[0].Text, c.Values[1].Text, q.Count, err)
	}
	fmt.Println(table.Parse(&q, "Practitioner", fhir.Input{Query: "famly=x"}))

	var w fhir.Writer
	o := w.Object("")
	w.String("resourceType", "Practitioner")
	w.String("id", "p1")
	w.Bool("active", true)
	n := w.Array("name")
	w.End(n) // empty: it leaves nothing
	w.End(o)
	fmt.Printf("%s\n", w.B)
	x, err := fhir.AppendXML(nil, w.B)
	fmt.Printf("%s %v\n", x, err)
	// Output:
	// family true dup mart 2 <nil>
	// fhir: le paramètre n° 1 n'est pas connu de Practitioner : est-ce family ?
	// {"resourceType":"Practitioner","id":"p1","active":true}
	// <Practitioner xmlns="http://hl7.org/fhir"><id value="p1"/><active value="true"/></Practitioner> <nil>
}
