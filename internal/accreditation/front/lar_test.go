package front

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/accreditation"
	"github.com/ecluse-sante/ecluse/visiodroits"
)

// rayons keeps lists as the store does, and counts what is asked of it.
type rayons struct {
	mu      sync.Mutex
	listes  map[int64][]byte
	lues    []string      // what was read, in order
	dernier atomic.Int64  // how often the last number was asked
	retenir chan struct{} // a reading waits for it, when not nil
	enCours atomic.Int64
	pointe  atomic.Int64
}

func (x *rayons) paraitre(n int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.listes == nil {
		x.listes = map[int64][]byte{}
	}
	x.listes[n] = bytes.Repeat([]byte{byte(n)}, 1000+int(n))
}

func (x *rayons) Dernier(_ context.Context, emetteur string) (n int64, err error) {
	x.dernier.Add(1)
	x.mu.Lock()
	defer x.mu.Unlock()
	for k := range x.listes {
		n = max(n, k)
	}
	if n == 0 || emetteur != "99000001" {
		return 0, visiodroits.ErrNonParue
	}
	return n, nil
}

func (x *rayons) liste(emetteur string, n int64, f accreditation.Forme) ([]byte, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	b, ok := x.listes[n]
	switch {
	case !ok || emetteur != "99000001":
		return nil, visiodroits.ErrNonParue
	case f == accreditation.Delta && n == 1:
		return nil, nil
	case f == accreditation.Delta:
		return b[:10], nil
	}
	return b, nil
}

func (x *rayons) Octets(_ context.Context, emetteur string, n int64, f accreditation.Forme) ([]byte, error) {
	k := x.enCours.Add(1)
	defer x.enCours.Add(-1)
	for p := x.pointe.Load(); k > p && !x.pointe.CompareAndSwap(p, k); p = x.pointe.Load() {
	}
	if x.retenir != nil {
		<-x.retenir
	}
	x.mu.Lock()
	x.lues = append(x.lues, fmt.Sprint(f, n))
	x.mu.Unlock()
	return x.liste(emetteur, n, f)
}

func (x *rayons) Taille(_ context.Context, emetteur string, n int64, f accreditation.Forme) (int, error) {
	b, err := x.liste(emetteur, n, f)
	return len(b), err
}

func (x *rayons) vues() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	l := x.lues
	x.lues = nil
	return l
}

type comptoir struct {
	mux *http.ServeMux
	a   atomic.Int64 // the clock, in milliseconds
}

func ouvrirComptoir(x *rayons) *comptoir {
	c := &comptoir{mux: http.NewServeMux()}
	c.a.Store(1_800_000_000_000)
	RoutesLAR(c.mux, "/v1", x, func() time.Time { return time.UnixMilli(c.a.Load()) })
	return c
}

func (c *comptoir) demander(methode, quoi string, entetes ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(methode, "/v1/lar/"+quoi, nil)
	for i := 0; i < len(entetes); i += 2 {
		r.Header.Set(entetes[i], entetes[i+1])
	}
	w := httptest.NewRecorder()
	c.mux.ServeHTTP(w, r)
	return w
}

// A list is read once for all who ask for it, and not at all for who has it, or asks how
// long it is; a new one is seen within a second, whoever published it.
func TestLAR(t *testing.T) {
	x := &rayons{}
	c := ouvrirComptoir(x)
	if w := c.demander("GET", "99000001/courante"); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("avant parution : %d", w.Code)
	}
	x.paraitre(1)
	x.paraitre(2)
	marque := c.demander("GET", "99000001/courante").Header().Get("ETag")
	if l := x.vues(); !slices.Equal(l, []string{"entiere2", "delta2"}) || len(marque) < 10 {
		t.Errorf("première lecture : %v, %s", l, marque)
	}
	const bientot, toujours = "public, max-age=300", "public, max-age=31536000, immutable"
	for _, y := range []struct {
		nom, methode, quoi string
		entetes            []string
		statut, octets     int
		taille, cache      string
		lues               []string
	}{
		{"encore", "GET", "courante", nil, 200, 1002, "1002", bientot, nil},
		{"HEAD", "HEAD", "courante", nil, 200, 0, "1002", bientot, nil},
		{"déjà tenue", "GET", "courante", []string{"If-None-Match", marque}, 304, 0, "", bientot, nil},
		{"un intervalle", "GET", "courante", []string{"Range", "bytes=0-9"}, 206, 10, "10", bientot, nil},
		{"la courante par son numéro", "GET", "2", nil, 200, 1002, "1002", toujours, nil},
		{"son delta", "GET", "2/delta", nil, 200, 10, "10", toujours, nil},
		{"une ancienne", "GET", "1", nil, 200, 1001, "1001", toujours, []string{"entiere1"}},
		{"une ancienne, HEAD", "HEAD", "1", nil, 200, 0, "1001", toujours, nil},
		{"une ancienne, déjà tenue", "GET", "1", []string{"If-None-Match", `"entiere-1"`}, 304, 0, "", toujours, nil},
		{"une ancienne, une autre tenue", "GET", "1", []string{"If-None-Match", `"entiere-2"`}, 200, 1001, "1001", toujours, []string{"entiere1"}},
		{"une ancienne, marques mal écrites", "GET", "1", []string{"If-None-Match", `x, "entiere-1"`}, 200, 1001, "1001", toujours, []string{"entiere1"}},
		{"pas de delta", "GET", "1/delta", nil, 404, -1, "", "no-store", []string{"delta1"}},
		{"pas de delta, HEAD", "HEAD", "1/delta", nil, 404, -1, "", "no-store", nil},
		{"non parue", "GET", "3", nil, 404, -1, "", "no-store", []string{"entiere3"}},
		{"non parue, déjà tenue", "GET", "3", []string{"If-None-Match", `"entiere-3"`}, 404, -1, "", "no-store", nil},
		{"zéros de tête", "GET", "02", nil, 404, -1, "", "no-store", nil},
		{"texte", "GET", "x", nil, 404, -1, "", "no-store", nil},
		{"écriture", "POST", "courante", nil, 405, -1, "", "", nil},
	} {
		w := c.demander(y.methode, "99000001/"+y.quoi, y.entetes...)
		if w.Code != y.statut || y.octets >= 0 && w.Body.Len() != y.octets || y.statut < 300 && w.Header().Get("Content-Length") != y.taille || w.Header().Get("Cache-Control") != y.cache {
			t.Errorf("%s : %d, %d octets, %v", y.nom, w.Code, w.Body.Len(), w.Header())
		}
		if l := x.vues(); !slices.Equal(l, y.lues) {
			t.Errorf("%s : lu %v, want %v", y.nom, l, y.lues)
		}
	}
	if n := x.dernier.Load(); n != 2 {
		t.Errorf("dernier numéro demandé %d fois", n)
	}
	x.paraitre(3) // by another node
	if w := c.demander("HEAD", "99000001/courante"); w.Header().Get("Ecluse-Numero") != "2" {
		t.Errorf("tout de suite : %v", w.Header())
	}
	c.a.Add(1000)
	if w := c.demander("GET", "99000001/courante", "If-None-Match", marque); w.Code != 200 || w.Header().Get("Ecluse-Numero") != "3" || w.Body.Len() != 1003 {
		t.Errorf("une seconde après : %d %v", w.Code, w.Header())
	}
	x.vues()
	c.a.Add(1000)
	if w := c.demander("GET", "99000001/courante"); w.Code != 200 || len(x.vues()) != 0 {
		t.Error("une liste qui n'a pas changé est relue")
	}
	if w := c.demander("GET", "99000009/courante"); w.Code != 404 {
		t.Errorf("autre émetteur : %d", w.Code)
	}
}

// A flood of readings of old lists reads a few at once and tells the others to come back;
// the current list goes on being given, and a new one seen.
func TestLecturesBornees(t *testing.T) {
	x := &rayons{}
	for n := range int64(30) {
		x.paraitre(n + 1)
	}
	c := ouvrirComptoir(x)
	c.demander("GET", "99000001/courante")
	x.retenir = make(chan struct{})
	var servies, renvoyees atomic.Int64
	var tous sync.WaitGroup
	for i := range 90 { // each of twenty-nine, about three times
		tous.Go(func() {
			switch w := c.demander("GET", fmt.Sprint("99000001/", 1+i%29)); {
			case w.Code == 200:
				servies.Add(1)
			case w.Code == 503 && w.Header().Get("Retry-After") == "5" && w.Header().Get("Cache-Control") == "no-store":
				renvoyees.Add(1)
			default:
				t.Errorf("%d %v", w.Code, w.Header())
			}
		})
	}
	for fin := time.Now().Add(5 * time.Second); x.enCours.Load() < lecturesEtal && time.Now().Before(fin); time.Sleep(time.Millisecond) {
	}
	for range 100 {
		if w := c.demander("GET", "99000001/courante"); w.Code != 200 {
			t.Fatalf("la courante : %d", w.Code)
		}
	}
	c.a.Add(2000)
	if w := c.demander("HEAD", "99000001/courante"); w.Code != 200 {
		t.Fatalf("la courante, relue pendant l'inondation : %d", w.Code)
	}
	for fin := time.Now().Add(10 * time.Second); renvoyees.Load() == 0 && time.Now().Before(fin); time.Sleep(time.Millisecond) {
	}
	close(x.retenir)
	tous.Wait()
	if x.pointe.Load() > lecturesEtal || servies.Load() < lecturesEtal || renvoyees.Load() == 0 || servies.Load()+renvoyees.Load() != 90 {
		t.Errorf("%d à la fois, %d servies, %d renvoyées", x.pointe.Load(), servies.Load(), renvoyees.Load())
	}
	if lues := x.vues(); len(lues) >= 40 {
		t.Errorf("%d lectures : les mêmes listes ne sont pas partagées", len(lues))
	}
}

// So many read at once, all together and from one address; questions pass.
func TestBorner(t *testing.T) {
	retenir := make(chan struct{})
	var dedans atomic.Int64
	h := Borner(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			return
		}
		dedans.Add(1)
		<-retenir
	}))
	demander := func(methode, adresse string) int {
		r := httptest.NewRequest(methode, "/v1/lar/99000001/courante", nil)
		r.RemoteAddr = adresse
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	var tous sync.WaitGroup
	occuper := func(n int, adresse func(i int) string) {
		t.Helper()
		attendus := dedans.Load() + int64(n)
		for i := range n {
			tous.Go(func() { demander("GET", adresse(i)) })
		}
		for fin := time.Now().Add(5 * time.Second); dedans.Load() < attendus; time.Sleep(time.Millisecond) {
			if time.Now().After(fin) {
				t.Fatalf("%d dedans, want %d", dedans.Load(), attendus)
			}
		}
	}
	occuper(lecteursParPair, func(int) string { return "192.0.2.1:1000" })
	if c := demander("HEAD", "192.0.2.1:1001"); c != http.StatusServiceUnavailable {
		t.Errorf("un de plus d'une adresse : %d", c)
	}
	occuper(lecteursMax-lecteursParPair, func(i int) string { return fmt.Sprintf("192.0.3.%d:1", i) })
	if c := demander("GET", "192.0.4.1:1"); c != http.StatusServiceUnavailable {
		t.Errorf("un de plus : %d", c)
	}
	if c := demander("POST", "192.0.2.1:1002"); c != http.StatusOK {
		t.Errorf("une question : %d", c)
	}
	close(retenir)
	tous.Wait()
	if c := demander("GET", "192.0.2.1:1003"); c != http.StatusOK {
		t.Errorf("après : %d", c)
	}
}

// A mirror asks an issuer once for all who want the same list at the same moment, asks
// again soon whether it changed, and a few lists at once.
func TestMiroirPartage(t *testing.T) {
	var demandes, revalidees, enCours, pointe atomic.Int64
	retenir := make(chan struct{})
	var version atomic.Int64
	amont := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		demandes.Add(1)
		k := enCours.Add(1)
		defer enCours.Add(-1)
		for p := pointe.Load(); k > p && !pointe.CompareAndSwap(p, k); p = pointe.Load() {
		}
		<-retenir
		marque := fmt.Sprintf("%q", fmt.Sprint(version.Load()))
		w.Header().Set("ETag", marque)
		w.Header().Set("Cache-Control", "public, max-age=300")
		if strings.HasSuffix(r.URL.Path, "/7") {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		if strings.HasSuffix(r.URL.Path, "/404") {
			http.Error(w, "liste non parue", http.StatusNotFound)
			return
		}
		if r.Header.Get("If-None-Match") == marque {
			revalidees.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "liste ", marque)
	}))
	defer amont.Close()
	var a atomic.Int64
	a.Store(1_800_000_000_000)
	h, err := Miroir(http.NotFoundHandler(), "/v1", []Source{{"99000001", amont.URL}}, amont.Client().Transport, discret(), func() time.Time { return time.UnixMilli(a.Load()) })
	if err != nil {
		t.Fatal(err)
	}
	demander := func(methode, quoi string, entetes ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(methode, "/v1/"+quoi, nil)
		for i := 0; i < len(entetes); i += 2 {
			r.Header.Set(entetes[i], entetes[i+1])
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	const courante = "lar/99000001/courante"
	var tous sync.WaitGroup
	for i := range 50 {
		tous.Go(func() {
			methode := []string{"GET", "HEAD"}[i%2]
			if w := demander(methode, courante); w.Code != 200 || methode == "GET" && w.Body.String() != `liste "0"` || methode == "HEAD" && w.Body.Len() > 0 || w.Header().Get("Content-Length") != "9" {
				t.Errorf("%s : %d %q %v", methode, w.Code, w.Body, w.Header())
			}
		})
	}
	for demandes.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond)
	close(retenir)
	tous.Wait()
	if n := demandes.Load(); n != 1 {
		t.Errorf("%d demandes à l'émetteur pour une liste", n)
	}
	if w := demander("GET", courante, "If-None-Match", `"0"`); w.Code != 304 || demandes.Load() != 1 {
		t.Errorf("tenue : %d, %d demandes", w.Code, demandes.Load())
	}
	a.Add(1500)
	if w := demander("GET", courante); w.Header().Get("Age") != "1" || w.Header().Get("Cache-Control") != "public, max-age=300" {
		t.Errorf("âge : %v", w.Header())
	}
	a.Add(500)
	if w := demander("GET", courante); w.Code != 200 || revalidees.Load() != 1 || w.Header().Get("Age") != "" {
		t.Errorf("inchangée : %d, %d revalidations, %v", w.Code, revalidees.Load(), w.Header())
	}
	version.Store(1)
	a.Add(2000)
	if w := demander("GET", courante); w.Body.String() != `liste "1"` {
		t.Errorf("neuve : %q", w.Body)
	}
	// What is immutable is asked once; what is not published, each time.
	demandes.Store(0)
	for range 3 {
		a.Add(3600_000)
		if w := demander("GET", "lar/99000001/7"); w.Code != 200 {
			t.Errorf("immuable : %d", w.Code)
		}
		if w := demander("GET", "lar/99000001/404"); w.Code != 404 {
			t.Errorf("non parue : %d", w.Code)
		}
	}
	if n := demandes.Load(); n != 4 {
		t.Errorf("%d demandes, want 4", n)
	}
	// Many different lists: few at once, and the rest come back later.
	retenir = make(chan struct{})
	pointe.Store(0)
	var renvoyees atomic.Int64
	for i := range 40 {
		tous.Go(func() {
			if w := demander("GET", fmt.Sprint("listes/services/99000001/", 100+i)); w.Code == 503 && w.Header().Get("Retry-After") == "5" {
				renvoyees.Add(1)
			} else if w.Code != 200 {
				t.Errorf("%d", w.Code)
			}
		})
	}
	for fin := time.Now().Add(10 * time.Second); renvoyees.Load() < 40-amontMax && time.Now().Before(fin); time.Sleep(time.Millisecond) {
	}
	close(retenir)
	tous.Wait()
	if renvoyees.Load() != 40-amontMax || pointe.Load() > amontMax {
		t.Errorf("%d renvoyées, %d à la fois", renvoyees.Load(), pointe.Load())
	}
}

// What a mirror keeps of an issuer is bounded, the least lately asked leaving first.
func TestCopiesBornees(t *testing.T) {
	x := &reflet{copies: map[string]*copie{}}
	for i := range 200 {
		x.garder(fmt.Sprint(i), &copie{statut: 200, entetes: http.Header{"Etag": {"x"}}, octets: make([]byte, 1<<20), lue: time.UnixMilli(int64(i))})
	}
	if x.taille > copiesMax || len(x.copies) < 60 || x.copies["199"] == nil || x.copies["0"] != nil {
		t.Errorf("%d octets, %d copies", x.taille, len(x.copies))
	}
	x.garder("199", &copie{statut: 404})
	somme := 0
	for _, c := range x.copies {
		somme += c.poids()
	}
	if x.copies["199"] != nil || somme != x.taille {
		t.Errorf("%d octets comptés pour %d", x.taille, somme)
	}
}

// An issuer has digits only: an address made up to name two readings alike reaches none, and
// takes nothing from who reads an old list at the same moment.
func TestLAREmetteurFabrique(t *testing.T) {
	x := &rayons{retenir: make(chan struct{})}
	x.paraitre(1)
	c := ouvrirComptoir(x)
	honnete := make(chan *httptest.ResponseRecorder)
	go func() { honnete <- c.demander(http.MethodGet, "99000001/1") }()
	for x.enCours.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	fabrique := make(chan int, 1)
	go func() {
		defer func() {
			if recover() != nil {
				fabrique <- 0
			}
		}()
		fabrique <- c.demander(http.MethodGet, "99000001%201%20entiere/courante").Code
	}()
	select {
	case code := <-fabrique:
		if code != http.StatusNotFound {
			t.Errorf("émetteur fabriqué : %d", code)
		}
	case <-time.After(time.Second):
		t.Error("un émetteur fabriqué attend la lecture d'un autre")
	}
	close(x.retenir)
	if w := <-honnete; w.Code != http.StatusOK || w.Body.Len() != 1001 {
		t.Errorf("liste ancienne : %d, %d octets", w.Code, w.Body.Len())
	}
	for _, quoi := range []string{"99000001%00/1", "9900000A/courante", "990000010000000000000/1/delta"} {
		if avant := x.dernier.Load(); c.demander(http.MethodGet, quoi).Code != http.StatusNotFound || x.dernier.Load() != avant {
			t.Errorf("%s : demandé plus loin", quoi)
		}
	}
}
