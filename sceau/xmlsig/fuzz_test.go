package xmlsig_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// cleFixe signs the seeds: the processes of a fuzzing run must share it.
var cleFixe = sync.OnceValue(func() xmlsig.Signataire {
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{0x42}, 32))
	if err != nil {
		panic(err)
	}
	return signataire(k)
})

// No message but the one we sealed is accepted with our key.
func FuzzVerifierSOAP(f *testing.F) {
	s := cleFixe()
	o := xmlsig.Options{
		SOAP11: true, EnTetes: []xmlsig.Nom{{Espace: "urn:c", Local: "chaine"}},
		Cle: func([]byte) (crypto.PublicKey, error) { return s.Cle.Public(), nil },
	}
	var corps [][]byte
	for _, niveau := range []xmlsig.Niveau{xmlsig.SansXAdES, xmlsig.XAdESB} {
		b := sceller(f, xmlsig.SOAPASigner{Contenu: contenu(200), Niveau: niveau, EnTetes: []byte(`<chaine xmlns="urn:c"/>`)}, s)
		r, err := xmlsig.VerifierSOAP(b, o)
		if err != nil {
			f.Fatal(err)
		}
		corps = append(corps, r.Corps)
		f.Add(b)
	}
	f.Add([]byte(modele{soap: soap12, signature: more + "rsa-sha256", condense: encSHA256, inclus: "n", avecHorodatage: true}.texte()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := xmlsig.VerifierSOAP(b, o)
		if err != nil {
			if r != nil && r.Corps != nil {
				t.Fatal("un corps est rendu avec un refus")
			}
			return
		}
		if !bytes.Equal(r.Corps, corps[0]) && !bytes.Equal(r.Corps, corps[1]) {
			t.Fatalf("accepté : %q", b)
		}
	})
}

func FuzzVerifierDocument(f *testing.F) {
	s := cleFixe()
	o := xmlsig.Options{Cle: func([]byte) (crypto.PublicKey, error) { return s.Cle.Public(), nil }}
	f.Add(scellerDocument(f, `<a Id="i"><b>1</b></a>`, xmlsig.SansXAdES, s))
	f.Add(scellerDocument(f, `<a Id="i"><b>1</b></a>`, xmlsig.XAdESB, s))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := xmlsig.VerifierDocument(b, o)
		if err == nil && string(r.Corps) != `<a Id="i"><b>1</b></a>` {
			t.Fatalf("accepté : %q", b)
		}
	})
}

// The canonical form is well formed, and its own canonical form.
func FuzzCanoniser(f *testing.F) {
	for _, d := range corpus(20, 5) {
		f.Add([]byte(d), "", "p")
		f.Add([]byte(d), "i1", "#default")
	}
	f.Fuzz(func(t *testing.T, doc []byte, id, prefixe string) {
		a, err := xmlsig.Canoniser(nil, doc, id, xmlflux.Limites{}, prefixe)
		if err != nil {
			return
		}
		b, err := xmlsig.Canoniser(nil, a, "", xmlflux.Limites{Octets: 8 << 20, Attributs: 1024}, prefixe)
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("%q\n%q\n%q\n%v", doc, a, b, err)
		}
	})
}
