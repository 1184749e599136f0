// Package cletest makes software tokens for the tests of whoever keeps its keys in one: a
// softhsm2 of Debian, in a directory of the test. The keys are made inside and never
// leave it.
package cletest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/cle"
)

// pin opens every token made here.
const pin = "4321"

// Jeton initialises a token and makes in it a key pair for each object, of a type in the
// words of pkcs11-tool (EC:prime256v1, rsa:2048). It gives the address of an object. A
// process sees one set of tokens, that of its first call: SoftHSM reads its directory once.
func Jeton(t *testing.T, nom string, cles map[string]string) (adresse func(objet string) string) {
	t.Helper()
	for _, outil := range []string{"softhsm2-util", "pkcs11-tool"} {
		if _, err := exec.LookPath(outil); err == nil {
			continue
		}
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatalf("%s absent", outil)
		}
		t.Skipf("%s absent", outil)
	}
	dir := t.TempDir()
	conf, jetons, fichier := filepath.Join(dir, "softhsm2.conf"), filepath.Join(dir, "jetons"), filepath.Join(dir, "pin")
	for _, err := range []error{os.Mkdir(jetons, 0o700), os.WriteFile(fichier, []byte(pin+"\n"), 0o600),
		os.WriteFile(conf, []byte("directories.tokendir = "+jetons+"\nobjectstore.backend = file\n"), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	lancer(t, "softhsm2-util", "--init-token", "--free", "--label", nom, "--pin", pin, "--so-pin", "8765")
	n := 0
	for objet, genre := range cles {
		n++
		lancer(t, "pkcs11-tool", "--module", cle.ModuleConnu(), "--login", "--pin", pin, "--token-label", nom,
			"--keypairgen", "--key-type", genre, "--label", objet, "--id", fmt.Sprintf("%02x", n), "--usage-sign")
	}
	return func(objet string) string {
		return fmt.Sprintf("pkcs11:token=%s;object=%s;pin-file=%s", nom, objet, fichier)
	}
}

func lancer(t *testing.T, outil string, args ...string) {
	t.Helper()
	if b, err := exec.Command(outil, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", outil, err, b)
	}
}
