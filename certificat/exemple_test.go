package certificat_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
)

// A service loads its trust once, then asks about each certificate it meets.
func ExampleMagasin_Juger() {
	b, err := os.ReadFile("testdata/magasin.pem") // root, intermediate, lists
	if err != nil {
		fmt.Println(err)
		return
	}
	acs := certificat.Extraire(b, "CERTIFICATE")
	m := certificat.NouveauMagasin(certificat.Options{})
	if err := m.RemplacerAutorites(acs[:1], acs[1:]); err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range certificat.Extraire(b, "X509 CRL") {
		if _, err := m.AjouterCRL(l); err != nil {
			fmt.Println(err)
			return
		}
	}
	b, err = os.ReadFile("testdata/variantes.pem")
	if err != nil {
		fmt.Println(err)
		return
	}
	leaf := certificat.Extraire(b, "CERTIFICATE")[0]
	maintenant := time.Date(2026, 3, 2, 8, 15, 0, 0, time.UTC)

	v, err := m.Juger(leaf, nil, certificat.UsageTLSClient, maintenant)
	fmt.Println(v.Porteur.Structure(), v.Liste.Numero(), err)

	_, err = m.Juger(leaf, nil, certificat.UsageCachet, maintenant)
	var r *certificat.Refus
	if errors.As(err, &r) {
		fmt.Println(r.Motif)
		fmt.Println(r.Phrase())
		fmt.Println("à corriger par :", r.QuiAgit())
	}
	// Output:
	// 1990000127 10 <nil>
	// mauvais-usage
	// certificat qui n'est pas fait pour cet usage, cachet d'une structure (certificat d'authentification présenté à la place du certificat de signature ou de cachet)
	// à corriger par : éditeur
}

// What a help desk reads of a certificate that was sent to it.
func ExampleExpliquer() {
	b, err := os.ReadFile("testdata/variantes.pem")
	if err != nil {
		fmt.Println(err)
		return
	}
	x := certificat.Expliquer(b, nil, time.Date(2030, 3, 2, 8, 15, 0, 0, time.UTC))
	fmt.Println(x.Nature)
	fmt.Println(x.Titulaire.DN)
	fmt.Println(x.Verdicts[0].Refus.Phrase)
	// Output:
	// certificat d'authentification d'une structure
	// CN=LABO-ECLUSE,OU=IGC-LABO,OU=1990000127,O=CH DE LA COMBE-AUX-FÉES,ST=Doubs (25),C=FR
	// certificat expiré depuis 730 jours, le 02/03/2028
}
