package xmlsig_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// signerZeep signs one message with each of zeep's classes, as it does by
// default and with methods given, and prints one JSON object a line.
const signerZeep = `
import sys, json
from lxml import etree
import xmlsec
from zeep.wsse.signature import BinarySignature, Signature
cle, cert, methode = sys.argv[1:4]
doc = """<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope">
  <e:Header/>
  <e:Body><n:demande xmlns:n="urn:n" b="2" a="1">\u00e9 &amp; <n:x/></n:demande></e:Body>
</e:Envelope>"""
for classe in (Signature, BinarySignature):
    for defaut in (True, False):
        if defaut and methode != "RSA_SHA256":
            continue
        enveloppe = etree.fromstring(doc)
        methodes = (None, None) if defaut else (getattr(xmlsec.Transform, methode), xmlsec.Transform.SHA256)
        enveloppe, _ = classe(cle, cert, None, *methodes).apply(enveloppe, {})
        print(json.dumps({"classe": classe.__name__, "defaut": defaut, "xml": etree.tostring(enveloppe).decode("ascii")}))
`

func TestSceauxDeZeep(t *testing.T) {
	py := python(t, "zeep", "xmlsec")
	for methode, s := range map[string]xmlsig.Signataire{"RSA_SHA256": rsa2048(), "ECDSA_SHA256": p256()} {
		t.Run(methode, func(t *testing.T) {
			cle, cert := ecrirePEM(t, t.TempDir(), s)
			sortie, err := exec.Command(py, "-c", signerZeep, cle, cert, methode).Output()
			if err != nil {
				t.Fatalf("zeep : %v\n%s", err, messageDe(err))
			}
			messages := json.NewDecoder(bytes.NewReader(sortie))
			n := 0
			for ; messages.More(); n++ {
				var m struct {
					Classe string `json:"classe"`
					Defaut bool   `json:"defaut"`
					XML    string `json:"xml"`
				}
				if err := messages.Decode(&m); err != nil {
					t.Fatal(err)
				}
				r, err := xmlsig.VerifierSOAP([]byte(m.XML), xmlsig.Options{})
				switch {
				case m.Defaut && !errors.Is(err, xmlsig.MotifSHA1):
					t.Errorf("%s sans méthode : %v, veut le refus de SHA-1", m.Classe, err)
				case !m.Defaut && err != nil:
					t.Errorf("%s : %v\n%s", m.Classe, err, m.XML)
				case !m.Defaut && (!bytes.Equal(r.Certificat, s.Certificat) || !strings.Contains(string(r.Corps), `<n:demande xmlns:n="urn:n" a="1" b="2">é &amp; <n:x></n:x></n:demande>`)):
					t.Errorf("%s : %s", m.Classe, r.Corps)
				}
			}
			if n < 2 {
				t.Errorf("%d messages seulement", n)
			}
		})
	}
}

const verifierZeep = `
import sys
from lxml import etree
from zeep.wsse.signature import Signature
Signature(sys.argv[1], sys.argv[2]).verify(etree.parse(sys.argv[3]).getroot())
`

// zeep verifies what we seal without XAdES. With it, zeep 4.2 stops on the
// reference to SignedProperties, because it knows wsu:Id only: its class must
// be extended.
func TestZeepVerifie(t *testing.T) {
	py := python(t, "zeep", "xmlsec")
	for nom, s := range map[string]xmlsig.Signataire{"RSA": rsa2048(), "P-256": p256()} {
		t.Run(nom, func(t *testing.T) {
			dossier := t.TempDir()
			cle, cert := ecrirePEM(t, dossier, s)
			b := sceller(t, xmlsig.SOAPASigner{}, s)
			if _, err := exec.Command(py, "-c", verifierZeep, cle, cert, ecrire(t, dossier, "bon.xml", b)).Output(); err != nil {
				t.Errorf("%v\n%s", err, messageDe(err))
			}
			altere := bytes.Replace(b, []byte("25.00"), []byte("26.00"), 1)
			if exec.Command(py, "-c", verifierZeep, cle, cert, ecrire(t, dossier, "altere.xml", altere)).Run() == nil {
				t.Error("zeep accepte un message altéré")
			}
		})
	}
}
