package ldap

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// clientPublie plays a client that we publish, against the directory: each of its
// checks says ok.
func clientPublie(t *testing.T, nom string, verifications int, commande ...string) {
	t.Helper()
	s := ouvrirScene(t, &Fonds{Images: enImage(t, tirer(rand.New(rand.NewPCG(11, 12)), 600)), Portier: familles{regards(t)}}, Bornes{})
	o := &outilLDAP{t: t, dossier: t.TempDir()}
	c := exec.Command(commande[0], commande[1:]...)
	c.Env = append(os.Environ(), "LDAPS=ldaps://"+s.tls, "LDAP=ldap://"+s.clair, "CA="+o.ecrire("ca.pem", "CERTIFICATE", s.cert.Certificate[0]),
		"LECTEUR=psc", "MOT_DE_PASSE="+motDePass)
	b, err := c.CombinedOutput()
	if n := strings.Count("\n"+string(b), "\nok "+nom); err != nil || n != verifications || strings.Contains(string(b), "not ok") {
		t.Errorf("%v, %d vérifications au lieu de %d\n%s", err, n, verifications, b)
	}
}

var publies = filepath.Join("..", "..", "..", "clients")

// absent skips a trial for want of a tool, and fails it where all must be there.
func absent(t *testing.T, quoi string) {
	t.Helper()
	if os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal(quoi + " absent")
	}
	t.Skip(quoi + " absent : voir docs/dependances.md")
}

// npm ldapts.
func TestLdapts(t *testing.T) {
	if _, err := os.Stat(filepath.Join(publies, "ldapts", "node_modules", "ldapts")); err != nil {
		absent(t, "npm ldapts")
	}
	clientPublie(t, "ldapts", 13, outil(t, "node"), filepath.Join(publies, "ldapts", "annuaire.mjs"))
}

// Python's ldap3, which reads the schema and holds each request to it.
func TestLdap3(t *testing.T) {
	if exec.Command("/usr/bin/python3", "-c", "import ldap3").Run() != nil {
		absent(t, "python3-ldap3")
	}
	clientPublie(t, "ldap3", 11, "/usr/bin/python3", filepath.Join(publies, "ldap3", "annuaire.py"))
}
