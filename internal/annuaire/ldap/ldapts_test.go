package ldap

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The example of npm ldapts, as it is published, against the directory.
func TestLdapts(t *testing.T) {
	exemple := filepath.Join("..", "..", "..", "clients", "ldapts")
	if _, err := os.Stat(filepath.Join(exemple, "node_modules", "ldapts")); err != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("npm ldapts absent")
		}
		t.Skip("npm ldapts absent : cd clients/ldapts && npm ci")
	}
	node := outil(t, "node")
	s := ouvrirScene(t, &Fonds{Images: enImage(t, tirer(rand.New(rand.NewPCG(11, 12)), 600)), Portier: familles{regards(t)}}, Bornes{})
	o := &outilLDAP{t: t, dossier: t.TempDir()}
	c := exec.Command(node, filepath.Join(exemple, "annuaire.mjs"))
	c.Env = append(os.Environ(), "LDAPS=ldaps://"+s.tls, "LDAP=ldap://"+s.clair, "CA="+o.ecrire("ca.pem", "CERTIFICATE", s.cert.Certificate[0]),
		"LECTEUR=psc", "MOT_DE_PASSE="+motDePass)
	b, err := c.CombinedOutput()
	if n := strings.Count("\n"+string(b), "\nok ldapts"); err != nil || n != 13 || strings.Contains(string(b), "not ok") {
		t.Errorf("%v, %d vérifications\n%s", err, n, b)
	}
}
