package jades_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jades"
)

// The seal against the bare signature of the same 4 KiB, for the ratio.
func BenchmarkSceau(b *testing.B) {
	s := acteurs()["P-256"]
	cle := s.Cle.(*ecdsa.PrivateKey)
	contenu := bytes.Repeat([]byte("0123456789abcdef"), 256)
	somme := sha256.Sum256(contenu)
	sc, err := jades.NewScelleur(s)
	if err != nil {
		b.Fatal(err)
	}
	jws, err := sc.Sceller(contenu, instant)
	if err != nil {
		b.Fatal(err)
	}
	sig, err := ecdsa.SignASN1(rand.Reader, cle, somme[:])
	if err != nil {
		b.Fatal(err)
	}
	opts := jades.Options{Cle: func([]byte) (crypto.PublicKey, error) { return &cle.PublicKey, nil }}
	for _, c := range []struct {
		nom string
		f   func() bool
	}{
		{"signer/nu", func() bool { _, err := ecdsa.SignASN1(rand.Reader, cle, somme[:]); return err == nil }},
		{"signer/sceau", func() bool { _, err := sc.Sceller(contenu, instant); return err == nil }},
		{"verifier/nu", func() bool { return ecdsa.VerifyASN1(&cle.PublicKey, somme[:], sig) }},
		{"verifier/sceau", func() bool { _, err := jades.Verifier(jws, contenu, opts); return err == nil }},
	} {
		b.Run(c.nom, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !c.f() {
					b.Fatal("refusé")
				}
			}
		})
	}
}
