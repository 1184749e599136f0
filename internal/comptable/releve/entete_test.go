package releve_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/internal/comptable"
	"github.com/ecluse-sante/ecluse/internal/comptable/releve"
)

// refuse gives the refusal of a whole file.
func refuse(t *testing.T, c releve.CSV, texte string) *comptable.Refus {
	t.Helper()
	err := c.Lire(strings.NewReader(texte), func(*comptable.LigneReleve) error { return nil }, func(r *comptable.Refus) error { return r })
	r := comptable.EstRefus(err)
	if r == nil {
		t.Fatalf("%q : %v", texte, err)
	}
	return r
}

// A heading that lacks a column is refused with its place, the names that would do
// and the option or the key that says another one.
func TestEnteteIncomplet(t *testing.T) {
	for nom, c := range map[string]struct {
		f     releve.CSV
		texte string
		ligne int
		champ string
		dits  []string
	}{
		"sans date":           {texte: "Banque\nCompte;Libellé;Montant\nX;Y;1\n", ligne: 2, champ: "date", dits: append(releve.ColonnesUsuelles().Jour, "« colonnes »")},
		"sans montant":        {texte: "Compte;Date;Libellé\n", ligne: 1, champ: "montant", dits: []string{"montant eur", "débit", "crédit"}},
		"sans crédit":         {texte: "Compte;Date;Débit;Montants\n", ligne: 1, champ: "crédit", dits: []string{"credit"}},
		"sans débit":          {texte: "Compte;Date;Crédit;Libellé\n", ligne: 1, champ: "débit", dits: []string{"debit"}},
		"ni date ni montant":  {texte: "Compte;Libellé;Somme\n", ligne: 1, champ: "date, montant", dits: []string{"jour", "montant eur"}},
		"sans compte":         {texte: "Jour;Montant\n04/05/2026;1\n", ligne: 1, champ: "compte", dits: []string{"--compte", "numéro de compte", "« compte »"}},
		"rien de connu":       {texte: "a;b\n1;2\n", champ: "date, montant", dits: []string{"20 premières lignes", "jour"}},
		"un nom de l'hôpital": {f: releve.CSV{Colonnes: releve.Colonnes{Jour: []string{"JJ"}, Montant: []string{"SOMME"}}}, texte: "Date;Somme\n", ligne: 1, champ: "date", dits: []string{"JJ"}},
	} {
		t.Run(nom, func(t *testing.T) {
			r := refuse(t, c.f, c.texte)
			if r.Code != comptable.ColonneAbsente || r.Ligne != c.ligne || r.Champ != c.champ {
				t.Errorf("%v", r)
			}
			for _, x := range c.dits {
				if !strings.Contains(r.Detail, x) {
					t.Errorf("%q n'est pas dit : %s", x, r.Detail)
				}
			}
		})
	}
}

// A column that the hospital names comes before a usual one, wherever it stands.
func TestEntetePreference(t *testing.T) {
	k := releve.ColonnesUsuelles()
	k.Jour = append([]string{"Date de l'écriture"}, k.Jour...)
	for texte, f := range map[string]releve.CSV{
		"Date;Date de l'écriture;Montant\n01/01/2026;04/05/2026;1\n": {Compte: "1234", Colonnes: k},
		"Jour;Date;Montant\nlundi;04/05/2026;1\n":                    {Compte: "1234"},
		"Jour;Montant\n04/05/2026;1\n":                               {Compte: "1234"},
	} {
		if x := lire(t, f.Lire, strings.NewReader(texte)); len(x.lignes) != 1 || x.lignes[0].Jour.String() != "2026-05-04" {
			t.Errorf("%q : %+v", texte, x)
		}
	}
}

// A file in an encoding that is not read is refused with what to do.
func TestEncodageRefuse(t *testing.T) {
	for nom, texte := range map[string]string{
		"UTF-16":                     "\xff\xfeD\x00a\x00t\x00e\x00",
		"UTF-16 sans marque":         "D\x00a\x00t\x00e\x00;\x00",
		"MS-DOS, montant":            "Date;D\x82bit;Cr\x82dit\n04/05/2026;;1\n",
		"MS-DOS, libellé":            "Date;Libell\x82;Montant\n04/05/2026;\x82t\x82;1\n",
		"Macintosh":                  "Date;Libell\x8e;D\x8ebit;Cr\x8edit\n04/05/2026;a;;1\n",
		"Macintosh, octet sans sens": "Date;Libell\x8e;R\x8ef\x8erence;Pi\x8fce;Montant\n",
		"une ligne de MS-DOS":        "Date;Libelle;Montant\n04/05/2026;\x90t\x82;1\n",
	} {
		r := refuse(t, releve.CSV{Compte: "1234"}, texte)
		if r.Code != comptable.Encodage || !strings.Contains(r.Detail, "iconv -f") || !strings.Contains(r.Detail, "UTF-8") {
			t.Errorf("%s : %v", nom, r)
		}
	}
	// Windows-1252 and UTF-8 are read, quotes and dashes included.
	for _, texte := range []string{"Date;Libell\xe9 de l\x92op\xe9ration;Montant\n04/05/2026;\x9cuvre \x96 \x80;1\n", "Date;Libellé;« usuel »…;Montant\n04/05/2026;Šeš ‡;;1\n"} {
		if x := lire(t, releve.CSV{Compte: "1234"}.Lire, strings.NewReader(texte)); len(x.lignes) != 1 || x.fin != "" || x.refus != nil || x.lignes[0].Libelle == "" {
			t.Errorf("%q : %+v", texte, x)
		}
	}
}

// The operator's guide lists every accepted name.
func TestColonnesDocumentees(t *testing.T) {
	b, err := os.ReadFile("../../../docs/exploitation.md")
	if err != nil {
		t.Fatal(err)
	}
	k := reflect.ValueOf(releve.ColonnesUsuelles())
	for i := range k.NumField() {
		for _, nom := range k.Field(i).Interface().([]string) {
			if !strings.Contains(string(b), "`"+nom+"`") {
				t.Errorf("%s : le nom %q n'est pas dans docs/exploitation.md", k.Type().Field(i).Name, nom)
			}
		}
	}
}
