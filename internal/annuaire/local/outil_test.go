package local

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
)

// ligne is one line, by its columns.
type ligne []string

// faire makes a directory.
func faire(t testing.TB, r Reglage) *National {
	t.Helper()
	n, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// ecrit is a whole file of a day.
func ecrit(t testing.TB, n *National, f rass.Fichier, d int) []byte {
	t.Helper()
	j, err := n.Journee(d)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := j.Ecrire(context.Background(), &b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// lus are the lines of a file, read again: none may be doubtful.
func lus(t testing.TB, b []byte, f rass.Fichier) (l []ligne) {
	t.Helper()
	r, err := rass.Reglage{Signaler: func(a rass.Anomalie) { t.Errorf("%v : %v", f, a) }}.Lecteur(bytes.NewReader(b), f)
	if err != nil {
		t.Fatal(err)
	}
	for r.Next() {
		x := make(ligne, f.Entete().Len())
		for c := range x {
			x[c] = string(r.Ligne().Champ(rass.Colonne(c)))
		}
		l = append(l, x)
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return l
}

const tailleEssai = 12_000

// essai is the directory of most tests, and its files.
var essai = sync.OnceValue(func() map[rass.Fichier][]ligne {
	t := &testing.T{}
	n, err := New(Reglage{Graine: 7, Professionnels: tailleEssai})
	if err != nil {
		panic(err)
	}
	m := map[rass.Fichier][]ligne{}
	for _, f := range rass.Fichiers {
		m[f] = lus(t, ecrit(t, n, f, 0), f)
	}
	if t.Failed() {
		panic("fichiers illisibles")
	}
	return m
})
