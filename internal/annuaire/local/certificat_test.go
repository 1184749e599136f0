package local

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/rass"
)

// Certificates are signed by the authority of the laboratory, name their holders, and are
// the same each time.
func TestCertificats(t *testing.T) {
	autorite, err := NouvelleAutorite(3)
	if err != nil {
		t.Fatal(err)
	}
	racine, err := x509.ParseCertificate(autorite.Certificat())
	if err != nil || !racine.IsCA {
		t.Fatal(err)
	}
	n := faire(t, Reglage{Graine: 3, Professionnels: 1500, DER: autorite.DER})
	un := ecrit(t, n, rass.Certificats, 0)
	l := lus(t, un, rass.Certificats)
	if len(l) < 20 {
		t.Fatalf("%d certificats", len(l))
	}
	for _, x := range l {
		der, err := base64.StdEncoding.DecodeString(x[rass.CEDER])
		if err != nil {
			t.Fatal(err)
		}
		c, err := x509.ParseCertificate(der)
		if err != nil || c.CheckSignatureFrom(racine) != nil {
			t.Fatalf("%v, %v", err, c.CheckSignatureFrom(racine))
		}
		sujet, err := nom(x[rass.CESujet])
		if err != nil || !bytes.Equal(sujet, c.RawSubject) || fmt.Sprintf("%016X", c.SerialNumber) != x[rass.CESerie] ||
			c.NotBefore.Format("02/01/2006") != x[rass.CEDebut] || c.NotAfter.Format("02/01/2006") != x[rass.CEFin] {
			t.Errorf("%s : %v %v", x[rass.CESujet], c.Subject, c.SerialNumber)
		}
	}
	meme, err := NouvelleAutorite(3)
	if err != nil {
		t.Fatal(err)
	}
	if deux := ecrit(t, faire(t, Reglage{Graine: 3, Professionnels: 1500, DER: meme.DER}), rass.Certificats, 0); !bytes.Equal(un, deux) {
		t.Error("deux fois les mêmes certificats diffèrent")
	}
}

// A subject is written from its last part to its first, as RFC 4514 says.
func TestSujet(t *testing.T) {
	b, err := nom("CN=un,OU=deux,C=FR")
	if err != nil {
		t.Fatal(err)
	}
	var s []asn1.RawValue
	if _, err := asn1.Unmarshal(b, &s); err != nil || len(s) != 3 || !bytes.Contains(s[0].FullBytes, []byte("FR")) || !bytes.Contains(s[2].FullBytes, []byte("un")) {
		t.Errorf("%v %x", err, b)
	}
	for _, faux := range []string{"", "CN", "XX=1", "CN="} {
		if _, err := nom(faux); err == nil {
			t.Errorf("%q accepté", faux)
		}
	}
	a, err := NouvelleAutorite(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.DER("CN", 1, time.Unix(0, 0), time.Unix(1, 0)); err == nil {
		t.Error("sujet faux certifié")
	}
}
