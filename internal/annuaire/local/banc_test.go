package local

import (
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"

	"github.com/ecluse-sante/ecluse/rass"
)

// taille is how many professionals a benchmark makes: 50 000, or ECLUSE_PROFESSIONNELS.
func taille(b *testing.B) int {
	s := os.Getenv("ECLUSE_PROFESSIONNELS")
	if s == "" {
		return 50_000
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func BenchmarkDossier(b *testing.B) {
	nb := taille(b)
	dir := b.TempDir()
	for b.Loop() {
		n, err := New(Reglage{Graine: 1, Professionnels: nb})
		if err != nil {
			b.Fatal(err)
		}
		j, err := n.Journee(0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := j.EcrireDossier(b.Context(), dir, false); err != nil {
			b.Fatal(err)
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(nb)*float64(b.N)/b.Elapsed().Seconds(), "professionnels/s")
	b.ReportMetric(float64(m.Sys)/(1<<20), "Mio")
}

func BenchmarkFichier(b *testing.B) {
	n, err := New(Reglage{Graine: 1, Professionnels: taille(b)})
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range rass.Fichiers {
		b.Run(f.String(), func(b *testing.B) {
			b.ReportAllocs()
			j, _ := n.Journee(0)
			var lignes int64
			for b.Loop() {
				if lignes, err = j.Ecrire(b.Context(), io.Discard, f); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(lignes)*float64(b.N)/b.Elapsed().Seconds(), "lignes/s")
		})
	}
}

func BenchmarkDifferences(b *testing.B) {
	n, err := New(Reglage{Graine: 1, Professionnels: taille(b), Part: 0.01})
	if err != nil {
		b.Fatal(err)
	}
	j, _ := n.Journee(1)
	var lignes int64
	for b.Loop() {
		if lignes, err = j.EcrireDifferences(b.Context(), io.Discard, rass.PersonneActivite); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(lignes), "lignes")
}
