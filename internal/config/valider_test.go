package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Behind a relay a hospital needs a key to be answered under encryption: without
// it the relay would read the questions, in silence.
func TestRelaisSansConfidentialite(t *testing.T) {
	const sans = `
[[etablissement]]
finess = "990000127"
`
	const relais = `
[etablissement.relais]
adresse = "https://relais.exemple.fr"
structure = "2999100001"
`
	const cle = `
[etablissement.identite.confidentialite]
certificat = "conf.pem"
cle = "conf.cle"
`
	for _, c := range []struct {
		nom, texte string
		refuse     bool
	}{
		{"direct", sans, false},
		{"relais", sans + relais, true},
		{"relais et clé", sans + relais + cle, false},
	} {
		chemin := filepath.Join(t.TempDir(), "ecluse.toml")
		if err := os.WriteFile(chemin, []byte(c.texte), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Lire(chemin)
		if err == nil || !strings.Contains(err.Error(), "etablissement[1]") {
			t.Fatalf("%s : %v", c.nom, err) // other things are missing: they are told
		}
		if refuse := strings.Contains(err.Error(), "derrière un relais"); refuse != c.refuse {
			t.Errorf("%s : %v", c.nom, err)
		}
	}
}

// What invoicing asks of a file is refused at its key.
func TestFacturationRefusee(t *testing.T) {
	for nom, c := range map[string]struct{ texte, want string }{
		"retours en clair":   {"[[etablissement]]\nretours = \"http://es.exemple.fr\"\n", "etablissement[1].retours"},
		"retours sans port":  {"[[etablissement]]\nretours = \"https://es.exemple.fr\"\n", "ecoute"},
		"délai impossible":   {"[[amc]]\ndelai-paiement = 400\n", "amc[1].delai-paiement"},
		"convention de rien": {"[[amc]]\nconventions = [\"12\"]\n", "amc[1].conventions"},
	} {
		chemin := filepath.Join(t.TempDir(), "ecluse.toml")
		if err := os.WriteFile(chemin, []byte(c.texte), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Lire(chemin); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}
