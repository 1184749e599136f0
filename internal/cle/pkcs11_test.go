//go:build pkcs11

package cle

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestSoftHSM signs with a key that a software token made and keeps.
func TestSoftHSM(t *testing.T) {
	dir := t.TempDir()
	outil := func(nom string, args ...string) {
		t.Helper()
		chemin, err := exec.LookPath(nom)
		if err != nil {
			if os.Getenv("ECLUSE_CI") == "1" {
				t.Fatalf("%s absent", nom)
			}
			t.Skipf("%s absent", nom)
		}
		if b, err := exec.Command(chemin, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", nom, err, b)
		}
	}
	conf := filepath.Join(dir, "softhsm2.conf")
	jetons := filepath.Join(dir, "jetons")
	pin := filepath.Join(dir, "pin")
	for _, err := range []error{os.Mkdir(jetons, 0o700), os.WriteFile(pin, []byte("4321\n"), 0o600),
		os.WriteFile(conf, []byte("directories.tokendir = "+jetons+"\nobjectstore.backend = file\n"), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	outil("softhsm2-util", "--init-token", "--free", "--label", "labo", "--pin", "4321", "--so-pin", "8765")
	for id, cle := range map[string][2]string{"01": {"cachet", "EC:prime256v1"}, "02": {"racine", "rsa:2048"}} {
		module := modulesConnus[0]
		if j, err := lireURI("token=labo;object=x;pin-file=" + pin); err == nil {
			module = j.Module
		}
		outil("pkcs11-tool", "--module", module, "--login", "--pin", "4321", "--token-label", "labo",
			"--keypairgen", "--key-type", cle[1], "--label", cle[0], "--id", id, "--usage-sign")
	}
	for _, objet := range []string{"cachet", "racine"} {
		t.Run(objet, func(t *testing.T) { signer(t, fmt.Sprintf("pkcs11:token=labo;object=%s;pin-file=%s", objet, pin)) })
	}
	if _, err := Ouvrir("pkcs11:token=labo;object=absente;pin-file=" + pin); err == nil {
		t.Error("une clé absente a été trouvée")
	}
}

func signer(t *testing.T, adresse string) {
	k, err := Ouvrir(adresse)
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
