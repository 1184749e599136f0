package xmlsig_test

import (
	"crypto/x509"
	"os"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// Messages sealed by WSSecurityCert of the npm module soap 1.13.0 (xml-crypto
// 6.3.2), with its defaults, and with idMode wssecurity. It adds to each
// reference an enveloped transform without effect.
func TestSceauxDeNpmSoap(t *testing.T) {
	for _, nom := range []string{"npm-soap-defaut.xml", "npm-soap-wssecurity.xml"} {
		t.Run(nom, func(t *testing.T) {
			b, err := os.ReadFile("testdata/" + nom)
			if err != nil {
				t.Fatal(err)
			}
			r, err := xmlsig.VerifierSOAP(b, xmlsig.Options{})
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(r.Certificat)
			if err != nil || c.Subject.CommonName != "CH DE LA FICTION" {
				t.Errorf("certificat : %v", err)
			}
			if !r.Horodatage.Scelle || r.Horodatage.Cree.IsZero() || len(r.References) != 2 || r.Algorithme != xmlsig.RSASHA256 {
				t.Errorf("%+v", r)
			}
			if want := `<tns:demande xmlns:tns="urn:n" a="1" b="2">é &amp; <tns:x></tns:x></tns:demande>`; !strings.Contains(string(r.Corps), want) {
				t.Errorf("corps %s", r.Corps)
			}
			altere := strings.Replace(string(b), `a="1"`, `a="3"`, 1)
			if _, err := xmlsig.VerifierSOAP([]byte(altere), xmlsig.Options{}); err == nil {
				t.Error("message altéré accepté")
			}
		})
	}
}
