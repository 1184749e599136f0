package noemie_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ecluse-sante/ecluse/noemie"
)

func semer(f *testing.F) {
	for _, nom := range []string{"testdata/paiement-578R.noemie", "testdata/rejet-908R.noemie"} {
		b, err := os.ReadFile(nom)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(bytes.ReplaceAll(b, []byte("@\n"), []byte("@")))
		f.Add(b[:len(b)/2])
		f.Add(enBlocs(bytes.ReplaceAll(b, []byte("@\n"), []byte("@")), ""))
	}
	f.Add([]byte("000@999@"))
	f.Add([]byte("PK\x03\x04"))
}

// What is read entity by entity, put end to end, is the file without its
// separators and line ends; nothing panics and every error has a place.
func FuzzEntites(f *testing.F) {
	semer(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		l := noemie.NouveauLecteur(bytes.NewReader(src), noemie.Limites{Erreurs: 1 << 30})
		if len(src) > 128 && strings.IndexByte("01\r\n", src[128]) >= 0 {
			return // may be in blocks, whose marks are not given
		}
		var lu []byte
		for n := 1; ; n++ {
			e, err := l.Suivante()
			if err == io.EOF {
				break
			}
			var x *noemie.Erreur
			if errors.As(err, &x) {
				placee(t, x)
				if x.Motif.Fatal() {
					return
				}
			}
			if e == nil || e.Numero != n {
				t.Fatalf("entité %v au rang %d", e, n)
			}
			lu = append(lu, e.Donnees...)
		}
		sec := func(b []byte) []byte {
			for _, c := range []string{"@", "\r", "\n", " ", "\x1a"} {
				b = bytes.ReplaceAll(b, []byte(c), nil)
			}
			return b
		}
		if d := cmp.Diff(string(sec(src)), string(sec(lu))); d != "" {
			t.Fatal(d)
		}
	})
}

func placee(t *testing.T, x *noemie.Erreur) {
	if x.Motif == 0 || x.Motif != noemie.MotifVide && x.Ligne < 1 {
		t.Fatalf("erreur sans motif ou sans place : %+v", x)
	}
}

// What is read whole is what would be written: writing it and reading it again
// gives the same invoice.
func FuzzFactures(f *testing.F) {
	semer(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		x, err := noemie.Lire(bytes.NewReader(src), noemie.Limites{})
		if err != nil {
			placee(t, err.(*noemie.Erreur))
			return
		}
		for range 10_000 {
			g, err := x.Suivante()
			if err == io.EOF {
				return
			}
			var e *noemie.Erreur
			if errors.As(err, &e) {
				placee(t, e)
				if e.Motif.Fatal() {
					return
				}
				continue
			}
			relire(t, g.Copie())
		}
	})
}

// relire writes an invoice alone and reads it; what cannot be written (a day of
// which only the digits are right, lower case letters) is refused, not changed.
func relire(t *testing.T, g *noemie.Facture) {
	var b bytes.Buffer
	w, err := noemie.Ecrire(&b, entete("578R"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Facture(g) != nil {
		return
	}
	if err := w.Fermer(); err != nil {
		t.Fatal(err)
	}
	l, errs, bilan := lire(t, &b, noemie.Limites{})
	if len(errs) > 0 || len(l) != 1 || !bilan.Complet {
		t.Fatalf("relue : %v %+v", errs, bilan)
	}
	plier(g)
	plier(&l[0])
	if d := cmp.Diff(*g, l[0], sansLieu, vides); d != "" {
		t.Fatal(d)
	}
}
