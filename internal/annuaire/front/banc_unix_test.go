//go:build unix

package front

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const envServeur = "ECLUSE_BANC_FHIR"

// TestMain is also the server of the bench, in a process of its own: what it consumes is
// the server alone.
func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(envServeur)); err == nil {
		servirBanc(n)
		return
	}
	os.Exit(m.Run())
}

// servirBanc serves a directory of n professionals over TLS, and says at /cpu what the
// process has consumed, until its input ends.
func servirBanc(n int) {
	dossier, err := os.MkdirTemp("", "banc-fhir")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dossier)
	d, err := ouvrirDepot(dossier, defiler(n))
	if err != nil {
		panic(err)
	}
	p, err := ouvrirPorte(d)
	if err != nil {
		panic(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", p)
	mux.HandleFunc("/cpu", func(w http.ResponseWriter, _ *http.Request) {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			panic(err)
		}
		fmt.Fprint(w, u.Utime.Nano()+u.Stime.Nano())
	})
	s := &http.Server{Handler: mux, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificatBanc()}, MinVersion: tls.VersionTLS13}, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.ServeTLS(l, "", "") }() // ends with the process
	fmt.Println(l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the bench is over
}

func certificatBanc() tls.Certificate {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	m := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	der, err := x509.CreateCertificate(rand.Reader, m, m, &k.PublicKey, k)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: k}
}

// lancerBanc starts the server and gives its address.
func lancerBanc(b *testing.B, n int) string {
	b.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), envServeur+"="+strconv.Itoa(n))
	c.Stderr = os.Stderr
	entree, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	sortie, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = entree.Close()
		_ = c.Wait()
	})
	adresse, err := bufio.NewReader(sortie).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(adresse)
}

// BenchmarkServeur measures what one answer costs the server, TLS and net/http included,
// over 16 connections kept alive: the processor of its process, by getrusage. The number
// of professionals is ECLUSE_PROFESSIONNELS, 20 000 by default. ref: DEC 37
func BenchmarkServeur(b *testing.B) {
	n := 20000
	if s := os.Getenv("ECLUSE_PROFESSIONNELS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	adresse := lancerBanc(b, n)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, MaxIdleConnsPerHost: 16, DisableCompression: true}} // the bench speaks to itself
	lire := func(chemin string) []byte {
		r, err := client.Get("https://" + adresse + chemin)
		if err != nil {
			b.Error(err)
			return nil
		}
		defer r.Body.Close()
		c, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != 200 {
			b.Errorf("%d %v %s", r.StatusCode, err, c)
		}
		return c
	}
	cpu := func() float64 {
		x, err := strconv.ParseFloat(string(lire("/cpu")), 64)
		if err != nil {
			b.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		nom    string
		chemin func(i int64) string
	}{
		{"identifiant", func(i int64) string {
			return "/fhir/Practitioner?identifier=https%3A%2F%2Frpps.esante.gouv.fr%7C" + strconv.FormatInt(99910000000+i*7919%int64(n), 10)
		}},
		{"lecture", func(i int64) string {
			return "/fhir/Practitioner/" + id(1, fmt.Sprint("f", i*7919%int64(n)))
		}},
		{"page-de-50", func(i int64) string { return "/fhir/Practitioner?family=foule" + fmt.Sprintf("%03d", i%97) }},
	} {
		b.Run(c.nom, func(b *testing.B) {
			var suivant atomic.Int64
			var attente sync.WaitGroup
			avant := cpu()
			b.ResetTimer()
			for range 16 {
				attente.Go(func() {
					for i := suivant.Add(1); i <= int64(b.N); i = suivant.Add(1) {
						lire(c.chemin(i))
					}
				})
			}
			attente.Wait()
			b.StopTimer()
			b.ReportMetric((cpu()-avant)/float64(b.N)/1000, "µs-cpu/réponse")
		})
	}
}
