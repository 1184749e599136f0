package xmlsig_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

var instant = time.Date(2026, 11, 22, 9, 30, 0, 123_000_000, time.UTC)

func signataire(cle crypto.Signer) xmlsig.Signataire {
	m := &x509.Certificate{
		SerialNumber: big.NewInt(0x1234567890),
		Subject:      pkix.Name{CommonName: "CH DE LA FICTION", Country: []string{"FR"}},
		NotBefore:    instant.Add(-time.Hour), NotAfter: instant.AddDate(20, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, m, m, cle.Public(), cle)
	if err != nil {
		panic(err)
	}
	return xmlsig.Signataire{Certificat: der, Cle: cle}
}

func ec(c elliptic.Curve) func() xmlsig.Signataire {
	return sync.OnceValue(func() xmlsig.Signataire {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			panic(err)
		}
		return signataire(k)
	})
}

func rsaDe(bits int) func() xmlsig.Signataire {
	return sync.OnceValue(func() xmlsig.Signataire {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			panic(err)
		}
		return signataire(k)
	})
}

// Fictitious signers, made once a run.
var (
	p256    = ec(elliptic.P256())
	p384    = ec(elliptic.P384())
	rsa2048 = rsaDe(2048)
	autre   = ec(elliptic.P256())
)

func avec(s xmlsig.Signataire, a xmlsig.Algorithme) xmlsig.Signataire {
	s.Algorithme = a
	return s
}

// contenu is a message in canonical form of about n bytes.
func contenu(n int) []byte {
	var s strings.Builder
	s.WriteString(`<demande xmlns="urn:ecluse:essai:1" service="IDB">`)
	for s.Len() < n-11 {
		s.WriteString(`<acte code="C" rang="1"><date>2026-03-01</date><montant>25.00</montant><libelle>Consultation, tarif opposable &amp; majorée à l'été</libelle></acte>`)
	}
	s.WriteString(`</demande>`)
	return []byte(s.String())
}

func sceller(t testing.TB, m xmlsig.SOAPASigner, s xmlsig.Signataire) []byte {
	t.Helper()
	if m.Contenu == nil {
		m.Contenu = contenu(600)
	}
	b, err := xmlsig.SignerSOAP(nil, m, s, instant)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// outil finds an independent tool, or skips the test; with ECLUSE_CI=1 its
// absence is a failure.
func outil(t testing.TB, nom string) string {
	t.Helper()
	chemin, err := exec.LookPath(nom)
	if err != nil {
		absent(t, nom+" absent")
	}
	return chemin
}

// messageDe is what a failed tool wrote on its standard error.
func messageDe(err error) []byte {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.Stderr
	}
	return nil
}

func absent(t testing.TB, quoi string) {
	t.Helper()
	if os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal(quoi)
	}
	t.Skip(quoi)
}

// python is the system's, when it has these modules.
func python(t testing.TB, modules ...string) string {
	t.Helper()
	const chemin = "/usr/bin/python3"
	for _, m := range modules {
		if err := exec.Command(chemin, "-c", "import "+m).Run(); err != nil {
			absent(t, "module Python "+m+" absent")
		}
	}
	return chemin
}

func ecrire(t testing.TB, dossier, nom string, b []byte) string {
	t.Helper()
	chemin := filepath.Join(dossier, nom)
	if err := os.WriteFile(chemin, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return chemin
}

// ecrirePEM writes the key and the certificate of a signer.
func ecrirePEM(t testing.TB, dossier string, s xmlsig.Signataire) (cle, certificat string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(s.Cle)
	if err != nil {
		t.Fatal(err)
	}
	cle = ecrire(t, dossier, "cle.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	certificat = ecrire(t, dossier, "certificat.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificat}))
	return cle, certificat
}

// remplacer changes the one occurrence of a string.
func remplacer(t testing.TB, doc []byte, de, par string) []byte {
	t.Helper()
	if n := strings.Count(string(doc), de); n != 1 {
		t.Fatalf("%q est %d fois dans le document", de, n)
	}
	return []byte(strings.Replace(string(doc), de, par, 1))
}
