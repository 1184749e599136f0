package local_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ecluse-sante/ecluse/internal/tarif/local"
	"github.com/ecluse-sante/ecluse/sante"
	vd "github.com/ecluse-sante/ecluse/visiodroits/tarif"
)

// copie is the example, to be spoiled.
func copie(t testing.TB) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	for _, nom := range []string{"grilles.csv", "garanties.csv", "produits.csv", "reseaux.csv"} {
		b, err := fs.ReadFile(local.Exemple(), nom)
		if err != nil {
			t.Fatal(err)
		}
		m[nom] = &fstest.MapFile{Data: b}
	}
	return m
}

func grille(t testing.TB, s string) vd.IDGrille {
	t.Helper()
	g, err := vd.ParseIDGrille(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// What is in force at a day is what the files say of it.
func TestCharger(t *testing.T) {
	x, err := local.Charger(copie(t))
	if err != nil {
		t.Fatal(err)
	}
	code, err := vd.ParseCodeProduit("9900022")
	if err != nil {
		t.Fatal(err)
	}
	veille, jour := sante.JourDe(2026, 6, 30), sante.JourDe(2026, 7, 1)
	for j, attendu := range map[sante.Jour]sante.Montant{veille: 8000, jour: 8400} {
		if m, ok := x.Convenu("VUE", code, j); !ok || m != attendu {
			t.Errorf("prix au %s : %s, %t", j, m, ok)
		}
	}
	for j, attendu := range map[sante.Jour]sante.Montant{veille: 6000, jour: 7000} {
		g, ok := x.Grille(grille(t, "ESSENTIELLE"), j)
		trouve := false
		for _, v := range g.Garanties {
			if v.Code == "VERRE-B" {
				trouve = v.Formule.M == attendu
			}
		}
		if !ok || !trouve || g.Effectif != 48210 {
			t.Errorf("garantie au %s : %+v", j, g)
		}
	}
	if _, ok := x.Grille(grille(t, "ESSENTIELLE"), sante.JourDe(2024, 12, 31)); ok {
		t.Error("une grille sans garantie en vigueur est donnée")
	}
	if _, ok := x.Grille(grille(t, "AUCUNE"), jour); ok {
		t.Error("une grille inconnue est donnée")
	}
	if n := len(x.Grilles()); n != 4 {
		t.Errorf("%d grilles", n)
	}
}

// Each mistake is told with its file and its line.
func TestChargerRefuse(t *testing.T) {
	for _, c := range []struct{ cas, fichier, avant, apres, dit string }{
		{"trou", "garanties.csv", "2025-01-01;2026-06-30;DMI;VER", "2025-01-01;2026-06-29;DMI;VER", "garanties.csv:5: trou"},
		{"chevauchement", "garanties.csv", "2025-01-01;2026-06-30;DMI;VER", "2025-01-01;2026-07-01;DMI;VER", "garanties.csv:5: chevauchement"},
		{"fin avant le début", "produits.csv", "2025-01-01;2026-02-28", "2025-01-01;2024-02-28", "produits.csv:7: la fin"},
		{"formule inconnue", "garanties.csv", "F06 p=50.00", "F66 p=50.00", "garanties.csv:9: formule inconnue"},
		{"paramètre absent", "garanties.csv", "F06 p=50.00", "F06", "garanties.csv:9: formule F06"},
		{"paramètre inconnu", "garanties.csv", "F06 p=50.00", "F06 q=50.00", "paramètre inconnu"},
		{"compteur d'une personne", "garanties.csv", "F06 p=50.00", "F10 p=50.00", "la tarification ne la connaît pas"},
		{"deux garanties d'une ligne", "garanties.csv", "ESSENTIELLE;VACCIN;2025-01-01;;MED;;VACCIN-NR", "ESSENTIELLE;VACCIN;2025-01-01;;MED;;", "prend les mêmes lignes"},
		{"réseau sans prix", "garanties.csv", "reseau=VUE", "reseau=OUIE", "n'a aucun prix"},
		{"famille d'hôpital", "garanties.csv", ";DMI;;;F01", ";SEJ;;;F01", "garanties.csv:7: famille"},
		{"grille inconnue", "garanties.csv", "RARE;APPAREIL", "RARISSIME;APPAREIL", "n'est pas dans grilles.csv"},
		{"grille dite deux fois", "grilles.csv", "RARE;", "CONFORT;", "déjà dite"},
		{"grille qui nomme une personne", "grilles.csv", "RARE;", "R1850578006084;", "grille attendue"},
		{"effectif", "grilles.csv", ";7", ";sept", "effectif"},
		{"produit", "produits.csv", "9900011;", "990001;", "produits.csv:3: code de produit"},
		{"source", "reseaux.csv", "84.00;hyp: TARIF-EXEMPLE", "84.00;", "reseaux.csv:3: source"},
		{"montant", "reseaux.csv", "84.00", "-84.00", "montant positif"},
		{"colonnes", "reseaux.csv", ";84.00", ";84.00;x", "7 colonnes au lieu de 6"},
		{"en-tête", "reseaux.csv", "reseau;produit", "produit;reseau", "reseaux.csv:1: en-tête"},
		{"guillemet", "reseaux.csv", "84.00;hyp", "84.00;\"hyp", "CSV illisible"},
	} {
		m := copie(t)
		s := string(m[c.fichier].Data)
		if !strings.Contains(s, c.avant) {
			t.Fatalf("%s : l'exemple ne contient pas « %s »", c.cas, c.avant)
		}
		m[c.fichier] = &fstest.MapFile{Data: []byte(strings.Replace(s, c.avant, c.apres, 1))}
		if _, err := local.Charger(m); err == nil || !strings.Contains(err.Error(), c.dit) {
			t.Errorf("%s : %v", c.cas, err)
		}
	}
	m := copie(t)
	delete(m, "produits.csv")
	if _, err := local.Charger(m); err == nil || !strings.Contains(err.Error(), "produits.csv:0: fichier absent") {
		t.Errorf("fichier absent : %v", err)
	}
}

func FuzzCharger(f *testing.F) {
	f.Add("ESSENTIELLE;X;2025-01-01;;DMI;VER MON;B;MAX(F02 p=50.00, F07 m=1.00);1.00;hyp: X")
	f.Add("ESSENTIELLE;X;2025-01-01;2024-01-01;DMI;;;MIN(;;ref: x")
	f.Fuzz(func(t *testing.T, ligne string) {
		m := copie(t)
		m["garanties.csv"] = &fstest.MapFile{Data: []byte("grille;garantie;debut;fin;famille;prestations;classe;formule;plafondLigne;source\n" + ligne + "\n")}
		x, err := local.Charger(m)
		if err == nil && len(x.Grilles()) != 4 {
			t.Error("des grilles ont disparu")
		}
	})
}
