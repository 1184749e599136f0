package local

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
)

// compte counts each line of a file.
func compte(l []ligne) map[string]int {
	m := map[string]int{}
	for _, x := range l {
		m[strings.Join(x, "|")]++
	}
	return m
}

// The file of differences, applied to a day, gives the next one: the two whole files are
// the oracle.
func TestDifferences(t *testing.T) {
	n := faire(t, Reglage{Graine: 21, Professionnels: 4000, Part: 0.05, Sales: true})
	changent := map[rass.Fichier]int{}
	for _, f := range rass.Fichiers {
		veille := compte(lus(t, ecrit(t, n, f, 0), f))
		for d := 1; d <= 3; d++ {
			jour := compte(lus(t, ecrit(t, n, f, d), f))
			j, err := n.Journee(d)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			lignes, err := j.EcrireDifferences(t.Context(), &b, f)
			if err != nil {
				t.Fatal(err)
			}
			changent[f] += int(lignes) - 1
			r, err := rass.NewLecteur(&b, f)
			if err != nil {
				t.Fatal(err)
			}
			for r.Next() {
				var l []string
				for c := range f.Entete().Len() {
					l = append(l, string(r.Ligne().Champ(rass.Colonne(c))))
				}
				cle := strings.Join(l, "|")
				if r.Ligne().Operation() == rass.Ajout {
					veille[cle]++
				} else if veille[cle]--; veille[cle] == 0 {
					delete(veille, cle)
				} else if veille[cle] < 0 {
					t.Errorf("%v, jour %d : une ligne qui n'y était pas est retirée", f, d)
				}
			}
			if r.Err() != nil {
				t.Fatal(r.Err())
			}
			if len(veille) != len(jour) {
				t.Errorf("%v, jour %d : %d lignes, attendu %d", f, d, len(veille), len(jour))
			}
			for cle, k := range jour {
				if veille[cle] != k {
					t.Fatalf("%v, jour %d : %d fois, attendu %d : %s", f, d, veille[cle], k, cle)
				}
			}
			veille = jour
		}
	}
	for _, f := range []rass.Fichier{rass.PersonneActivite, rass.SavoirFaire, rass.Diplomes, rass.MSSante, rass.Structures, rass.Porteurs, rass.ProSanteConnect} {
		if changent[f] == 0 {
			t.Errorf("%v ne change jamais", f)
		}
	}
}

// As many professionals change as asked, and as seen when nothing is asked: ref: RASS §2
func TestPartQuiChange(t *testing.T) {
	const nb = 50_000
	for part, attendu := range map[float64]float64{0: 0.006, 0.01: 0.01, 0.1: 0.1} {
		n := faire(t, Reglage{Graine: 2, Professionnels: nb, Part: part})
		bouge, partis := 0, 0
		for i := range nb {
			c, oui := n.bouge(i, 1)
			if oui {
				bouge++
			}
			if e := n.etatDe(i, 1); e.parti {
				partis++
			} else if oui && e == (etat{}) {
				t.Fatalf("changement %d sans effet", c)
			}
		}
		if got := float64(bouge) / nb; math.Abs(got-attendu) > attendu/5 {
			t.Errorf("%.4f changent, attendu %.4f", got, attendu)
		}
		if got := float64(partis) / float64(bouge); got < 0.03 || got > 0.2 {
			t.Errorf("%.2f de ceux qui changent partent", got)
		}
	}
}

// One who arrives was not there the day before, and keeps his number.
func TestArrivees(t *testing.T) {
	n := faire(t, Reglage{Graine: 2, Professionnels: 30_000})
	if n.Professionnels(0) != 30_000 || n.Professionnels(10) != 30_030 {
		t.Fatalf("%d puis %d", n.Professionnels(0), n.Professionnels(10))
	}
	var p page
	i := 30_029
	if n.present(i, 9) || !n.present(i, 10) {
		t.Error("arrivée mal datée")
	}
	x, ok := n.praticien(&p, i, 10)
	y, encore := n.praticien(&p, i, 11)
	if !ok || !encore || !bytes.Equal(x.idNat, y.idNat) {
		t.Error("un arrivé change de numéro")
	}
}
