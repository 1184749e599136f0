package xmlflux_test

import (
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
)

func Example() {
	doc := []byte(`<r:acte xmlns:r="urn:exemple" code="C">25<!-- euros -->.00</r:acte>`)
	var l xmlflux.Lecteur
	l.Reset(doc, xmlflux.Limites{Profondeur: 8})
	for {
		g, err := l.Suivant()
		if err != nil {
			fmt.Println(err)
			return
		}
		switch g {
		case xmlflux.Debut:
			fmt.Printf("%s de %s, code %s\n", l.Local(), l.Espace(), l.Attribut(0).Valeur)
		case xmlflux.Texte:
			fmt.Printf("%s\n", l.Texte())
		case xmlflux.Termine:
			return
		}
	}
	// Output:
	// acte de urn:exemple, code C
	// 25.00
}

func ExampleErreur() {
	var l xmlflux.Lecteur
	l.Reset([]byte("<a>\n<!DOCTYPE a></a>"), xmlflux.Limites{})
	l.Suivant()
	_, err := l.Suivant()
	fmt.Println(err, errors.Is(err, xmlflux.MotifDTD))
	// Output: XML ligne 2, colonne 1 : DTD refusée true
}
