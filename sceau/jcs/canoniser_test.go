package jcs_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
)

// The examples of RFC 8785, then the cases where writings differ.
func TestCanoniser(t *testing.T) {
	cas := []struct{ nom, source, attendu string }{
		{"exemple du §3.2.2",
			`{
  "numbers": [333333333.33333329, 1E30, 4.50,
              2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`},
		{"ordre des clés du §3.2.3",
			`{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
}`,
			"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\"," +
				"\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}"},
		{"scalaire seul", ` "a" `, `"a"`},
		{"vides", `{ "b" : { } , "a" : [ ] , "":null}`, `{"":null,"a":[],"b":{}}`},
		{"objets imbriqués en désordre",
			`{"z":{"b":1,"a":{"d":[{"y":1,"x":2}],"c":0}},"a":1}`,
			`{"a":1,"z":{"a":{"c":0,"d":[{"x":2,"y":1}]},"b":1}}`},
		{"clés échappées d’objets voisins",
			`[{"\u0062":1,"\u0061":{"\u0064":1,"\u0063":2}},{"\u0061":3}]`,
			`[{"a":{"c":2,"d":1},"b":1},{"a":3}]`},
		{"échappement inutile", `"\u0041\/\u00e9\u007f"`, "\"A/é\u007f\""},
		{"échappements courts", `"\u0008\u0009\u000a\u000c\u000d\u0000\u001F"`, `"\b\t\n\f\r\u0000\u001f"`},
		{"zéro négatif", `[-0,-0.0,0e9]`, `[0,0,0]`},
		{"préfixe d’une autre clé", `{"ab":1,"a":2,"":3}`, `{"":3,"a":2,"ab":1}`},
		{"petits décimaux", `[0.000001,0.0000001,0.10,10.0,1e2,123456789012345678]`, `[0.000001,1e-7,0.1,10,100,123456789012345680]`},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			obtenu, err := jcs.Canoniser([]byte("avant:"), []byte(c.source), jcs.Limites{})
			if err != nil || string(obtenu) != "avant:"+c.attendu {
				t.Fatalf("Canoniser(%s)\n got %s, %v\nwant %s", c.source, obtenu, err, c.attendu)
			}
			if ok, err := jcs.EstCanonique([]byte(c.attendu), jcs.Limites{}); !ok || err != nil {
				t.Errorf("EstCanonique(%s) = %v, %v", c.attendu, ok, err)
			}
			if ok, _ := jcs.EstCanonique([]byte(c.source), jcs.Limites{}); ok {
				t.Errorf("EstCanonique(%s) = true", c.source)
			}
		})
	}
}

func TestCanoniserRefuse(t *testing.T) {
	profond := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	cas := []struct {
		nom, source string
		motif       jcs.Motif
		position    int
	}{
		{"vide", ``, jcs.MotifTronque, 0},
		{"blancs seuls", " \n", jcs.MotifTronque, 2},
		{"objet ouvert", `{"a":1`, jcs.MotifTronque, 6},
		{"chaîne ouverte", `"abc`, jcs.MotifTronque, 4},
		{"mot coupé", `tru`, jcs.MotifTronque, 3},
		{"mot faux", `trux`, jcs.MotifSyntaxe, 3},
		{"deux valeurs", `{} {}`, jcs.MotifReste, 3},
		{"virgule finale d’un objet", `{"a":1,}`, jcs.MotifSyntaxe, 7},
		{"virgule finale d’un tableau", `[1,]`, jcs.MotifSyntaxe, 3},
		{"virgule initiale", `[,1]`, jcs.MotifSyntaxe, 1},
		{"fermeture croisée", `[1}`, jcs.MotifSyntaxe, 2},
		{"clé sans guillemets", `{a:1}`, jcs.MotifSyntaxe, 1},
		{"deux-points absents", `{"a" 1}`, jcs.MotifSyntaxe, 5},
		{"commentaire", `/**/1`, jcs.MotifSyntaxe, 0},
		{"marque d’ordre des octets", "\uFEFF{}", jcs.MotifSyntaxe, 0},
		{"clé doublée voisine", `{"a":1,"a":2}`, jcs.MotifDoublon, 7},
		{"clé doublée éloignée", `{"b":1,"a":1,"b":2}`, jcs.MotifDoublon, 13},
		{"clé doublée par échappement", `{"b":1,"a":1,"\u0062":2}`, jcs.MotifDoublon, 13},
		{"demi-codet haut", `"\ud800"`, jcs.MotifSubstitut, 1},
		{"demi-codet haut puis autre", `"\ud800\u0041"`, jcs.MotifSubstitut, 1},
		{"demi-codet bas", `"a\udc00"`, jcs.MotifSubstitut, 2},
		{"UTF-8 invalide", "\"a\xff\"", jcs.MotifUTF8, 2},
		{"demi-codet en UTF-8", "\"\xed\xa0\x80\"", jcs.MotifUTF8, 1},
		{"contrôle brut", "\"a\nb\"", jcs.MotifControle, 2},
		{"contrôle brut après échappement", "\"\\n\nb\"", jcs.MotifControle, 3},
		{"échappement inconnu", `"\x41"`, jcs.MotifEchappement, 1},
		{"échappement coupé", `"\u00`, jcs.MotifTronque, 5},
		{"échappement non hexadécimal", `"\u00g0"`, jcs.MotifEchappement, 1},
		{"zéro initial", `01`, jcs.MotifNombre, 0},
		{"signe plus", `+1`, jcs.MotifSyntaxe, 0},
		{"point sans décimale", `[1.]`, jcs.MotifNombre, 3},
		{"exposant vide", `[1e]`, jcs.MotifNombre, 3},
		{"NaN", `NaN`, jcs.MotifSyntaxe, 0},
		{"hors intervalle", `[1e400]`, jcs.MotifHorsIntervalle, 1},
		{"hors intervalle après du désordre", `{"b":0, "a":-1e400}`, jcs.MotifHorsIntervalle, 12},
		{"65 niveaux", profond, jcs.MotifProfondeur, 64},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			dst := []byte("intact")
			obtenu, err := jcs.Canoniser(dst, []byte(c.source), jcs.Limites{})
			var e *jcs.Erreur
			if !errors.As(err, &e) || e.Motif != c.motif || e.Position != c.position {
				t.Fatalf("Canoniser(%s): %v, want %v à %d", c.source, err, c.motif, c.position)
			}
			if string(obtenu) != "intact" {
				t.Errorf("dst devient %q", obtenu)
			}
		})
	}
}

func TestLimites(t *testing.T) {
	src := []byte(`[[1],"abc"]`)
	cas := []struct {
		nom   string
		lim   jcs.Limites
		motif jcs.Motif
	}{
		{"juste assez", jcs.Limites{Taille: len(src), Profondeur: 2}, 0},
		{"un octet de trop", jcs.Limites{Taille: len(src) - 1}, jcs.MotifTaille},
		{"un niveau de trop", jcs.Limites{Profondeur: 1}, jcs.MotifProfondeur},
		{"au-delà du maximum", jcs.Limites{Profondeur: 1000}, 0},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			_, err := jcs.Canoniser(nil, src, c.lim)
			var e *jcs.Erreur
			if errors.As(err, &e); c.motif == 0 && err != nil || c.motif != 0 && (e == nil || e.Motif != c.motif) {
				t.Errorf("%v, want %v", err, c.motif)
			}
		})
	}
}

// A text made to be slow: many keys in disorder, the double among the last.
func TestBeaucoupDeCles(t *testing.T) {
	var b bytes.Buffer
	b.WriteString(`{"zz":0`)
	for i := 90000; i > 0; i-- {
		b.WriteString(`,"`)
		b.WriteString(strings.Repeat("k", 1+i%3))
		b.WriteByte(byte('a' + i%26))
		b.WriteString(string(rune(0x1000 + i%0xC000)))
		b.WriteString(string(rune(0x1000 + i/0xC000)))
		b.WriteString(`":0`)
	}
	b.WriteString(`,"zz":1}`)
	_, err := jcs.Canoniser(nil, b.Bytes(), jcs.Limites{Taille: 4 << 20})
	var e *jcs.Erreur
	if !errors.As(err, &e) || e.Motif != jcs.MotifDoublon || e.Position != b.Len()-7 {
		t.Errorf("got %v, want doublon à %d", err, b.Len()-7)
	}
}

func TestErreurSansContenu(t *testing.T) {
	_, err := jcs.Canoniser(nil, []byte(`{"nom":"SECRET","nom":1}`), jcs.Limites{})
	if got, want := err.Error(), "jcs: clé en double dans un objet (octet 16)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := jcs.Motif(200).String(); got != "motif non précisé" {
		t.Errorf("got %q", got)
	}
}
