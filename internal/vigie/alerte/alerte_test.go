package alerte

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"pgregory.net/rapid"
)

var evenement = vigie.Evenement{Quand: time.Date(2026, 11, 22, 10, 30, 15, 250e6, time.UTC), Gravite: vigie.Alerte,
	Code: vigie.IdentificationSuspecte, Tenant: "amc-1", Structure: "750000001", Detail: "identifications=60 suspectes=15"}

func TestCEF(t *testing.T) {
	autre := func(f func(*vigie.Evenement)) vigie.Evenement { e := evenement; f(&e); return e }
	const debut = "CEF:0|Ecluse|ecluse|1.0|IDENTIFICATION_SUSPECTE|Part suspecte de bénéficiaires inconnus chez un émetteur|8|rt=1795343415250"
	for nom, c := range map[string]struct {
		version string
		e       vigie.Evenement
		want    string
	}{
		"ordinaire": {"1.0", evenement, debut + ` cs1Label=tenant cs1=amc-1 cs2Label=structure cs2=750000001 msg=identifications\=60 suspectes\=15`},
		"sans rien": {"1.0", autre(func(e *vigie.Evenement) { e.Tenant, e.Structure, e.Detail = "", "", "" }), debut},
		"barre et antislash dans l’en-tête": {`1|0\`, autre(func(e *vigie.Evenement) { e.Tenant, e.Structure, e.Detail = "", "", "" }),
			strings.Replace(debut, "|1.0|", `|1\|0\\|`, 1)},
		"fins de ligne, égal, antislash, barre": {"1.0", autre(func(e *vigie.Evenement) { e.Tenant, e.Structure, e.Detail = "", "", "a=b\\c|d\r\ne\rf\tg" }),
			debut + ` msg=a\=b\\c|d\ne\rf g`},
		"octets invalides": {"1.0", autre(func(e *vigie.Evenement) { e.Tenant, e.Structure, e.Detail = "", "", "a\xffb\x00" }), debut + " msg=a\uFFFDb "},
		"code inconnu": {"1.0", autre(func(e *vigie.Evenement) { e.Code, e.Tenant, e.Structure, e.Detail = "X|Y", "", "", "" }),
			`CEF:0|Ecluse|ecluse|1.0|X\|Y||8|rt=1795343415250`},
	} {
		if got := CEF(c.version, c.e); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", nom, got, c.want)
		}
	}
}

// Whatever a value holds, the event stays on one line, bounded, and its header
// and each value can be found again.
func TestCEFSeRelit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := evenement
		e.Tenant, e.Detail = rapid.String().Draw(t, "tenant"), rapid.String().Draw(t, "detail")
		got := CEF("1", e)
		if strings.ContainsAny(got, "\r\n\x00") || len(got) > 5*champMax {
			t.Fatalf("got %q", got)
		}
		_, msg, ok := strings.Cut(got, " msg=")
		if e.Detail != "" && (!ok || !strings.HasSuffix(got, extension.Replace(borner(e.Detail)))) {
			t.Fatalf("détail %q perdu dans %q", e.Detail, got)
		}
		for i := 0; i < len(msg); i++ {
			if msg[i] == '\\' {
				i++
			} else if msg[i] == '=' && !strings.Contains(e.Tenant, " msg") {
				t.Fatalf("égal non échappé dans %q", msg)
			}
		}
	})
}

func TestCEFBorne(t *testing.T) {
	e := evenement
	e.Detail = strings.Repeat("é", champMax)
	if got := CEF("1", e); !strings.HasSuffix(got, "é…") || len(got) > 1000 {
		t.Errorf("got %d octets", len(got))
	}
}

const trame = "<83>1 2026-11-22T10:30:15.250Z poste ecluse PID IDENTIFICATION_SUSPECTE - CEF:0|Ecluse|"

func verifierTrame(t *testing.T, got string) {
	t.Helper()
	want := strings.Replace(trame, "PID", strconv.Itoa(os.Getpid()), 1)
	if !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
		t.Errorf("got %q, want %q…", got, want)
	}
}

func TestSyslogUDP(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := ouvrir(t, "udp://"+c.LocalAddr().String(), nil)
	ecrire(t, s)
	tampon := make([]byte, 4096)
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	n, _, err := c.ReadFrom(tampon)
	if err != nil {
		t.Fatal(err)
	}
	verifierTrame(t, string(tampon[:n]))
}

func ouvrir(t *testing.T, adresse string, c *tls.Config) *Syslog {
	t.Helper()
	s, err := OuvrirSyslog(adresse, "poste é", "1.0", c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func ecrire(t *testing.T, s *Syslog) {
	t.Helper()
	ctx, fin := context.WithTimeout(context.Background(), 5*time.Second)
	defer fin()
	if err := s.Ecrire(ctx, evenement); err != nil {
		t.Fatal(err)
	}
}

// recevoir accepts connections and gives the frames read, by their length.
func recevoir(t *testing.T, l net.Listener, parConnexion int) <-chan string {
	t.Helper()
	t.Cleanup(func() { l.Close() })
	recus := make(chan string, 16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			r := bufio.NewReader(c)
			for range parConnexion {
				longueur, err := r.ReadString(' ')
				if err != nil {
					break
				}
				n, _ := strconv.Atoi(strings.TrimSpace(longueur))
				message := make([]byte, n)
				if _, err := io.ReadFull(r, message); err != nil {
					break
				}
				recus <- string(message)
			}
			c.Close()
		}
	}()
	return recus
}

func attendre(t *testing.T, recus <-chan string) string {
	t.Helper()
	select {
	case m := <-recus:
		return m
	case <-time.After(5 * time.Second):
		t.Fatal("rien reçu")
		return ""
	}
}

func TestSyslogTCP(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	recus := recevoir(t, l, 2)
	s := ouvrir(t, "tcp://"+l.Addr().String(), nil)
	for range 2 {
		ecrire(t, s)
		verifierTrame(t, attendre(t, recus))
	}
	// The collector closed after two events: some event arrives on a new connection.
	arrive := make(chan struct{})
	go func() { verifierTrame(t, attendre(t, recus)); close(arrive) }()
	for i := 0; ; i++ {
		select {
		case <-arrive:
			return
		default:
			if i > 500 {
				t.Fatal("jamais reconnecté")
			}
			ecrire(t, s)
			time.Sleep(time.Millisecond)
		}
	}
}

func TestSyslogTLS(t *testing.T) {
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modele := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, modele, modele, cle.Public(), cle)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: cle}}})
	if err != nil {
		t.Fatal(err)
	}
	recus := recevoir(t, l, 1)
	racines := x509.NewCertPool()
	cert, _ := x509.ParseCertificate(der)
	racines.AddCert(cert)
	ecrire(t, ouvrir(t, "tls://"+l.Addr().String(), &tls.Config{RootCAs: racines}))
	verifierTrame(t, attendre(t, recus))

	inconnu := ouvrir(t, "tls://"+l.Addr().String(), &tls.Config{RootCAs: x509.NewCertPool()})
	if err := inconnu.Ecrire(context.Background(), evenement); err == nil {
		t.Error("un collecteur inconnu est accepté")
	}
}

func TestSyslogFichier(t *testing.T) {
	chemin := filepath.Join(t.TempDir(), "alertes.log")
	s := ouvrir(t, "file://"+chemin, nil)
	ecrire(t, s)
	s.Close()
	ecrire(t, s)
	contenu, err := os.ReadFile(chemin)
	if err != nil {
		t.Fatal(err)
	}
	lignes := strings.Split(strings.TrimSuffix(string(contenu), "\n"), "\n")
	if len(lignes) != 2 {
		t.Fatalf("got %d lignes", len(lignes))
	}
	verifierTrame(t, lignes[0])
}

func TestDestinationRefusee(t *testing.T) {
	for _, a := range []string{"", "127.0.0.1:514", "http://a:1", "udp://hote", "tcp://h:1/chemin", "file://hote/chemin", "file:", "://"} {
		if _, err := OuvrirSyslog(a, "h", "1", nil); !errors.Is(err, ErrDestination) {
			t.Errorf("%q: got %v", a, err)
		}
	}
}

type bouchon struct {
	sync.Mutex
	recus   []vigie.Evenement
	attente chan struct{}
}

func (b *bouchon) Ecrire(_ context.Context, e vigie.Evenement) error {
	if b.attente != nil {
		<-b.attente
	}
	b.Lock()
	defer b.Unlock()
	b.recus = append(b.recus, e)
	return errors.New("panne")
}

// A console that hangs slows no one, and what it lost is told.
func TestDiffuseurNeBloquePas(t *testing.T) {
	b := &bouchon{attente: make(chan struct{})}
	var erreurs []error
	d := NewDiffuseur(func(err error) { erreurs = append(erreurs, err) }, b)
	ctx, arreter := context.WithCancel(context.Background())
	fini := make(chan struct{})
	go func() { d.Tourner(ctx); close(fini) }()
	for range fileMax + 10 {
		d.Signaler(evenement) // never blocks, or the test does
	}
	close(b.attente)
	arreter()
	<-fini
	if n := len(b.recus); n < fileMax || n > fileMax+1 {
		t.Errorf("got %d événements écrits", n)
	}
	perdus := 0
	for _, err := range erreurs {
		if errors.Is(err, ErrPerdus) {
			perdus++
		}
	}
	if perdus == 0 || len(erreurs) != len(b.recus)+perdus {
		t.Errorf("got %d erreurs dont %d de perte", len(erreurs), perdus)
	}
}

func TestJamaisDeNIR(t *testing.T) {
	var log bytes.Buffer
	b := &bouchon{}
	d := NewDiffuseur(func(error) {}, Journal{slog.New(slog.NewTextHandler(&log, nil))}, b)
	e := evenement
	e.Detail, e.Structure = "nir=1 80 02 2A 123 456 78 essais=3", "2790299123456"
	d.Signaler(e)
	ctx, arreter := context.WithCancel(context.Background())
	arreter()
	d.Tourner(ctx)
	if len(b.recus) != 1 || b.recus[0].Structure != "[masqué]" || !strings.Contains(b.recus[0].Detail, "essais=3") {
		t.Errorf("got %+v", b.recus)
	}
	for _, s := range []string{log.String(), CEF("1", b.recus[0])} {
		if strings.Contains(s, "123") || !strings.Contains(s, "[masqué]") {
			t.Errorf("got %q", s)
		}
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "code=IDENTIFICATION_SUSPECTE") {
		t.Errorf("got %q", log.String())
	}
}
