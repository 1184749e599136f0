package ldap

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	client "github.com/go-ldap/ldap/v3"
)

// TestMain serves, when it is asked to, alone in its process: the processor that a
// lookup takes is then the server's and nobody else's. ref: DEC 37
func TestMain(m *testing.M) {
	if n := os.Getenv("ECLUSE_BANC_LDAP"); n != "" {
		os.Exit(servirBanc(n))
	}
	os.Exit(m.Run())
}

func servirBanc(n string) int {
	b := testing.Benchmark(func(b *testing.B) {
		combien, _ := strconv.Atoi(n)
		f := &Fonds{Images: enImage(b, tirer(rand.New(rand.NewPCG(7, 8)), combien)), Portier: familles{regards(b)}}
		s := ouvrirScene(b, f, Bornes{})
		fmt.Println(s.tls, base64.StdEncoding.EncodeToString(s.cert.Certificate[0]))
		for r := bufio.NewReader(os.Stdin); ; { // each line asks the processor taken so far
			if _, err := r.ReadString('\n'); err != nil {
				return
			}
			var u syscall.Rusage
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
			fmt.Println(u.Utime.Nano() + u.Stime.Nano())
		}
	})
	_ = b
	return 0
}

// BenchmarkRechercheTLS asks one identifier after the other on sixteen connections, and
// says what processor the server took for each.
func BenchmarkRechercheTLS(b *testing.B) {
	const praticiens, connexions = 50_000, 16
	c := exec.Command(os.Args[0], "-test.benchtime=1x")
	c.Env = append(os.Environ(), fmt.Sprint("ECLUSE_BANC_LDAP=", praticiens))
	c.Stderr = os.Stderr
	entree, _ := c.StdinPipe()
	sortie, _ := c.StdoutPipe()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = entree.Close(); _ = c.Wait() }()
	lu := bufio.NewReader(sortie)
	ligne, err := lu.ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	adresse, _, _ := strings.Cut(ligne, " ")
	cpu := func() int64 {
		fmt.Fprintln(entree)
		l, err := lu.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		n, _ := strconv.ParseInt(strings.TrimSpace(l), 10, 64)
		return n
	}
	for _, x := range []struct {
		cas    string
		filtre func(n *rand.Rand) string
	}{
		{"identifiant", func(n *rand.Rand) string { return fmt.Sprint("(uid=", 899900000000+n.IntN(praticiens), ")") }},
		{"début de nom ou d'adresse", func(n *rand.Rand) string { return "(|(cn=" + nomTire(n)[:5] + "*)(mail=" + nomTire(n)[:5] + "*))" }},
		{"morceau de nom ou d'adresse", func(n *rand.Rand) string { return "(|(cn=*" + nomTire(n)[:5] + "*)(mail=*" + nomTire(n)[:5] + "*))" }},
	} {
		b.Run(x.cas, func(b *testing.B) {
			var reste atomic.Int64
			reste.Store(int64(b.N))
			clients := make([]*tls.Conn, connexions)
			for i := range clients {
				if clients[i], err = tls.Dial("tcp", adresse, &tls.Config{InsecureSkipVerify: true}); err != nil {
					b.Fatal(err)
				}
				defer clients[i].Close()
			}
			avant, debut := cpu(), time.Now()
			b.ResetTimer()
			var en sync.WaitGroup
			for i := range clients {
				en.Go(func() {
					r, n := bufio.NewReader(clients[i]), rand.New(rand.NewPCG(uint64(i), 1))
					for id := int32(1); reste.Add(-1) >= 0; id++ {
						p, err := client.CompileFilter(x.filtre(n))
						if err != nil {
							b.Error(err)
							return
						}
						_, _ = clients[i].Write(chercherBrut(id, racine, p.Bytes(), "cn", "mail", "title", "l"))
						for op := byte(0); op != reponseChercher; {
							_, op, _, _ = reponse(b, r)
						}
					}
				})
			}
			en.Wait()
			b.StopTimer()
			b.ReportMetric(float64(cpu()-avant)/1000/float64(b.N), "µs-cpu-serveur/op")
			b.ReportMetric(float64(b.N)/time.Since(debut).Seconds(), "op/s")
		})
	}
}
