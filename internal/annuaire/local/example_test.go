package local_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ecluse-sante/ecluse/internal/annuaire/local"
	"github.com/ecluse-sante/ecluse/rass"
)

// A directory of one department, and its cardiologists.
func Example() {
	n, err := local.New(local.Reglage{Graine: 41, Professionnels: 3000, Departements: []string{"41"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	jour, err := n.Journee(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	var b bytes.Buffer
	if _, err := jour.Ecrire(context.Background(), &b, rass.SavoirFaire); err != nil {
		fmt.Println(err)
		return
	}
	r, err := rass.NewLecteur(&b, rass.SavoirFaire)
	if err != nil {
		fmt.Println(err)
		return
	}
	cardiologues := 0
	for r.Next() {
		if string(r.Ligne().Champ(rass.SFCodeSavoirFaire)) == "SM04" {
			cardiologues++
		}
	}
	fmt.Println(cardiologues > 5, r.Err())
	// Output: true <nil>
}
