//go:build linux

package epreuves

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/ecluse-sante/ecluse/sante"
)

// assiege is an insurer that a hostile partner attacks while another is served.
type assiege struct {
	*labo
	t       *testing.T
	amc     *partie
	hostile *demandeur
	voisin  *demandeur
	base    struct{ goroutines, memoire int }
}

func assieger(t *testing.T) *assiege {
	t.Helper()
	l := fonder(t, bdd.SQLite)
	x := &assiege{labo: l, t: t, amc: l.partie(monde.CleMoulin).config("ecoute", "delai-lecture", `"3s"`)}
	x.amc.config("vigie", "par-minute", "1000000") // fairness is on trial, not quotas
	l.lancer("igc", monde.CleMoulin)
	moulin := l.monde.Assureur(monde.CleMoulin)
	x.hostile, x.voisin = l.demandeur(monde.CleHopital, x.amc, moulin), l.demandeur(monde.CleNonLucratif, x.amc, moulin)
	for range 200 { // warm
		if err := x.voisin.etat(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	x.base.goroutines, x.base.memoire = x.amc.mesure("goroutines"), x.amc.memoire()
	return x
}

// pendant runs an attack while the neighbour asks; all his questions must be
// served.
func (x *assiege) pendant(attaque func()) {
	x.t.Helper()
	var fin atomic.Bool
	var w sync.WaitGroup
	var servies int
	var panne error
	var pire time.Duration
	w.Go(func() {
		for !fin.Load() {
			debut := time.Now()
			if err := x.voisin.etat(context.Background()); err != nil {
				panne = err
				return
			}
			servies++
			pire = max(pire, time.Since(debut))
			time.Sleep(20 * time.Millisecond)
		}
	})
	debut := time.Now()
	attaque()
	fin.Store(true)
	w.Wait()
	if panne != nil {
		x.t.Errorf("le voisin n'est plus servi : %v", panne)
	}
	x.t.Logf("attaque de %s : voisin servi %d fois, au pire en %s", time.Since(debut).Round(time.Millisecond), servies, pire.Round(time.Millisecond))
}

// calme checks that nothing of the attack stays: the process lives, and its
// goroutines and its memory come back.
func (x *assiege) calme() {
	x.t.Helper()
	x.amc.vivante()
	var n int
	if !jusqua(context.Background(), 20*time.Second, func() bool {
		n = x.amc.mesure("goroutines")
		return n <= x.base.goroutines+15
	}) {
		x.t.Errorf("%d goroutines, %d avant", n, x.base.goroutines)
	}
	m := x.amc.memoire()
	x.t.Logf("goroutines %d → %d, mémoire %d → %d Mio", x.base.goroutines, n, x.base.memoire>>20, m>>20)
	if m > x.base.memoire+128<<20 {
		x.t.Errorf("mémoire : %d Mio, %d avant", m>>20, x.base.memoire>>20)
	}
	if err := x.voisin.etat(context.Background()); err != nil {
		x.t.Error(err)
	}
}

// ouvrir is a raw TLS connection of the hostile partner.
func (x *assiege) ouvrir(protocoles ...string) *tls.Conn {
	x.t.Helper()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", x.amc.f.Ecoute.Adresse, x.hostile.tls(protocoles...))
	if err != nil {
		x.t.Fatal(err)
	}
	return c
}

// fermee waits until the other side closes; what it answered before is given.
func fermee(c net.Conn, d time.Duration) (string, error) {
	c.SetReadDeadline(time.Now().Add(d))
	b, err := io.ReadAll(io.LimitReader(c, 1<<20))
	var reseau net.Error
	if errors.As(err, &reseau) && reseau.Timeout() {
		return string(b), err
	}
	return string(b), nil
}

// TestLenteurs holds connections open by sending octet by octet, half closes
// them, or says nothing: each is closed in time. ref: RFC 9112 §9.5
func TestLenteurs(t *testing.T) {
	x := assieger(t)
	entete := "POST " + roc.IDB.Chemin() + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
	gouttes := func(debut, suite string) func(c *tls.Conn) {
		return func(c *tls.Conn) {
			if _, err := io.WriteString(c, debut); err != nil {
				return
			}
			for i := range len(suite) {
				if _, err := c.Write([]byte{suite[i]}); err != nil {
					return
				}
				time.Sleep(250 * time.Millisecond)
			}
		}
	}
	x.pendant(func() {
		var w sync.WaitGroup
		for nom, f := range map[string]func(c *tls.Conn){
			"en-têtes octet par octet": gouttes("", entete),
			"corps octet par octet":    gouttes(entete, strings.Repeat(" ", 200)),
			"muet après TLS":           func(*tls.Conn) {},
			"à demi fermée":            func(c *tls.Conn) { io.WriteString(c, entete+"{"); c.CloseWrite() },
			"fermée au milieu":         func(c *tls.Conn) { io.WriteString(c, entete[:30]); c.NetConn().Close() },
		} {
			for range selon(25, 200) {
				w.Go(func() {
					c := x.ouvrir("http/1.1")
					defer c.Close()
					debut := time.Now()
					go f(c)
					if _, err := fermee(c, 15*time.Second); err != nil && nom != "muet après TLS" {
						t.Errorf("%s : encore ouverte après %s", nom, time.Since(debut))
					}
				})
			}
		}
		for range selon(25, 200) { // not even a handshake
			w.Go(func() {
				c, err := net.Dial("tcp", x.amc.f.Ecoute.Adresse)
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				if _, err := fermee(c, 15*time.Second); err != nil {
					t.Error("connexion sans TLS encore ouverte après 15 s")
				}
			})
		}
		w.Wait()
	})
	x.calme()
}

// TestDemesures sends what is too much: ten megabytes, a hundred thousand nested
// elements, huge headers, a thousand of them. Each has its answer.
func TestDemesures(t *testing.T) {
	x := assieger(t)
	h := x.hostile.http()
	base := "https://" + x.amc.f.Ecoute.Adresse
	rest, soap, json, xml := base+roc.IDB.Chemin(), base+roc.CheminSOAP, "application/json", "application/soap+xml"
	profond := func(debut, fin string, n int) []byte {
		return []byte(strings.Repeat(debut, n) + strings.Repeat(fin, n))
	}
	soapProfond := append([]byte(`<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body>`), profond("<a>", "</a>", 100_000)...)
	attributs := append([]byte(`<a`), bytes.Repeat([]byte(` b="c"`), 150_000)...)
	cas := []struct {
		nom, url, genre string
		corps           []byte
		entetes         int
		codes           []int
		dit             string
	}{
		{"10 Mo de JSON", rest, json, bytes.Repeat([]byte(" "), 10<<20), 0, []int{413}, ""},
		{"10 Mo de XML", soap, xml, bytes.Repeat([]byte("<a>"), 10<<20/3), 0, []int{413}, ""},
		{"100 000 éléments emboîtés", soap, xml, profond("<a>", "</a>", 100_000), 0, []int{400}, "T001"},
		{"100 000 éléments emboîtés dans une enveloppe", soap, xml, soapProfond, 0, []int{400}, "codeRetour"},
		{"100 000 tableaux emboîtés", rest, json, profond("[", "]", 100_000), 0, []int{400}, "T001"},
		{"150 000 attributs", soap, xml, attributs, 0, []int{400}, "T001"},
		{"un en-tête de 200 ko", rest, json, []byte("{}"), 200_000, []int{431}, ""},
	}
	x.pendant(func() {
		for range selon(3, 20) {
			for _, c := range cas {
				q, err := http.NewRequest("POST", c.url, bytes.NewReader(c.corps))
				if err != nil {
					t.Fatal(err)
				}
				q.Header.Set("Content-Type", c.genre)
				if c.entetes > 0 {
					q.Header.Set("X-Long", strings.Repeat("x", c.entetes))
				}
				r, err := h.Do(q)
				if err != nil {
					// Refused while it was sending: a closed connection is an answer too.
					if c.dit != "" || errors.Is(err, context.DeadlineExceeded) {
						t.Errorf("%s : %v", c.nom, err)
					}
					continue
				}
				b, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
				r.Body.Close()
				if !slices.Contains(c.codes, r.StatusCode) || !strings.Contains(string(b), c.dit) {
					t.Errorf("%s : %d %.200s", c.nom, r.StatusCode, b)
				}
			}
		}
	})
	x.calme()
}

// TestCharabia sends noise where TLS or HTTP is expected, and asks with no
// certificate or with TLS 1.1: closed, or refused, and nothing stays.
func TestCharabia(t *testing.T) {
	x := assieger(t)
	h := hasard(t)
	x.pendant(func() {
		for range selon(200, 3000) {
			c, err := net.Dial("tcp", x.amc.f.Ecoute.Adresse)
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, 1+h.IntN(400))
			for i := range b {
				b[i] = byte(h.IntN(256))
			}
			if h.IntN(2) == 0 { // the beginning of a TLS record
				copy(b, []byte{22, 3, 1})
			}
			c.Write(b)
			c.(*net.TCPConn).CloseWrite()
			if _, err := fermee(c, 10*time.Second); err != nil {
				t.Errorf("bruit : %v", err)
			}
			c.Close()
		}
		for range 20 {
			c := x.ouvrir("http/1.1")
			fmt.Fprintf(c, "%s\r\n\r\n", strings.Repeat("\x00\xffGET", 50))
			if s, err := fermee(c, 10*time.Second); err != nil || s != "" && !strings.HasPrefix(s, "HTTP/1.1 400") {
				t.Errorf("bruit dans TLS : %.80q %v", s, err)
			}
			c.Close()
		}
		for nom, conf := range map[string]*tls.Config{
			"sans certificat": {InsecureSkipVerify: true},
			"TLS 1.1":         {InsecureSkipVerify: true, Certificates: []tls.Certificate{*x.hostile.auth}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		} {
			c, err := tls.Dial("tcp", x.amc.f.Ecoute.Adresse, conf)
			if err == nil { // TLS 1.3 tells the client after its first octets
				io.WriteString(c, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				if s, _ := fermee(c, 5*time.Second); s != "" {
					t.Errorf("%s : servi : %.80q", nom, s)
				}
				c.Close()
			}
		}
	})
	x.calme()
}

// TestFluxAnnules opens HTTP/2 streams and cancels each at once, by tens of
// thousands. ref: RFC 9113 §10.5, CVE-2023-44487
func TestFluxAnnules(t *testing.T) {
	x := assieger(t)
	trame := func(genre, drapeaux byte, flux uint32, corps []byte) []byte {
		n := len(corps)
		b := []byte{byte(n >> 16), byte(n >> 8), byte(n), genre, drapeaux, byte(flux >> 24), byte(flux >> 16), byte(flux >> 8), byte(flux)}
		return append(b, corps...)
	}
	chaine := func(s string) []byte { return append([]byte{byte(len(s))}, s...) }
	// :method POST, :scheme https, :path and :authority literal, content-type. ref: RFC 7541
	entetes := []byte{0x83, 0x87}
	entetes = append(append(entetes, 0x04), chaine(roc.IDB.Chemin())...)
	entetes = append(append(entetes, 0x01), chaine("localhost")...)
	entetes = append(append(entetes, 0x0f, 0x10), chaine("application/json")...)
	x.pendant(func() {
		for range selon(5, 40) {
			c := x.ouvrir("h2")
			if c.ConnectionState().NegotiatedProtocol != "h2" {
				t.Fatal("HTTP/2 attendu")
			}
			fini := make(chan string, 1)
			go func() { fini <- attendrePing(c) }()
			w := bufio.NewWriter(c)
			w.WriteString("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
			w.Write(trame(4, 0, 0, nil))
			envoyes := 0
			c.SetWriteDeadline(time.Now().Add(15 * time.Second))
			for flux := uint32(1); envoyes < 20_000; flux += 2 {
				w.Write(trame(1, 4, flux, entetes))
				if _, err := w.Write(trame(3, 0, flux, []byte{0, 0, 0, 8})); err != nil {
					break // the server had enough
				}
				envoyes++
			}
			w.Write(trame(6, 0, 0, make([]byte, 8)))
			w.Flush()
			select {
			case fin := <-fini:
				t.Logf("%d flux ouverts et annulés : %s", envoyes, fin)
			case <-time.After(30 * time.Second):
				t.Error("ni réponse ni fermeture")
			}
			c.Close()
		}
	})
	x.calme()
}

// attendrePing reads HTTP/2 frames until the answer of a PING, which comes once
// what was sent before is dealt with, or until the other side had enough.
func attendrePing(c io.Reader) string {
	r := bufio.NewReader(c)
	for {
		var h [9]byte
		if _, err := io.ReadFull(r, h[:]); err != nil {
			return "connexion fermée"
		}
		if _, err := io.CopyN(io.Discard, r, int64(h[0])<<16|int64(h[1])<<8|int64(h[2])); err != nil {
			return "connexion fermée"
		}
		switch {
		case h[3] == 7:
			return "GOAWAY"
		case h[3] == 6 && h[4]&1 != 0:
			return "tous traités"
		}
	}
}

// TestDeluge lets one partner ask as much as it can while another asks a little:
// all that the other asks is served, and its p99 is told. ref: DEC 29
func TestDeluge(t *testing.T) {
	x := assieger(t)
	ctx := context.Background()
	mesurer := func(d time.Duration) (p50, p99 time.Duration, n int) {
		var l []time.Duration
		for fin := time.Now().Add(d); time.Now().Before(fin); {
			debut := time.Now()
			if err := x.voisin.etat(ctx); err != nil {
				t.Errorf("le voisin n'est pas servi : %v", err)
				break
			}
			l = append(l, time.Since(debut))
			time.Sleep(5 * time.Millisecond)
		}
		slices.Sort(l)
		return l[len(l)/2], l[len(l)*99/100], len(l)
	}
	duree := time.Duration(selon(3, 20)) * time.Second
	c50, c99, calme := mesurer(duree)
	arreter := x.inonder()
	time.Sleep(2 * time.Second) // for it to reach its height
	d50, d99, deluge := mesurer(duree)
	t.Logf("voisin au calme : %d servies, p50 %s, p99 %s ; pendant le déluge (%s) : %d servies, p50 %s, p99 %s (× %.1f)",
		calme, c50.Round(10*time.Microsecond), c99.Round(10*time.Microsecond), arreter(), deluge,
		d50.Round(10*time.Microsecond), d99.Round(10*time.Microsecond), float64(d99)/float64(c99))
	// The machine may be busy with something else: what is asserted is that the
	// neighbour is never starved, not how fast he is.
	if deluge < calme/20 {
		t.Errorf("voisin affamé : %d questions servies, %d au calme", deluge, calme)
	}
	x.calme()
}

// enVol is how many questions of a flood wait for their answer at any moment.
const enVol = 64

// inonder floods the insurer from a process of the lowest priority, so that what
// it costs to seal a flood is not taken from who is measured. The function it
// gives stops it and tells what it got.
func (x *assiege) inonder() func() string {
	x.t.Helper()
	c := exec.Command("nice", "-n", "19", os.Args[0], "-test.run=^TestInondeur$")
	c.Env = append(os.Environ(), "ECLUSE_BINAIRE="+binaire, "ECLUSE_INONDER="+x.dir)
	var dit bytes.Buffer
	c.Stdout, c.Stderr = &dit, &dit
	arret, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		x.t.Fatal(err)
	}
	return func() string {
		arret.Close()
		if err := c.Wait(); err != nil {
			x.t.Fatalf("l'inondeur : %v\n%s", err, &dit)
		}
		ligne, _, _ := strings.Cut(dit.String(), "\n")
		return ligne
	}
}

// TestInondeur is the other process of TestDeluge: it asks until its input closes.
func TestInondeur(t *testing.T) {
	dir := os.Getenv("ECLUSE_INONDER")
	if dir == "" {
		return // this is no trial
	}
	l := &labo{t: t, dir: dir, horloge: filepath.Join(filepath.Dir(dir), "horloge"), parties: map[string]*partie{}}
	var err error
	if l.monde, err = monde.New(sante.JourA(time.Now(), sante.Paris())); err != nil {
		t.Fatal(err)
	}
	d := l.demandeur(monde.CleHopital, l.partie(monde.CleMoulin), l.monde.Assureur(monde.CleMoulin))
	ctx, arreter := context.WithCancel(context.Background())
	var servies, refusees atomic.Int64
	var w sync.WaitGroup
	for range enVol {
		w.Go(func() {
			for ctx.Err() == nil {
				if d.etat(ctx) == nil {
					servies.Add(1)
				} else if ctx.Err() == nil {
					refusees.Add(1)
				}
			}
		})
	}
	io.Copy(io.Discard, os.Stdin)
	arreter()
	w.Wait()
	fmt.Printf("%d servies, %d refusées à l'autre\n", servies.Load(), refusees.Load())
}

// TestAssureurMuet is an insurer whose server takes connections and never
// answers: the hospital gives up in time, says so, keeps the question to send it
// again, and its other visits go on.
func TestAssureurMuet(t *testing.T) {
	l := fonder(t, bdd.SQLite)
	l.lancer("igc", monde.CleAnnuaire, monde.ClePhare, monde.CleHopital)
	muet, err := net.Listen("tcp", l.partie(monde.CleMoulin).f.Ecoute.Adresse)
	if err != nil {
		t.Fatal(err)
	}
	var tenues []net.Conn
	var mu sync.Mutex
	go func() {
		for {
			c, err := muet.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			tenues = append(tenues, c)
			mu.Unlock()
		}
	}()
	es := l.partie(monde.CleHopital)
	g := es.logiciel()
	ctx := context.Background()
	var w sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		h, _ := l.sejour(l.assures(monde.CleMoulin, "MB-TRANQUILLE")[0], monde.CleHopital, i)
		if ids[i], err = g.ouvrir(ctx, h); err != nil {
			t.Fatal(err)
		}
	}
	debut := time.Now()
	for _, id := range ids {
		w.Go(func() {
			_, err := g.droits(ctx, id)
			var e *echec
			if !errors.As(err, &e) || e.statut != http.StatusGatewayTimeout && e.statut != http.StatusBadGateway && e.statut != http.StatusServiceUnavailable {
				t.Errorf("assureur muet : %v", err)
			}
		})
	}
	h, _ := l.sejour(l.assures(monde.ClePhare, "PE-PREMIER-PRIX")[0], monde.CleHopital, 100)
	id, err := g.ouvrir(ctx, h)
	if err != nil {
		t.Fatal(err)
	}
	avant := time.Now()
	if v, err := g.droits(ctx, id); err != nil || v.Couvertures[0].Etat != etablissement.DroitsAccordes {
		t.Errorf("une autre AMC, pendant ce temps : %v", err)
	}
	t.Logf("autre AMC servie en %s", time.Since(avant).Round(time.Millisecond))
	w.Wait()
	t.Logf("abandon en %s", time.Since(debut).Round(time.Millisecond))
	if d := time.Since(debut); d > 25*time.Second {
		t.Errorf("l'établissement attend %s", d)
	}
	muet.Close()
	mu.Lock()
	for _, c := range tenues {
		c.Close()
	}
	mu.Unlock()
	l.lancer(monde.CleMoulin)
	l.regler(70 * time.Second)
	for _, id := range ids {
		if !jusqua(ctx, 20*time.Second, func() bool {
			v, err := g.lire(ctx, id)
			if err == nil && v.Couvertures[0].Etat == etablissement.DroitsDemandes {
				v, err = g.reprendre(ctx, id)
			}
			return err == nil && v.Couvertures[0].Etat == etablissement.DroitsAccordes
		}) {
			t.Errorf("%s : pas repris quand l'assureur répond", id)
		}
	}
}
