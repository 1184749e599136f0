package xmlsig_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

func scellerDocument(t testing.TB, doc string, niveau xmlsig.Niveau, s xmlsig.Signataire) []byte {
	t.Helper()
	b, err := xmlsig.SignerDocument(nil, xmlsig.DocumentASigner{Document: []byte(doc), Niveau: niveau}, s, instant)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDocument(t *testing.T) {
	s := rsa2048()
	s.Chaine = [][]byte{p256().Certificat}
	cas := []struct{ nom, doc, forme string }{
		{"simple", `<a>1</a>`, `<a>1</a>`},
		{"vide", `<a/>`, `<a></a>`},
		{"vide avec blancs", `<p:a xmlns:p="urn:p" b='1' />`, `<p:a xmlns:p="urn:p" b="1"></p:a>`},
		{"déclaration et commentaires autour", "\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- x --><a>\r\n<b/></a >\n<!-- y -->", "<a>\n<b></b></a>"},
		{"signature plus bas", `<a><b><Signature xmlns="` + dsig + `"/></b></a>`, `<a><b><Signature xmlns="` + dsig + `"></Signature></b></a>`},
	}
	for _, c := range cas {
		for _, niveau := range []xmlsig.Niveau{xmlsig.SansXAdES, xmlsig.XAdESB} {
			t.Run(c.nom, func(t *testing.T) {
				b := scellerDocument(t, c.doc, niveau, s)
				r, err := xmlsig.VerifierDocument(b, xmlsig.Options{ExigerXAdES: niveau == xmlsig.XAdESB})
				if err != nil {
					t.Fatalf("%v\n%s", err, b)
				}
				if string(r.Corps) != c.forme {
					t.Errorf("corps %s, veut %s", r.Corps, c.forme)
				}
				if !bytes.Equal(r.Certificat, s.Certificat) || len(r.Autres) != 1 || !bytes.Equal(r.Autres[0], s.Chaine[0]) {
					t.Error("certificats")
				}
				if (r.Proprietes != nil) != (niveau == xmlsig.XAdESB) {
					t.Errorf("propriétés %+v", r.Proprietes)
				}
			})
		}
	}
}

func TestDocumentNonSignable(t *testing.T) {
	signe := string(scellerDocument(t, `<a/>`, xmlsig.SansXAdES, p256()))
	for _, c := range []struct {
		nom, doc string
		motif    error
	}{
		{"déjà signé", signe, xmlsig.MotifSceauMultiple},
		{"Id double", `<a><b ID="1"/><c Id="1"/></a>`, xmlsig.MotifIdDouble},
		{"mal formé", `<a>`, xmlflux.MotifTronque},
		{"espace de noms relatif", `<a xmlns="b"/>`, xmlsig.MotifStructure},
	} {
		avant := []byte("intact")
		apres, err := xmlsig.SignerDocument(avant, xmlsig.DocumentASigner{Document: []byte(c.doc)}, p256(), instant)
		if !errors.Is(err, c.motif) || string(apres) != "intact" {
			t.Errorf("%s : %v, veut %v", c.nom, err, c.motif)
		}
	}
}

func TestDocumentRefuse(t *testing.T) {
	b := scellerDocument(t, `<a Id="racine"><b Id="b">1</b></a>`, xmlsig.XAdESB, p256())
	s := string(b)
	i, j := strings.Index(s, "<ds:Signature "), strings.Index(s, "</ds:Signature>")+len("</ds:Signature>")
	sceau := s[i:j]
	enveloppee := `<ds:Transform Algorithm="` + xmlsig.TransformationEnveloppee + `"></ds:Transform>`
	cas := []struct {
		nom, doc string
		motif    error
	}{
		{"contenu altéré", strings.Replace(s, ">1<", ">2<", 1), xmlsig.MotifEmpreinte},
		{"attribut ajouté à la racine", strings.Replace(s, `<a Id`, `<a x="1" Id`, 1), xmlsig.MotifEmpreinte},
		{"frère ajouté après la signature", strings.Replace(s, `</a>`, `<c/></a>`, 1), xmlsig.MotifEmpreinte},
		{"original emballé", `<a>` + s + sceau + `</a>`, xmlsig.MotifIdDouble},
		{"original emballé, sceau remonté", `<a><x>` + strings.Replace(s, sceau, "", 1) + `</x>` + sceau + `</a>`, xmlsig.MotifEmpreinte},
		{"deux signatures", strings.Replace(s, sceau, sceau+`<Signature xmlns="`+dsig+`"/>`, 1), xmlsig.MotifSceauMultiple},
		{"une partie seulement", strings.Replace(s, `URI=""`, `URI="#b"`, 1), xmlsig.MotifReference},
		{"sans la transformation enveloppée", strings.Replace(s, enveloppee, "", 1), xmlsig.MotifTransformation},
		{"enveloppée après l'exclusive", strings.Replace(strings.Replace(s, enveloppee, "", 1), "</ds:Transforms>", enveloppee+"</ds:Transforms>", 1), xmlsig.MotifTransformation},
		{"racine deux fois", strings.Replace(s, `</ds:SignedInfo>`, strings.Replace(entreReference(s), ` Id="`, ` Id="x`, 1)+`</ds:SignedInfo>`, 1), xmlsig.MotifReference},
		{"référence externe", strings.Replace(s, `URI=""`, `URI="autre.xml"`, 1), xmlsig.MotifReferenceExterne},
		{"rien que les propriétés", strings.Replace(s, entreReference(s), "", 1), xmlsig.MotifCorpsNonScelle},
		{"signature vide", `<a><Signature xmlns="` + dsig + `"/></a>`, xmlsig.MotifStructure},
		{"sans certificat", strings.Replace(s, `<ds:KeyInfo>`+entreBornes(s, "<ds:KeyInfo>", "</ds:KeyInfo>")+`</ds:KeyInfo>`, "", 1), xmlsig.MotifCertificat},
		{"certificat illisible", strings.Replace(s, entreBornes(s, "<ds:X509Certificate>", "<"), "AAAA", 1), xmlsig.MotifXAdES},
		{"base64 mal formé", strings.Replace(s, entreBornes(s, "<ds:SignatureValue>", "<"), "A", 1), xmlsig.MotifStructure},
		{"DTD", `<!DOCTYPE a>` + s, xmlflux.MotifDTD},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			if c.doc == s {
				t.Fatal("le document n'a pas été changé")
			}
			r, err := xmlsig.VerifierDocument([]byte(c.doc), xmlsig.Options{})
			if !errors.Is(err, c.motif) {
				t.Errorf("%v, veut %v", err, c.motif)
			}
			if r != nil && r.Corps != nil {
				t.Error("un corps est rendu")
			}
		})
	}
}

func entreBornes(s, a, b string) string {
	_, s, _ = strings.Cut(s, a)
	s, _, _ = strings.Cut(s, b)
	return s
}

// entreReference is the first reference.
func entreReference(s string) string {
	return `<ds:Reference ` + entreBornes(s, `<ds:Reference `, `</ds:Reference>`) + `</ds:Reference>`
}

func TestCertificatIllisible(t *testing.T) {
	b := scellerDocument(t, `<a/>`, xmlsig.SansXAdES, p256())
	b = bytes.Replace(b, []byte(entreBornes(string(b), "<ds:X509Certificate>", "<")), []byte("AAAA"), 1)
	r, err := xmlsig.VerifierDocument(b, xmlsig.Options{})
	if !errors.Is(err, xmlsig.MotifCertificat) || r == nil || len(r.References) != 1 || !r.References[0].OK {
		t.Errorf("%v, %+v", err, r)
	}
}

// The report tells which reference fails, for people to see.
func TestRapportDunRefus(t *testing.T) {
	b := sceller(t, xmlsig.SOAPASigner{Niveau: xmlsig.XAdESB}, p256())
	r, err := xmlsig.VerifierSOAP(remplacer(t, b, "T09:30:00.123Z", "T09:30:00.124Z"), xmlsig.Options{})
	if !errors.Is(err, xmlsig.MotifEmpreinte) || r == nil {
		t.Fatal(err)
	}
	var dit []string
	for _, ref := range r.References {
		dit = append(dit, fmt.Sprint(ref.Element, " ", ref.OK))
	}
	if got, want := strings.Join(dit, ", "), "Body true, Timestamp false, SignedProperties true"; got != want {
		t.Errorf("%s, veut %s", got, want)
	}
}
