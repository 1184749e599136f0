package https

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
)

// offrir drops a file for a partner, and gives its name.
func offrir(t *testing.T, racine, partenaire, cle string, b []byte) string {
	t.Helper()
	dir := filepath.Join(racine, partenaire)
	d := sha256.Sum256(b)
	nom := cle + "." + hex.EncodeToString(d[:]) + ".B2"
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(filepath.Join(dir, nom), b, 0o600)); err != nil {
		t.Fatal(err)
	}
	return nom
}

// guichet serves the drop folders of two partners; coupure cuts each answer after so
// many bytes, 0 for never.
type guichet struct {
	*httptest.Server
	racine  string
	mu      sync.Mutex
	retires []string
	coupure int
	client  *Client
}

type coupe struct {
	http.ResponseWriter
	reste int
}

func (c *coupe) Write(b []byte) (int, error) {
	if len(b) > c.reste {
		n, _ := c.ResponseWriter.Write(b[:c.reste]) // the cable is pulled just after
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		return n, errors.New("coupé")
	}
	c.reste -= len(b)
	return c.ResponseWriter.Write(b)
}

func ouvrirGuichet(t *testing.T) *guichet {
	g := &guichet{racine: t.TempDir()}
	s := &Retrait{Racine: g.racine, Nom: func(q *http.Request) string { return q.PathValue("nom") },
		Partenaire: func(q *http.Request) (string, error) {
			if p := q.PathValue("partenaire"); p == q.Header.Get("Qui") || strings.Contains(p, "..") {
				return p, nil
			}
			return "", errors.New("un autre")
		},
		Retire: func(_ context.Context, partenaire, nom string, _ int64) error {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.retires = append(g.retires, partenaire+"/"+nom)
			return nil
		}}
	mux := http.NewServeMux()
	f := func(w http.ResponseWriter, q *http.Request) {
		if g.coupure > 0 && q.PathValue("nom") != "" {
			w = &coupe{w, g.coupure}
		}
		s.ServeHTTP(w, q)
	}
	mux.HandleFunc("/envois/{partenaire}", f)
	mux.HandleFunc("/envois/{partenaire}/{nom}", f)
	g.Server = httptest.NewServer(mux)
	t.Cleanup(g.Close)
	g.client = &Client{Aller: qui{"99000909", g.Client().Transport}, Clair: true}
	return g
}

// What was dropped is listed and fetched, by its partner only; cut ten times, it is
// fetched once.
func TestRetirer(t *testing.T) {
	g := ouvrirGuichet(t)
	gros := bytes.Repeat([]byte("0123456789"), 20_000)
	nom := offrir(t, g.racine, "99000909", "lot-1", gros)
	offrir(t, g.racine, "99000101", "lot-2", []byte("à un autre"))
	adresse := g.URL + "/envois/99000909"
	l, err := g.client.Lister(ctx, adresse)
	if err != nil || len(l) != 1 || l[0].Nom != nom || l[0].Genre != "B2" || l[0].Taille != int64(len(gros)) {
		t.Fatalf("%+v, %v", l, err)
	}
	var refus *acheminement.Refus
	if _, err := g.client.Lister(ctx, g.URL+"/envois/99000101"); !errors.As(err, &refus) || refus.Code != "PARTENAIRE" {
		t.Errorf("la liste d'un autre : %v", err)
	}
	for _, chemin := range []string{"/envois/99000909/..%2f99000101%2flot-2", "/envois/99000909/inconnu", "/envois/..%2f99000101"} {
		if _, err := g.client.Lister(ctx, g.URL+chemin); !errors.As(err, &refus) {
			t.Errorf("%s : %v", chemin, err)
		}
	}
	g.coupure = 19_000
	dossier := t.TempDir()
	chemin, err := g.client.Retirer(ctx, adresse, l[0], dossier)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(chemin); err != nil || !bytes.Equal(b, gros) {
		t.Errorf("%d octets, %v", len(b), err)
	}
	notes := func() []string {
		g.mu.Lock()
		defer g.mu.Unlock()
		return slices.Clone(g.retires)
	}
	for fin := time.Now().Add(5 * time.Second); len(notes()) == 0 && time.Now().Before(fin); time.Sleep(time.Millisecond) {
	}
	if l := notes(); len(l) != 1 || l[0] != "99000909/"+nom {
		t.Errorf("retraits notés : %v", l)
	}
	if l, err := os.ReadDir(dossier); err != nil || len(l) != 1 {
		t.Errorf("%v, %v", l, err)
	}
	g.Close() // already here: nothing is asked
	if _, err := g.client.Retirer(ctx, adresse, l[0], dossier); err != nil {
		t.Errorf("déjà là : %v", err)
	}
}

// A file is fetched once all its bytes were served: a part of its end, or parts with a
// hole between them, fetch nothing.
func TestRetraitNote(t *testing.T) {
	for _, c := range []struct {
		nom    string
		plages []string
		note   bool
	}{
		{"en entier", []string{""}, true},
		{"le dernier octet", []string{"bytes=-1"}, false},
		{"la fin", []string{"bytes=500-"}, false},
		{"le début", []string{"bytes=0-499"}, false},
		{"un trou", []string{"bytes=0-499", "bytes=501-"}, false},
		{"la fin puis le début", []string{"bytes=500-", "bytes=0-499"}, false},
		{"plusieurs plages d'un coup", []string{"bytes=0-499,500-999"}, false},
		{"le début puis la fin", []string{"bytes=0-499", "bytes=500-"}, true},
		{"en se recouvrant", []string{"bytes=0-699", "bytes=200-499", "bytes=-400"}, true},
		{"tout, en une plage", []string{"bytes=0-"}, true},
		{"hors du fichier", []string{"bytes=2000-"}, false},
	} {
		t.Run(c.nom, func(t *testing.T) {
			racine, notes := t.TempDir(), 0
			nom := offrir(t, racine, "99000909", "lot", bytes.Repeat([]byte("0123456789"), 100))
			offrir(t, racine, "99000101", "lot", bytes.Repeat([]byte("0123456789"), 100))
			partenaire := "99000101" // what another fetches of its own counts for nobody else
			s := &Retrait{Racine: racine, Nom: func(*http.Request) string { return nom }, Partenaire: func(*http.Request) (string, error) { return partenaire, nil },
				Retire: func(context.Context, string, string, int64) error { notes++; return nil }}
			demander := func(methode, plage string) {
				q := httptest.NewRequest(methode, "/", nil)
				if plage != "" {
					q.Header.Set("Range", plage)
				}
				s.ServeHTTP(httptest.NewRecorder(), q)
			}
			demander(http.MethodGet, "bytes=0-499")
			partenaire = "99000909"
			demander(http.MethodHead, "")
			for _, p := range c.plages {
				demander(http.MethodGet, p)
			}
			if notes == 1 != c.note || notes > 1 {
				t.Errorf("noté %d fois", notes)
			}
		})
	}
}

// What is remembered of files under way is bounded.
func TestServisBornes(t *testing.T) {
	var s servis
	for i := range servisMax + 50 {
		if s.noter(strconv.Itoa(i), 0, 1, 2) {
			t.Fatal("fini avant la fin")
		}
	}
	if len(s.jusque) != servisMax {
		t.Errorf("%d fichiers retenus", len(s.jusque))
	}
}

// A process that stopped goes on where it was; a part that is not of this file makes it
// be fetched again whole.
func TestRetirerApresArret(t *testing.T) {
	g := ouvrirGuichet(t)
	b := bytes.Repeat([]byte("abc"), 5000)
	nom := offrir(t, g.racine, "99000909", "lot", b)
	o := Offert{Nom: nom, Empreinte: nom[4:68], Taille: int64(len(b))}
	for _, c := range []struct {
		nom     string
		partiel []byte
		err     error
	}{{"le début", b[:7000], nil}, {"autre chose", bytes.Repeat([]byte("x"), 7000), ErrEmpreinte}, {"trop long", make([]byte, len(b)+1), ErrEmpreinte}} {
		t.Run(c.nom, func(t *testing.T) {
			dossier := t.TempDir()
			if err := os.WriteFile(filepath.Join(dossier, "."+nom+".partiel"), c.partiel, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := g.client.Retirer(ctx, g.URL+"/envois/99000909", o, dossier)
			if !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if err == nil {
				return
			}
			if _, err := g.client.Retirer(ctx, g.URL+"/envois/99000909", o, dossier); err != nil {
				t.Errorf("repris en entier : %v", err)
			}
		})
	}
}

// What is packed is refused before it is read.
func TestServeurRefuseLeCompresse(t *testing.T) {
	b := monter(t, nil)
	e := b.envoi("c", 10)
	q, err := http.NewRequest(http.MethodPost, b.http.URL, bytes.NewReader([]byte("\x1f\x8b")))
	if err != nil {
		t.Fatal(err)
	}
	message{e.Cle, e.Genre, e.Empreinte}.ecrire(q.Header)
	q.Header.Set("Qui", "x")
	q.Header.Set("Content-Encoding", "gzip")
	r, err := b.http.Client().Do(q)
	if err != nil || r.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("%v, %v", r, err)
	}
	if err == nil {
		r.Body.Close()
	}
}
