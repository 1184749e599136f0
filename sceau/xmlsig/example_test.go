package xmlsig_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

func ExampleVerifierSOAP() {
	message := []byte(`<bonjour xmlns="urn:exemple">à sceller</bonjour>`)
	enveloppe, err := xmlsig.SignerSOAP(nil, xmlsig.SOAPASigner{Contenu: message, Niveau: xmlsig.XAdESB}, p256(), instant)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := xmlsig.VerifierSOAP(enveloppe, xmlsig.Options{ExigerXAdES: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, ref := range r.References {
		fmt.Println(ref.Element, ref.OK)
	}
	fmt.Println("scellé le", r.Proprietes.Instant.Format("2006-01-02 15:04:05"))

	altere := bytes.Replace(enveloppe, []byte("à sceller"), []byte("à voler"), 1)
	_, err = xmlsig.VerifierSOAP(altere, xmlsig.Options{})
	fmt.Println(err, errors.Is(err, xmlsig.MotifEmpreinte))
	// Output:
	// Body true
	// Timestamp true
	// SignedProperties true
	// scellé le 2026-11-22 09:30:00
	// sceau XML : une partie scellée a été altérée true
}

func ExampleSignerDocument() {
	doc := []byte(`<?xml version="1.0"?><facture total="25.00"/>`)
	scelle, err := xmlsig.SignerDocument(nil, xmlsig.DocumentASigner{Document: doc}, p256(), instant)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := xmlsig.VerifierDocument(scelle, xmlsig.Options{})
	fmt.Println(string(r.Corps), err)
	// Output: <facture total="25.00"></facture> <nil>
}

func ExampleCanoniser() {
	doc := []byte(`<a xmlns:x="urn:x" xmlns:y="urn:y"><x:b Id="ici" z='1' a='2'/></a>`)
	forme, err := xmlsig.Canoniser(nil, doc, "ici", xmlflux.Limites{})
	fmt.Println(string(forme), err)
	// Output: <x:b xmlns:x="urn:x" Id="ici" a="2" z="1"></x:b> <nil>
}
