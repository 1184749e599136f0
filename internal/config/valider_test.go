package config

import (
	"fmt"
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
		"retours en clair":                 {"[[etablissement]]\nretours = \"http://es.exemple.fr\"\n", "etablissement[1].retours"},
		"retours sans port":                {"[[etablissement]]\nretours = \"https://es.exemple.fr\"\n", "ecoute"},
		"mandat à soi-même":                {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"99000001\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\n", "amc[1].droits.mandat[1].operateur"},
		"mandat sans opérateur":            {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"X\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\n", "amc[1].droits.mandat[1].operateur"},
		"mandat de qui dépanne":            {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\ndepannage = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\n", "amc[1].droits.mandat[1].operateur"},
		"mandat sans sceau":                {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"\"\ndebut = \"2026-01-01\"\n", "amc[1].droits.mandat[1].structure"},
		"mandat sans jour":                 {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"demain\"\n", "amc[1].droits.mandat[1].debut"},
		"mandat à l'envers":                {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\nfin = \"2025-12-31\"\n", "amc[1].droits.mandat[1].debut"},
		"deux mandats à la fois":           {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\nfin = \"2026-03-01\"\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"2026-03-01\"\n", "amc[1].droits.mandat[2].debut"},
		"listes en clair":                  {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\nlistes = [\"http://operateur.exemple.fr\"]\n", "amc[1].droits.mandat[1].listes"},
		"factures sans les listes":         {"[[amc]]\nnumero = \"99000001\"\n[amc.droits]\nouvert = true\n[amc.droits.factures]\nouvert = true\n[[amc.droits.mandat]]\noperateur = \"88000001\"\nstructure = \"2999100209\"\ndebut = \"2026-01-01\"\n", "amc[1].droits.mandat[1].listes"},
		"émetteur illisible":               {"[[amc]]\nnumero = \"99000001\"\n[amc.identite]\nstructure = \"2999100209\"\n[amc.droits]\nouvert = true\nemetteur = \"OPERATEUR\"\n", "amc[1].droits.emetteur"},
		"un opérateur, deux sceaux":        {"[[amc]]\nnumero = \"99000001\"\n[amc.identite]\nstructure = \"2999100209\"\n[amc.droits]\nouvert = true\nemetteur = \"88000001\"\n[[amc]]\nnumero = \"99000002\"\n[amc.identite]\nstructure = \"2999100308\"\n[amc.droits]\nouvert = true\nemetteur = \"88000001\"\n", "amc[2].droits.emetteur"},
		"un opérateur, deux clés de liste": {"[[amc]]\nnumero = \"99000001\"\n[amc.identite]\nstructure = \"2999100209\"\n[amc.droits]\nouvert = true\nemetteur = \"88000001\"\n[[amc]]\nnumero = \"99000002\"\n[amc.identite]\nstructure = \"2999100209\"\n[amc.droits]\nouvert = true\nemetteur = \"88000001\"\ncle-lar = \"autre.cle\"\n", "amc[2].droits.cle-lar"},
		"ville sans droits":                {"[[amc]]\n[amc.droits.factures]\nouvert = true\n", "amc[1].droits.factures.ouvert"},
		"qui dépanne ne paie pas":          {"[[amc]]\n[amc.droits]\nouvert = true\ndepannage = true\n[amc.droits.factures]\nouvert = true\n", "amc[1].droits.factures.ouvert"},
		"compte hors SEPA":                 {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.factures]\nouvert = true\ncompte = \"TR330006100519786457841326\"\n", "amc[1].droits.factures.compte"},
		"factures oubliées trop tôt":       {"[conservation]\nengagements = \"8760h\"\n[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.factures]\nouvert = true\n", "amc[1].droits.factures.delai"},
		"compte faux":                      {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.factures]\nouvert = true\ncompte = \"FR7630006000011234567890188\"\n", "amc[1].droits.factures.compte"},
		"part impossible":                  {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.factures]\nouvert = true\nquota = 101\n", "amc[1].droits.factures.quota"},
		"tiers sans sceau":                 {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.tiers]\nadresse = \"https://tiers.exemple.fr\"\nid = \"99009901\"\nlistes = [\"https://tiers.exemple.fr:8462\"]\n", "amc[1].droits.tiers.structure"},
		"tiers sans numéro":                {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.tiers]\nadresse = \"https://tiers.exemple.fr\"\nid = \"TIERS\"\nstructure = \"2999101306\"\nlistes = [\"https://tiers.exemple.fr:8462\"]\n", "amc[1].droits.tiers.id"},
		"tiers en clair":                   {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.tiers]\nadresse = \"http://tiers.exemple.fr\"\nid = \"99009901\"\nstructure = \"2999101306\"\nlistes = [\"https://tiers.exemple.fr:8462\"]\n", "amc[1].droits.tiers.adresse"},
		"tiers sans listes":                {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.tiers]\nadresse = \"https://tiers.exemple.fr\"\nid = \"99009901\"\nstructure = \"2999101306\"\n", "amc[1].droits.tiers.listes"},
		"tiers qui n'entend pas l'AMC":     {"[[amc]]\n[amc.droits]\nouvert = true\n[amc.droits.tiers]\nadresse = \"https://tiers.exemple.fr\"\nid = \"99009901\"\nstructure = \"2999101306\"\nlistes = [\"https://tiers.exemple.fr:8462\"]\n[amc.droits.factures]\nouvert = true\n", "amc[1].droits.tiers.adresse"},
		"tiers sans émetteur de jetons":    {"[tiers]\nid = \"99009901\"\n", "tiers.emetteur"},
		"émetteur de jetons sans sceau":    {"[tiers]\n[[tiers.emetteur]]\nnumero = \"99000101\"\nlistes = [\"https://amc.exemple.fr\"]\n", "tiers.emetteur[1].structure"},
		"émetteur de jetons sans listes":   {"[tiers]\n[[tiers.emetteur]]\nnumero = \"99000101\"\nstructure = \"2999101306\"\n", "tiers.emetteur[1].listes"},
		"émetteur de jetons, AMC fausse":   {"[tiers]\n[[tiers.emetteur]]\nnumero = \"99000101\"\nstructure = \"2999101306\"\nlistes = [\"https://amc.exemple.fr\"]\namc = [\"X\"]\n", "tiers.emetteur[1].amc"},
		"clé suivante sans jour":           {"[tiers]\ncle-suivante = \"b.cle\"\n", "tiers.suivante-debut"},
		"clé suivante un jour":             {"[tiers]\ncle-suivante = \"b.cle\"\nsuivante-debut = \"demain\"\n", "tiers.suivante-debut"},
		"tiers qui oublie aussitôt":        {"[tiers]\nretard = 60\nconserve = 60\n", "tiers.conserve"},
		"tiers sans porte de listes":       {"[tiers]\nid = \"99009901\"\n", "tiers.listes"},
		"délai impossible":                 {"[[amc]]\ndelai-paiement = 400\n", "amc[1].delai-paiement"},
		"comptable d'une clinique":         {"[[etablissement]]\ncategorie = \"OQN\"\nretours = \"https://es.exemple.fr\"\n[etablissement.comptable]\ntenu = \"oui\"\n", "etablissement[1].comptable.tenu"},
		"comptable sans facture":           {"[[etablissement]]\n[etablissement.comptable]\ntenu = \"oui\"\n", "etablissement[1].comptable.tenu"},
		"comptable à moitié":               {"[[etablissement]]\n[etablissement.comptable]\ntenu = \"peut-être\"\n", "etablissement[1].comptable.tenu"},
		"délai promis impossible":          {"[[etablissement]]\ndelai-paiement = 400\n", "etablissement[1].delai-paiement"},
		"proximité hors fenêtre":           {"[[etablissement]]\n[etablissement.comptable]\nproximite = 31\n", "etablissement[1].comptable.proximite"},
		"pénalité illisible":               {"[[etablissement]]\n[etablissement.comptable]\npenalite = \"beaucoup\"\n", "etablissement[1].comptable.penalite"},
		"ouverture illisible":              {"[[etablissement]]\n[etablissement.comptable]\nouverture = \"janvier\"\n", "etablissement[1].comptable.ouverture"},
		"compte illisible":                 {"[[etablissement]]\n[etablissement.comptable]\ncompte = \"FR76 1010\"\n", "etablissement[1].comptable.compte"},
		"compte inexact":                   {"[[etablissement]]\n[etablissement.comptable]\ncompte = \"FR7630006000011234567890188\"\n", "etablissement[1].comptable.compte"},
		"comptes inexacts":                 {"[[etablissement]]\n[etablissement.comptable]\ncomptes = [\"FR7630006000011234567890189\", \"FR7630006000011234567890188\"]\n", "etablissement[1].comptable.comptes"},
		"colonne sans rôle":                {"[[etablissement]]\n[etablissement.comptable]\ncolonnes = [\"DATE\"]\n", "etablissement[1].comptable.colonnes"},
		"convention de rien":               {"[[amc]]\nconventions = [\"12\"]\n", "amc[1].conventions"},
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

// Two listeners of a file at one address: the second would not start.
func TestEcoutesDistinctes(t *testing.T) {
	const roles = "[ecoute]\nadresse = \"127.0.0.1:9443\"\nouverte = \"127.0.0.1:%s\"\n[surveillance]\nadresse = \"127.0.0.1:%s\"\n[[relais]]\nid = \"R\"\n[igc]\nadresse = \"127.0.0.1:%s\"\n"
	for _, c := range []struct {
		ouverte, surveillance, igc, refusees string
	}{
		{"9461", "9080", "9081", ""},
		{"0", "0", "9081", ""},
		{"9443", "9080", "9081", "ecoute.ouverte : 127.0.0.1:9443 est déjà l'adresse de ecoute.adresse"},
		{"9461", "9461", "9081", "surveillance.adresse : 127.0.0.1:9461 est déjà l'adresse de ecoute.ouverte"},
		{"9461", "9080", "9080", "igc.adresse : 127.0.0.1:9080 est déjà l'adresse de surveillance.adresse"},
	} {
		chemin := filepath.Join(t.TempDir(), "ecluse.toml")
		if err := os.WriteFile(chemin, fmt.Appendf(nil, roles, c.ouverte, c.surveillance, c.igc), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Lire(chemin)
		if s := fmt.Sprint(err); strings.Contains(s, "est déjà l'adresse") != (c.refusees != "") || !strings.Contains(s, c.refusees) {
			t.Errorf("%+v : %s", c, s)
		}
	}
}
