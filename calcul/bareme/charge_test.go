package bareme

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ecluse-sante/ecluse/sante"
)

func jour(t *testing.T, s string) sante.Jour {
	t.Helper()
	j, err := sante.ParseJour(s)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// The figures of ROC §§13.1, 13.4, 13.6, 13.7 on each side of each change.
func TestDefauts(t *testing.T) {
	tables, err := Defaut()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ cle, jour, want string }{
		{FJMCO, "2017-12-31", "18.00"}, {FJMCO, "2018-01-01", "20.00"}, {FJMCO, "2026-02-28", "20.00"}, {FJMCO, "2026-03-01", "23.00"},
		{FJPSY, "2010-01-01", "13.50"}, {FJPSY, "2026-02-28", "15.00"}, {FJPSY, "2026-03-01", "17.00"},
		{PASMontant, "2018-12-31", "18.00"}, {PASMontant, "2019-01-01", "24.00"}, {PASMontant, "2026-03-31", "24.00"}, {PASMontant, "2026-05-01", "32.00"},
		{FPUNormal, "2026-02-28", "19.61"}, {FPUNormal, "2026-03-01", "23.00"}, {FPUReduit, "2026-02-28", "8.49"}, {FPUReduit, "2026-03-01", "9.96"},
		{FPUCategorie + "ALD", "2026-03-01", "REDUIT"}, {AMO + "CONS.MEDECIN", "2025-01-01", "70"}, {AMO + "CONS.MEDECIN.HORS", "2025-01-01", "30"},
		{ExitDayCompared, "2026-01-01", "false"}, {PASInsideTheStay, "2026-01-01", "true"}, {TMJours, "2026-01-01", "30"},
		{PF, "2024-05-14", "1.00"}, {PF, "2024-05-15", "2.00"},
	} {
		v, err := tables.At(c.cle, jour(t, c.jour))
		if err != nil || v.Texte() != c.want {
			t.Errorf("%s at %s = %q, %v, want %s", c.cle, c.jour, v.Texte(), err, c.want)
		}
	}
	if v, _ := tables.At(PASMontant, jour(t, "2026-04-10")); !v.Incertain || v.Note == "" {
		t.Errorf("the amount of 10 April 2026 carries no caution: %+v", v)
	}
	var absent *Absent
	if _, err := tables.At(FJMCO, jour(t, "2009-12-31")); !errors.As(err, &absent) || absent.Cle != FJMCO {
		t.Errorf("before the first row: %v", err)
	}
	if _, err := tables.At(FJMCO, 0); !errors.As(err, &absent) {
		t.Errorf("without a day: %v", err)
	}
}

// Property 10 of ROC §19.3, on the tables we ship, and a source on each row.
func TestDefautsContinus(t *testing.T) {
	tables, err := Defaut()
	if err != nil {
		t.Fatal(err)
	}
	for _, cle := range tables.Cles() {
		serie := tables.Serie(cle)
		for i, v := range serie {
			if i > 0 && v.Debut != serie[i-1].Fin+1 {
				t.Errorf("%s: row of %s does not follow %s", cle, v.Debut, serie[i-1].Fin)
			}
			if v.Incertain && v.Note == "" {
				t.Errorf("%s at %s: uncertain without saying what", cle, v.Debut)
			}
		}
	}
}

func TestPeriodes(t *testing.T) {
	tables, _ := Defaut()
	p, err := tables.Periodes(FJMCO, jour(t, "2026-02-24"), jour(t, "2026-03-04"))
	if err != nil || len(p) != 2 || p[0].Jours() != 5 || p[1].Jours() != 4 || p[1].Valeur.Montant() != 2300 {
		t.Fatalf("got %+v, %v", p, err)
	}
	if p, err := tables.Periodes(FJMCO, 10, 9); err != nil || p != nil {
		t.Fatalf("empty range: %v, %v", p, err)
	}
	if _, err := tables.Periodes(FJMCO, jour(t, "2009-12-30"), jour(t, "2010-01-02")); err == nil {
		t.Fatal("days without value were priced")
	}
}

func TestLoadRefuse(t *testing.T) {
	const tete = enTeteDesTables + "\n"
	for nom, c := range map[string]struct{ csv, want string }{
		"trou":                       {tete + "fj.MCO;2020-01-01;2020-06-30;20.00;ref: x;;\nfj.MCO;2020-07-02;;21.00;ref: x;;\n", "t.csv:3: trou de « fj.MCO » du 2020-07-01 au 2020-07-01, après t.csv:2"},
		"chevauchement":              {tete + "fj.MCO;2020-01-01;2020-06-30;20.00;ref: x;;\n# note\nfj.MCO;2020-06-30;;21.00;ref: x;;\n", "t.csv:4: chevauchement de « fj.MCO » avec t.csv:2"},
		"deux lignes sans fin":       {tete + "fj.MCO;2020-01-01;;20.00;ref: x;;\nfj.MCO;2021-01-01;;21.00;ref: x;;\n", "t.csv:3: chevauchement"},
		"source absente":             {tete + "fj.MCO;2020-01-01;;20.00;;;\n", "t.csv:2: source attendue"},
		"source vide":                {tete + "fj.MCO;2020-01-01;;20.00;ref: ;;\n", "t.csv:2: source attendue"},
		"montant à la virgule":       {tete + "fj.MCO;2020-01-01;;20,00;ref: x;;\n", "t.csv:2: valeur de « fj.MCO »"},
		"montant négatif":            {tete + "fj.MCO;2020-01-01;;-20.00;ref: x;;\n", "montant négatif"},
		"taux illisible":             {tete + "amo.SEJ;2020-01-01;;quatre-vingts;ref: x;;\n", "t.csv:2: valeur de « amo.SEJ »"},
		"entier illisible":           {tete + "tm.jours;2020-01-01;;30.5;ref: x;;\n", "nombre entier"},
		"bascule illisible":          {tete + "fj.exitDayInComparison;2020-01-01;;oui;ref: x;;\n", "« true » ou « false »"},
		"catégorie inconnue":         {tete + "fpu.categorie.ALD;2020-01-01;;GRATUIT;ref: x;;\n", "NORMAL REDUIT EXO"},
		"clé inconnue":               {tete + "fj.XYZ;2020-01-01;;20.00;ref: x;;\n", "t.csv:2: clé inconnue : « fj.XYZ »"},
		"clé sans suffixe":           {tete + "amo.;2020-01-01;;20;ref: x;;\n", "clé inconnue"},
		"date impossible":            {tete + "fj.MCO;2020-02-30;;20.00;ref: x;;\n", "t.csv:2: début"},
		"fin illisible":              {tete + "fj.MCO;2020-02-01;demain;20.00;ref: x;;\n", "t.csv:2: fin"},
		"fin avant début":            {tete + "fj.MCO;2020-02-02;2020-02-01;20.00;ref: x;;\n", "précède le début"},
		"incertain mal dit":          {tete + "fj.MCO;2020-02-02;;20.00;ref: x;peut-être;\n", "incertain"},
		"six colonnes":               {tete + "fj.MCO;2020-02-02;;20.00;ref: x;\n", "6 colonnes"},
		"en-tête absent":             {"fj.MCO;2020-02-02;;20.00;ref: x;;\n", "t.csv:1: en-tête attendu"},
		"guillemet jamais fermé":     {tete + "fj.MCO;\"2020-02-02;;20.00;ref: x;;\n", "illisible"},
		"fichier trop grand":         {tete + strings.Repeat("# commentaire\n", 100_000), "1 Mio"},
		"plusieurs fautes à la fois": {tete + "a;b;c;d;e;f;g\nfj.MCO;2020-01-01;;x;ref: x;;\n", "t.csv:3:"},
	} {
		t.Run(nom, func(t *testing.T) {
			_, err := Load(fstest.MapFS{"t.csv": {Data: []byte(c.csv)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// A key of the directory replaces the default, the others stay.
func TestLoadPose(t *testing.T) {
	tables, err := Load(fstest.MapFS{"local.csv": {Data: []byte("\ufeff" + enTeteDesTables + "\npas.montant;2019-01-01;2026-04-21;24.00;ref: arrêté;;\npas.montant;2026-04-22;;32.00;ref: arrêté;;\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := tables.At(PASMontant, jour(t, "2026-04-10")); v.Montant() != 2400 || v.Incertain || v.Fichier != "local.csv" {
		t.Errorf("the directory was not obeyed: %+v", v)
	}
	if v, _ := tables.At(FJMCO, jour(t, "2026-04-10")); v.Montant() != 2300 {
		t.Errorf("the default was lost: %+v", v)
	}
	if _, err := charger(nil, fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "clé obligatoire absente : « fj.MCO »") {
		t.Errorf("an empty set was accepted: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(enTeteDesTables + "\nfj.MCO;2020-01-01;;20.00;ref: x;;\n"))
	f.Add([]byte("\ufeffcle;\"\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tables, err := Load(fstest.MapFS{"f.csv": {Data: b}})
		if (tables == nil) == (err == nil) {
			t.Fatalf("neither tables nor error, or both: %v, %v", tables, err)
		}
		if err != nil {
			return
		}
		for _, cle := range tables.Cles() {
			for _, v := range tables.Serie(cle) {
				if got, err := tables.At(cle, v.Debut); err != nil || got.Ligne != v.Ligne || got.Fichier != v.Fichier {
					t.Fatalf("%s at %s: %+v, %v", cle, v.Debut, got, err)
				}
			}
		}
	})
}

// Tables that were asked for and are not there are told: the program's own are not
// taken in their place.
func TestLoadSansTable(t *testing.T) {
	fichier := filepath.Join(t.TempDir(), "tables.csv")
	if err := os.WriteFile(fichier, []byte(enTeteDesTables+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for nom, c := range map[string]struct {
		dossier fs.FS
		veut    error
	}{
		"absent":           {os.DirFS(filepath.Join(t.TempDir(), "nexiste")), ErrDossier},
		"fichier":          {os.DirFS(fichier), ErrDossier},
		"vide":             {os.DirFS(t.TempDir()), ErrVide},
		"sans table":       {fstest.MapFS{"lisez-moi.txt": {Data: []byte("rien")}}, ErrVide},
		"tables plus bas":  {fstest.MapFS{"sous/t.csv": {Data: []byte(enTeteDesTables + "\n")}}, ErrVide},
		"l'en-tête suffit": {fstest.MapFS{"t.csv": {Data: []byte(enTeteDesTables + "\n")}}, nil},
	} {
		if _, err := Load(c.dossier); !errors.Is(err, c.veut) {
			t.Errorf("%s : %v", nom, err)
		}
	}
}
