package lexique

import (
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sante"
	"pgregory.net/rapid"
)

func TestPlier(t *testing.T) {
	for _, c := range [][2]string{
		{"Dupont", "DUPONT"},
		{"Élodie  Lefèvre-Brûlé", "ELODIE LEFEVRE BRULE"},
		{"d’Artagnan", "D ARTAGNAN"},
		{"L'Haÿ-les-Roses", "L HAY LES ROSES"},
		{"cœur Æsop straße", "COEUR AESOP STRASSE"},
		{"Søren Łukasz Đặng", "SOREN LUKASZ DANG"},
		{"e\u0301te\u0301", "ETE"},
		{"Saint-Étienne (42)", "SAINT ETIENNE 42"},
		{"a\xff\xfeb", "A B"},
		{"  ", ""},
	} {
		if got := string(Plier(nil, c[0])); got != c[1] {
			t.Errorf("Plier(%q) = %q, attendu %q", c[0], got, c[1])
		}
	}
}

// What sante.Plier folds is folded alike, but letters that Unicode does not take
// apart and the marks that join two words.
func TestPlierCommeSante(t *testing.T) {
	lettres := []rune("abzABZ09 -'éèêëàâçîïôùûüÿñõåœæßÉÈÇŒÆŠšŽžČčŘřĄąĘęŁłễạ.,;/")
	rapid.Check(t, func(r *rapid.T) {
		s := string(rapid.SliceOfN(rapid.SampledFrom(lettres), 0, 30).Draw(r, "texte"))
		attendu := strings.NewReplacer("Ł", "L").Replace(sante.Plier(s))
		if got := string(Plier(nil, s)); got != attendu {
			r.Fatalf("Plier(%q) = %q, sante %q", s, got, attendu)
		}
	})
}

func TestFormes(t *testing.T) {
	for _, c := range []struct {
		texte   string
		attendu string
	}{
		{"Jean-Pierre", "JEAN JEANPIERRE PIERRE"},
		{"Marie-Anne-Sophie", "ANNE MARIE MARIEANNESOPHIE SOPHIE"},
		{"Le Goff", "GOFF LE LEGOFF"},
		{"de La Tour", "DE DELA DELATOUR LA LATOUR TOUR"},
		{"d'Artagnan", "ARTAGNAN D DARTAGNAN"},
		{"Martin Dupont", "DUPONT MARTIN"},
		{"- Martin", "MARTIN"},
	} {
		var m Mots
		m.Lire(c.texte)
		var l []string
		m.Formes(func(f []byte) { l = append(l, string(f)) })
		slices.Sort(l)
		if got := strings.Join(slices.Compact(l), " "); got != c.attendu {
			t.Errorf("formes de %q : %q, attendu %q", c.texte, got, c.attendu)
		}
	}
}

func TestSimple(t *testing.T) {
	for texte, simple := range map[string]bool{
		"Dupont": true, "Le Goff": true, "d'Artagnan": true, "de La Tour": true, "": true,
		"Dupont-Martin": false, "Dupont Martin": false,
	} {
		var m Mots
		if m.Lire(texte); m.Simple() != simple {
			t.Errorf("%q : %v", texte, !simple)
		}
	}
}

// A text of any bytes is cut within the bounds, in words that fold to themselves.
func FuzzMots(f *testing.F) {
	f.Add("Jean-Pierre de La Tour d'Auvergne")
	f.Add(strings.Repeat("a", 600))
	f.Add(strings.Repeat("é ", 300))
	f.Fuzz(func(t *testing.T, s string) {
		var m Mots
		m.Lire(s)
		if m.Nombre() > MotsMax {
			t.Fatal(m.Nombre())
		}
		for i := range m.Nombre() {
			if len(m.Mot(i)) == 0 || len(m.Mot(i)) > MotMax {
				t.Fatalf("mot de %d octets", len(m.Mot(i)))
			}
		}
		if p := string(Plier(nil, s)); !m.Coupe() && string(Plier(nil, p)) != p {
			t.Fatalf("%q se replie en %q", p, Plier(nil, p))
		}
		m.Formes(func(f []byte) {
			if len(f) == 0 || len(f) > MotMax {
				t.Fatalf("forme de %d octets", len(f))
			}
		})
	})
}

func TestPhonetique(t *testing.T) {
	for _, meme := range []string{
		"dupont dupond dupon dupons", "philippe filip filippe phillipe", "boucher bouché",
		"mathieu matthieu mattieu", "lefebvre lefebvre", "gauthier gautier gotier", "renault renaud reno renaux",
		"leblanc leblan leblant", "fournier fournié fournie fourniez", "schmidt chmit", "christian kristian cristian",
		"yvonne ivonne", "quentin kentin", "becker béquer", "roussel roussell", "bourgeois bourjois bourgeoi",
		"guérin guerrin", "hébert ébert", "martin martain martein", "chauveau chovo chauvot",
		"sylvain silvin", "thomas toma", "durand durant duran", "wagner vagner", "françois francois",
		"vasseur vaceur",
	} {
		mots := strings.Fields(meme)
		premier := string(Phonetique(nil, Plier(nil, mots[0])))
		for _, m := range mots[1:] {
			if got := string(Phonetique(nil, Plier(nil, m))); got != premier {
				t.Errorf("%s se dit %q, %s %q", mots[0], premier, m, got)
			}
		}
	}
	for _, autres := range []string{"boucher bucher", "martin martine", "bon banc", "vin vent", "caille gaille", "rose roche"} {
		mots := strings.Fields(autres)
		a, b := Phonetique(nil, Plier(nil, mots[0])), Phonetique(nil, Plier(nil, mots[1]))
		if string(a) == string(b) {
			t.Errorf("%s et %s se disent tous deux %q", mots[0], mots[1], a)
		}
	}
}

func TestPhonetiqueNAllouePas(t *testing.T) {
	tampon, mot := make([]byte, 0, 128), []byte("SCHWARTZENBERGHEAUX")
	if n := testing.AllocsPerRun(100, func() { tampon = Phonetique(tampon[:0], mot) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzPhonetique(f *testing.F) {
	f.Add([]byte("DUPONT"))
	f.Add([]byte("H"))
	f.Add([]byte{0, 255, 'E'})
	f.Fuzz(func(t *testing.T, m []byte) {
		if son := Phonetique(nil, m); len(son) > 2*len(m) {
			t.Fatalf("%q se dit %q", m, son)
		}
	})
}
