package rass_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/rass"
)

// Whatever the bytes: no panic, whole lines, and a file without a fault is written
// again as it was.
func FuzzFichier(f *testing.F) {
	h := entete(rass.SavoirFaire)
	for _, s := range []string{"", h, h + "\n" + ligneSF + "\n", h + "|\r\n" + ligneSF + "|\r\n" + ligneSF, "Opération|" + h + "\nA|" + ligneSF + "\n",
		"\ufeff" + h + "|x\n" + ligneSF + "|\xff\n", h + "\n" + strings.Repeat("|", 40) + "\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		x := lire(rass.Reglage{LigneMax: 1000}, bytes.NewReader(b), rass.SavoirFaire)
		if y := lire(rass.Reglage{LigneMax: 1000}, io.MultiReader(bytes.NewReader(b[:len(b)/2]), bytes.NewReader(b[len(b)/2:])), rass.SavoirFaire); len(y.lignes) != len(x.lignes) || motif(x.err) != motif(y.err) {
			t.Fatalf("en deux fois : %v, %v", x.err, y.err)
		}
		for _, l := range x.lignes {
			for _, v := range l {
				if strings.ContainsAny(v, "|\n") || !utf8.ValidString(v) {
					t.Fatalf("champ %q", v)
				}
			}
		}
		if lf := bytes.Count(b, []byte("\n")); x.err != nil || len(x.anomalies) > 0 || bytes.Contains(b, []byte("\r")) && bytes.Count(b, []byte("\r\n")) != lf {
			return
		}
		if got := recopier(t, b, rass.SavoirFaire); !bytes.Equal(got, b) && !melange(b) {
			t.Fatalf("%q\n%q", got, b)
		}
	})
}

// melange tells whether lines end in different ways, which a form cannot say.
func melange(b []byte) bool {
	barres, nues := 0, 0
	for i, l := range strings.Split(strings.TrimSuffix(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n"), "\n") {
		if strings.Contains(l, "\r") {
			return true
		}
		if i > 0 && strings.HasSuffix(l, "|") {
			barres++
		} else if i > 0 {
			nues++
		}
	}
	return barres > 0 && nues > 0
}

func FuzzEntete(f *testing.F) {
	f.Add("colonne;obligatoire;autre nom\nClé;oui;Cle\nValeur;non;\n")
	f.Add("a;b;c\n# x\n\"d;\";oui;\n")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := rass.LireEntete(strings.NewReader(s))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := e.Ecrivain(&b, rass.Forme{}).Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := (rass.Reglage{Entete: &e}).Lecteur(&b, 0); err != nil && motif(err) != rass.MotifEncodage {
			t.Fatalf("%v : l'en-tête écrit n'est pas relu", err)
		}
	})
}

func FuzzArchive(f *testing.F) {
	f.Add(zipper(f, [2]string{"PS_LibreAcces_SavoirFaire_202611230312.txt", entete(rass.SavoirFaire) + "\n" + ligneSF + "\n"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := rass.OuvrirArchive(bytes.NewReader(b), int64(len(b)), 1<<20, paris)
		if err != nil {
			return
		}
		for _, e := range a.Entrees() {
			if r, err := a.Ouvrir(e.Fichier); err == nil {
				if n, _ := io.Copy(io.Discard, r); n > e.Taille {
					t.Fatalf("%d octets, %d annoncés", n, e.Taille)
				}
			}
		}
	})
}
