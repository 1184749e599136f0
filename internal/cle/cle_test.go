package cle

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFichierAllerRetour(t *testing.T) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	chemin := filepath.Join(t.TempDir(), "essai.key")
	if err := Ecrire(chemin, k); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(chemin); err != nil || i.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600 (%v)", i.Mode(), err)
	}
	lu, err := Ouvrir("fichier:" + chemin)
	if err != nil || !Meme(lu.Public(), k.Public()) {
		t.Errorf("clé relue différente (%v)", err)
	}
	if err := Ecrire(chemin, k); err == nil {
		t.Error("une clé existante a été remplacée")
	}
}

func TestAdressesRefusees(t *testing.T) {
	for nom, adresse := range map[string]string{
		"schéma inconnu":  "http://exemple",
		"sans schéma":     "/chemin",
		"fichier absent":  "fichier:/nulle/part",
		"PIN en clair":    "pkcs11:token=a;object=b;pin-value=1234",
		"sans objet":      "pkcs11:token=a;pin-file=/x",
		"attribut ignoré": "pkcs11:token=a;object=b;pin-file=/x;slot-id=3",
	} {
		if _, err := Ouvrir(adresse); !errors.Is(err, ErrCle) || strings.Contains(err.Error(), "1234") {
			t.Errorf("%s: got %v, want ErrCle sans secret", nom, err)
		}
	}
}

func TestLireURI(t *testing.T) {
	pin := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(pin, []byte("4321\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := lireURI("token=Labo%20un;object=cachet;type=private;pin-file=" + pin + "?module-path=/lib/x.so")
	if err != nil || j != (jeton{Token: "Labo un", Objet: "cachet", Module: "/lib/x.so", PIN: "4321"}) {
		t.Errorf("got %+v, %v", j, err)
	}
}

func FuzzLireURI(f *testing.F) {
	f.Add("token=a;object=b;pin-file=/dev/null?module-path=/x")
	f.Fuzz(func(t *testing.T, s string) {
		if j, err := lireURI(s); err == nil && (j.Token == "" || j.Objet == "" || j.PIN == "" || j.Module == "") {
			t.Errorf("%q accepté sans tout dire : %+v", s, j)
		}
	})
}
