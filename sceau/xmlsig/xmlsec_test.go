package xmlsig_test

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

const (
	soap12    = "http://www.w3.org/2003/05/soap-envelope"
	soap11    = "http://schemas.xmlsoap.org/soap/envelope/"
	wsse      = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
	wsu       = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
	dsig      = "http://www.w3.org/2000/09/xmldsig#"
	more      = "http://www.w3.org/2001/04/xmldsig-more#"
	encSHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
)

// xmlsec1 verifies what we seal.
func TestXmlsecVerifieSOAP(t *testing.T) {
	xmlsec := outil(t, "xmlsec1")
	for nom, s := range map[string]xmlsig.Signataire{
		"P-256": p256(), "P-384": p384(), "RSA": rsa2048(), "RSA SHA-512": avec(rsa2048(), xmlsig.RSASHA512),
	} {
		t.Run(nom, func(t *testing.T) {
			dossier := t.TempDir()
			_, cert := ecrirePEM(t, dossier, s)
			bon := sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB, EnTetes: []byte(`<x/>`)}, s)
			verifier := func(doc []byte) error {
				return exec.Command(xmlsec, "--verify", "--pubkey-cert-pem", cert,
					"--id-attr:Id", soap12+":Body", "--id-attr:Id", wsu+":Timestamp",
					"--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties",
					ecrire(t, dossier, "m.xml", doc)).Run()
			}
			if err := verifier(bon); err != nil {
				t.Errorf("xmlsec1 refuse notre sceau : %v", err)
			}
			for _, de := range []string{"<acte code=\"C\" rang=\"1\"><date>2026-03-01", "T09:30:00.123Z", "T09:30:00Z<"} {
				mauvais := bytes.Replace(bon, []byte(de), bytes.Replace([]byte(de), []byte("0"), []byte("1"), 1), 1)
				if bytes.Equal(mauvais, bon) || verifier(mauvais) == nil {
					t.Errorf("xmlsec1 accepte un message altéré (%s)", de)
				}
			}
		})
	}
}

func TestXmlsecVerifieDocument(t *testing.T) {
	xmlsec := outil(t, "xmlsec1")
	for nom, s := range map[string]xmlsig.Signataire{"P-256": p256(), "P-384": p384(), "RSA": rsa2048()} {
		for _, doc := range []string{string(contenu(500)), `<?xml version="1.0"?><!-- avant --><a:b xmlns:a="urn:a" Id="i" />` + "\n", "<a>é<!-- c -->\r\n <b/></a>"} {
			t.Run(nom, func(t *testing.T) {
				dossier := t.TempDir()
				_, cert := ecrirePEM(t, dossier, s)
				b, err := xmlsig.SignerDocument(nil, xmlsig.DocumentASigner{Document: []byte(doc), Niveau: xmlsig.XAdESB}, s, instant)
				if err != nil {
					t.Fatal(err)
				}
				c := exec.Command(xmlsec, "--verify", "--pubkey-cert-pem", cert, "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties", ecrire(t, dossier, "d.xml", b))
				if sortie, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s\n%s", err, sortie, b)
				}
			})
		}
	}
}

// modele is a message to be signed by xmlsec1.
type modele struct {
	soap, signature, condense, inclus string
	avecHorodatage                    bool
}

func (m modele) reference(id string) string {
	inclus := ""
	if m.inclus != "" {
		inclus = fmt.Sprintf(`<c:InclusiveNamespaces xmlns:c="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="%s"/>`, m.inclus)
	}
	return fmt.Sprintf(`
          <Reference URI="#%s"><Transforms><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">%s</Transform></Transforms>
            <DigestMethod Algorithm="%s"/><DigestValue/></Reference>`, id, inclus, m.condense)
}

// texte lays the message out as zeep does: namespaces on the envelope, indented,
// signature before the Timestamp.
func (m modele) texte() string {
	var s strings.Builder
	fmt.Fprintf(&s, `<?xml version='1.0' encoding='utf-8'?>
<e:Envelope xmlns:e="%s" xmlns:xs="urn:inutile" xmlns:n="urn:n">
  <e:Header>
    <wsse:Security xmlns:wsse="%s" xmlns:wsu="%s">
      <Signature xmlns="%s">
        <SignedInfo>
          <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
          <SignatureMethod Algorithm="%s"/>`, m.soap, wsse, wsu, dsig, m.signature)
	s.WriteString(m.reference("corps-1"))
	if m.avecHorodatage {
		s.WriteString(m.reference("temps-1"))
	}
	s.WriteString(`
        </SignedInfo>
        <SignatureValue/>
        <KeyInfo><X509Data/></KeyInfo>
      </Signature>
`)
	if m.avecHorodatage {
		s.WriteString(`      <wsu:Timestamp wsu:Id="temps-1"><wsu:Created>2026-11-22T09:30:00.5+01:00</wsu:Created></wsu:Timestamp>
`)
	}
	fmt.Fprintf(&s, `    </wsse:Security>
  </e:Header>
  <e:Body xmlns:u="%s" u:Id="corps-1">
    <n:demande z="1" a='2'><!-- ignoré --><b xmlns="urn:d">é &amp; &#65;<![CDATA[<&>]]></b></n:demande>
  </e:Body>
</e:Envelope>
`, wsu)
	return s.String()
}

// signer has xmlsec1 fill in the template.
func (m modele) signer(t *testing.T, s xmlsig.Signataire) []byte {
	t.Helper()
	dossier := t.TempDir()
	cle, cert := ecrirePEM(t, dossier, s)
	sortie, err := exec.Command(outil(t, "xmlsec1"), "--sign", "--privkey-pem", cle+","+cert,
		"--id-attr:Id", m.soap+":Body", "--id-attr:Id", wsu+":Timestamp", ecrire(t, dossier, "m.xml", []byte(m.texte()))).Output()
	if err != nil {
		t.Fatalf("xmlsec1 : %v\n%s", err, messageDe(err))
	}
	return sortie
}

var x509Data = regexp.MustCompile(`(?s)<X509Data>.*</X509Data>`)
var x509Cert = regexp.MustCompile(`(?s)<X509Certificate>(.*)</X509Certificate>`)

// commeSignature and commeBinarySignature move the certificate as the two
// classes of zeep do, after having signed.
func commeSignature(b []byte) []byte {
	return x509Data.ReplaceAllFunc(b, func(d []byte) []byte {
		return []byte(fmt.Sprintf(`<wsse:SecurityTokenReference>%s</wsse:SecurityTokenReference>`, d))
	})
}

func commeBinarySignature(b []byte) []byte {
	const typ = `ValueType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"`
	cert := x509Cert.FindSubmatch(b)[1]
	b = x509Data.ReplaceAll(b, []byte(`<wsse:SecurityTokenReference><wsse:Reference `+typ+` URI="#jeton-1"/></wsse:SecurityTokenReference>`))
	return bytes.Replace(b, []byte(`</Signature>`), []byte(fmt.Sprintf(`</Signature><wsse:BinarySecurityToken xmlns:wsu="%s" %s EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary" wsu:Id="jeton-1">%s</wsse:BinarySecurityToken>`, wsu, typ, cert)), 1)
}

// We verify what xmlsec1 seals.
func TestSceauxDeXmlsec(t *testing.T) {
	outil(t, "xmlsec1")
	cas := []struct {
		nom string
		m   modele
		s   xmlsig.Signataire
	}{
		{"RSA SHA-256", modele{soap: soap12, signature: more + "rsa-sha256", condense: encSHA256}, rsa2048()},
		{"RSA et empreintes SHA-512 avec horodatage", modele{soap: soap12, signature: more + "rsa-sha512", condense: "http://www.w3.org/2001/04/xmlenc#sha512", avecHorodatage: true}, rsa2048()},
		{"P-256", modele{soap: soap12, signature: more + "ecdsa-sha256", condense: encSHA256, avecHorodatage: true}, p256()},
		{"P-384 et empreintes SHA-384", modele{soap: soap12, signature: more + "ecdsa-sha384", condense: more + "sha384"}, p384()},
		{"PrefixList", modele{soap: soap12, signature: more + "ecdsa-sha256", condense: encSHA256, inclus: "xs n #default e", avecHorodatage: true}, p256()},
		{"SOAP 1.1", modele{soap: soap11, signature: more + "ecdsa-sha256", condense: encSHA256}, p256()},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			b := c.m.signer(t, c.s)
			for forme, f := range map[string]func([]byte) []byte{"X509Data": bytes.Clone, "Signature": commeSignature, "BinarySignature": commeBinarySignature} {
				r, err := xmlsig.VerifierSOAP(f(b), xmlsig.Options{SOAP11: true})
				if err != nil {
					t.Fatalf("%s : %v\n%s", forme, err, f(b))
				}
				if !bytes.Equal(r.Certificat, c.s.Certificat) || r.SOAP11 != (c.m.soap == soap11) || !bytes.Contains(r.Corps, []byte("é &amp; A&lt;&amp;&gt;")) {
					t.Errorf("%s : %s", forme, r.Corps)
				}
				if (r.Horodatage != nil && r.Horodatage.Scelle) != c.m.avecHorodatage {
					t.Errorf("%s : horodatage %+v", forme, r.Horodatage)
				}
			}
		})
	}
}

func TestSHA1Refuse(t *testing.T) {
	for nom, m := range map[string]modele{
		"signature": {soap: soap12, signature: dsig + "rsa-sha1", condense: encSHA256},
		"empreinte": {soap: soap12, signature: more + "rsa-sha256", condense: dsig + "sha1"},
	} {
		t.Run(nom, func(t *testing.T) {
			_, err := xmlsig.VerifierSOAP(m.signer(t, rsa2048()), xmlsig.Options{})
			if !errors.Is(err, xmlsig.MotifSHA1) || !strings.Contains(err.Error(), "signature_method") || !strings.Contains(err.Error(), "digest_method") {
				t.Error(err)
			}
		})
	}
}

func TestSOAP11RefuseParDefaut(t *testing.T) {
	m := modele{soap: soap11, signature: more + "ecdsa-sha256", condense: encSHA256}
	if _, err := xmlsig.VerifierSOAP(m.signer(t, p256()), xmlsig.Options{}); !errors.Is(err, xmlsig.MotifSOAP) {
		t.Error(err)
	}
}

// An enveloped signature made by xmlsec1 on a file.
func TestDocumentDeXmlsec(t *testing.T) {
	xmlsec := outil(t, "xmlsec1")
	dossier := t.TempDir()
	cle, cert := ecrirePEM(t, dossier, rsa2048())
	for _, uri := range []string{"", "#i"} {
		doc := fmt.Sprintf(`<a xmlns="urn:a" ID="i"><b>1</b><Signature xmlns="%s"><SignedInfo><CanonicalizationMethod Algorithm="%s"/><SignatureMethod Algorithm="%s"/><Reference URI="%s"><Transforms><Transform Algorithm="%s"/><Transform Algorithm="%s"/></Transforms><DigestMethod Algorithm="%s"/><DigestValue/></Reference></SignedInfo><SignatureValue/><KeyInfo><X509Data/></KeyInfo></Signature><c/></a>`,
			dsig, xmlsig.TransformationExclusive, more+"rsa-sha256", uri, xmlsig.TransformationEnveloppee, xmlsig.TransformationExclusive, encSHA256)
		b, err := exec.Command(xmlsec, "--sign", "--privkey-pem", cle+","+cert, "--id-attr:ID", "urn:a:a", ecrire(t, dossier, "d.xml", []byte(doc))).Output()
		if err != nil {
			t.Fatalf("xmlsec1 : %v\n%s", err, messageDe(err))
		}
		r, err := xmlsig.VerifierDocument(b, xmlsig.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		if want := `<a xmlns="urn:a" ID="i"><b>1</b><c></c></a>`; string(r.Corps) != want {
			t.Errorf("corps %s, veut %s", r.Corps, want)
		}
	}
}
