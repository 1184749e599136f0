package sceau_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Sealing a message and opening it again, on the REST face. What is opened is what
// was signed; one character changed and nothing opens.
func Example() {
	cachet, juge, err := laboratoire("2999100803")
	if err != nil {
		fmt.Println(err)
		return
	}
	maintenant := time.Now()
	scelle, err := cachet.REST([]byte(`{"corps":{"statut":"OUVERT"}}`), nil, maintenant) // canonical JSON
	if err != nil {
		fmt.Println(err)
		return
	}
	ouvreur := sceau.Ouvreur{Juge: juge}
	piece, err := ouvreur.REST(scelle.Octets, maintenant)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(piece.Contenu()), "scellé par", piece.Scelleur().Porteur.Structure())
	fmt.Println(piece.Rapport().Profil, "— même empreinte :", piece.Empreinte() == scelle.Empreinte)

	altere := strings.Replace(string(scelle.Octets), "OUVERT", "FERMEE", 1)
	_, err = ouvreur.REST([]byte(altere), maintenant)
	fmt.Println("altéré, refusé pour son sceau :", sceau.EstSceau(err))
	// Output:
	// {"corps":{"statut":"OUVERT"}} scellé par 2999100803
	// JAdES B — même empreinte : true
	// altéré, refusé pour son sceau : true
}

// The SOAP face of the same: an element in exclusive canonical form.
func ExampleCachet_SOAP() {
	cachet, juge, err := laboratoire("2999100803")
	if err != nil {
		fmt.Println(err)
		return
	}
	maintenant := time.Now()
	scelle, err := cachet.SOAP([]byte(`<Reponse xmlns="urn:exemple"><statut>OUVERT</statut></Reponse>`), nil, maintenant)
	if err != nil {
		fmt.Println(err)
		return
	}
	piece, err := (&sceau.Ouvreur{Juge: juge, Baseline: true}).SOAP(scelle.Octets, maintenant)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(piece.Element(), piece.Rapport().Profil)
	for _, r := range piece.Rapport().References {
		fmt.Println(strings.Fields(r.Cible)[0], r.Concordante)
	}
	// Output:
	// Reponse WS-Security, XAdES B
	// Body true
	// Timestamp true
	// SignedProperties true
}

// A certificate that the trust store does not know seals nothing for us.
func ExampleOuvreur() {
	cachet, _, err := laboratoire("2999100803")
	if err != nil {
		fmt.Println(err)
		return
	}
	scelle, err := cachet.REST([]byte(`{}`), nil, time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = (&sceau.Ouvreur{Juge: certificat.NouveauMagasin(certificat.Options{})}).REST(scelle.Octets, time.Now())
	fmt.Println("refusé :", err != nil, "— pour son sceau :", sceau.EstSceau(err))
	// Output: refusé : true — pour son sceau : false
}

// laboratoire makes an authority of one afternoon, a cachet under it, and a trust
// store that knows it. Real ones come from files: see the examples of package roc.
func laboratoire(structure string) (*sceau.Cachet, *certificat.Magasin, error) {
	a := time.Now()
	cleAC, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	ac := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: a.Add(-time.Hour), NotAfter: a.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		Subject:  pkix.Name{Country: []string{"FR"}, Organization: []string{"ECLUSE LABO"}, CommonName: "AC RACINE LABO STANDARD"},
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1}}
	derAC, err := x509.CreateCertificate(rand.Reader, ac, ac, cleAC.Public(), cleAC)
	if err != nil {
		return nil, nil, err
	}
	liste, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: a.Add(-time.Minute), NextUpdate: a.Add(time.Hour)}, ac, cleAC)
	if err != nil {
		return nil, nil, err
	}
	m := certificat.NouveauMagasin(certificat.Options{})
	if err := m.RemplacerAutorites([][]byte{derAC}, nil); err != nil {
		return nil, nil, err
	}
	if _, err := m.AjouterCRL(liste); err != nil {
		return nil, nil, err
	}
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: ac.NotBefore, NotAfter: ac.NotAfter, BasicConstraintsValid: true,
		Subject:  pkix.Name{Country: []string{"FR"}, Organization: []string{"STRUCTURE D'EXEMPLE"}, OrganizationalUnit: []string{structure}, CommonName: "CACHET LABO"},
		KeyUsage: x509.KeyUsageContentCommitment}, ac, cle.Public(), cleAC)
	if err != nil {
		return nil, nil, err
	}
	c, err := sceau.NewCachet(der, nil, cle)
	return c, m, err
}
