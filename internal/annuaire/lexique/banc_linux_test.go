package lexique

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// cpu is the processor time of the thread: what others do meanwhile is not in it.
func cpu(b *testing.B) time.Duration {
	var t syscall.Timespec
	const horlogeDuFil = 3 // CLOCK_THREAD_CPUTIME_ID
	if _, _, e := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, horlogeDuFil, uintptr(unsafe.Pointer(&t)), 0); e != 0 {
		b.Fatal(e)
	}
	return time.Duration(t.Nano())
}

// mesurer runs f on each question and reports the processor time: mean, 99th
// percentile and worst, in microseconds.
func mesurer(b *testing.B, questions [][]byte, f func([]byte)) {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f(questions[0])
	durees := make([]time.Duration, 0, b.N)
	var somme time.Duration
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		debut := cpu(b)
		f(questions[i%len(questions)])
		d := cpu(b) - debut
		somme += d
		durees = append(durees, d)
	}
	b.StopTimer()
	slices.Sort(durees)
	µs := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
	b.ReportMetric(µs(somme)/float64(b.N), "µs-cpu/op")
	b.ReportMetric(µs(durees[len(durees)*99/100]), "µs-cpu-p99")
	b.ReportMetric(µs(durees[len(durees)-1]), "µs-cpu-max")
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

// Questions put to 2 000 000 professionals.
func BenchmarkChercher(b *testing.B) {
	m := pays()
	rech := NouvelleRecherche(nil)
	r := rand.New(rand.NewPCG(8, 8))
	var fautives, justes [][]byte
	for len(fautives) < 5000 {
		o := uint32(r.IntN(len(m.gens)))
		if q, ok := m.question(r, o); ok {
			fautives = append(fautives, []byte(q))
			justes = append(justes, []byte(m.texte(o, Nom)+" "+m.texte(o, Prenom)+" "+m.texte(o, Commune)))
		}
	}
	for _, c := range []struct {
		nom string
		q   [][]byte
		d   Demande
	}{
		{"fautive", fautives, Demande{}},
		{"juste", justes, Demande{}},
		{"en frappe", debuts(justes, 6), Demande{EnFrappe: true}},
		{"mots longs", [][]byte{[]byte(motsLongs(1)), []byte(motsLongs(2))}, Demande{}},
		{"large", [][]byte{[]byte("medecin infirmier"), []byte("medecin"), []byte("saint"), []byte("medecine generale saint"), []byte("m i p"), []byte("a")}, Demande{EnFrappe: true}},
	} {
		b.Run(c.nom, func(b *testing.B) {
			mesurer(b, c.q, func(q []byte) { c.d.Texte = string(q); rech.Chercher(c.d, m) })
		})
	}
}

func debuts(q [][]byte, n int) (x [][]byte) {
	for _, m := range q {
		x = append(x, m[:min(n, len(m))])
	}
	return x
}

// Inner search in 535 000 addresses of 5 000 domains, the greatest with 62 000.
// ref: RASS §2
func BenchmarkContientAdresse(b *testing.B) {
	r := rand.New(rand.NewPCG(2, 2))
	domaine := zipf(5000, 1)
	domaines := inventes(5000, 7, func(r *rand.Rand, m string) string { return m + ".mssante.invalid" })
	vues := map[string]bool{}
	var mots [][]byte
	for len(mots) < 535_000 {
		m := strings.ToLower(string(nomInvente(r))) + "." + strings.ToLower(string(nomInvente(r))) + "@" + domaines[domaine(r)]
		if !vues[m] {
			vues[m] = true
			mots = append(mots, []byte(m))
		}
	}
	slices.SortFunc(mots, bytes.Compare)
	x, err := Batir(suite(mots, make([]uint32, len(mots))), Index{Trigrammes: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d octets par adresse", len(x)/len(mots))
	l, err := Ouvrir(x)
	if err != nil {
		b.Fatal(err)
	}
	var t Travail
	var dst []uint32
	for nom, q := range map[string][]string{
		"grand domaine": {domaines[0]}, "domaine": domaines[50:60], "petit domaine": domaines[3000:3010],
		"milieu de nom": {"rtcha", "boulv", "pheau", "lefr"}, "partout": {"mssante"},
	} {
		var questions [][]byte
		for _, s := range q {
			questions = append(questions, []byte(s))
		}
		b.Run(nom, func(b *testing.B) {
			mesurer(b, questions, func(m []byte) { dst = l.Contient(&t, dst[:0], m, 0) })
			b.ReportMetric(float64(len(dst)), "trouvés")
		})
	}
}
