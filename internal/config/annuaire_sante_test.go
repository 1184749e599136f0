package config

import (
	"strings"
	"testing"
)

// Each key of the national directory that cannot be is refused at its place, and what can
// be is not.
func TestAnnuaireSante(t *testing.T) {
	const labo, table = "laboratoire = true\n", "[annuaire-sante]\n"
	lecteur := func(l string) string { return labo + table + "[[annuaire-sante.lecteur]]\n" + l }
	for _, c := range []struct{ nom, texte, refus string }{
		{"annuaire fictif en production", table, "source"},
		{"annuaire fictif en laboratoire", labo + table, ""},
		{"source inconnue", labo + table + "source = \"ailleurs\"\n", "source"},
		{"extractions sans adresse", table + "source = \"extractions\"\n", "source-adresses"},
		{"extractions en clair", table + "source = \"extractions\"\nsource-adresses = [\"http://x.example/a.zip\"]\n", "source-adresses"},
		{"extractions", table + "source = \"extractions\"\nsource-adresses = [\"https://x.example/a.zip\", \"https://x.example/b.txt\"]\n", ""},
		{"deux interfaces", table + "source = \"fhir\"\nsource-cle = \"c\"\nsource-adresses = [\"https://x.example\", \"https://y.example\"]\n", "source-adresses"},
		{"interface sans clé", table + "source = \"export\"\nsource-adresses = [\"https://x.example\"]\n", "source-cle"},
		{"trop souvent", table + "source = \"extractions\"\nperiode = \"1s\"\nsource-adresses = [\"https://x.example\"]\n", "periode"},
		{"trop de professionnels", labo + table + "professionnels = 9000000\n", "professionnels"},
		{"porte sans certificat", labo + table + "adresse = \"127.0.0.1:9999\"\n", "certificat"},
		{"lecteur sans rien à montrer", lecteur("nom = \"a\"\nfamille = \"editeur\"\n"), "lecteur[1].cle"},
		{"lecteur sans famille", lecteur("nom = \"a\"\ncle = \"c\"\n"), "lecteur[1].famille"},
		{"certificat mal écrit", lecteur("nom = \"a\"\nfamille = \"editeur\"\ncertificat = \"ABC\"\n"), "lecteur[1].certificat"},
		{"lecteur deux fois", lecteur("nom = \"a\"\nfamille = \"editeur\"\ncle = \"c\"\n[[annuaire-sante.lecteur]]\nnom = \"a\"\nfamille = \"editeur\"\ncle = \"c\"\n"), "lecteur[2].nom"},
		{"lecteur", lecteur("nom = \"a\"\nfamille = \"editeur\"\ncle = \"c\"\n"), ""},
	} {
		_, refus := lireDroits(t, c.texte)
		var dits []string
		for cle := range refus {
			if x, ok := strings.CutPrefix(cle, "annuaire-sante."); ok {
				dits = append(dits, x)
			}
		}
		if got := strings.Join(dits, " "); got != c.refus {
			t.Errorf("%s : refusé %q, attendu %q", c.nom, got, c.refus)
		}
	}
}
