package visiodroits_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/sceau/jcs"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// modele is what a reader must hold: the editions by number, complete, in a few
// lines and without any of the care that the register takes.
type modele struct {
	editions map[int64]int // number: X
	effets   map[int64]time.Time
}

func (m *modele) enVigueur(a time.Time) (n int64, x int) {
	x = -1
	for numero, v := range m.editions {
		if numero > n && !m.effets[numero].After(a) {
			n, x = numero, v
		}
	}
	return n, x
}

// Any sequence of good and bad lists leaves the last good state.
func TestSuiteDeListes(t *testing.T) {
	b := nouveau(t)
	rapid.Check(t, func(r *rapid.T) {
		c := b.classeur(attendu(visiodroits.GenreServices, operateur))
		m := modele{map[int64]int{}, map[int64]time.Time{}}
		faites := map[int64]*visiodroits.Liste[visiodroits.EntreeService]{}
		a := lundi
		for range rapid.IntRange(1, 12).Draw(r, "listes") {
			a = a.Add(time.Duration(rapid.IntRange(0, 20).Draw(r, "minutes")) * time.Minute)
			n := rapid.Int64Range(1, 10).Draw(r, "numéro")
			l := faites[n]
			if l == nil {
				h := tete(n, a)
				if rapid.Bool().Draw(r, "plus tard") {
					h.Effet = a.Add(time.Duration(rapid.IntRange(0, 60).Draw(r, "dans")) * time.Minute)
				}
				l = complete(t, h, entree(t, "99000001", jours(int(n))), entree(t, "99000002"))
				faites[n] = l
			}
			courante, _ := m.enVigueur(a)
			connue := m.editions[n] != 0
			bonne := n >= courante
			octets := sceller(b, l)
			base := rapid.Int64Range(0, n).Draw(r, "base")
			if d := faites[base]; d != nil && base < n && rapid.Bool().Draw(r, "partielle") {
				octets = sceller(b, partielle(t, d, l))
				if !connue && m.editions[base] == 0 {
					bonne = false
				}
				if !connue && m.editions[base] != 0 && base < courante {
					return // the base may still be kept, or not: both are right
				}
			}
			switch rapid.IntRange(0, 5).Draw(r, "sort") {
			case 0: // altered
				octets = bytes.Clone(octets)
				octets[rapid.IntRange(0, len(octets)-1).Draw(r, "octet")] ^= 1
				bonne = false
			case 1: // by another hand
				octets, bonne = bytes.Replace(octets, []byte(`"99000001"`), []byte(`"99000003"`), 1), false
			}
			if _, err := c.Deposer(octets, a); (err == nil) != bonne {
				r.Fatalf("numéro %d à %s : %v, want bonne %t", n, a, err, bonne)
			}
			if bonne && !connue {
				m.editions[n], m.effets[n] = int(n), l.EnTete.Effet
			}
			verifier(r, t, c, &m, a)
			verifier(r, t, c, &m, a.Add(30*time.Minute))
		}
		autre := b.classeur(attendu(visiodroits.GenreServices, operateur))
		a = a.Add(time.Duration(rapid.IntRange(0, 40).Draw(r, "arrêt")) * time.Minute)
		if err := autre.Reprendre(c.Pieces(), a); err != nil {
			r.Fatalf("ce qui est gardé est refusé : %v", err)
		}
		verifier(r, t, autre, &m, a)
		verifier(r, t, autre, &m, a.Add(30*time.Minute))
	})
}

func verifier(r *rapid.T, t *testing.T, c *visiodroits.Classeur, m *modele, a time.Time) {
	n, want := m.enVigueur(a)
	if got := x(t, c, "99000001", a); got != want || c.Etats(a)[0].Numero != n {
		r.Fatalf("à %s : liste %d (%d), want %d (%d)", a, c.Etats(a)[0].Numero, got, n, want)
	}
}

// Going through a partial list or not leads to the same state.
func TestPartielleEquivaut(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		tirer := func(n int64) *visiodroits.Liste[visiodroits.EntreeService] {
			var l []visiodroits.EntreeService
			for _, s := range []string{"99000001", "99000002", "99000003", "99000004"} {
				if rapid.Bool().Draw(r, s) {
					l = append(l, entree(t, s, jours(rapid.IntRange(0, 2).Draw(r, "x"))))
				}
			}
			return complete(t, tete(n, lundi), l...)
		}
		de, vers := tirer(1), tirer(2)
		p := partielle(t, de, vers)
		lue, err := visiodroits.Lire[visiodroits.EntreeService](p.Message())
		if err != nil {
			r.Fatal(err)
		}
		got, err := de.Appliquer(lue)
		if err != nil || !bytes.Equal(got.Message(), vers.Message()) {
			r.Fatalf("%v\n%s\n%s", err, got.Message(), vers.Message())
		}
		if len(p.Entrees)+len(p.Retraits) > 4 {
			r.Fatalf("%d entrées, %d retraits", len(p.Entrees), len(p.Retraits))
		}
	})
}

// What is accepted is in one form only, and is written again the same.
func FuzzLire(f *testing.F) {
	une := complete(f, tete(1, lundi), entree(f, "99000001", routee("CM", "94???")), entree(f, "99000002", nonOuvert))
	deux := complete(f, tete(2, lundi), entree(f, "99000002"))
	f.Add(une.Message())
	f.Add(partielle(f, une, deux).Message())
	f.Add(complete(f, tete(1, lundi), visiodroits.EtatService{Etat: visiodroits.Operationnel}).Message())
	f.Add(complete(f, tete(1, lundi), visiodroits.Terme{Table: visiodroits.TableRejets, Code: "F701", Libelle: "é", Debut: jour}).Message())
	_, j := cleNeuve(f)
	f.Add(complete(f, tete(1, lundi), visiodroits.CleEmetteur{Kid: "k", Titulaire: "T", Usage: visiodroits.PourLAR, JWK: j, Debut: lundi, Fin: lundi.Add(1)}).Message())
	f.Add([]byte(strings.Replace(string(une.Message()), `"entrees":[`, `"entrees":[{},`, 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		relire[visiodroits.EntreeService](t, b)
		relire[visiodroits.CleEmetteur](t, b)
		relire[visiodroits.Terme](t, b)
		relire[visiodroits.EtatService](t, b)
	})
}

func relire[E visiodroits.Entree[E]](t *testing.T, b []byte) {
	l, err := visiodroits.Lire[E](b)
	if err != nil {
		if l != nil || motif(err) == 0 {
			t.Fatalf("%v, %v", l, err)
		}
		return
	}
	m := l.Message()
	encore, err := visiodroits.Lire[E](m)
	if err != nil || !bytes.Equal(encore.Message(), m) {
		t.Fatalf("%v\n%s", err, m)
	}
	if ok, err := jcs.EstCanonique(m, jcs.Limites{Taille: visiodroits.TailleMax}); !ok || err != nil {
		t.Fatalf("%v : pas la forme canonique\n%s", err, m)
	}
}

// Nothing that is not sealed by the issuer changes what is held.
func FuzzDeposer(f *testing.F) {
	b := nouveau(f)
	une := complete(f, tete(1, lundi), entree(f, "99000001", jours(1)))
	deux := complete(f, tete(2, lundi), entree(f, "99000001", jours(2)))
	bonnes := [][]byte{sceller(b, une), sceller(b, deux), sceller(b, partielle(f, une, deux))}
	for _, o := range bonnes {
		f.Add(o)
		f.Add(o[:len(o)/2])
		f.Add(bytes.Replace(o, []byte(`"message"`), []byte(` "message" `), 1))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		c := (&banc{t, b.id, b.cachet}).classeur(attendu(visiodroits.GenreServices, operateur))
		if _, err := c.Deposer(bonnes[0], lundi); err != nil {
			t.Fatal(err)
		}
		_, err := c.Deposer(octets, lundi)
		switch got := x(t, c, "99000001", lundi); {
		case err != nil && (got != 1 || motif(err) == 0 || len(c.Pieces()) != 1):
			t.Fatalf("%d après %v", got, err)
		case got != 1 && got != 2:
			t.Fatalf("%d", got)
		case err == nil && !bytes.Contains(octets, []byte(`scellement`)):
			t.Fatal("une liste sans sceau est prise")
		}
	})
}
