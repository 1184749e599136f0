//go:build linux

package epreuves

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// servi is a server under measure: its own processor time is read in /proc, and that
// of those that it has started. ref: DEC 37
type servi struct {
	nom string
	pid int
}

// battement is the unit of processor time in /proc.
const battement = 10 * time.Millisecond

// cpu is the processor time of the server and of its children that are alive.
func (s servi) cpu() time.Duration {
	total := lireCPU(s.pid)
	enfants, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.pid))
	for _, f := range enfants {
		b, _ := os.ReadFile(f)
		for _, p := range strings.Fields(string(b)) {
			n, _ := strconv.Atoi(p)
			total += lireCPU(n)
		}
	}
	return total
}

func lireCPU(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, suite, ok := strings.Cut(string(b), ") ")
	l := strings.Fields(suite)
	if !ok || len(l) < 13 {
		return 0
	}
	u, _ := strconv.Atoi(l[11])
	s, _ := strconv.Atoi(l[12])
	return time.Duration(u+s) * battement
}

// anonyme is the anonymous resident memory of a process. ref: DEC 36
func anonyme(pid int) int64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for l := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(l, "RssAnon:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// mesure is one figure over several rounds: the processor time of the server for one
// operation, and how long the asker waited.
type mesure struct {
	cpu    []time.Duration
	delais []time.Duration
}

func (m *mesure) mediane() time.Duration { return milieu(m.cpu) }

func milieu(l []time.Duration) time.Duration {
	l = slices.Sorted(slices.Values(l))
	return l[len(l)/2]
}

func (m *mesure) centile(p float64) time.Duration {
	l := slices.Sorted(slices.Values(m.delais))
	return l[min(len(l)-1, int(math.Ceil(p*float64(len(l)))))]
}

// etendue is the range of the rounds, as a part of the median.
func (m *mesure) etendue() float64 {
	return float64(slices.Max(m.cpu)-slices.Min(m.cpu)) / float64(m.mediane())
}

func (m *mesure) String() string {
	return fmt.Sprintf("%s (étendue %.0f %%) ; attente p50 %s, p99 %s", court(m.mediane()), 100*m.etendue(), court(m.centile(0.5)), court(m.centile(0.99)))
}

func court(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// voie is one way to ask: a server, and what one of the askers does for the i-th time.
type voie struct {
	nom   string
	s     servi
	faire func(qui, i int) error
}

// demandeurs is how many connections are kept open. ref: DEC 37
const demandeurs = 16

// mesurer asks by each way in turn, several rounds, one after the other so that what
// the machine does besides falls on all.
func mesurer(b *testing.B, tours int, duree time.Duration, voies ...voie) []*mesure {
	b.Helper()
	l := make([]*mesure, len(voies))
	for i := range l {
		l[i] = &mesure{}
		tour(b, voies[i], duree/4, &mesure{}) // warm
	}
	for range tours {
		for i := range voies {
			tour(b, voies[i], duree, l[i])
		}
	}
	return l
}

func tour(b *testing.B, v voie, duree time.Duration, m *mesure) {
	b.Helper()
	var (
		attente sync.WaitGroup
		faits   atomic.Int64
		rate    atomic.Pointer[error]
		mu      sync.Mutex
	)
	fin := time.Now().Add(duree)
	avant := v.s.cpu()
	for qui := range demandeurs {
		attente.Go(func() {
			var delais []time.Duration
			for i := 0; time.Now().Before(fin) && rate.Load() == nil; i++ {
				t := time.Now()
				if err := v.faire(qui, i); err != nil {
					rate.Store(&err)
					return
				}
				delais = append(delais, time.Since(t))
			}
			faits.Add(int64(len(delais)))
			mu.Lock()
			m.delais = append(m.delais, delais...)
			mu.Unlock()
		})
	}
	attente.Wait()
	if err := rate.Load(); err != nil {
		b.Fatalf("%s : %v", v.nom, *err)
	}
	m.cpu = append(m.cpu, (v.s.cpu()-avant)/time.Duration(max(1, faits.Load())))
}

// absent skips a peer that is not on the machine.
func outil(b *testing.B, nom string) string {
	b.Helper()
	chemin, err := exec.LookPath(nom)
	if err != nil {
		for _, d := range []string{"/usr/sbin/", "/sbin/"} {
			if _, err := os.Stat(d + nom); err == nil {
				return d + nom
			}
		}
		b.Skipf("%s absent : paquet Debian à installer pour comparer", nom)
	}
	return chemin
}
