package national

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
	"github.com/ecluse-sante/ecluse/internal/annuaire/charger"
	"github.com/ecluse-sante/ecluse/internal/annuaire/image"
)

var midi = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// origine is a source that misbehaves as told: each fault serves one request, in order.
type origine struct {
	*httptest.Server
	mu       sync.Mutex
	fautes   []http.HandlerFunc
	recues   []*http.Request
	attentes []time.Duration
	heure    time.Time
}

func nouvelleOrigine(t *testing.T, bonne http.HandlerFunc) *origine {
	t.Helper()
	o := &origine{heure: midi}
	o.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.recues = append(o.recues, r)
		var f http.HandlerFunc
		if len(o.fautes) > 0 {
			f, o.fautes = o.fautes[0], o.fautes[1:]
		}
		w.Header().Set("Date", o.heure.UTC().Format(http.TimeFormat))
		o.mu.Unlock()
		if f != nil {
			f(w, r)
			return
		}
		bonne(w, r)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *origine) fauter(f ...http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fautes, o.recues, o.attentes = f, nil, nil
}

func (o *origine) nombre() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.recues)
}

// acces joins the origin: on loopback, which must be allowed by name, without waiting.
func (o *origine) acces() Acces {
	racines := x509.NewCertPool()
	racines.AddCert(o.Certificate())
	u, _ := url.Parse(o.URL)
	return Acces{Hotes: []string{u.Host}, Permis: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, TLS: &tls.Config{RootCAs: racines},
		Delai: 300 * time.Millisecond, Essais: 4, ParMinute: 60_000, Maintenant: func() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return o.heure },
		Dormir: func(ctx context.Context, d time.Duration) error {
			o.mu.Lock()
			defer o.mu.Unlock()
			if d > 10*time.Millisecond {
				o.attentes = append(o.attentes, d)
			}
			return ctx.Err()
		}}
}

func (o *origine) ouvrir(t *testing.T, m Mode, repertoire string, chemins ...string) Source {
	t.Helper()
	c := Config{Mode: m, Repertoire: repertoire, Acces: o.acces(), Page: 2}
	for _, x := range chemins {
		c.Adresses = append(c.Adresses, o.URL+x)
	}
	s, err := Ouvrir(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func reponse(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "non", n) }
}

// coupe announces a whole body, gives a part of it and closes.
func coupe(corps string, n int, entetes ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(entetes); i += 2 {
			w.Header().Set(entetes[i], entetes[i+1])
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(corps)))
		w.Write([]byte(corps[:n]))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// lente gives a part of a body, then nothing.
func lente(corps string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"un"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(corps)))
		w.Write([]byte(corps[:n]))
		w.(http.Flusher).Flush()
		select {
		case <-r.Context().Done():
		case <-time.After(5 * time.Second):
		}
	}
}

func redirige(vers string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, vers, http.StatusFound) }
}

// table is a depot with all that a mirror asks for.
type table struct {
	d *image.Depot
	m *Miroir
	o charger.Options
}

func nouvelleTable(t *testing.T, s Source, repertoire string) *table {
	t.Helper()
	d, err := image.Ouvrir(t.TempDir(), image.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Fermer)
	donnees, err := annuaire.Charger(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &table{d, NouveauMiroir(s, d, donnees, repertoire, nil),
		charger.Options{Repertoire: filepath.Join(t.TempDir(), "travail"), Maintenant: midi, Donnees: donnees, AccepteePar: "essai"}}
}

func (x *table) lire(t *testing.T, n annuaire.Nature, id string) annuaire.Changement {
	t.Helper()
	v := x.d.Vue()
	defer v.Rendre()
	r, ok := v.ParID(n, id)
	if !ok {
		t.Fatalf("%v %s absent", n, id)
	}
	k, err := image.Decoder(image.Encoder(nil, ptr(v.Lire(r))))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ptr[T any](x T) *T { return &x }

func (x *table) nombre(n annuaire.Nature) int {
	v := x.d.Vue()
	defer v.Rendre()
	return v.Nombre(n)
}

func secret(t *testing.T) string {
	t.Helper()
	f := filepath.Join(t.TempDir(), "cle")
	if err := os.WriteFile(f, []byte("cle-fictive-1234\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func sansSecret(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "cle-fictive") {
		t.Errorf("l'erreur dit la clé : %v", err)
	}
}
