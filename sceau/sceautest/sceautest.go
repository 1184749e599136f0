// Package sceautest makes sealed messages for the tests of rules: they are
// sealed with a key made for the test and opened as any other.
package sceautest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/certificat"
	"github.com/ecluse-sante/ecluse/sceau"
)

// Identite is a test party: an authority of its own, a cachet, and a judge that
// trusts only that authority.
type Identite struct {
	Cachet *sceau.Cachet
	Juge   *certificat.Magasin
	AC     *x509.Certificate
	CleAC  *ecdsa.PrivateKey
}

// New makes a party whose certificate carries the structure id given.
func New(t testing.TB, structure string, a time.Time) *Identite {
	t.Helper()
	cleAC, ac := autorite(t, a)
	id := &Identite{AC: ac, CleAC: cleAC, Juge: magasin(t, ac, cleAC, a)}
	id.Cachet = id.Emettre(t, structure, a)
	return id
}

// Emettre makes the cachet of another structure under the same authority.
func (id *Identite) Emettre(t testing.TB, structure string, a time.Time) *sceau.Cachet {
	t.Helper()
	cle := nouvelleCle(t)
	der := signer(t, &x509.Certificate{
		SerialNumber: serie(t), NotBefore: a.Add(-time.Hour), NotAfter: a.Add(24 * time.Hour),
		Subject: pkix.Name{Country: []string{"FR"}, Organization: []string{"STRUCTURE DE TEST"},
			OrganizationalUnit: []string{structure}, CommonName: "CACHET DE TEST"},
		KeyUsage: x509.KeyUsageContentCommitment, BasicConstraintsValid: true,
	}, id.AC, &cle.PublicKey, id.CleAC)
	c, err := sceau.NewCachet(der, nil, cle)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Ouvrir seals a message, given its canonical JSON and how to read it again, and
// opens it.
func Ouvrir[M any](t testing.TB, structure string, a time.Time, json []byte, decoder func([]byte, *M) error) sceau.Opened[M] {
	t.Helper()
	return OuvrirDe(t, New(t, structure, a), a, json, decoder)
}

// OuvrirDe is Ouvrir for a party that exists.
func OuvrirDe[M any](t testing.TB, id *Identite, a time.Time, json []byte, decoder func([]byte, *M) error) sceau.Opened[M] {
	t.Helper()
	s, err := id.Cachet.REST(json, nil, a)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&sceau.Ouvreur{Juge: id.Juge}).REST(s.Octets, a)
	if err != nil {
		t.Fatal(err)
	}
	o, err := sceau.Open(p, func(p *sceau.Piece, m *M) error { return decoder(p.Contenu(), m) })
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func autorite(t testing.TB, a time.Time) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	cle := nouvelleCle(t)
	modele := &x509.Certificate{
		SerialNumber: serie(t), NotBefore: a.Add(-2 * time.Hour), NotAfter: a.Add(48 * time.Hour),
		Subject: pkix.Name{Country: []string{"FR"}, Organization: []string{"ECLUSE LABO"}, CommonName: "AC RACINE LABO STANDARD"},
		IsCA:    true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	ac, err := x509.ParseCertificate(signer(t, modele, modele, &cle.PublicKey, cle))
	if err != nil {
		t.Fatal(err)
	}
	return cle, ac
}

func magasin(t testing.TB, ac *x509.Certificate, cle *ecdsa.PrivateKey, a time.Time) *certificat.Magasin {
	t.Helper()
	m := certificat.NouveauMagasin(certificat.Options{})
	if err := m.RemplacerAutorites([][]byte{ac.Raw}, nil); err != nil {
		t.Fatal(err)
	}
	crl, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: a.Add(-time.Hour), NextUpdate: a.Add(24 * time.Hour),
	}, ac, cle)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.AjouterCRL(crl); err != nil {
		t.Fatal(err)
	}
	return m
}

func signer(t testing.TB, m, parent *x509.Certificate, cle *ecdsa.PublicKey, par *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, m, parent, cle, par)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func nouvelleCle(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return cle
}

func serie(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		t.Fatal(err)
	}
	return n.Add(n, big.NewInt(1))
}
