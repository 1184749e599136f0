package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lireDroits reads a file that says the rights of an insurer, and gives what is refused of
// them: the rest of the file is missing, and told too.
func lireDroits(t *testing.T, texte string) (*Fichier, map[string]*Erreur) {
	t.Helper()
	chemin := filepath.Join(t.TempDir(), "ecluse.toml")
	if err := os.WriteFile(chemin, []byte(texte), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := lireFichier(chemin)
	if err != nil {
		t.Fatal(err)
	}
	f, err := decoder(chemin, b)
	if err != nil {
		t.Fatal(err)
	}
	refus := map[string]*Erreur{}
	tous, _ := f.valider().(interface{ Unwrap() []error })
	if tous == nil {
		return f, refus
	}
	for _, err := range tous.Unwrap() {
		var x *Erreur
		if errors.As(err, &x) {
			refus[x.Cle] = x
		}
	}
	return f, refus
}

// The service of rights is opened, said closed, or not spoken of: three things.
func TestDroitsTroisEtats(t *testing.T) {
	const debut = "[ecoute]\nouverte = \"127.0.0.1:8470\"\n[[amc]]\nnumero = \"99000001\"\n"
	for _, c := range []struct {
		texte       string
		dit, ouvert bool
		refuse      bool
	}{
		{debut, false, false, false},
		{debut + "[amc.droits]\n", false, false, false},
		{debut + "[amc.droits]\nouvert = false\n", true, false, false},
		{debut + "[amc.droits]\nouvert = true\n", true, true, false},
		{debut + "[amc.droits]\ncle = \"a.cle\"\n", false, false, true},
		{debut + "[[amc.droits.mandat]]\noperateur = \"88000001\"\n", false, false, true},
	} {
		f, refus := lireDroits(t, c.texte)
		d := &f.AMC[0].Droits
		if d.Ouvre != nil != c.dit || d.Ouvert() != c.ouvert {
			t.Errorf("%q : dit %v, ouvert %v", c.texte, d.Ouvre != nil, d.Ouvert())
		}
		if _, refuse := refus["amc[1].droits.ouvert"]; refuse != c.refuse {
			t.Errorf("%q : %v", c.texte, refus)
		}
		// Written again, it says the same.
		var b strings.Builder
		if err := Ecrire(&b, "", &Config{AMC: f.AMC}); err != nil {
			t.Fatal(err)
		}
		if g, _ := lireDroits(t, b.String()); g.AMC[0].Droits.Ouvre != nil != c.dit || g.AMC[0].Droits.Ouvert() != c.ouvert {
			t.Errorf("%q, écrit puis relu :\n%s", c.texte, b.String())
		}
	}
}

// What the lists or the accreditations of an insurer could not carry is refused at its key,
// with its line.
func TestDroitsRefuses(t *testing.T) {
	const ouverte = "[ecoute]\nouverte = \"127.0.0.1:8470\"\n"
	for nom, c := range map[string]struct{ avant, dit, cle string }{
		"tolérance négative":       {ouverte, "tolerance = -3", "amc[1].droits.tolerance"},
		"tolérance de dix ans":     {ouverte, "tolerance = 4000", "amc[1].droits.tolerance"},
		"convention trop longue":   {ouverte, `convention = "CONVENTION-DE-TIERS-PAYANT-2026"`, "amc[1].droits.convention"},
		"profession inconnue":      {ouverte, `categories = ["PHARMACIE"]`, "amc[1].droits.categories"},
		"adresse en clair":         {ouverte, `adresse = "http://droits.exemple.fr"`, "amc[1].droits.adresse"},
		"empreinte illisible":      {ouverte, `empreintes = ["AB"]`, "amc[1].droits.empreintes"},
		"sans porte ouverte":       {"", "tolerance = 15", "amc[1].droits.ouvert"},
		"prestations sans tiers":   {ouverte, "specifiques.prestations = [\"OPT1\"]\nfactures.ouvert = true", "amc[1].droits.specifiques.prestations"},
		"factures en clair":        {ouverte, "factures.ouvert = true\nfactures.adresse = \"http://factures.exemple.fr\"", "amc[1].droits.factures.adresse"},
		"empreinte du tiers":       {ouverte, `tiers.empreintes = ["AB"]`, "amc[1].droits.tiers.empreintes"},
		"porte ouverte sans port":  {"[ecoute]\nouverte = \"127.0.0.1\"\n", "tolerance = 15", "ecoute.ouverte"},
		"porte publiée en clair":   {"[ecoute]\nouverte = \"127.0.0.1:8470\"\nouverte-publique = \"http://droits.exemple.fr\"\n", "tolerance = 15", "ecoute.ouverte-publique"},
		"nom trop long à publier":  {ouverte, "tolerance = 15", "amc[1].libelle"},
		"dépannage de droits clos": {ouverte, "depannage = true", "amc[1].droits.depannage"},
	} {
		ouvert, libelle := true, "MUTUELLE FICTIVE"
		switch c.cle {
		case "amc[1].libelle":
			libelle = strings.Repeat("É", 61)
		case "amc[1].droits.depannage":
			ouvert = false
		}
		_, refus := lireDroits(t, fmt.Sprintf("%s[[amc]]\nnumero = \"99000001\"\nlibelle = %q\n[amc.droits]\nouvert = %v\n%s\n", c.avant, libelle, ouvert, c.dit))
		if x := refus[c.cle]; x == nil || x.Ligne == 0 {
			t.Errorf("%s : %v", nom, refus)
		}
		// The same without what is wrong says nothing of it.
		_, refus = lireDroits(t, ouverte+"[[amc]]\nnumero = \"99000001\"\nlibelle = \"MUTUELLE FICTIVE\"\n[amc.droits]\nouvert = true\ntolerance = 0\nconvention = \"ABCDÉFGHIJKLMNOPQRST\"\ncategories = [\"PHAR\", \"AUTR\"]\n")
		if x := refus[c.cle]; x != nil {
			t.Errorf("%s, sans la faute : %v", nom, x)
		}
	}
}
