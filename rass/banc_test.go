package rass_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
)

// activite is a line as the public file has them: about 400 bytes, half of its fields empty.
var activite = strings.Split("8|99900112204|899900112204|DR|Docteur|M|Monsieur|LE GUÉNNEC|MAËLLE|10|Médecin|C|Civil|S|Spécialité ordinale|SM04|"+
	"Cardiologie et maladies vasculaires|L|Libéral|99912345800012|999123458|990000127||R10100000240453|CABINET DU DR LE GUÉNNEC||||12||R|Rue|"+
	"DES ÉCOLES|||41000|41018|Blois|||0254000000||||41|Loir-et-Cher||CNOM/CNOM/CNOM|SA07|Cabinet individuel|||||GENR01|Activité standard de soin ou de pharmacien", "|")

func gros(tb testing.TB, n int) []byte {
	var b bytes.Buffer
	e := rass.NewEcrivain(&b, rass.PersonneActivite, rass.FormePubliee())
	v := make([][]byte, len(activite))
	for i, s := range activite {
		v[i] = []byte(s)
	}
	for range n {
		if err := e.Ecrire(v); err != nil {
			tb.Fatal(err)
		}
	}
	if err := e.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// Reading allocates nothing by line: as much for two thousand as for one.
func TestSansAllouer(t *testing.T) {
	mesure := func(n int) float64 {
		src := gros(t, n)
		return testing.AllocsPerRun(5, func() {
			l, err := rass.NewLecteur(bytes.NewReader(src), rass.PersonneActivite)
			if err != nil {
				t.Fatal(err)
			}
			somme := 0
			for l.Next() {
				somme += len(l.Ligne().Champ(rass.PANom))
			}
			if l.Err() != nil || somme != n*len("LE GUÉNNEC") {
				t.Fatal(somme, l.Err())
			}
		})
	}
	if un, deux := mesure(1000), mesure(2000); deux > un+10 {
		t.Errorf("%v allocations pour 1000 lignes, %v pour 2000", un, deux)
	}
}

func BenchmarkLecteur(b *testing.B) {
	src := gros(b, 20_000)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		l, err := rass.NewLecteur(bytes.NewReader(src), rass.PersonneActivite)
		if err != nil {
			b.Fatal(err)
		}
		for l.Next() {
			if len(l.Ligne().Champ(rass.PANom)) == 0 {
				b.Fatal("nom vide")
			}
		}
	}
	b.ReportMetric(20_000*float64(b.N)/b.Elapsed().Seconds(), "lignes/s")
}

func BenchmarkEcrivain(b *testing.B) {
	v := make([][]byte, len(activite))
	for i, s := range activite {
		v[i] = []byte(s)
	}
	e := rass.NewEcrivain(io.Discard, rass.PersonneActivite, rass.FormePubliee())
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Ecrire(v); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lignes/s")
}
