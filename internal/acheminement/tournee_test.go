package acheminement_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type banc struct {
	*testing.T
	file    *acheminementtest.Memoire
	horloge *acheminementtest.Horloge
	tournee *acheminement.Tournee
}

var ctx = context.Background()

// monter makes a queue and its worker; the waits are exact.
func monter(t *testing.T, tr acheminement.Transport, f func(*acheminement.Options)) *banc {
	b := &banc{t, acheminementtest.NewMemoire("750712184"), acheminementtest.NewHorloge(), nil}
	o := acheminement.Options{File: b.file, Transports: map[string]acheminement.Transport{"essai": tr}, Horloge: b.horloge.Lire,
		Alea: func() float64 { return 0.5 }}
	if f != nil {
		f(&o)
	}
	b.tournee = acheminement.NewTournee(o)
	return b
}

func (b *banc) poster(l ...*acheminement.Envoi) {
	b.Helper()
	if err := b.file.Poster(ctx, l...); err != nil {
		b.Fatal(err)
	}
}

func (b *banc) tour() int {
	b.Helper()
	n, err := b.tournee.Tour(ctx)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func (b *banc) etat(cle string) *acheminement.Lettre {
	b.Helper()
	l, err := b.file.Regarder(ctx, cle)
	if err != nil {
		b.Fatal(err)
	}
	return l
}

func echoue(err error) acheminementtest.TransportFunc {
	return func(context.Context, *acheminement.Envoi, []byte) (acheminement.Recu, error) {
		return acheminement.Recu{}, err
	}
}

// ref: ROC §17.6
func TestDelais(t *testing.T) {
	var essais []time.Duration
	var b *banc
	b = monter(t, acheminementtest.TransportFunc(func(context.Context, *acheminement.Envoi, []byte) (acheminement.Recu, error) {
		essais = append(essais, b.horloge.Lire().Sub(acheminementtest.Midi))
		return acheminement.Recu{}, &acheminement.Passager{Code: "SILENCE"}
	}), func(o *acheminement.Options) { o.Reglages.Echecs = 100 })
	b.poster(acheminementtest.Message("A1", "m", ""))
	for range 20 * 60 {
		b.tour()
		b.horloge.Avancer(time.Minute)
	}
	m := time.Minute
	want := []time.Duration{0, m, 6 * m, 36 * m, 156 * m, 876 * m}
	if d := cmp.Diff(want, essais); d != "" {
		t.Error(d)
	}
	if l := b.etat("m"); l.Etat != acheminement.Mort || l.Code != "SILENCE" {
		t.Errorf("à la fin : %+v", l)
	}
	g := acheminement.Geste{Auteur: "agent", Motif: "revenu", Instant: b.horloge.Lire()}
	if err := b.file.Relancer(ctx, "m", g); err != nil {
		t.Fatal(err)
	}
	if b.tour() != 1 || b.etat("m").Essais != 1 {
		t.Error("relancé, il repart avec tous ses essais")
	}
}

// A wait is spread over ± 10 %. ref: ROC §17.6
func TestReculer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(int64(time.Second), int64(12*time.Hour)).Draw(t, "d"))
		a := rapid.Float64Range(0, 0.9999999).Draw(t, "a")
		if r := acheminement.Reculer(d, a); r < d*9/10-1 || r > d*11/10+1 {
			t.Fatalf("%s devient %s", d, r)
		}
	})
	if a, b := acheminement.Reculer(time.Hour, 0), acheminement.Reculer(time.Hour, 0.999); a != 54*time.Minute || b < 65*time.Minute {
		t.Errorf("bornes %s et %s", a, b)
	}
}

func TestIssues(t *testing.T) {
	for _, c := range []struct {
		cas      string
		err      error
		etat     acheminement.Etat
		code     string
		prochain time.Duration
		essais   int
	}{
		{"livré", nil, acheminement.Livre, "", 0, 0},
		{"refusé", &acheminement.Refus{Code: "F601", Octets: []byte("non")}, acheminement.Mort, "F601", 0, 0},
		{"refusé, enveloppé", fmt.Errorf("x: %w", &acheminement.Refus{Code: "F602"}), acheminement.Mort, "F602", 0, 0},
		{"échec sans nom", errors.New("x"), acheminement.Pret, "ECHEC", time.Minute, 1},
		{"attente demandée", &acheminement.Passager{Code: "HTTP_503", Attente: time.Hour}, acheminement.Pret, "HTTP_503", time.Hour, 1},
		{"attente plus courte que la nôtre", &acheminement.Passager{Code: "HTTP_429", Attente: time.Second}, acheminement.Pret, "HTTP_429", time.Minute, 1},
		{"attente sans fin", &acheminement.Passager{Code: "HTTP_429", Attente: 1e6 * time.Hour}, acheminement.Pret, "HTTP_429", 24 * time.Hour, 1},
		{"une partie est arrivée", &acheminement.Passager{Code: "RESEAU", Avance: true}, acheminement.Pret, "RESEAU", 0, 0},
	} {
		t.Run(c.cas, func(t *testing.T) {
			b := monter(t, echoue(c.err), nil)
			b.poster(acheminementtest.Message("A1", "m", ""))
			b.tour()
			l := b.etat("m")
			if l.Etat != c.etat || l.Code != c.code || l.Essais != c.essais {
				t.Errorf("%+v", l)
			}
			if c.etat == acheminement.Pret && l.Prochain.Sub(acheminementtest.Midi) != c.prochain {
				t.Errorf("repris dans %s, want %s", l.Prochain.Sub(acheminementtest.Midi), c.prochain)
			}
		})
	}
	b := monter(t, echoue(&acheminement.Refus{Code: "F601", Octets: []byte("non")}), nil)
	b.poster(acheminementtest.Message("A1", "m", ""))
	b.tour()
	if r, err := b.file.Recu(ctx, "m"); err != nil || string(r) != "non" {
		t.Errorf("refus gardé : %q, %v", r, err)
	}
}

func TestTransportFautif(t *testing.T) {
	b := monter(t, acheminementtest.TransportFunc(func(context.Context, *acheminement.Envoi, []byte) (acheminement.Recu, error) { panic("bogue") }), nil)
	inconnu := acheminementtest.Message("A2", "i", "")
	inconnu.Transport = "pigeon"
	perdue := &acheminement.Envoi{Destinataire: "A3", Transport: "essai", Genre: "LOT", Cle: "r", Reference: "x", Taille: 1, Empreinte: [32]byte{1}, Instant: acheminementtest.Midi}
	b.poster(acheminementtest.Message("A1", "p", ""), inconnu, perdue)
	b.tour()
	for cle, want := range map[string][2]string{"p": {"PRET", "PANIQUE"}, "i": {"MORT", "TRANSPORT"}, "r": {"PRET", "CONTENU"}} {
		if l := b.etat(cle); string(l.Etat) != want[0] || l.Code != want[1] {
			t.Errorf("%s : %s %s, want %v", cle, l.Etat, l.Code, want)
		}
	}
}

type contenus map[string]string

func (c contenus) Ouvrir(_ context.Context, tenant, reference string) (io.ReadCloser, error) {
	s, ok := c[tenant+"/"+reference]
	if !ok {
		return nil, errors.New("absent")
	}
	return io.NopCloser(strings.NewReader(s)), nil
}

func TestReference(t *testing.T) {
	boite := &acheminementtest.Boite{}
	b := monter(t, boite, func(o *acheminement.Options) { o.Contenus = contenus{"750712184/lots/1": "un lot"} })
	b.poster(&acheminement.Envoi{Destinataire: "A1", Transport: "essai", Genre: "LOT", Cle: "r", Reference: "lots/1", Taille: 6, Empreinte: [32]byte{1}, Instant: acheminementtest.Midi})
	b.tour()
	if l := boite.Arrives(); len(l) != 1 || l[0].Contenu != "un lot" {
		t.Errorf("arrivés : %v", l)
	}
}

func TestSuite(t *testing.T) {
	boite := &acheminementtest.Boite{}
	var vues []string
	refus := true
	b := monter(t, boite, func(o *acheminement.Options) {
		o.Suite = func(_ context.Context, e *acheminement.Envoi, i *acheminement.Issue) error {
			if vues = append(vues, fmt.Sprint(e.Cle, " ", i.Sort, " ", string(i.Recu))); refus {
				return errors.New("la pièce est pleine")
			}
			return nil
		}
	})
	b.poster(acheminementtest.Message("A1", "m", ""))
	b.tour()
	if l := b.etat("m"); l.Etat != acheminement.Pret || l.Code != acheminement.CodeSuite || l.Essais != 1 {
		t.Errorf("suite refusée : %+v", l)
	}
	refus = false
	b.horloge.Avancer(time.Minute)
	b.tour()
	if l := b.etat("m"); l.Etat != acheminement.Livre {
		t.Errorf("suite acceptée : %+v", l)
	}
	if d := cmp.Diff([]string{"m ACQUIS reçu m", "m ACQUIS reçu m"}, vues); d != "" || len(boite.Arrives()) != 2 {
		t.Errorf("%s, arrivés %v", d, boite.Arrives())
	}
}

// A partner that fails is left alone, and comes back with one message.
func TestDisjoncteur(t *testing.T) {
	var mu sync.Mutex
	passe, n := false, 0
	tr := acheminementtest.TransportFunc(func(context.Context, *acheminement.Envoi, []byte) (acheminement.Recu, error) {
		mu.Lock()
		defer mu.Unlock()
		if n++; passe {
			return acheminement.Recu{}, nil
		}
		return acheminement.Recu{}, &acheminement.Passager{Code: "SILENCE"}
	})
	b := monter(t, tr, func(o *acheminement.Options) { o.Reglages.Echecs = 3 })
	for i := range 50 {
		b.poster(acheminementtest.Message("A1", fmt.Sprint("m", i), ""))
	}
	for range 10 {
		b.tour()
	}
	if n != 3 {
		t.Fatalf("%d essais avant le repos, want 3", n)
	}
	b.horloge.Avancer(30 * time.Second)
	if b.tour() != 1 || b.tour() != 0 {
		t.Error("après le repos, un seul essai")
	}
	b.horloge.Avancer(30 * time.Second)
	if b.tour() != 0 {
		t.Error("le repos double")
	}
	b.horloge.Avancer(30 * time.Second)
	passe = true
	if b.tour() != 1 || b.tour() < 2 {
		t.Error("revenu, il reçoit")
	}
	for range 60 {
		b.tour()
		b.horloge.Avancer(time.Minute)
	}
	for i := range 50 {
		if l := b.etat(fmt.Sprint("m", i)); l.Etat != acheminement.Livre {
			t.Errorf("%+v", l)
		}
	}
}

// The wait that a partner asks for is that of all his messages.
func TestAttenteDemandee(t *testing.T) {
	b := monter(t, echoue(&acheminement.Passager{Code: "HTTP_429", Attente: time.Hour}), nil)
	b.poster(acheminementtest.Message("A1", "m1", ""))
	b.tour()
	b.poster(acheminementtest.Message("A1", "m2", ""))
	b.horloge.Avancer(59 * time.Minute)
	if n := b.tour(); n != 0 {
		t.Errorf("%d envois pendant l'attente", n)
	}
	b.horloge.Avancer(time.Minute)
	if n := b.tour(); n != 1 {
		t.Errorf("%d envois après l'attente, want 1", n)
	}
}

func TestHorlogeReculee(t *testing.T) {
	for _, recul := range []time.Duration{2 * time.Minute, 3 * time.Hour, 72 * time.Hour} {
		t.Run(recul.String(), func(t *testing.T) { reculer(t, recul) })
	}
}

func reculer(t *testing.T, recul time.Duration) {
	boite := &acheminementtest.Boite{}
	panne := true
	b := monter(t, acheminementtest.TransportFunc(func(ctx context.Context, e *acheminement.Envoi, c []byte) (acheminement.Recu, error) {
		if panne {
			return acheminement.Recu{}, &acheminement.Passager{Code: "SILENCE", Attente: time.Hour}
		}
		return boite.Livrer(ctx, e, strings.NewReader(string(c)))
	}), nil)
	b.horloge.Avancer(recul)
	e := acheminementtest.Message("A1", "m", "")
	e.Instant = b.horloge.Lire()
	b.poster(e)
	b.tour()
	panne = false
	b.horloge.Avancer(-recul)
	e = acheminementtest.Message("A1", "apres", "")
	b.poster(e)
	for range 3 { // the partner was at rest: one message, then the others
		b.tour()
	}
	if l := boite.Arrives(); len(l) != 2 {
		t.Errorf("arrivés %v", l)
	}
}

// Two partners are silent to the end of the time given; the third has all his
// messages meanwhile.
func TestPartenaireMuet(t *testing.T) {
	boite := &acheminementtest.Boite{}
	lache := make(chan struct{})
	tr := acheminementtest.TransportFunc(func(ctx context.Context, e *acheminement.Envoi, c []byte) (acheminement.Recu, error) {
		if strings.HasPrefix(e.Destinataire, "MUET") {
			select {
			case <-ctx.Done():
			case <-lache:
			}
			return acheminement.Recu{}, errors.New("muet")
		}
		return boite.Livrer(ctx, e, strings.NewReader(string(c)))
	})
	b := monter(t, tr, func(o *acheminement.Options) {
		o.Reglages = acheminement.Reglages{Ouvriers: 6, Cadence: 5 * time.Millisecond}
	})
	for i := range 300 {
		b.poster(acheminementtest.Message("MUET1", fmt.Sprint("x", i), ""), acheminementtest.Message("MUET2", fmt.Sprint("y", i), ""))
	}
	for i := range 100 {
		b.poster(acheminementtest.Message("Z", fmt.Sprint("z", i), ""))
	}
	marche, arreter := context.WithCancel(ctx)
	var fin sync.WaitGroup
	fin.Go(func() { b.tournee.Tourner(marche) })
	for debut := time.Now(); len(boite.Arrives()) < 100 && time.Since(debut) < 10*time.Second; {
		time.Sleep(time.Millisecond)
	}
	if n := len(boite.Arrives()); n != 100 {
		t.Errorf("%d envois arrivés à côté des muets, want 100", n)
	}
	arreter()
	fin.Wait()
	close(lache)
	for _, cle := range []string{"x0", "y0"} {
		if l := b.etat(cle); l.Etat != acheminement.Pret || l.Essais != 0 || l.Prochain.After(b.horloge.Lire()) {
			t.Errorf("à l'arrêt, rendu sans essai compté : %+v", l)
		}
	}
}

// A worker sleeps through its lease: another delivers, and what the first says when
// it wakes is not heard.
func TestBailPerdu(t *testing.T) {
	dort, reveil := make(chan struct{}), make(chan struct{})
	var suites []string
	var mu sync.Mutex
	suite := func(o *acheminement.Options) {
		o.Suite = func(_ context.Context, _ *acheminement.Envoi, i *acheminement.Issue) error {
			mu.Lock()
			defer mu.Unlock()
			suites = append(suites, string(i.Sort)+" "+string(i.Recu))
			return nil
		}
	}
	b := monter(t, acheminementtest.TransportFunc(func(context.Context, *acheminement.Envoi, []byte) (acheminement.Recu, error) {
		close(dort)
		<-reveil
		return acheminement.Recu{}, &acheminement.Refus{Code: "X"}
	}), suite)
	autre := monter(t, &acheminementtest.Boite{}, func(o *acheminement.Options) {
		suite(o)
		o.File, o.Horloge = b.file, b.horloge.Lire
	})
	b.poster(acheminementtest.Message("A1", "m", ""))
	var fin sync.WaitGroup
	fin.Go(func() { b.tournee.Tour(ctx) })
	<-dort
	if autre.tour() != 0 {
		t.Error("pris sous le bail d'un autre")
	}
	b.horloge.Avancer(2 * time.Minute)
	if autre.tour() != 1 {
		t.Error("le bail fini, il repart")
	}
	close(reveil)
	fin.Wait()
	if l := b.etat("m"); l.Etat != acheminement.Livre || !slices.Equal(suites, []string{"ACQUIS reçu m"}) {
		t.Errorf("%+v, suites %v", l, suites)
	}
}

// A delivery is given up in time, and counted.
func TestDelaiDeLivraison(t *testing.T) {
	tr := acheminementtest.TransportFunc(func(ctx context.Context, _ *acheminement.Envoi, _ []byte) (acheminement.Recu, error) {
		<-ctx.Done()
		return acheminement.Recu{}, ctx.Err()
	})
	b := monter(t, tr, func(o *acheminement.Options) { o.Reglages.Delai = 10 * time.Millisecond })
	b.poster(acheminementtest.Message("A1", "m", ""))
	b.tour()
	if l := b.etat("m"); l.Etat != acheminement.Pret || l.Code != acheminement.CodeSilence || l.Essais != 1 {
		t.Errorf("%+v", l)
	}
}

// Whatever is lost, repeated or late, each message has its effect once and those of
// one Ordre in the order in which they were posted, for two workers at once.
func TestOrdre(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		boite := &acheminementtest.Boite{}
		hostile := &acheminementtest.Hostile{Vers: boite, Alea: rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "graine"), 1))}
		file, horloge := acheminementtest.NewMemoire("750712184"), acheminementtest.NewHorloge()
		var tournees []*acheminement.Tournee
		for range 2 {
			tournees = append(tournees, acheminement.NewTournee(acheminement.Options{File: file, Horloge: horloge.Lire,
				Transports: map[string]acheminement.Transport{"essai": hostile}, Reglages: acheminement.Reglages{Echecs: 3}}))
		}
		var postes []acheminementtest.Arrive
		total := rapid.IntRange(1, 40).Draw(r, "messages")
		for len(postes) < total {
			for range rapid.IntRange(1, 10).Draw(r, "lot") {
				e := acheminementtest.Message(fmt.Sprint("A", rapid.IntRange(1, 3).Draw(r, "a")), fmt.Sprint("m", len(postes)), fmt.Sprint("F", rapid.IntRange(1, 4).Draw(r, "f")))
				postes = append(postes, acheminementtest.Arrive{Destinataire: e.Destinataire, Cle: e.Cle, Ordre: e.Ordre, Contenu: string(e.Contenu)})
				if err := file.Poster(ctx, e); err != nil {
					r.Fatal(err)
				}
			}
			tourner(r, tournees)
			horloge.Avancer(time.Minute)
		}
		for jours := 0; ; jours++ {
			tourner(r, tournees)
			horloge.Avancer(10 * time.Minute)
			relancer(r, file, horloge)
			if effets, err := boite.Effets(); err != nil {
				r.Fatal(err)
			} else if len(effets) == len(postes) {
				verifierOrdre(r, postes, effets)
				return
			}
			if jours > 20000 {
				r.Fatal("un envoi ne part pas")
			}
		}
	})
}

func tourner(r *rapid.T, l []*acheminement.Tournee) {
	var fin sync.WaitGroup
	for _, x := range l {
		fin.Go(func() {
			if _, err := x.Tour(ctx); err != nil {
				r.Error(err)
			}
		})
	}
	fin.Wait()
}

func relancer(r *rapid.T, file *acheminementtest.Memoire, h *acheminementtest.Horloge) {
	morts, err := file.Morts(ctx, acheminement.Filtre{})
	if err != nil {
		r.Fatal(err)
	}
	for _, m := range morts {
		if err := file.Relancer(ctx, m.Envoi.Cle, acheminement.Geste{Auteur: "a", Motif: "encore", Instant: h.Lire()}); err != nil {
			r.Fatal(err)
		}
	}
}

func verifierOrdre(r *rapid.T, postes, effets []acheminementtest.Arrive) {
	for _, ordre := range []string{"F1", "F2", "F3", "F4"} {
		autre := func(a acheminementtest.Arrive) bool { return a.Ordre != ordre }
		want, got := slices.DeleteFunc(slices.Clone(postes), autre), slices.DeleteFunc(slices.Clone(effets), autre)
		if d := cmp.Diff(want, got); d != "" {
			r.Fatalf("%s : %s", ordre, d)
		}
	}
}

func TestPartager(t *testing.T) {
	for _, c := range []struct {
		cas    string
		dus    []string
		places map[string]int
		libres int
		depuis string
		want   []acheminement.Part
	}{
		{"chacun son tour", []string{"a", "b", "c"}, map[string]int{"a": 8, "b": 8, "c": 1}, 5, "", []acheminement.Part{{"a", 2}, {"b", 2}, {"c", 1}}},
		{"après le dernier servi", []string{"a", "b", "c"}, map[string]int{"a": 8, "b": 8, "c": 8}, 1, "b", []acheminement.Part{{"c", 1}}},
		{"le premier après le dernier", []string{"a", "b"}, map[string]int{"a": 8, "b": 8}, 1, "b", []acheminement.Part{{"a", 1}}},
		{"plafond atteint", []string{"a", "b"}, map[string]int{"a": 0, "b": -1}, 5, "", nil},
		{"un seul", []string{"a"}, map[string]int{"a": 3}, 5, "", []acheminement.Part{{"a", 3}}},
		{"personne", nil, nil, 5, "", nil},
	} {
		got, _ := acheminement.Partager(c.dus, func(d string) int { return c.places[d] }, c.libres, c.depuis)
		if d := cmp.Diff(c.want, got, cmp.Transformer("vide", func(l []acheminement.Part) string { return fmt.Sprint(l) })); d != "" {
			t.Errorf("%s : %s", c.cas, d)
		}
	}
}

func TestVerifierGeste(t *testing.T) {
	for cas, g := range map[string]acheminement.Geste{
		"sans auteur":     {Motif: "m", Instant: acheminementtest.Midi},
		"sans motif":      {Auteur: "a", Instant: acheminementtest.Midi},
		"deux lignes":     {Auteur: "a", Motif: "m\nn", Instant: acheminementtest.Midi},
		"motif trop long": {Auteur: "a", Motif: strings.Repeat("é", 301), Instant: acheminementtest.Midi},
		"un NIR":          {Auteur: "a", Motif: "pour 2850578006084", Instant: acheminementtest.Midi},
	} {
		if err := g.Verifier(); !errors.Is(err, acheminement.ErrEnvoi) {
			t.Errorf("%s : %v", cas, err)
		}
	}
}
