package noemie_test

import (
	"bytes"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/noemie"
)

// gros is a file of n invoices, two lines each.
func gros(t testing.TB, n int) []byte {
	l := make([]noemie.Facture, n)
	for i := range l {
		l[i] = facture(1+i/1000, i)
	}
	return ecrire(t, entete("578R"), l...)
}

// plancher is the time to look for the separators and nothing else, in the same
// run: what the reading is compared to.
func plancher(src []byte) time.Duration {
	mieux := time.Hour
	for range 5 {
		debut := time.Now()
		n := 0
		for b := src; ; n++ {
			i := bytes.IndexByte(b, '@')
			if i < 0 {
				break
			}
			b = b[i+1:]
		}
		runtime.KeepAlive(n)
		mieux = min(mieux, time.Since(debut))
	}
	return mieux
}

// mesurer reports the throughput and its ratio to the floor.
func mesurer(b *testing.B, src []byte, lire func(r io.Reader) int) {
	bas := plancher(src)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = lire(bytes.NewReader(src))
	}
	if n == 0 {
		b.Fatal("rien n'est lu")
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(bas), "x-plancher")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/élément")
}

func BenchmarkEntites(b *testing.B) {
	mesurer(b, gros(b, 20_000), func(r io.Reader) (n int) {
		l := noemie.NouveauLecteur(r, noemie.Limites{})
		for {
			if _, err := l.Suivante(); err == io.EOF {
				return n
			} else if err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
}

func BenchmarkFactures(b *testing.B) {
	mesurer(b, gros(b, 20_000), func(r io.Reader) (n int) {
		x, err := noemie.Lire(r, noemie.Limites{})
		for err == nil {
			if _, err = x.Suivante(); err == nil {
				n++
			}
		}
		if err != io.EOF || !x.Bilan().Complet {
			b.Fatal(err)
		}
		return n
	})
}

func BenchmarkEcrire(b *testing.B) {
	f := facture(1, 1)
	w, err := noemie.Ecrire(io.Discard, entete("578R"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Facture(&f); err != nil {
			b.Fatal(err)
		}
	}
}

// Reading does not allocate per entity: a hundred times the entities, the same
// handful of allocations.
func TestSansAllocation(t *testing.T) {
	for _, n := range []int{10, 1000} {
		src := gros(t, n)
		if a := testing.AllocsPerRun(5, func() {
			l := noemie.NouveauLecteur(bytes.NewReader(src), noemie.Limites{})
			for {
				if _, err := l.Suivante(); err != nil {
					if err != io.EOF {
						t.Fatal(err)
					}
					return
				}
			}
		}); a > 4 {
			t.Errorf("%d factures : %.0f allocations", n, a)
		}
	}
}

// Nor do whole invoices: their strings share blocks, one for a hundred entities or so.
func TestFacturesSansAllocation(t *testing.T) {
	const n = 2000
	src := gros(t, n)
	a := testing.AllocsPerRun(5, func() {
		x, err := noemie.Lire(bytes.NewReader(src), noemie.Limites{})
		for err == nil {
			_, err = x.Suivante()
		}
		if err != io.EOF || x.Bilan().Factures != n {
			t.Fatal(err)
		}
	})
	if max := float64(len(src)/(60<<10) + 20); a > max {
		t.Errorf("%.0f allocations pour %d factures, au plus %.0f", a, n, max)
	}
}

// A file that goes through a pipe, ten times longer, takes no more memory.
func TestMemoireConstante(t *testing.T) {
	tas := func(n int) uint64 {
		r, w := io.Pipe()
		go func() {
			x, err := noemie.Ecrire(w, entete("578R"))
			for i := 0; err == nil && i < n; i++ {
				f := facture(1+i/1000, i)
				err = x.Facture(&f)
			}
			if err == nil {
				err = x.Fermer()
			}
			w.CloseWithError(err)
		}()
		x, err := noemie.Lire(r, noemie.Limites{})
		var m runtime.MemStats
		var haut uint64
		lues := 0
		for ; err == nil; lues++ {
			if _, err = x.Suivante(); lues%(n/4) == n/8 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				haut = max(haut, m.HeapAlloc)
			}
		}
		if err != io.EOF || lues != n+1 || !x.Bilan().Complet {
			t.Fatal(err, lues)
		}
		return haut
	}
	petit, grand := tas(1000), tas(10_000)
	if grand > petit+1<<20 {
		t.Errorf("tas %d octets pour 1 000 factures, %d pour 10 000", petit, grand)
	}
}
