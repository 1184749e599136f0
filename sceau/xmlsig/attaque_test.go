package xmlsig_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// decoupe gives the sealed Body, and the message with % in its place.
func decoupe(t testing.TB, b []byte) (corps, autour string) {
	t.Helper()
	s := string(b)
	i, j := strings.Index(s, "<soap:Body"), strings.Index(s, "</soap:Body>")+len("</soap:Body>")
	if i < 0 || j < i {
		t.Fatal("message sans corps")
	}
	return s[i:j], s[:i] + "%" + s[j:]
}

// Signature wrapping: the sealed Body is put elsewhere, another takes its place.
func TestDeplacement(t *testing.T) {
	corps, autour := decoupe(t, sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB}, p256()))
	enTete := func(bloc, corps string) string {
		return strings.Replace(strings.Replace(autour, "<soap:Header>", "<soap:Header>"+bloc, 1), "%", corps, 1)
	}
	faux := func(attributs, dedans string) string {
		return `<soap:Body` + attributs + `><demande xmlns="urn:ecluse:essai:1" service="CLC"/>` + dedans + `</soap:Body>`
	}
	const idWSU = ` xmlns:wsu="` + wsu + `" wsu:Id="ecl-corps"`
	cas := []struct {
		nom, doc string
		motif    xmlsig.Motif
	}{
		{"corps scellé dans un en-tête, faux sans Id", enTete(`<x>`+corps+`</x>`, faux("", "")), xmlsig.MotifCorpsNonScelle},
		{"corps scellé dans un en-tête, faux de même Id", enTete(`<x>`+corps+`</x>`, faux(idWSU, "")), xmlsig.MotifIdDouble},
		{"faux de même Id écrit autrement", enTete(`<x>`+corps+`</x>`, faux(` Id="ecl-corps"`, "")), xmlsig.MotifIdDouble},
		{"faux de même xml:id", enTete(`<x>`+corps+`</x>`, faux(` xml:id="ecl-corps"`, "")), xmlsig.MotifIdDouble},
		{"faux d'un autre Id", enTete(`<x>`+corps+`</x>`, faux(` Id="autre"`, "")), xmlsig.MotifCorpsNonScelle},
		{"corps scellé dans le faux", strings.Replace(autour, "%", faux("", corps), 1), xmlsig.MotifCorpsNonScelle},
		{"corps scellé dans le faux de même Id", strings.Replace(autour, "%", faux(idWSU, corps), 1), xmlsig.MotifEmpreinte},
		{"deux corps", strings.Replace(autour, "%", faux("", "")+corps, 1), xmlsig.MotifCorpsNonScelle},
		{"deux corps, le scellé d'abord", strings.Replace(autour, "%", corps+faux("", ""), 1), xmlsig.MotifStructure},
		{"corps scellé dans Security", strings.Replace(enTete("", faux("", "")), "</wsse:Security>", corps+"</wsse:Security>", 1), xmlsig.MotifCorpsNonScelle},
		{"corps scellé dans un Object de la signature", strings.Replace(enTete("", faux("", "")), "</ds:Signature>", "<ds:Object>"+corps+"</ds:Object></ds:Signature>", 1), xmlsig.MotifCorpsNonScelle},
		{"faux d'un autre espace de noms", strings.Replace(autour, "%", `<Body xmlns="`+soap11+`"/>`+corps, 1), xmlsig.MotifStructure},
		{"corps avant l'en-tête", strings.Replace(strings.Replace(autour, "%", "", 1), "<soap:Header>", corps+"<soap:Header>", 1), xmlsig.MotifSansSceau},
		{"second en-tête", strings.Replace(autour, "%", corps+"<soap:Header/>", 1), xmlsig.MotifStructure},
		{"enveloppe dans l'enveloppe", `<soap:Envelope xmlns:soap="` + soap12 + `"><soap:Body>` + strings.Replace(autour, "%", corps, 1) + `</soap:Body></soap:Envelope>`, xmlsig.MotifSansSceau},
		{"enveloppe d'un autre espace de noms", strings.ReplaceAll(strings.Replace(autour, "%", corps, 1), soap12, "urn:autre"), xmlsig.MotifSOAP},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			r, err := xmlsig.VerifierSOAP([]byte(c.doc), xmlsig.Options{})
			if c.motif == xmlsig.MotifEmpreinte && errors.Is(err, xmlsig.MotifIdDouble) {
				return // refused earlier still
			}
			if !errors.Is(err, c.motif) {
				t.Errorf("%v, veut %q\n%s", err, string(c.motif), c.doc)
			}
			if r != nil && r.Corps != nil {
				t.Error("un corps est rendu")
			}
		})
	}
}

func TestHorodatageDeplace(t *testing.T) {
	s := string(sceller(t, xmlsig.SOAPASigner{}, p256()))
	i, j := strings.Index(s, "<wsu:Timestamp"), strings.Index(s, "</wsu:Timestamp>")+len("</wsu:Timestamp>")
	faux := strings.Replace(strings.Replace(s[i:j], ` wsu:Id="ecl-horodatage"`, "", 1), "2026", "2036", 2)
	doc := strings.Replace(s[:i]+faux+s[j:], "<soap:Header>", "<soap:Header><x>"+s[i:j]+"</x>", 1)
	if _, err := xmlsig.VerifierSOAP([]byte(doc), xmlsig.Options{}); !errors.Is(err, xmlsig.MotifReference) {
		t.Error(err)
	}
}

// What is announced decides what is refused, before any key is used.
func TestMessageRefuse(t *testing.T) {
	const exclusive = `<ds:Transform Algorithm="` + xmlsig.TransformationExclusive + `"></ds:Transform>`
	const premiere = `URI="#ecl-corps"><ds:Transforms>` + exclusive
	transformation := func(uri string) string {
		return `URI="#ecl-corps"><ds:Transforms><ds:Transform Algorithm="` + uri + `"></ds:Transform>`
	}
	uneRef := `<ds:Reference URI="#ecl-corps"><ds:Transforms>` + exclusive + `</ds:Transforms><ds:DigestMethod Algorithm="` + encSHA256 + `"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference>`
	cas := []struct {
		nom, de, par string
		motif        error
	}{
		{"DTD", "<soap:Envelope", "<!DOCTYPE x><soap:Envelope", xmlflux.MotifDTD},
		{"entité", "<date>2026-03-01", "<date>&x;", xmlflux.MotifEntite},
		{"référence externe", `URI="#ecl-corps"`, `URI="http://exemple.test/corps"`, xmlsig.MotifReferenceExterne},
		{"référence à une pièce jointe", `URI="#ecl-corps"`, `URI="cid:corps"`, xmlsig.MotifReferenceExterne},
		{"référence à un fichier", `URI="#ecl-corps"`, `URI="file:///etc/passwd"`, xmlsig.MotifReferenceExterne},
		{"XPointer", `URI="#ecl-corps"`, `URI="#xpointer(id('ecl-corps'))"`, xmlsig.MotifReference},
		{"tout le document", `URI="#ecl-horodatage"><ds:Transforms>`, `URI=""><ds:Transforms>`, xmlsig.MotifReference},
		{"sans URI", ` URI="#ecl-corps"`, ``, xmlsig.MotifStructure},
		{"Id inconnu", `URI="#ecl-horodatage"`, `URI="#ailleurs"`, xmlsig.MotifReference},
		{"deux fois le corps", `URI="#ecl-horodatage"`, `URI="#ecl-corps"`, xmlsig.MotifReference},
		{"une partie du corps", `URI="#ecl-horodatage"`, `URI="#dedans"`, xmlsig.MotifReference},
		{"XSLT", premiere, transformation("http://www.w3.org/TR/1999/REC-xslt-19991116"), xmlsig.MotifTransformation},
		{"XPath", premiere, transformation("http://www.w3.org/TR/1999/REC-xpath-19991116"), xmlsig.MotifTransformation},
		{"XPath Filter 2", premiere, transformation("http://www.w3.org/2002/06/xmldsig-filter2"), xmlsig.MotifTransformation},
		{"base64", premiere, transformation(dsig + "base64"), xmlsig.MotifTransformation},
		{"STR-Transform", premiere, transformation("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform"), xmlsig.MotifTransformation},
		{"forme inclusive", premiere, transformation("http://www.w3.org/TR/2001/REC-xml-c14n-20010315"), xmlsig.MotifTransformation},
		{"avec commentaires", premiere, transformation(xmlsig.TransformationExclusive + "WithComments"), xmlsig.MotifTransformation},
		{"transformation sans algorithme", premiere, `URI="#ecl-corps"><ds:Transforms><ds:Transform/>`, xmlsig.MotifTransformation},
		{"exclusive deux fois", premiere, premiere + exclusive, xmlsig.MotifTransformation},
		{"enveloppée sur le corps, sans effet mais non signée", premiere, transformation(xmlsig.TransformationEnveloppee) + exclusive, xmlsig.MotifSignature},
		{"sans transformation", premiere, `URI="#ecl-corps"><ds:Transforms>`, xmlsig.MotifTransformation},
		{"SignedInfo inclusif", `<ds:CanonicalizationMethod Algorithm="` + xmlsig.TransformationExclusive, `<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11`, xmlsig.MotifTransformation},
		{"HMAC", more + "ecdsa-sha256", more + "hmac-sha256", xmlsig.MotifAlgorithme},
		{"MD5", more + "ecdsa-sha256", more + "rsa-md5", xmlsig.MotifAlgorithme},
		{"algorithme vide", more + "ecdsa-sha256", "", xmlsig.MotifAlgorithme},
		{"SHA-1", more + "ecdsa-sha256", dsig + "rsa-sha1", xmlsig.MotifSHA1},
		{"ECDSA SHA-1", more + "ecdsa-sha256", more + "ecdsa-sha1", xmlsig.MotifSHA1},
		{"RSA annoncé pour une clé ECDSA", more + "ecdsa-sha256", more + "rsa-sha256", xmlsig.MotifCle},
		{"onze références", `</ds:SignedInfo>`, strings.Repeat(uneRef, 9) + `</ds:SignedInfo>`, xmlsig.MotifReference},
		{"deux signatures", `</wsse:Security>`, `<ds:Signature xmlns:ds="` + dsig + `"/></wsse:Security>`, xmlsig.MotifSceauMultiple},
		{"deux Security", `</soap:Header>`, `<w:Security xmlns:w="` + wsse + `"/></soap:Header>`, xmlsig.MotifStructure},
		{"deux horodatages", `</wsse:Security>`, `<u:Timestamp xmlns:u="` + wsu + `"/></wsse:Security>`, xmlsig.MotifStructure},
		{"Id double sans rapport avec le sceau", `</wsse:Security>`, `<x Id="a"/><y ID="a"/></wsse:Security>`, xmlsig.MotifIdDouble},
		{"jeton introuvable", `wsu:Id="ecl-jeton"`, `wsu:Id="autre"`, xmlsig.MotifCertificat},
		{"jeton externe", `URI="#ecl-jeton"`, `URI="http://exemple.test/c"`, xmlsig.MotifCertificat},
		{"horodatage altéré", "T09:30:00.123Z", "T09:31:00.123Z", xmlsig.MotifEmpreinte},
		{"date de signature altérée", "T09:30:00Z<", "T09:31:00Z<", xmlsig.MotifEmpreinte},
		{"propriétés signées hors du sceau", ` Type="` + xmlsig.TypeProprietes + `"`, ``, xmlsig.MotifXAdES},
		{"type des propriétés sur le corps", `Id="ecl-ref-corps" `, `Id="ecl-ref-corps" Type="` + xmlsig.TypeProprietes + `" `, xmlsig.MotifXAdES},
		{"sans sceau", "<soap:Header>", `<soap:Header/><soap:Body/></soap:Envelope><!--`, nil},
	}
	msg := bytes.Replace(contenu(600), []byte("<acte "), []byte(`<acte Id="dedans" `), 1)
	for i := 1; bytes.Contains(msg, []byte("<acte code")); i++ { // keep one act only
		j, k := bytes.Index(msg, []byte("<acte code")), bytes.LastIndex(msg, []byte("</demande>"))
		msg = append(msg[:j:j], msg[k:]...)
	}
	msg, err := xmlsig.Canoniser(nil, msg, "", xmlflux.Limites{})
	if err != nil {
		t.Fatal(err)
	}
	b := sceller(t, xmlsig.SOAPASigner{Contenu: msg, Niveau: xmlsig.XAdESB}, p256())
	if _, err := xmlsig.VerifierSOAP(b, xmlsig.Options{ExigerXAdES: true}); err != nil {
		t.Fatal(err)
	}
	for _, c := range cas[:len(cas)-1] {
		t.Run(c.nom, func(t *testing.T) {
			r, err := xmlsig.VerifierSOAP(remplacer(t, b, c.de, c.par), xmlsig.Options{})
			if !errors.Is(err, c.motif) {
				t.Errorf("%v, veut %v", err, c.motif)
			}
			if r != nil && r.Corps != nil {
				t.Error("un corps est rendu")
			}
		})
	}
}

func TestSansSceau(t *testing.T) {
	for nom, doc := range map[string]string{
		"sans en-tête":  `<e:Envelope xmlns:e="` + soap12 + `"><e:Body/></e:Envelope>`,
		"en-tête vide":  `<e:Envelope xmlns:e="` + soap12 + `"><e:Header/><e:Body/></e:Envelope>`,
		"Security vide": `<e:Envelope xmlns:e="` + soap12 + `"><e:Header><Security xmlns="` + wsse + `"/></e:Header><e:Body/></e:Envelope>`,
	} {
		if _, err := xmlsig.VerifierSOAP([]byte(doc), xmlsig.Options{}); !errors.Is(err, xmlsig.MotifSansSceau) {
			t.Errorf("%s : %v", nom, err)
		}
	}
	if _, err := xmlsig.VerifierDocument([]byte(`<a><b><Signature xmlns="`+dsig+`"/></b></a>`), xmlsig.Options{}); !errors.Is(err, xmlsig.MotifSansSceau) {
		t.Error(err)
	}
}

// Another certificate of the same key: the signature value holds, the signed
// properties tell the difference.
func TestAutreCertificatDeLaMemeCle(t *testing.T) {
	s := p256()
	jumeau := signataire(s.Cle)
	for _, niveau := range []xmlsig.Niveau{xmlsig.SansXAdES, xmlsig.XAdESB} {
		b := sceller(t, xmlsig.SOAPASigner{Niveau: niveau}, s)
		jeton := string(sceller(t, xmlsig.SOAPASigner{Niveau: niveau}, jumeau))
		de, par := entre(t, string(b), `wsu:Id="ecl-jeton">`, "<"), entre(t, jeton, `wsu:Id="ecl-jeton">`, "<")
		_, err := xmlsig.VerifierSOAP(remplacer(t, b, de, par), xmlsig.Options{})
		if niveau == xmlsig.SansXAdES && err != nil {
			t.Errorf("la signature doit tenir : %v", err)
		}
		if niveau == xmlsig.XAdESB && !errors.Is(err, xmlsig.MotifXAdES) {
			t.Errorf("le certificat n'est pas celui des propriétés signées : %v", err)
		}
	}
}

func entre(t *testing.T, s, a, b string) string {
	t.Helper()
	_, s, vu := strings.Cut(s, a)
	s, _, fin := strings.Cut(s, b)
	if !vu || !fin {
		t.Fatalf("%q … %q absents", a, b)
	}
	return s
}

func TestXAdESExige(t *testing.T) {
	b := sceller(t, xmlsig.SOAPASigner{}, p256())
	if _, err := xmlsig.VerifierSOAP(b, xmlsig.Options{ExigerXAdES: true}); !errors.Is(err, xmlsig.MotifXAdES) {
		t.Error(err)
	}
}

// Cut anywhere, a message is refused.
func TestMessageTronque(t *testing.T) {
	b := sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB}, p256())
	for n := range b {
		if r, err := xmlsig.VerifierSOAP(b[:n], xmlsig.Options{}); err == nil || r != nil {
			t.Fatalf("coupé à %d : accepté", n)
		}
	}
}

// Any bit of the Body that changes is seen, but for the names of namespace
// prefixes declared on its tag and already declared around it: they are not in
// the canonical form, which is returned the same.
func TestUnBitDuCorps(t *testing.T) {
	b := sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB}, p256())
	corps, _ := decoupe(t, b)
	debut, contenu := bytes.Index(b, []byte("<soap:Body")), bytes.Index(b, []byte("<demande"))
	for i := debut; i < debut+len(corps); i++ {
		for bit := range 8 {
			m := bytes.Clone(b)
			m[i] ^= 1 << bit
			r, err := xmlsig.VerifierSOAP(m, xmlsig.Options{})
			if err != nil && (r == nil || r.Corps == nil) {
				continue
			}
			if i >= contenu || err != nil || string(r.Corps) != corps {
				t.Fatalf("octet %d, bit %d : accepté\n%s", i, bit, m[max(0, i-40):min(len(m), i+40)])
			}
		}
	}
}

// Any bit of the message that changes is refused, or changes nothing of what
// is returned as sealed.
func TestUnBitDuMessage(t *testing.T) {
	s := p256()
	b := sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB, EnTetes: []byte(`<c xmlns="urn:c">libre</c>`)}, s)
	bon, err := xmlsig.VerifierSOAP(b, xmlsig.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		m := bytes.Clone(b)
		m[rapid.IntRange(0, len(m)-1).Draw(t, "octet")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		r, err := xmlsig.VerifierSOAP(m, xmlsig.Options{})
		if err != nil {
			return
		}
		if !bytes.Equal(r.Corps, bon.Corps) || !bytes.Equal(r.Certificat, bon.Certificat) || *r.Proprietes != *bon.Proprietes || *r.Horodatage != *bon.Horodatage {
			t.Fatal("accepté avec un autre contenu")
		}
	})
}

// r‖s must have the width of the curve; r and s out of range are refused.
func TestValeurECDSA(t *testing.T) {
	b := sceller(t, xmlsig.SOAPASigner{}, p256())
	valeur := entre(t, string(b), "<ds:SignatureValue>", "<")
	for nom, par := range map[string]string{
		"vide": "", "DER": "MEUCIQDm", "zéro": strings.Repeat("A", 86) + "==", "plein": strings.Repeat("/", 85) + "w==", "tronquée": valeur[:84],
	} {
		_, err := xmlsig.VerifierSOAP(remplacer(t, b, valeur, par), xmlsig.Options{})
		if !errors.Is(err, xmlsig.MotifSignature) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}

func TestGrandsMessages(t *testing.T) {
	profond := []byte(`<a xmlns="urn:a">` + strings.Repeat("<b>", 80) + strings.Repeat("</b>", 80) + `</a>`)
	b := sceller(t, xmlsig.SOAPASigner{Contenu: profond}, p256())
	if _, err := xmlsig.VerifierSOAP(b, xmlsig.Options{}); !errors.Is(err, xmlflux.MotifProfondeur) {
		t.Error(err)
	}
	if _, err := xmlsig.VerifierSOAP(b, xmlsig.Options{Limites: xmlflux.Limites{Profondeur: 100}}); err != nil {
		t.Error(err)
	}
	b = sceller(t, xmlsig.SOAPASigner{Contenu: contenu(2 << 20)}, p256())
	if _, err := xmlsig.VerifierSOAP(b, xmlsig.Options{}); !errors.Is(err, xmlflux.MotifTaille) {
		t.Error(err)
	}
	var s strings.Builder
	s.WriteString(`<a xmlns="urn:a">`)
	for range 5000 {
		s.WriteString(`<b Id="` + time.Duration(s.Len()).String() + `"></b>`)
	}
	b = sceller(t, xmlsig.SOAPASigner{Contenu: []byte(s.String() + `</a>`)}, p256())
	if _, err := xmlsig.VerifierSOAP(b, xmlsig.Options{}); !errors.Is(err, xmlsig.MotifLimite) {
		t.Error(err)
	}
}
