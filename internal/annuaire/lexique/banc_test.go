package lexique

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// mesurer runs f on each question and reports the mean and the 99th percentile, in
// microseconds.
func mesurer(b *testing.B, questions [][]byte, f func([]byte)) {
	b.Helper()
	f(questions[0])
	durees := make([]time.Duration, 0, b.N)
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		debut := time.Now()
		f(questions[i%len(questions)])
		durees = append(durees, time.Since(debut))
	}
	b.StopTimer()
	slices.Sort(durees)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/op")
	b.ReportMetric(float64(durees[len(durees)*99/100].Nanoseconds())/1e3, "µs-p99")
	b.ReportMetric(float64(durees[len(durees)-1].Nanoseconds())/1e3, "µs-max")
}

// questionsFautives are names as met, each with n mistakes.
func questionsFautives(d *dictionnaire, n int) (q [][]byte) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 20_000 {
		m := d.mots[d.tirer(r)]
		for range n {
			if len(m) > 2 {
				m = fauter(r, m)
			}
		}
		q = append(q, m)
	}
	return q
}

func BenchmarkProches(b *testing.B) {
	d := grand()
	var t Travail
	for _, c := range []struct {
		nom         string
		fautes, max int
	}{{"une faute, à 1", 1, 1}, {"une faute, à 2", 1, 2}, {"deux fautes, à 2", 2, 2}} {
		q := questionsFautives(d, c.fautes)
		b.Run(c.nom, func(b *testing.B) {
			mesurer(b, q, func(m []byte) { d.l.Proches(&t, m, c.max, 32) })
		})
	}
}

func BenchmarkAutres(b *testing.B) {
	d := grand()
	var t Travail
	q := questionsFautives(d, 0)
	var dst []uint32
	debut := func(n int) (x [][]byte) {
		for _, m := range q {
			x = append(x, m[:min(n, len(m))])
		}
		return x
	}
	b.Run("exact", func(b *testing.B) { mesurer(b, q, func(m []byte) { d.l.Exact(m) }) })
	b.Run("début de 1", func(b *testing.B) { mesurer(b, debut(1), func(m []byte) { d.l.Debuts(&t, m, 16) }) })
	b.Run("début de 3", func(b *testing.B) { mesurer(b, debut(3), func(m []byte) { d.l.Debuts(&t, m, 16) }) })
	b.Run("sons", func(b *testing.B) { mesurer(b, q, func(m []byte) { d.l.Sons(&t, m, 16) }) })
	b.Run("contient 2", func(b *testing.B) {
		mesurer(b, debut(2), func(m []byte) { dst = d.l.Contient(&t, dst[:0], m, 0) })
	})
	b.Run("contient 3", func(b *testing.B) {
		mesurer(b, debut(3), func(m []byte) { dst = d.l.Contient(&t, dst[:0], m, 0) })
	})
	b.Run("contient 5", func(b *testing.B) {
		mesurer(b, debut(5), func(m []byte) { dst = d.l.Contient(&t, dst[:0], m, 0) })
	})
}

func BenchmarkBatir(b *testing.B) {
	d := grand()
	for b.Loop() {
		if _, err := Batir(suite(d.mots, d.poids), tout); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(d.n)/float64(len(d.mots)), "octets/mot")
}

func BenchmarkOuvrir(b *testing.B) {
	d := grand()
	x, _ := Batir(suite(d.mots, d.poids), tout)
	b.SetBytes(int64(len(x)))
	for b.Loop() {
		if _, err := Ouvrir(x); err != nil {
			b.Fatal(err)
		}
	}
}
