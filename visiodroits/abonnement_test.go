package visiodroits_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ecluse-sante/ecluse/visiodroits"
)

// miroir answers what it is told to, and keeps what it was asked.
type miroir struct {
	mu       sync.Mutex
	repond   http.HandlerFunc
	demandes []string // address, and the mark sent
}

func (m *miroir) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.demandes = append(m.demandes, strings.TrimSpace(strings.TrimPrefix(r.URL.Path, "/listes/services/99100803/")+" "+r.Header.Get("If-None-Match")))
	m.repond(w, r)
}

func (m *miroir) prises() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := strings.Join(m.demandes, ", ")
	m.demandes = nil
	return s
}

func (m *miroir) ouvrir(t testing.TB) string {
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	return s.URL + "/"
}

func donner(octets []byte, entetes ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/depuis/") {
			http.NotFound(w, r)
			return
		}
		for i := 0; i < len(entetes); i += 2 {
			w.Header().Set(entetes[i], entetes[i+1])
		}
		if m := w.Header().Get("ETag"); m != "" && r.Header.Get("If-None-Match") == m {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write(octets)
	}
}

func statut(n int, entetes ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(entetes); i += 2 {
			w.Header().Set(entetes[i], entetes[i+1])
		}
		w.WriteHeader(n)
	}
}

func abonner(c *visiodroits.Classeur, miroirs ...string) *visiodroits.Abonnement {
	return &visiodroits.Abonnement{Miroirs: miroirs, Suivis: c.Suivis(), Alea: func() float64 { return 0 }}
}

// A mirror that is silent, late, wrong or hostile is passed over, and told.
func TestMiroirs(t *testing.T) {
	b := nouveau(t)
	une := complete(t, tete(1, lundi), entree(t, "99000001", jours(1)))
	deux := complete(t, tete(2, lundi.Add(time.Minute)), entree(t, "99000001", jours(2)))
	vieille := tete(1, lundi.Add(-2*time.Hour))
	vieille.ProchaineEmission = lundi.Add(-time.Hour)
	h := tete(1, lundi)
	h.Emetteur = autreOperateur
	bombe := func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/depuis/") {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		for range visiodroits.TailleMax/(1<<16) + 2 {
			z.Write(make([]byte, 1<<16))
		}
		z.Close()
	}
	for nom, x := range map[string]struct {
		mauvais http.HandlerFunc
		avant   []byte // held before
	}{
		"en panne":              {mauvais: statut(500)},
		"inconnue":              {mauvais: statut(404)},
		"redirigée sans fin":    {mauvais: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
		"vide":                  {mauvais: donner(nil)},
		"page d'accueil":        {mauvais: donner([]byte("<html>portail</html>"))},
		"altérée":               {mauvais: donner(bytes.Replace(sceller(b, deux), []byte("MUTUELLE"), []byte("MUTUELLF"), 1))},
		"d'un autre":            {mauvais: donner(sceller(b, complete(t, h, entree(t, "99000001"))))},
		"qui a passé son terme": {mauvais: donner(sceller(b, complete(t, vieille, entree(t, "99000001", jours(9)))))},
		"bombe":                 {mauvais: bombe},
		"énorme":                {mauvais: donner([]byte("{}"), "Content-Length", "99999999999")},
		"plus ancienne":         {mauvais: donner(sceller(b, une)), avant: sceller(b, deux)},
	} {
		c := b.classeur(attendu(visiodroits.GenreServices, operateur), attendu(visiodroits.GenreServices, autreOperateur))
		if x.avant != nil {
			b.deposer(c, x.avant, lundi.Add(time.Minute))
		}
		mauvais, bon := &miroir{repond: x.mauvais}, &miroir{repond: donner(sceller(b, deux))}
		ab := abonner(c, mauvais.ouvrir(t), bon.ouvrir(t))
		ab.Suivis = ab.Suivis[:1]
		a := lundi.Add(2 * time.Minute)
		l := ab.Actualiser(context.Background(), a)
		if len(l) != 1 || l[0].Erreur != nil || len(l[0].Ecartes) != 1 || l[0].Miroir != ab.Miroirs[1] {
			t.Errorf("%s : %+v", nom, l)
		}
		if got := c.Etats(a)[0].Numero; got != 2 {
			t.Errorf("%s : liste %d, want 2", nom, got)
		}
	}
}

// While no list is held, it is looked for often, then less and less; once it is, at its own
// pace: who starts before the one it waits for does not wait a minute.
func TestPremiereListe(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	m := &miroir{repond: statut(503)}
	ab := abonner(c, m.ouvrir(t))
	ab.Suivis[0].Periode = time.Hour
	a, attentes := lundi, []time.Duration(nil)
	for range 14 {
		l := ab.Actualiser(context.Background(), a)
		if len(l) != 1 || l[0].Erreur == nil {
			t.Fatalf("%+v", l)
		}
		attentes = append(attentes, l[0].Prochain.Sub(a))
		a = l[0].Prochain
	}
	for i, d := range attentes {
		if want := min(time.Hour, time.Second<<i); d != want {
			t.Errorf("essai %d : %s, attendu %s", i, d, want)
		}
	}
	m.repond = donner(sceller(b, complete(t, tete(1, a), entree(t, "99000001"))))
	if l := ab.Actualiser(context.Background(), a); len(l) != 1 || l[0].Erreur != nil || l[0].Prochain.Sub(a) < 30*time.Minute {
		t.Errorf("%+v", l)
	}
	// A list that is held and fails is not asked at that pace.
	m.repond = statut(503)
	p, _ := ab.Prochain()
	if l := ab.Actualiser(context.Background(), p); len(l) != 1 || l[0].Erreur == nil || l[0].Prochain.Sub(p) != 56*time.Second+250*time.Millisecond {
		t.Errorf("%+v", l)
	}
}

// A mirror that gives a good list under the address of another changes nothing.
func TestAutreListe(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur), attendu(visiodroits.GenreEtat, operateur))
	etat := sceller(b, complete(t, tete(1, lundi), visiodroits.EtatService{Etat: visiodroits.Arrete}))
	if err := c.Rayon(visiodroits.GenreServices, operateur).Deposer(etat, lundi); motif(err) != visiodroits.MotifEmetteur {
		t.Errorf("%v", err)
	}
	if c.Etats(lundi)[1].Numero != 0 || c.Rayon(visiodroits.GenreServices, autreOperateur) != nil {
		t.Error("la liste est entrée par une autre porte")
	}
}

// Nothing is read beyond the bound, even of an answer without end.
func TestReponseSansFin(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	sansFin := func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 4096)); err != nil {
				return
			}
		}
	}
	bonne := sceller(b, complete(t, tete(1, lundi), entree(t, "99000001")))
	for nom, repond := range map[string]http.HandlerFunc{"sans fin": sansFin, "un octet de trop": donner(bonne)} {
		ab := abonner(c, (&miroir{repond: repond}).ouvrir(t))
		ab.Suivis[0].Max = int64(len(bonne)) - 1
		l := ab.Actualiser(context.Background(), lundi)
		if len(l) != 1 || motif(l[0].Erreur) != visiodroits.MotifTaille {
			t.Errorf("%s : %v", nom, l[0].Erreur)
		}
	}
}

// What is read is asked for again by its mark, then as what changed; a partial list
// that does not do is followed by the whole.
func TestQuestions(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	une := complete(t, tete(1, lundi), entree(t, "99000001", jours(1)))
	deux := complete(t, tete(2, lundi), entree(t, "99000001", jours(2)))
	trois := complete(t, tete(3, lundi), entree(t, "99000001", jours(3)))
	m := &miroir{repond: donner(sceller(b, une), "ETag", `"m1"`)}
	ab := abonner(c, m.ouvrir(t))
	a := lundi
	actualiser := func(want string, change bool) {
		t.Helper()
		l := ab.Actualiser(context.Background(), a)
		if got := m.prises(); len(l) != 1 || l[0].Erreur != nil || l[0].Change != change || got != want {
			t.Fatalf("%q, want %q : %+v", got, want, l)
		}
		a = l[0].Prochain
	}
	actualiser("courante", true)
	actualiser(`depuis/1, courante "m1"`, false)
	m.repond = statut(204)
	actualiser("depuis/1", false)
	m.repond = func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/depuis/1") {
			w.Write(sceller(b, partielle(t, deux, trois))) // a base that we do not hold
			return
		}
		donner(sceller(b, trois))(w, r)
	}
	actualiser(`depuis/1, courante "m1"`, true)
	if c.Etats(a)[0].Numero != 3 || c.Etats(a)[0].Fraicheur != visiodroits.Fraiche {
		t.Errorf("%+v", c.Etats(a)[0])
	}
}

// When to come back: the period, what is left of the list, what caches and servers
// ask, and sooner after a failure, then less and less.
func TestEcheances(t *testing.T) {
	b := nouveau(t)
	for nom, x := range map[string]struct {
		repond http.HandlerFunc
		terme  time.Duration
		want   time.Duration
	}{
		"une période":                  {donner(nil), 24 * time.Hour, time.Hour},
		"ce qui reste de la liste":     {donner(nil), 10 * time.Minute, 10 * time.Minute},
		"presque rien":                 {donner(nil), time.Second, 30 * time.Second},
		"un cache moins long":          {donner(nil, "Cache-Control", "max-age=60"), 24 * time.Hour, time.Hour},
		"un cache plus long":           {donner(nil, "Cache-Control", "public, max-age=7200"), 24 * time.Hour, 2 * time.Hour},
		"un cache déjà vieux":          {donner(nil, "Cache-Control", "max-age=7200", "Age", "1800"), 24 * time.Hour, 90 * time.Minute},
		"un cache démesuré":            {donner(nil, "Cache-Control", "max-age=31536000"), 24 * time.Hour, 4 * time.Hour},
		"un cache à ne pas croire":     {donner(nil, "Cache-Control", "no-cache, max-age=7200"), 24 * time.Hour, time.Hour},
		"un cache illisible":           {donner(nil, "Cache-Control", "max-age=-1"), 24 * time.Hour, time.Hour},
		"en panne":                     {statut(503), 0, time.Second}, // none is held
		"en panne, revenir plus tard":  {statut(503, "Retry-After", "600"), 0, 10 * time.Minute},
		"en panne, revenir à 9 h 05":   {statut(503, "Retry-After", lundi.Add(5*time.Minute).Format(http.TimeFormat)), 0, 5 * time.Minute},
		"en panne, revenir dans un an": {statut(503, "Retry-After", "31536000"), 0, time.Hour},
	} {
		c := b.classeur(attendu(visiodroits.GenreServices, operateur))
		h := tete(1, lundi)
		if x.terme > 0 {
			h.ProchaineEmission = lundi.Add(x.terme)
		}
		octets := sceller(b, complete(t, h, entree(t, "99000001")))
		m := &miroir{repond: func(w http.ResponseWriter, r *http.Request) {
			x.repond(enveloppe{w, octets}, r)
		}}
		ab := abonner(c, m.ouvrir(t))
		if p, ok := ab.Prochain(); !p.IsZero() || !ok {
			t.Errorf("%s : la première lecture attend %s", nom, p)
		}
		l := ab.Actualiser(context.Background(), lundi)
		if p, ok := ab.Prochain(); len(l) != 1 || l[0].Prochain.Sub(lundi) != x.want || !ok || !p.Equal(l[0].Prochain) {
			t.Errorf("%s : %s, want %s (%v)", nom, l[0].Prochain.Sub(lundi), x.want, l[0].Erreur)
		}
	}
}

// enveloppe writes a list wherever a test answers with nothing.
type enveloppe struct {
	http.ResponseWriter
	octets []byte
}

func (e enveloppe) Write(b []byte) (int, error) {
	if len(b) == 0 {
		b = e.octets
	}
	return e.ResponseWriter.Write(b)
}

func TestEchecsRepetes(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	ab := abonner(c, (&miroir{repond: statut(500)}).ouvrir(t))
	a, precedent := lundi, time.Duration(0)
	for range 13 {
		l := ab.Actualiser(context.Background(), a)
		d := l[0].Prochain.Sub(a)
		if !errors.Is(l[0].Erreur, visiodroits.ErrMiroirs) || d < precedent || d > time.Hour {
			t.Fatalf("%s après %s : %v", d, precedent, l[0].Erreur)
		}
		a, precedent = l[0].Prochain, d
	}
	if precedent != time.Hour {
		t.Errorf("%s, want une période", precedent)
	}
	if l := (&visiodroits.Abonnement{Suivis: c.Suivis()}).Actualiser(context.Background(), a); !errors.Is(l[0].Erreur, visiodroits.ErrMiroirs) {
		t.Errorf("sans miroir : %v", l[0].Erreur)
	}
	if _, ok := (&visiodroits.Abonnement{}).Prochain(); ok {
		t.Error("un abonnement à rien a une prochaine lecture")
	}
	arrete, arreter := context.WithCancel(context.Background())
	arreter()
	if l := abonner(c, ab.Miroirs[0]).Actualiser(arrete, a); !errors.Is(l[0].Erreur, context.Canceled) {
		t.Errorf("arrêté : %v", l[0].Erreur)
	}
}

// Readings are spread over a fifth of their delay, and no mirror carries all.
func TestEtalement(t *testing.T) {
	b := nouveau(t)
	octets := sceller(b, complete(t, tete(1, lundi), entree(t, "99000001")))
	un, deux := &miroir{repond: donner(octets)}, &miroir{repond: donner(octets)}
	miroirs := []string{un.ouvrir(t), deux.ouvrir(t)}
	rapid.Check(t, func(r *rapid.T) {
		ab := abonner(b.classeur(attendu(visiodroits.GenreServices, operateur)), miroirs...)
		tirage := rapid.Float64Range(0, 0.999).Draw(r, "aléa")
		ab.Alea = func() float64 { return tirage }
		l := ab.Actualiser(context.Background(), lundi)
		if d := l[0].Prochain.Sub(lundi); d < 48*time.Minute || d > time.Hour {
			r.Fatalf("%s", d)
		}
		if l[0].Miroir != miroirs[int(tirage*2)] {
			r.Fatalf("%f : %s", tirage, l[0].Miroir)
		}
	})
}

// Two readers at once do not ask the same list twice.
func TestUneSeuleLecture(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	m := &miroir{repond: donner(sceller(b, complete(t, tete(1, lundi), entree(t, "99000001"))))}
	ab := abonner(c, m.ouvrir(t))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { ab.Actualiser(context.Background(), lundi) })
	}
	wg.Wait()
	if got := m.prises(); got != "courante" {
		t.Error(got)
	}
}

func ExampleAbonnement() {
	// The certificates to trust and the mirrors come from the settings.
	var juge *juge
	classeur, err := visiodroits.NouveauClasseur(juge, visiodroits.Attendu{
		Genre: visiodroits.GenreServices, Emetteur: "99100803", Structures: []string{"2999100803"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	abonnement := visiodroits.Abonnement{Miroirs: []string{"http://listes.exemple.invalid"}, Suivis: classeur.Suivis(),
		HTTP: &http.Client{Transport: coupe{}}}
	maintenant := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, l := range abonnement.Actualiser(context.Background(), maintenant) {
		fmt.Println(l.Genre, "de", l.Emetteur, "lue :", l.Erreur == nil)
	}
	_, err = classeur.Service(visiodroits.Recherche{Service: visiodroits.DLD}, maintenant)
	fmt.Println(err)
	// Output:
	// SERVICES de 99100803 lue : false
	// 201 le poste n'a pas encore de liste des services
}

// A list is read again for a reason at once, and nobody else's with it; less and less often
// while it is the same, as at first once it has changed.
func TestRelire(t *testing.T) {
	b := nouveau(t)
	une := sceller(b, complete(t, tete(1, lundi), entree(t, "99000001", jours(1))))
	deux := sceller(b, complete(t, tete(2, lundi.Add(time.Minute)), entree(t, "99000001", jours(2))))
	c := b.classeur(attendu(visiodroits.GenreServices, operateur), attendu(visiodroits.GenreServices, autreOperateur))
	m := &miroir{repond: donner(une)}
	ab := abonner(c, m.ouvrir(t))
	ab.Actualiser(context.Background(), lundi)
	m.prises()
	relire := func(apres time.Duration, lue, change bool) {
		t.Helper()
		l, ok := ab.Relire(context.Background(), visiodroits.GenreServices, operateur, lundi.Add(apres))
		if ok != lue || l.Change != change {
			t.Errorf("à %v : lue %v, changée %v, want %v, %v (%v)", apres, ok, l.Change, lue, change, l.Erreur)
		}
	}
	relire(10*time.Second, false, false)
	relire(30*time.Second, true, false) // woken ten seconds after the reading, due at thirty
	relire(70*time.Second, false, false)
	relire(90*time.Second, true, false)
	relire(3*time.Minute, false, false)
	relire(210*time.Second, true, false)
	m.mu.Lock()
	m.repond = donner(deux)
	m.mu.Unlock()
	relire(10*time.Minute, true, true)
	relire(10*time.Minute+29*time.Second, false, false)
	relire(10*time.Minute+30*time.Second, true, false)
	if s := m.prises(); strings.Contains(s, string(autreOperateur)) {
		t.Errorf("l'autre liste aussi : %s", s)
	}
	if l, ok := ab.Relire(context.Background(), visiodroits.GenreEtat, operateur, lundi.Add(time.Hour)); ok {
		t.Errorf("liste qui n'est pas suivie : %+v", l)
	}
}

// However many mirrors there are, each is asked in its turn; and a list that has its own is
// looked for there alone.
func TestMiroirsDUneListe(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur), attendu(visiodroits.GenreServices, autreOperateur))
	tete2 := tete(1, lundi)
	tete2.Emetteur = autreOperateur
	sienne := &miroir{repond: donner(sceller(b, complete(t, tete2, entree(t, "99000002"))))}
	var tous []string
	commun := make([]*miroir, 40)
	for i := range commun {
		commun[i] = &miroir{repond: statut(404)}
		tous = append(tous, commun[i].ouvrir(t))
	}
	commun[39].repond = donner(sceller(b, complete(t, tete(1, lundi), entree(t, "99000001"))))
	ab := &visiodroits.Abonnement{Miroirs: tous, Suivis: c.Suivis()}
	ab.Suivis[1].Miroirs = []string{sienne.ouvrir(t)}
	// Readings of one list: some lead to the only mirror that has it, and none asks them all.
	for i := range 100 {
		l := ab.Actualiser(context.Background(), lundi.Add(time.Duration(i)*time.Hour))
		for _, x := range l {
			if x.Emetteur == autreOperateur && (x.Erreur != nil && i == 0 || x.Miroir != ab.Suivis[1].Miroirs[0]) || len(x.Ecartes) > 16 {
				t.Fatalf("%+v", x)
			}
		}
	}
	if c.Etats(lundi)[0].Numero != 1 {
		t.Error("la liste que le dernier miroir seul publie n'a jamais été lue")
	}
	for i, m := range commun {
		if s := m.prises(); s == "" || strings.Contains(s, string(autreOperateur)) {
			t.Errorf("miroir %d : %q", i+1, s)
		}
	}
}

// A reading that its asker left is no failure, nor a reason to read less: it is made a little
// later. It is not free either.
func TestLectureAbandonnee(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur))
	une := donner(sceller(b, complete(t, tete(1, lundi), entree(t, "99000001", jours(1)))))
	m := &miroir{repond: une}
	ab := abonner(c, m.ouvrir(t))
	ab.Actualiser(context.Background(), lundi)
	a := lundi.Add(time.Minute)
	for range 5 {
		ctx, partir := context.WithCancel(context.Background())
		m.mu.Lock()
		m.repond = func(w http.ResponseWriter, r *http.Request) { partir(); une(w, r); <-r.Context().Done() }
		m.mu.Unlock()
		l, ok := ab.Relire(ctx, visiodroits.GenreServices, operateur, a)
		if !ok || !errors.Is(l.Erreur, context.Canceled) || l.Prochain.Sub(a) != 30*time.Second {
			t.Fatalf("à %s : lue %v, prochaine après %s : %v", a.Sub(lundi), ok, l.Prochain.Sub(a), l.Erreur)
		}
		if _, ok := ab.Relire(ctx, visiodroits.GenreServices, operateur, a.Add(29*time.Second)); ok {
			t.Error("qui abandonne fait lire sans fin")
		}
		a = l.Prochain
	}
	m.mu.Lock()
	m.repond = une
	m.mu.Unlock()
	l := ab.Actualiser(context.Background(), a)
	if len(l) != 1 || l[0].Erreur != nil || l[0].Prochain.Sub(a) < 30*time.Minute {
		t.Errorf("%+v", l)
	}
}

// Where a list is read for whoever asks, what gave nothing new does not put off the next
// reading: a stranger could keep a new key from being seen.
func TestCadence(t *testing.T) {
	b := nouveau(t)
	c := b.classeur(attendu(visiodroits.GenreServices, operateur), attendu(visiodroits.GenreServices, autreOperateur))
	m := &miroir{repond: donner(sceller(b, complete(t, tete(1, lundi), entree(t, "99000001", jours(1)))))}
	ab := abonner(c, m.ouvrir(t))
	for i := range ab.Suivis {
		ab.Suivis[i].Cadence = 30 * time.Second
	}
	ab.Actualiser(context.Background(), lundi)
	for _, e := range []visiodroits.Emetteur{operateur, autreOperateur} { // held, and not
		lues := 0
		for s := time.Second; s <= time.Hour; s += time.Second {
			if _, ok := ab.Relire(context.Background(), visiodroits.GenreServices, e, lundi.Add(s)); ok {
				lues++
			}
		}
		if lues < 120 || lues > 126 {
			t.Errorf("%s : %d lectures en une heure, une par demi-minute attendue", e, lues)
		}
	}
}
