package fhir

import (
	"strings"
	"testing"
)

// The parameters of the tests. IDs are those of their order.
func table(t testing.TB) *Table {
	t.Helper()
	text, token, ref := Missing|Exact|Contains, Missing|Not|OfType, Missing|Identifier
	all := func(l ...Param) []Param {
		l = append([]Param{
			{Name: "_id", Kind: KindToken, ID: 1},
			{Name: "_lastUpdated", Kind: KindDate, ID: 2, Sort: true, Modifiers: Missing},
			{Name: "_profile", Kind: KindURI, ID: 3},
			{Name: "identifier", Kind: KindToken, ID: 4, Modifiers: token},
			{Name: "active", Kind: KindToken, ID: 5, Modifiers: token},
		}, l...)
		return l
	}
	tb, err := NewTable(Limits{}, []Type{
		{Name: "Practitioner", Params: all(Param{Name: "family", Kind: KindString, ID: 6, Modifiers: text, Sort: true},
			Param{Name: "name", Kind: KindString, ID: 7, Modifiers: text, Sort: true},
			Param{Name: "qualification-code", Kind: KindToken, ID: 8, Modifiers: token | Text})},
		{Name: "Organization", Params: all(Param{Name: "name", Kind: KindString, ID: 7, Modifiers: text},
			Param{Name: "partof", Kind: KindReference, ID: 9, Modifiers: ref, Targets: []string{"Organization"}, Include: true, Reverse: true},
			Param{Name: "near", Kind: KindNear, ID: 10})},
		{Name: "PractitionerRole", Params: all(
			Param{Name: "practitioner", Kind: KindReference, ID: 11, Modifiers: ref, Targets: []string{"Practitioner"}, Include: true, Reverse: true},
			Param{Name: "organization", Kind: KindReference, ID: 12, Modifiers: ref, Targets: []string{"Organization"}, Include: true, Reverse: true},
			Param{Name: "any", Kind: KindReference, ID: 13, Targets: []string{"Practitioner", "Organization"}})},
	})
	if err != nil {
		t.Fatal(err)
	}
	tb.Base = "https://annuaire.example/fhir"
	return tb
}

func TestNewTableRefuses(t *testing.T) {
	for name, types := range map[string][]Type{
		"deux ressources":   {{Name: "A"}, {Name: "A"}},
		"deux paramètres":   {{Name: "A", Params: []Param{{Name: "x", Kind: KindString}, {Name: "x", Kind: KindString}}}},
		"nom pris":          {{Name: "A", Params: []Param{{Name: "_count", Kind: KindString}}}},
		"sans type":         {{Name: "A", Params: []Param{{Name: "x"}}}},
		"cible inconnue":    {{Name: "A", Params: []Param{{Name: "x", Kind: KindReference, Targets: []string{"B"}}}}},
		"référence à rien":  {{Name: "A", Params: []Param{{Name: "x", Kind: KindReference}}}},
		"cibles d'un texte": {{Name: "A", Params: []Param{{Name: "x", Kind: KindString, Targets: []string{"A"}}}}},
	} {
		if _, err := NewTable(Limits{}, types); err == nil || !strings.HasPrefix(err.Error(), "fhir: ") {
			t.Errorf("%s : %v", name, err)
		}
	}
}
