package front

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The example of clients/fhir, as it is published, drives the door with two clients from
// npm: fhir-kit-client and fhirclient.
func TestClientsFHIR(t *testing.T) {
	exemple := filepath.Join("..", "..", "..", "clients", "fhir")
	node, err := exec.LookPath("node")
	if _, npm := os.Stat(filepath.Join(exemple, "node_modules", "fhirclient")); err != nil || npm != nil {
		if os.Getenv("ECLUSE_CI") == "1" {
			t.Fatal("node ou les paquets npm de clients/fhir absents")
		}
		t.Skip("node ou paquets absents : cd clients/fhir && npm ci")
	}
	d := depot(t, foule(90))
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	s.Config.Handler = porte(t, d, func(o *Options) { o.Base = s.URL + "/fhir" })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(node, filepath.Join(exemple, "annuaire.mjs"), s.URL+"/fhir")
	c.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+ca, "RPPS=99910000012", "FAMILLE=FOULE")
	b, err := c.CombinedOutput()
	if n := strings.Count("\n"+string(b), "\nok "); err != nil || n != 17 || strings.Contains(string(b), "not ok") {
		t.Errorf("%v, %d vérifications\n%s", err, n, b)
	}
}
