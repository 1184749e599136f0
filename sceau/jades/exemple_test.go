package jades_test

import (
	"fmt"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/jades"
	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// A hospital seals a message; the insurer verifies the seal, then judges the
// certificate (package certificat), and only then reads the message.
func Example() {
	hopital := acteurs()["P-256"] // its cachet certificate, the chain and the key
	message := []byte(`{"service": "IDB", "idMessage": "0f8fad5b-d9cb-469f-a165-70867728950e"}`)

	canonique, err := jcs.Canoniser(nil, message, jcs.Limites{})
	if err != nil {
		fmt.Println(err)
		return
	}
	sceau, err := jades.Signer(canonique, hopital, time.Date(2026, 11, 22, 10, 30, 15, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}

	r, err := jades.Verifier(sceau, canonique, jades.Options{ExigerBaseline: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Algorithme, r.Instant.Format(time.RFC3339), len(r.Chaine))

	_, err = jades.Verifier(sceau, append(canonique, ' '), jades.Options{})
	fmt.Println(err)
	// Output:
	// ES256 2026-11-22T10:30:15Z 1
	// jades: signature invalide (ES256)
}
