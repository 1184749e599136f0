//go:build pkcs11

package cle_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"io"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/cle"
	"github.com/ecluse-sante/ecluse/internal/cle/cletest"
)

// TestSoftHSM signs with a key that a software token made and keeps.
func TestSoftHSM(t *testing.T) {
	adresse := cletest.Jeton(t, "labo", map[string]string{"cachet": "EC:prime256v1", "racine": "rsa:2048"})
	for _, objet := range []string{"cachet", "racine"} {
		t.Run(objet, func(t *testing.T) { signer(t, adresse(objet)) })
	}
	if _, err := cle.Ouvrir(adresse("absente")); err == nil {
		t.Error("une clé absente a été trouvée")
	}
}

func signer(t *testing.T, adresse string) {
	k, err := cle.Ouvrir(adresse)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := k.(io.Closer).Close(); err != nil {
			t.Error(err)
		}
	}()
	h := sha256.Sum256([]byte("message"))
	s, err := k.Sign(rand.Reader, h[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	bonne := false
	switch p := k.Public().(type) {
	case *ecdsa.PublicKey:
		bonne = ecdsa.VerifyASN1(p, h[:], s)
	case *rsa.PublicKey:
		bonne = rsa.VerifyPKCS1v15(p, crypto.SHA256, h[:], s) == nil
	}
	if !bonne {
		t.Error("la signature du token ne se vérifie pas")
	}
}
