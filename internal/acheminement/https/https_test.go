package https

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
)

var ctx = context.Background()

// salle receives over a store in memory.
type salle struct {
	*acheminementtest.Memoire
	mu     sync.Mutex
	effets map[string]string
	echec  error
}

func (s *salle) Accueillir(ctx context.Context, a acheminement.Arrivee, genre string, contenu io.ReadSeeker, taille int64) ([]byte, error) {
	b, err := io.ReadAll(contenu)
	if err != nil || int64(len(b)) != taille {
		return nil, errors.Join(err, errors.New("taille"))
	}
	return s.Recevoir(ctx, a, func(context.Context) ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.echec != nil {
			return nil, s.echec
		}
		if _, deja := s.effets[a.Cle]; deja {
			return nil, errors.New("deux effets")
		}
		s.effets[a.Cle] = genre + " " + string(b)
		return []byte("reçu " + a.Cle), nil
	})
}

type banc struct {
	*testing.T
	salle   *salle
	serveur *Serveur
	http    *httptest.Server
	client  *Client
}

func monter(t *testing.T, autour func(http.Handler) http.Handler) *banc {
	b := &banc{T: t, salle: &salle{Memoire: acheminementtest.NewMemoire("A1"), effets: map[string]string{}}}
	b.serveur = &Serveur{Dossier: t.TempDir(), Accueil: b.salle, Horloge: acheminementtest.NewHorloge().Lire, PartielsMax: 3, EntierMax: 5000, TailleMax: 100000, MorceauMax: 2000,
		Expediteur: func(q *http.Request) (string, error) { return q.Header.Get("Qui"), nil }}
	var h http.Handler = b.serveur
	if autour != nil {
		h = autour(h)
	}
	b.http = httptest.NewServer(h)
	t.Cleanup(b.http.Close)
	b.client = &Client{Aller: qui{"750712184", b.http.Client().Transport}, Seuil: 1000, Morceau: 700, Clair: true, Delai: 5 * time.Second}
	return b
}

// qui stands for the certificate of a sender.
type qui struct {
	nom  string
	vers http.RoundTripper
}

func (q qui) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Qui", q.nom)
	return q.vers.RoundTrip(r)
}

func (b *banc) envoi(cle string, n int) *acheminement.Envoi {
	b.Helper()
	alea := rand.New(rand.NewPCG(uint64(n), 7))
	octets := make([]byte, n)
	for i := range octets {
		octets[i] = byte(alea.Uint32())
	}
	e := acheminementtest.Message("A1", cle, "")
	e.Adresse, e.Contenu = b.http.URL+"/asynchrone", octets
	if err := e.Preparer(); err != nil {
		b.Fatal(err)
	}
	return e
}

func (b *banc) livrer(e *acheminement.Envoi) (string, error) {
	r, err := b.client.Livrer(ctx, e, bytes.NewReader(e.Contenu))
	return string(r.Octets), err
}

func (b *banc) veut(e *acheminement.Envoi) {
	b.Helper()
	if r, err := b.livrer(e); err != nil || r != "reçu "+e.Cle {
		b.Errorf("%s : %q, %v", e.Cle, r, err)
	}
	if b.salle.effets[e.Cle] != "DRE-ES "+string(e.Contenu) {
		b.Errorf("%s : l'effet n'est pas celui du message", e.Cle)
	}
}

func (b *banc) partiels() (n int) {
	b.Helper()
	err := filepath.WalkDir(b.serveur.Dossier, func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func TestLivrer(t *testing.T) {
	b := monter(t, nil)
	for _, n := range []int{1, 999, 1000, 1001, 1400, 5600, 50001} {
		e := b.envoi(fmt.Sprint("m", n), n)
		b.veut(e)
		b.veut(e) // a lost receipt
	}
	if n := b.partiels(); n != 0 {
		t.Errorf("%d envois partiels restent", n)
	}
}

// A source without way back goes through all the same.
func TestLivrerSansRetour(t *testing.T) {
	b := monter(t, nil)
	e := b.envoi("m", 5000)
	r, err := b.client.Livrer(ctx, e, struct{ io.Reader }{bytes.NewReader(e.Contenu)})
	if err != nil || string(r.Octets) != "reçu m" {
		t.Errorf("%q, %v", r.Octets, err)
	}
}

func TestStatuts(t *testing.T) {
	date := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		statut  int
		corps   string
		entetes map[string]string
		refus   bool
		code    string
		attente time.Duration
	}{
		{400, "", nil, true, "HTTP_400", 0},
		{403, `{"code":"S501"}`, nil, true, "S501", 0},
		{409, `{"code":"T012"}`, nil, true, "T012", 0},
		{422, `{"code":"<script>"}`, nil, true, "HTTP_422", 0},
		{413, `pas du json`, nil, true, "HTTP_413", 0},
		{301, ``, map[string]string{"Location": "https://ailleurs.example"}, true, "HTTP_301", 0},
		{429, `{"code":"S506"}`, map[string]string{"Retry-After": "7"}, false, "S506", 7 * time.Second},
		{503, ``, map[string]string{"Retry-After": date.Add(time.Hour).Format(http.TimeFormat), "Date": date.Format(http.TimeFormat)}, false, "HTTP_503", time.Hour},
		{503, ``, map[string]string{"Retry-After": "-3"}, false, "HTTP_503", 0},
		{503, ``, map[string]string{"Retry-After": "demain"}, false, "HTTP_503", 0},
		{500, ``, nil, false, "HTTP_500", 0},
		{408, ``, nil, false, "HTTP_408", 0},
	} {
		for _, taille := range []int{10, 3000} {
			t.Run(fmt.Sprint(c.statut, "/", taille), func(t *testing.T) {
				b := monter(t, func(http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
						if q.Method == http.MethodHead {
							w.WriteHeader(404)
							return
						}
						io.Copy(io.Discard, q.Body)
						for k, v := range c.entetes {
							w.Header().Set(k, v)
						}
						w.WriteHeader(c.statut)
						io.WriteString(w, c.corps)
					})
				})
				_, err := b.livrer(b.envoi("m", taille))
				var refus *acheminement.Refus
				var passager *acheminement.Passager
				switch {
				case c.refus && (!errors.As(err, &refus) || refus.Code != c.code || string(refus.Octets) != c.corps):
					t.Errorf("%#v, want refus %s", err, c.code)
				case !c.refus && (!errors.As(err, &passager) || passager.Code != c.code || passager.Attente != c.attente || passager.Avance):
					t.Errorf("%#v, want %s après %s", err, c.code, c.attente)
				}
			})
		}
	}
}

// The connection is cut at each piece in turn, before it or after it is received:
// each try goes on where the last stopped, and none is counted.
func TestReprise(t *testing.T) {
	var recus, coupes atomic.Int64
	b := monter(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodPatch {
				switch coupes.Add(1) % 3 {
				case 1: // half of the piece arrives, then the line is cut
					q.Body = io.NopCloser(io.LimitReader(q.Body, 350))
					h.ServeHTTP(httptest.NewRecorder(), q)
					panic(http.ErrAbortHandler)
				case 2: // the piece arrives, its acknowledgement does not
					h.ServeHTTP(httptest.NewRecorder(), q)
					panic(http.ErrAbortHandler)
				}
				if n, err := lireNombre(q.Header.Get(enteteOffset)); err == nil && n > recus.Load() {
					recus.Store(n)
				}
			}
			h.ServeHTTP(w, q)
		})
	})
	e := b.envoi("m", 10000)
	for essai := 0; ; essai++ {
		r, err := b.livrer(e)
		if err == nil {
			if r != "reçu m" {
				t.Errorf("reçu %q", r)
			}
			break
		}
		var p *acheminement.Passager
		if !errors.As(err, &p) || essai > 40 {
			t.Fatalf("essai %d : %v", essai, err)
		}
	}
	if b.salle.effets["m"] != "DRE-ES "+string(e.Contenu) {
		t.Error("l'effet n'est pas celui du message")
	}
	if n := recus.Load(); n < 5000 {
		t.Errorf("dernier morceau à %d", n)
	}
}

func TestAvance(t *testing.T) {
	var n atomic.Int64
	b := monter(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.Method == http.MethodPatch {
				if n.Add(1) == 3 {
					panic(http.ErrAbortHandler)
				}
			}
			h.ServeHTTP(w, q)
		})
	})
	_, err := b.livrer(b.envoi("m", 5000))
	var p *acheminement.Passager
	if !errors.As(err, &p) || !p.Avance {
		t.Errorf("%v : deux morceaux sont arrivés", err)
	}
	n.Store(2)
	_, err = b.livrer(b.envoi("m", 5000))
	if !errors.As(err, &p) || p.Avance {
		t.Errorf("%v : aucun morceau n'est arrivé de plus", err)
	}
}

func TestMemeCle(t *testing.T) {
	for _, n := range []int{10, 3000} {
		b := monter(t, nil)
		b.veut(b.envoi("m", n))
		autre := b.envoi("m", n+1)
		_, err := b.livrer(autre)
		var r *acheminement.Refus
		if !errors.As(err, &r) || r.Code != "T012" {
			t.Errorf("%d octets : %v, want T012", n, err)
		}
		b.client.Aller = qui{"690781810", b.http.Client().Transport}
		delete(b.salle.effets, "m")
		b.veut(autre) // the key of another sender
	}
}

func TestEmpreinteFausse(t *testing.T) {
	for _, n := range []int{10, 3000} {
		b := monter(t, nil)
		e := b.envoi("m", n)
		bons := e.Contenu
		e.Contenu = bytes.Clone(bons)
		e.Contenu[n/2] ^= 1
		for range 2 {
			_, err := b.livrer(e)
			var p *acheminement.Passager
			if !errors.As(err, &p) || p.Code != "EMPREINTE" || p.Avance {
				t.Errorf("%d octets : %v, want EMPREINTE, essai compté", n, err)
			}
		}
		if b.partiels() != 0 || len(b.salle.effets) != 0 {
			t.Error("un message abîmé a laissé quelque chose")
		}
		e.Contenu = bons
		b.veut(e)
	}
}

// The room fails once all is here: nothing is sent again but an empty piece.
func TestAccueilEnPanne(t *testing.T) {
	var octets atomic.Int64
	b := monter(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			octets.Add(q.ContentLength)
			h.ServeHTTP(w, q)
		})
	})
	b.salle.echec = &acheminement.Passager{Code: "PLEIN", Attente: 9 * time.Second}
	e := b.envoi("m", 3000)
	_, err := b.livrer(e)
	var p *acheminement.Passager
	if !errors.As(err, &p) || p.Code != "PLEIN" || p.Attente != 9*time.Second {
		t.Fatalf("%v", err)
	}
	b.salle.echec = nil
	octets.Store(0)
	b.veut(e)
	if octets.Load() != 0 || b.partiels() != 0 {
		t.Errorf("%d octets renvoyés, %d partiels", octets.Load(), b.partiels())
	}
	b.salle.echec = &acheminement.Refus{Code: "F601"}
	_, err = b.livrer(b.envoi("n", 3000))
	var r *acheminement.Refus
	if !errors.As(err, &r) || r.Code != "F601" || b.partiels() != 0 {
		t.Errorf("%v, %d partiels", err, b.partiels())
	}
}

// A machine that stopped in the middle of a piece left bytes that nobody sent: the
// digest tells, and all is sent again.
func TestPartielAbime(t *testing.T) {
	b := monter(t, nil)
	e := b.envoi("m", 5000)
	chemin := b.serveur.chemin(acheminement.Arrivee{Expediteur: "750712184", Cle: "m", Empreinte: e.Empreinte})
	if err := os.MkdirAll(filepath.Dir(chemin), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(chemin, append(bytes.Clone(e.Contenu[:1000]), make([]byte, 500)...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := b.livrer(e)
	var p *acheminement.Passager
	if !errors.As(err, &p) || p.Code != "EMPREINTE" {
		t.Errorf("%v", err)
	}
	b.veut(e)
}

// Servers that share nothing answer in turn: that may pass, and ends.
func TestServeursDesunis(t *testing.T) {
	var n atomic.Int64
	b := monter(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			w.Header().Set(enteteOffset, fmt.Sprint(700*(1+n.Add(1)%2)))
			if q.Method == http.MethodHead {
				w.WriteHeader(204)
				return
			}
			w.WriteHeader(409)
		})
	})
	_, err := b.livrer(b.envoi("m", 5000))
	var p *acheminement.Passager
	if !errors.As(err, &p) || p.Code != "OFFSET" || n.Load() > 10 {
		t.Errorf("%v après %d questions", err, n.Load())
	}
}

// Two uploads of one message at once: one waits, none damages the other.
func TestEnvoisSimultanes(t *testing.T) {
	b := monter(t, nil)
	e := b.envoi("m", 20000)
	var fin sync.WaitGroup
	for range 4 {
		fin.Go(func() {
			for debut := time.Now(); time.Since(debut) < 20*time.Second; time.Sleep(time.Millisecond) {
				r, err := b.livrer(e)
				var p *acheminement.Passager
				if err == nil && r == "reçu m" {
					return
				}
				if !errors.As(err, &p) {
					t.Errorf("%q, %v", r, err)
					return
				}
			}
			t.Error("un envoi n'aboutit pas")
		})
	}
	fin.Wait()
	if b.salle.effets["m"] != "DRE-ES "+string(e.Contenu) {
		t.Error("l'effet n'est pas celui du message")
	}
}

// Nothing that a sender says costs more than its bounds.
func TestServeurRefuse(t *testing.T) {
	b := monter(t, nil)
	bon := func() http.Header {
		h := http.Header{}
		message{"m", "DRE-ES", sha256.Sum256([]byte("x"))}.ecrire(h)
		h.Set("Qui", "750712184")
		return h
	}
	morceau := func(offset, taille, complet string) func(http.Header) {
		return func(h http.Header) {
			h.Set("Content-Type", genreMorceau)
			h.Set(enteteOffset, offset)
			h.Set(enteteTaille, taille)
			h.Set(enteteComplet, complet)
		}
	}
	for _, c := range []struct {
		cas, methode string
		corps        int
		f            func(http.Header)
		statut       int
	}{
		{"sans expéditeur", "POST", 1, func(h http.Header) { h.Del("Qui") }, 403},
		{"sans clé", "POST", 1, func(h http.Header) { h.Del(enteteCle) }, 400},
		{"clé hors du dossier", "PATCH", 1, func(h http.Header) { h.Set(enteteCle, `"../../x"`) }, 400},
		{"sans empreinte", "POST", 1, func(h http.Header) { h.Del(enteteEmpreinte) }, 400},
		{"empreinte courte", "POST", 1, func(h http.Header) { h.Set(enteteEmpreinte, "sha-256=:YWJj:") }, 400},
		{"genre illisible", "POST", 1, func(h http.Header) { h.Set(enteteGenre, "a b") }, 400},
		{"trop long d'un coup", "POST", 5001, nil, 413},
		{"méthode", "PUT", 1, nil, 405},
		{"morceau sans place", "PATCH", 1, func(h http.Header) { h.Set("Content-Type", genreMorceau) }, 400},
		{"offset négatif", "PATCH", 1, morceau("-1", "10", "?0"), 400},
		{"offset immense", "PATCH", 1, morceau("9999999999999999999", "10", "?0"), 400},
		{"au-delà de la taille", "PATCH", 11, morceau("0", "10", "?1"), 400},
		{"complet trop tôt", "PATCH", 5, morceau("0", "10", "?1"), 400},
		{"jamais complet", "PATCH", 10, morceau("0", "10", "?0"), 400},
		{"message trop grand", "PATCH", 5, morceau("0", "100001", "?0"), 413},
		{"morceau trop grand", "PATCH", 2001, morceau("0", "10000", "?0"), 413},
		{"un trou", "PATCH", 5, morceau("5", "20", "?0"), 409},
	} {
		q, err := http.NewRequest(c.methode, b.http.URL, bytes.NewReader(make([]byte, c.corps)))
		if err != nil {
			t.Fatal(err)
		}
		if q.Header = bon(); c.f != nil {
			c.f(q.Header)
		}
		r, err := b.http.Client().Do(q)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != c.statut {
			t.Errorf("%s : %d, want %d", c.cas, r.StatusCode, c.statut)
		}
	}
	if b.partiels() != 0 || len(b.salle.effets) != 0 {
		t.Error("un refus a laissé quelque chose")
	}
}

func TestPartielsBornes(t *testing.T) {
	b := monter(t, func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.Header.Get(enteteOffset) == "700" {
				w.WriteHeader(500)
				return
			}
			h.ServeHTTP(w, q)
		})
	})
	for i := range 3 {
		b.livrer(b.envoi(fmt.Sprint("m", i), 3000))
	}
	_, err := b.livrer(b.envoi("m3", 3000))
	var p *acheminement.Passager
	if !errors.As(err, &p) || p.Code != "PARTIELS" || b.partiels() != 3 {
		t.Errorf("%v, %d partiels", err, b.partiels())
	}
	if n, err := b.serveur.Purger(time.Hour); n != 0 || err != nil {
		t.Errorf("purgés %d, %v", n, err)
	}
	if n, err := b.serveur.Purger(0); n != 3 || err != nil || b.partiels() != 0 {
		t.Errorf("purgés %d, %v", n, err)
	}
}

func TestClientRefuse(t *testing.T) {
	b := monter(t, nil)
	b.client.Clair = false
	for _, a := range []string{"", "http://a.example", "https://", "https://x:y@a.example", "file:///etc/passwd", "%"} {
		e := b.envoi("m", 10)
		e.Adresse = a
		_, err := b.livrer(e)
		var r *acheminement.Refus
		if !errors.As(err, &r) || r.Code != "ADRESSE" {
			t.Errorf("%q : %v", a, err)
		}
	}
	b.client.Clair, b.client.RecuMax = true, 3
	_, err := b.livrer(b.envoi("m", 10))
	var p *acheminement.Passager
	if !errors.As(err, &p) || p.Code != "RECU" {
		t.Errorf("reçu trop long : %v", err)
	}
	b.http.Close()
	_, err = b.livrer(b.envoi("m", 10))
	if !errors.As(err, &p) || p.Code != "RESEAU" {
		t.Errorf("porte close : %v", err)
	}
}

func TestClientMuet(t *testing.T) {
	lache := make(chan struct{})
	b := monter(t, func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
			select {
			case <-lache:
			case <-q.Context().Done():
			}
		})
	})
	defer close(lache)
	b.client.Delai = 20 * time.Millisecond
	_, err := b.livrer(b.envoi("m", 10))
	var p *acheminement.Passager
	if !errors.As(err, &p) || p.Code != acheminement.CodeSilence {
		t.Errorf("%v", err)
	}
}

func FuzzEntetes(f *testing.F) {
	f.Add(`"m"`, "DRE-ES", "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:", "0")
	f.Add(`m`, "x", "md5=:AA==:, sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:", "12")
	f.Fuzz(func(t *testing.T, cle, genre, empreinte, nombre string) {
		h := http.Header{enteteCle: {cle}, enteteGenre: {genre}, enteteEmpreinte: {empreinte}}
		if m, err := lireMessage(h); err == nil {
			g := http.Header{}
			m.ecrire(g)
			if n, err := lireMessage(g); err != nil || n != m {
				t.Errorf("%v relu %v, %v", m, n, err)
			}
		}
		if n, err := lireNombre(nombre); err == nil && n < 0 {
			t.Errorf("%q lu %d", nombre, n)
		}
	})
}
