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

	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
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
		s := ouvrirScene(b, &Fonds{Images: imageDuBanc(b, n), Portier: familles{regards(b)}}, Bornes{})
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

// imageDuBanc is a directory of so many people, or one that was loaded before.
func imageDuBanc(b *testing.B, n string) *image.Depot {
	combien, err := strconv.Atoi(n)
	if err == nil {
		return enImage(b, tirer(rand.New(rand.NewPCG(7, 8)), combien))
	}
	d, err := image.Ouvrir(n, image.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(d.Fermer)
	return d
}

// connus are some people of the directory: their number and their name.
func connus(b *testing.B, adresse string) (l [][2]string) {
	c, err := client.DialURL("ldaps://"+adresse, client.DialWithTLSConfig(&tls.Config{InsecureSkipVerify: true}))
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for _, d := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ" { // the beginning of each letter
		r, err := c.SearchWithPaging(question("ou=personnes,"+racine, client.ScopeSingleLevel, "(&(sn="+string(d)+"*)(givenName=*))", "uid", "sn"), 200)
		if err != nil && codeDe(err) != LimiteAdmin {
			b.Fatal(err)
		}
		for _, e := range r.Entries {
			if sn := e.GetAttributeValue("sn"); len(sn) > 4 && sur([]byte(sn)) && !strings.ContainsAny(sn, "()*") {
				l = append(l, [2]string{e.GetAttributeValue("uid"), sn})
			}
		}
	}
	return l
}

// BenchmarkRechercheTLS asks one identifier after the other on sixteen connections, and
// says what processor the server took for each. ECLUSE_BANC_IMAGE names a directory of
// images that was loaded before; else fifty thousand people are drawn.
func BenchmarkRechercheTLS(b *testing.B) {
	const connexions = 16
	quoi := os.Getenv("ECLUSE_BANC_IMAGE")
	if quoi == "" {
		quoi = "50000"
	}
	c := exec.Command(os.Args[0], "-test.benchtime=1x")
	c.Env = append(os.Environ(), "ECLUSE_BANC_LDAP="+quoi)
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
	gens := connus(b, adresse)
	for _, x := range []struct {
		cas    string
		filtre func(uid, nom string) string
	}{
		{"identifiant", func(uid, _ string) string { return "(uid=" + uid + ")" }},
		{"début de nom ou d'adresse", func(_, nom string) string { return "(|(cn=" + nom[:5] + "*)(mail=" + nom[:5] + "*))" }},
		{"morceau de nom", func(_, nom string) string { return "(cn=*" + nom[1:5] + "*)" }},
		{"morceau de nom ou d'adresse", func(_, nom string) string { return "(|(cn=*" + nom[1:5] + "*)(mail=*" + nom[1:5] + "*))" }},
		{"nom approché", func(_, nom string) string { return "(sn~=" + nom + ")" }},
	} {
		b.Run(x.cas, func(b *testing.B) {
			var reste, rendues atomic.Int64
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
						un := gens[n.IntN(len(gens))]
						p, err := client.CompileFilter(x.filtre(un[0], un[1]))
						if err != nil {
							b.Error(err)
							return
						}
						_, _ = clients[i].Write(chercherBrut(id, racine, p.Bytes(), "cn", "mail", "title", "l"))
						for op := byte(0); op != reponseChercher; {
							if _, op, _, _ = reponse(b, r); op == reponseEntree {
								rendues.Add(1)
							}
						}
					}
				})
			}
			en.Wait()
			b.StopTimer()
			b.ReportMetric(float64(cpu()-avant)/1000/float64(b.N), "µs-cpu-serveur/op")
			b.ReportMetric(float64(rendues.Load())/float64(b.N), "entrées/op")
			b.ReportMetric(float64(b.N)/time.Since(debut).Seconds(), "op/s")
		})
	}
}
