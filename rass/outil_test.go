package rass_test

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
)

// entete is the header line of a file, without its end.
func entete(f rass.Fichier) string {
	var l []string
	for c := range f.Entete().Len() {
		l = append(l, f.Entete().Nom(rass.Colonne(c)))
	}
	return strings.Join(l, "|")
}

// ligneSF is a line of savoir-faire of an invented person.
const ligneSF = "8|99900112204|899900112204|LE GUÉNNEC|MAËLLE|10|Médecin|C|Civil|S|Spécialité ordinale|SM04|Cardiologie et maladies vasculaires"

// lu is what a reading gave.
type lu struct {
	lignes    [][]string
	ops       []rass.Operation
	numeros   []int64
	anomalies []rass.Anomalie
	forme     rass.Forme
	err       error
}

func lire(g rass.Reglage, r io.Reader, f rass.Fichier) (x lu) {
	g.Signaler = func(a rass.Anomalie) { x.anomalies = append(x.anomalies, a) }
	l, err := g.Lecteur(r, f)
	if err != nil {
		x.err = err
		return x
	}
	for l.Next() {
		var ligne []string
		for c := range f.Entete().Len() {
			ligne = append(ligne, string(l.Ligne().Champ(rass.Colonne(c))))
		}
		x.lignes = append(x.lignes, ligne)
		x.ops = append(x.ops, l.Ligne().Operation())
		x.numeros = append(x.numeros, l.Ligne().Numero)
	}
	x.forme, x.err = l.Forme(), l.Err()
	return x
}

func motif(err error) rass.Motif {
	var e *rass.Erreur
	if errors.As(err, &e) {
		return e.Motif
	}
	return 0
}

// recopier reads a file and writes it again from the values of its columns.
func recopier(t testing.TB, src []byte, f rass.Fichier) []byte {
	t.Helper()
	x := lire(rass.Reglage{}, bytes.NewReader(src), f)
	if x.err != nil || len(x.anomalies) > 0 && !slices.ContainsFunc(x.anomalies, func(a rass.Anomalie) bool { return a.Motif == rass.MotifSansFin }) {
		t.Fatalf("lecture : %v, %v", x.err, x.anomalies)
	}
	var b bytes.Buffer
	e := rass.NewEcrivain(&b, f, x.forme)
	for i, l := range x.lignes {
		if err := ecrire(e, x.ops[i], l); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func ecrire(e *rass.Ecrivain, o rass.Operation, l []string) error {
	v := make([][]byte, len(l))
	for i, s := range l {
		v[i] = []byte(s)
	}
	if o != 0 {
		return e.EcrireDelta(o, v)
	}
	return e.Ecrire(v)
}
