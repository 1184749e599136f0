package jcs_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"pgregory.net/rapid"
)

// reference is the canonical form by another road: a tree from encoding/json,
// keys compared as UTF-16, numbers by encoding/json, strings one rune at a time.
func reference(src []byte) (string, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	var v any
	if err := d.Decode(&v); err != nil {
		return "", err
	}
	if _, err := d.Token(); err != io.EOF {
		return "", fmt.Errorf("reste après la valeur")
	}
	var b strings.Builder
	ecrireReference(&b, v)
	return b.String(), nil
}

func ecrireReference(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		var cles []string
		for c := range v {
			cles = append(cles, c)
		}
		slices.SortFunc(cles, func(x, y string) int {
			return slices.CompareFunc(utf16.Encode([]rune(x)), utf16.Encode([]rune(y)), cmp.Compare[uint16])
		})
		b.WriteByte('{')
		for i, c := range cles {
			if i > 0 {
				b.WriteByte(',')
			}
			ecrireReference(b, c)
			b.WriteByte(':')
			ecrireReference(b, v[c])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			ecrireReference(b, e)
		}
		b.WriteByte(']')
	case string:
		chaineReference(b, v)
	case float64:
		if v == 0 {
			v = 0 // -0
			b.WriteByte('0')
			return
		}
		n, _ := json.Marshal(v)
		b.Write(n)
	default:
		fmt.Fprint(b, map[any]string{nil: "null", true: "true", false: "false"}[v])
	}
}

func chaineReference(b *strings.Builder, s string) {
	courts := strings.NewReplacer("\\", `\\`, "\"", `\"`, "\b", `\b`, "\t", `\t`, "\n", `\n`, "\f", `\f`, "\r", `\r`)
	b.WriteByte('"')
	for _, r := range s {
		if e := courts.Replace(string(r)); e != string(r) || r >= 0x20 {
			b.WriteString(e)
			continue
		}
		fmt.Fprintf(b, `\u%04x`, r)
	}
	b.WriteByte('"')
}

// textes draws a JSON text with spaces, escapes and numbers of any writing.
func textes(profondeur int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		blanc := rapid.SampledFrom([]string{"", "", "", " ", "\n\t"})
		sortes := 4
		if profondeur > 0 {
			sortes = 6
		}
		v := ""
		switch rapid.IntRange(0, sortes-1).Draw(t, "sorte") {
		case 0:
			v = rapid.SampledFrom([]string{"null", "true", "false", "0", "-0", "1.50", "1e2"}).Draw(t, "mot")
		case 1:
			v = chaineAuHasard(t)
		case 2:
			v = fmt.Sprintf("%v", rapid.Int64().Draw(t, "entier"))
		case 3:
			v = rapid.StringMatching(`-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "nombre")
		case 4:
			e := rapid.SliceOfN(textes(profondeur-1), 0, 4).Draw(t, "éléments")
			v = "[" + strings.Join(e, ",") + blanc.Draw(t, "b") + "]"
		case 5:
			v = objetAuHasard(t, profondeur)
		}
		return blanc.Draw(t, "avant") + v + blanc.Draw(t, "après")
	})
}

func objetAuHasard(t *rapid.T, profondeur int) string {
	vues := map[string]bool{}
	var membres []string
	for range rapid.IntRange(0, 6).Draw(t, "membres") {
		c := chaineAuHasard(t)
		var texte string
		if err := json.Unmarshal([]byte(c), &texte); err != nil || vues[texte] {
			continue
		}
		vues[texte] = true
		membres = append(membres, c+":"+textes(profondeur-1).Draw(t, "valeur"))
	}
	return "{" + strings.Join(membres, " , ") + "}"
}

func chaineAuHasard(t *rapid.T) string {
	var b strings.Builder
	b.WriteByte('"')
	for range rapid.IntRange(0, 12).Draw(t, "longueur") {
		switch r := rapid.OneOf(rapid.RuneFrom([]rune("aàé€\uFB33😀\uFFFF\u007f\u0080")), rapid.Rune()).Draw(t, "r"); rapid.IntRange(0, 3).Draw(t, "écriture") {
		case 0:
			for _, u := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04X`, u)
			}
		case 1:
			b.WriteString(rapid.SampledFrom([]string{`\n`, `\"`, `\\`, `\/`, `\b`, `\u001f`, `\u0000`}).Draw(t, "e"))
		default:
			if r < 0x20 || r == '"' || r == '\\' {
				r = 'x'
			}
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

func TestCommeLaReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := textes(4).Draw(t, "texte")
		attendu, err := reference([]byte(src))
		if err != nil {
			t.Fatalf("référence: %v sur %q", err, src)
		}
		obtenu, err := jcs.Canoniser(nil, []byte(src), jcs.Limites{})
		if err != nil || string(obtenu) != attendu {
			t.Fatalf("Canoniser(%q)\n got %q, %v\nwant %q", src, obtenu, err, attendu)
		}
		deux, err := jcs.Canoniser(nil, obtenu, jcs.Limites{})
		if err != nil || !bytes.Equal(deux, obtenu) {
			t.Fatalf("non idempotent: %q puis %q, %v", obtenu, deux, err)
		}
		if ok, err := jcs.EstCanonique([]byte(src), jcs.Limites{}); err == nil && ok != (src == attendu) {
			t.Fatalf("EstCanonique(%q) = %v", src, ok)
		}
	})
}

func TestAppendChaine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		var b strings.Builder
		chaineReference(&b, s)
		if got := string(jcs.AppendChaine(nil, s)); got != b.String() {
			t.Fatalf("AppendChaine(%q) = %q, want %q", s, got, b.String())
		}
		if got := string(jcs.AppendChaine([]byte("x"), []byte(s))); got != "x"+b.String() {
			t.Fatalf("AppendChaine(%q) en octets = %q", s, got)
		}
	})
}

func FuzzCanoniser(f *testing.F) {
	for _, s := range []string{`{"b":1,"a":[true,null,"\u20ac\ud83d\ude00"]}`, `[1e400]`, `{"a":1,"a":2}`, "\"\\u0000\"", ` -0.0e1 `, `{"😀":1,"ﬀ":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		obtenu, err := jcs.Canoniser(nil, src, jcs.Limites{})
		attendu, errRef := reference(src)
		if err != nil { // we are stricter than encoding/json, never the reverse
			return
		}
		if errRef != nil || string(obtenu) != attendu {
			t.Fatalf("Canoniser(%q) = %q, référence %q, %v", src, obtenu, attendu, errRef)
		}
		if ok, err := jcs.EstCanonique(obtenu, jcs.Limites{}); !ok || err != nil {
			t.Fatalf("non idempotent: %q, %v, %v", obtenu, ok, err)
		}
	})
}
