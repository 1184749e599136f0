package journal_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkEcrire: 64 callers, two messages of 4 KiB kept for each leaf, the
// sequencer at work, on journals of several sizes. The sizes take turns in one
// run; the median of the turns is reported (DEC 37).
func BenchmarkEcrire(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for _, taille := range []int{0, 4096} {
			b.Run(fmt.Sprintf("%s/contenu=%d", m, taille), func(b *testing.B) {
				x := journaltest.Nouveau(b, m)
				j := x.Journal(b, "amc-1")
				charge(b, x, j, taille, b.N)
			})
		}
	}
}

// charge writes n leaves and waits for the last to be signed; CPU is of this
// process, PostgreSQL's server not counted.
func charge(b testing.TB, x *journaltest.Banc, j *journal.Journal, taille, n int) (parFeuille, cpuParFeuille time.Duration) {
	ctx, arreter := context.WithCancel(context.Background())
	s := x.Sequenceur(b, "banc", j)
	var tourne, fin sync.WaitGroup
	tourne.Go(func() { s.Tourner(ctx) })
	c := journal.Contenu{}
	if taille > 0 {
		c = journaltest.Contenu(taille)
	}
	var suivant atomic.Int64
	depart, debut := cpu(), time.Now()
	for range 64 {
		fin.Go(func() {
			for i := suivant.Add(1); i <= int64(n); i = suivant.Add(1) {
				if _, err := j.Ecrire(context.Background(), journaltest.Trace(int(i)), c); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	fin.Wait()
	duree, temps := time.Since(debut), cpu()-depart
	arreter()
	tourne.Wait()
	if bb, ok := b.(*testing.B); ok {
		bb.ReportMetric(float64(n)/duree.Seconds(), "feuilles/s")
		bb.ReportMetric(float64(temps.Microseconds())/float64(n), "µs-cpu/op")
	}
	return duree / time.Duration(n), temps / time.Duration(n)
}

// BenchmarkTaille compares a journal of 10,000 leaves with one of ten million
// (all tiles; 500,000 rows of the past). The two take turns.
func BenchmarkTaille(b *testing.B) {
	if testing.Short() {
		b.Skip("long : dix millions de feuilles")
	}
	const lot, tours = 20_000, 7
	tailles := []int64{10_000, 10_000_000}
	bancs := make([]*journaltest.Banc, 2)
	journaux := make([]*journal.Journal, 2)
	for i, n := range tailles {
		bancs[i] = journaltest.Nouveau(b, bdd.SQLite)
		bancs[i].Gonfler(b, "amc-1", n, min(n, 500_000))
		journaux[i] = bancs[i].Journal(b, "amc-1")
	}
	for b.Loop() {
		var mur, temps [2][]time.Duration
		for range tours {
			for i := range tailles {
				m, c := charge(b, bancs[i], journaux[i], 1024, lot)
				mur[i], temps[i] = append(mur[i], m), append(temps[i], c)
			}
		}
		for i, n := range tailles {
			slices.Sort(mur[i])
			slices.Sort(temps[i])
			b.ReportMetric(float64(mur[i][tours/2].Nanoseconds())/1000, fmt.Sprintf("µs/op-%d", n))
			b.ReportMetric(float64(temps[i][tours/2].Nanoseconds())/1000, fmt.Sprintf("µs-cpu/op-%d", n))
		}
		b.ReportMetric(100*(float64(temps[1][tours/2])/float64(temps[0][tours/2])-1), "%écart-cpu")
		b.ReportMetric(100*(float64(mur[1][tours/2])/float64(mur[0][tours/2])-1), "%écart")
	}
}
