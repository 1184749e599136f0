package jcs_test

import (
	"fmt"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// Two writings of the same data have one canonical form.
func ExampleCanoniser() {
	for _, src := range []string{
		`{"service": "IDB", "rang": 1.0, "nom": "\u00c9cluse"}`,
		`{"nom":"Écluse","rang":1,"service":"IDB"}`,
	} {
		canonique, err := jcs.Canoniser(nil, []byte(src), jcs.Limites{})
		fmt.Println(string(canonique), err)
	}
	// Output:
	// {"nom":"Écluse","rang":1,"service":"IDB"} <nil>
	// {"nom":"Écluse","rang":1,"service":"IDB"} <nil>
}
