package xmlsig_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"math"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/sceau/xmlflux"
	"github.com/ecluse-sante/ecluse/sceau/xmlsig"
)

// comparer reports what f costs beside temoin, both measured in turn. The
// smallest of many short rounds is kept: a busy machine only ever adds.
func comparer(b *testing.B, unite string, f, temoin func()) {
	b.Helper()
	moindres := [2]float64{math.Inf(1), math.Inf(1)}
	for range 400 {
		for i, g := range [...]func(){f, temoin} {
			const n = 5
			debut := time.Now()
			for range n {
				g()
			}
			moindres[i] = min(moindres[i], float64(time.Since(debut).Nanoseconds())/n)
		}
	}
	b.ReportMetric(moindres[0], "ns")
	b.ReportMetric(moindres[0]/moindres[1], "×"+unite)
	b.ReportMetric(moindres[0]-moindres[1], "ns-de-plus")
}

// Goal: at most 0.4.
func BenchmarkCanoniserEtCondenser(b *testing.B) {
	doc := bytes.Replace(contenu(4096), []byte("<demande "), []byte(`<demande Id="i" `), 1)
	cle, condense, valeur := signaturePure(b, doc)
	h := sha256.New()
	somme := make([]byte, 0, 32)
	f := func() {
		h.Reset()
		if err := xmlsig.Empreinte(h, doc, "i", xmlflux.Limites{}); err != nil {
			b.Fatal(err)
		}
		somme = h.Sum(somme[:0])
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
	comparer(b, "(SHA-256+P-256)", f, func() {
		condense = sha256.Sum256(doc)
		if !ecdsa.VerifyASN1(&cle.PublicKey, condense[:], valeur) {
			b.Fatal("signature")
		}
	})
}

func signaturePure(b *testing.B, doc []byte) (cle *ecdsa.PrivateKey, condense [32]byte, valeur []byte) {
	cle = p256().Cle.(*ecdsa.PrivateKey)
	condense = sha256.Sum256(doc)
	valeur, err := ecdsa.SignASN1(rand.Reader, cle, condense[:])
	if err != nil {
		b.Fatal(err)
	}
	return cle, condense, valeur
}

var niveaux = []struct {
	nom    string
	niveau xmlsig.Niveau
}{{"sans XAdES", xmlsig.SansXAdES}, {"XAdES", xmlsig.XAdESB}}

// Goal: at most 35 µs above the bare verification.
func BenchmarkVerifierSOAP(b *testing.B) {
	cle, condense, valeur := signaturePure(b, nil)
	o := xmlsig.Options{Cle: func([]byte) (crypto.PublicKey, error) { return &cle.PublicKey, nil }}
	for _, c := range niveaux {
		b.Run(c.nom, func(b *testing.B) {
			doc := sceller(b, xmlsig.SOAPASigner{Contenu: contenu(4096), Niveau: c.niveau}, p256())
			f := func() {
				if _, err := xmlsig.VerifierSOAP(doc, o); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
			comparer(b, "P-256", f, func() { ecdsa.VerifyASN1(&cle.PublicKey, condense[:], valeur) })
		})
	}
}

func BenchmarkSignerSOAP(b *testing.B) {
	cle, condense, _ := signaturePure(b, nil)
	msg := contenu(4096)
	for _, c := range niveaux {
		b.Run(c.nom, func(b *testing.B) {
			var dst []byte
			f := func() {
				var err error
				if dst, err = xmlsig.SignerSOAP(dst[:0], xmlsig.SOAPASigner{Contenu: msg, Niveau: c.niveau}, p256(), instant); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
			comparer(b, "P-256", f, func() {
				if _, err := ecdsa.SignASN1(rand.Reader, cle, condense[:]); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
