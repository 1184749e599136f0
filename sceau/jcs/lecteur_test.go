package jcs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/google/go-cmp/cmp"
)

// dit reads src to its end and writes each token with its place.
func dit(t *testing.T, l *jcs.Lecteur) []string {
	t.Helper()
	noms := map[jcs.Genre]string{jcs.ObjetDebut: "{", jcs.ObjetFin: "}", jcs.TableauDebut: "[", jcs.TableauFin: "]",
		jcs.Cle: "clé", jcs.Chaine: "chaîne", jcs.Nombre: "nombre", jcs.Booleen: "booléen", jcs.Nul: "nul"}
	var s []string
	for {
		g, err := l.Suivant()
		if err != nil {
			t.Fatal(err)
		}
		if g == jcs.Termine {
			return s
		}
		s = append(s, fmt.Sprintf("%d %s %s|%s", l.Position(), noms[g], l.Brut(), l.Texte()))
	}
}

func TestLecteur(t *testing.T) {
	var l jcs.Lecteur
	l.Reset([]byte(`{ "a" : [1.50,"x\ny", true], "\u0062":null ,"c":{}}`), jcs.Limites{})
	want := []string{
		`0 { {|`, `2 clé "a"|a`, `8 [ [|`, `9 nombre 1.50|`, "14 chaîne \"x\\ny\"|x\ny", `22 booléen true|`, `26 ] ]|`,
		`29 clé "\u0062"|b`, `38 nul null|`, `44 clé "c"|c`, `48 { {|`, `49 } }|`, `50 } }|`,
	}
	if d := cmp.Diff(want, dit(t, &l)); d != "" {
		t.Error(d)
	}
	l.Reset([]byte(`"autre"`), jcs.Limites{})
	if d := cmp.Diff([]string{`0 chaîne "autre"|autre`}, dit(t, &l)); d != "" {
		t.Error("après Reset:", d)
	}
	if g, err := l.Suivant(); g != jcs.Termine || err != nil {
		t.Errorf("après la fin: %v, %v", g, err)
	}
}

func TestPasser(t *testing.T) {
	var l jcs.Lecteur
	l.Reset([]byte(`{"inconnu":{"a":[1,{"b":2}],"c":"}"},"simple":1,"connu":"oui"}`), jcs.Limites{})
	lus := map[string]string{}
	for {
		g, err := l.Suivant()
		if err != nil {
			t.Fatal(err)
		}
		if g == jcs.Termine {
			break
		}
		if g != jcs.Cle {
			continue
		}
		cle := string(l.Texte())
		if g, err = l.Suivant(); err != nil {
			t.Fatal(err)
		}
		lus[cle] = string(l.Brut())
		if err := l.Passer(g); err != nil {
			t.Fatal(err)
		}
		if l.Profondeur() != 1 {
			t.Errorf("%s: profondeur %d", cle, l.Profondeur())
		}
	}
	if d := cmp.Diff(map[string]string{"inconnu": "{", "simple": "1", "connu": `"oui"`}, lus); d != "" {
		t.Error(d)
	}
}

func TestPasserRefuse(t *testing.T) {
	var l jcs.Lecteur
	l.Reset([]byte(`[[1,]]`), jcs.Limites{})
	l.Suivant()
	g, _ := l.Suivant()
	err := l.Passer(g)
	var e *jcs.Erreur
	if !errors.As(err, &e) || e.Position != 4 {
		t.Errorf("got %v, want une erreur à l’octet 4", err)
	}
	if _, suite := l.Suivant(); suite != err {
		t.Errorf("l’erreur ne reste pas: %v", suite)
	}
}

func TestBooleen(t *testing.T) {
	var l jcs.Lecteur
	for src, want := range map[string]bool{"true": true, " false": false} {
		l.Reset([]byte(src), jcs.Limites{})
		if _, err := l.Suivant(); err != nil || l.Vrai() != want {
			t.Errorf("%s: got %v, %v", src, l.Vrai(), err)
		}
	}
}

// A message of the size of an exchange, canonical and not.
func message() (canonique, autre []byte) {
	var b strings.Builder
	b.WriteString(`{"beneficiaire":{"dateNaissance":"1980-02-29","nom":"EXEMPLE","prenom":"Zoé"},"lignes":[`)
	for i := range 20 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"base":"%d.00","code":"C%02d","date":"2026-11-22","libelle":"consultation n° %d","montant":"25.00","quantite":%d,"taux":"70.00"}`, i+20, i, i, i+1)
	}
	b.WriteString(`],"service":"CLC","version":"HOSPI-P/1.0"}`)
	canonique = []byte(b.String())
	autre = []byte(strings.Replace(b.String(), `"service":"CLC","version":"HOSPI-P/1.0"`, `"version":"HOSPI-P/1.0", "service":"CLC"`, 1))
	return canonique, autre
}

func TestSansAllocation(t *testing.T) {
	canonique, autre := message()
	dst := make([]byte, 0, 2*len(autre))
	var l jcs.Lecteur
	for nom, f := range map[string]func(){
		"déjà canonique": func() { dst, _ = jcs.Canoniser(dst[:0], canonique, jcs.Limites{}) },
		"à réécrire":     func() { dst, _ = jcs.Canoniser(dst[:0], autre, jcs.Limites{}) },
		"lecture seule": func() {
			l.Reset(autre, jcs.Limites{})
			for g := jcs.Genre(0); g != jcs.Termine; g, _ = l.Suivant() {
			}
		},
	} {
		f()
		if raceActif {
			continue // the detector empties pools at random
		}
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s: %v allocations", nom, n)
		}
	}
}

func BenchmarkCanoniser(b *testing.B) {
	canonique, autre := message()
	for nom, src := range map[string][]byte{"canonique": canonique, "autre": autre} {
		b.Run(nom, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			dst := make([]byte, 0, 2*len(src))
			for b.Loop() {
				if _, err := jcs.Canoniser(dst, src, jcs.Limites{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
