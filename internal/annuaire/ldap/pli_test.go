package ldap

import (
	"testing"
	"unicode/utf8"

	"github.com/ecluse-sante/ecluse/internal/annuaire/lexique"
)

// The door folds names as the image does: what one finds the other keeps.
func FuzzPli(f *testing.F) {
	for _, x := range []string{"Hélène Le-Gall", "  O'BRIEN ", "ŒUVRE", "Łukasz", "e\u0301", "a b", "ĳ", "½", "ǅ", "\u0345", "한", "’"} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, ok := plier(nil, []byte(s), regleTexte)
		if ok != utf8.ValidString(s) {
			t.Fatalf("%q : %v", s, ok)
		}
		var m lexique.Mots // it cuts what is too long
		if m.Lire(s); !ok || m.Coupe() {
			return
		}
		if image := lexique.Plier(nil, s); string(p) != string(image) {
			t.Fatalf("%q : %q au lieu de %q", s, p, image)
		}
	})
}

// Pieces of a substring keep the blanks that part words.
func TestMorceaux(t *testing.T) {
	for _, x := range []struct {
		v, pli       string
		avant, apres bool
	}{
		{" le ", "LE", false, false}, {" le ", " LE ", true, true}, {" le ", "LE ", false, true}, {" le ", " LE", true, false},
		{"-", "", false, false}, {"-", " ", true, true}, {"-", "", false, true}, {"l'É", "L E", true, true},
	} {
		if p, _ := plierMots(nil, []byte(x.v), regleTexte, x.avant, x.apres); string(p) != x.pli {
			t.Errorf("%q %v %v : %q au lieu de %q", x.v, x.avant, x.apres, p, x.pli)
		}
	}
}
