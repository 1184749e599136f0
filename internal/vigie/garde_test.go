package vigie_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/ecluse-sante/ecluse/roc"
	"github.com/google/go-cmp/cmp"
)

var debut = vigietest.Instant

func a(minutes float64) time.Time { return debut.Add(time.Duration(minutes * float64(time.Minute))) }

func pseudonyme(n int) (p vigie.Pseudonyme) {
	copy(p[:], fmt.Sprintf("adherent %07d", n))
	return p
}

// identifier plays one whole identification.
func identifier(t testing.TB, g *vigie.Garde, tenant, structure string, p vigie.Pseudonyme, code roc.Code, quand time.Time) error {
	t.Helper()
	if err := g.Admettre(tenant, structure, vigie.Questions, quand); err != nil {
		return err
	}
	essai, err := g.Tenter(tenant, structure, vigie.Questions, p, quand)
	if err != nil {
		return err
	}
	defer essai.Rendre()
	essai.Conclure(code, quand)
	return nil
}

func codes(ev *vigietest.Evenements) (liste []string) {
	for _, e := range ev.Tous() {
		liste = append(liste, string(e.Code)+" "+e.Tenant+" "+e.Structure)
	}
	return liste
}

// The rule of the digest, number by number: more than 20 % in 15 minutes, from 50.
func TestPartSuspecte(t *testing.T) {
	cas := []struct {
		nom           string
		total, echecs int
		codes         []roc.Code
		bloque        bool
	}{
		{"49 identifications, toutes fausses", 49, 49, []roc.Code{"I101"}, false},
		{"50, dont 20 % juste", 50, 10, []roc.Code{"I101"}, false},
		{"50, dont plus de 20 %", 50, 11, []roc.Code{"I101"}, true},
		{"les trois codes comptent", 50, 12, []roc.Code{"I101", "I102", "I103"}, true},
		{"I104 ne compte pas", 50, 50, []roc.Code{"I104"}, false},
		{"droits fermés ne compte pas", 50, 50, []roc.Code{"D201"}, false},
		{"panne ne compte pas", 60, 60, []roc.Code{"T011"}, false},
		{"1000, dont 20 %", 1000, 200, []roc.Code{"I103"}, false},
	}
	for _, c := range cas {
		t.Run(c.nom, func(t *testing.T) {
			ev := &vigietest.Evenements{}
			g := vigie.NewGarde(vigie.Parametres{}, nil, ev)
			for i := range c.total { // failures last, so that the share never peaks early
				code := roc.Accepte
				if i >= c.total-c.echecs {
					code = c.codes[i%len(c.codes)]
				}
				if err := identifier(t, g, "amc", "ES1", pseudonyme(i), code, a(1)); err != nil && i < c.total-1 {
					t.Fatalf("n° %d: %v", i, err)
				}
			}
			err := g.Admettre("amc", "ES1", vigie.Questions, a(2))
			if bloque := errors.Is(err, vigie.ErrQuota); bloque != c.bloque {
				t.Fatalf("got %v, want bloqué: %v", err, c.bloque)
			}
			if n := len(ev.Tous()); (n == 1) != c.bloque {
				t.Errorf("got %d événements: %v", n, codes(ev))
			}
		})
	}
}

func TestBlocageDUnEmetteur(t *testing.T) {
	ev := &vigietest.Evenements{}
	g := vigie.NewGarde(vigie.Parametres{}, nil, ev)
	for i := range 50 {
		identifier(t, g, "amc", "ES1", pseudonyme(i), "I101", a(1))
	}
	var refus *vigie.Refus
	if err := g.Admettre("amc", "ES1", vigie.Questions, a(2)); !errors.As(err, &refus) || refus.Code != roc.Quota || refus.Attendre != 14*time.Minute {
		t.Fatalf("got %v, want S506 pour 14 minutes", err)
	}
	for _, autre := range [][2]string{{"amc", "ES2"}, {"amc2", "ES1"}} {
		if err := g.Admettre(autre[0], autre[1], vigie.Questions, a(2)); err != nil {
			t.Errorf("%v: %v", autre, err)
		}
	}
	if err := g.Admettre("amc", "ES1", vigie.Questions, a(15.9)); err == nil {
		t.Error("libéré avant la fin de la fenêtre")
	}
	if err := g.Admettre("amc", "ES1", vigie.Questions, a(16.1)); err != nil {
		t.Errorf("après la fenêtre: %v", err)
	}
	for i := range 49 { // the old count is paid for: the rule starts anew
		if err := identifier(t, g, "amc", "ES1", pseudonyme(200+i), "I101", a(16.2)); err != nil {
			t.Fatalf("n° %d après la fenêtre: %v", i, err)
		}
	}
	want := []string{"IDENTIFICATION_SUSPECTE amc ES1"}
	if d := cmp.Diff(want, codes(ev)); d != "" {
		t.Error(d)
	}
	if e := ev.Tous()[0]; e.Gravite != vigie.Alerte || !e.Quand.Equal(a(1)) || e.Detail != "identifications=50 suspectes=50 periode=15m0s" {
		t.Errorf("got %+v", e)
	}
}

// A guesser who stays on both sides of a window's edge is seen all the same.
func TestChevalSurDeuxFenetres(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{}, nil, nil)
	for i := range 40 { // windows are aligned: 10:30 is an edge
		identifier(t, g, "amc", "ES1", pseudonyme(i), "I101", a(-1))
	}
	for i := range 14 {
		identifier(t, g, "amc", "ES1", pseudonyme(100+i), "I101", a(1))
	}
	if err := g.Admettre("amc", "ES1", vigie.Questions, a(1)); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("got %v, want S506", err)
	}
}

func TestDebit(t *testing.T) {
	ev := &vigietest.Evenements{}
	g := vigie.NewGarde(vigie.Parametres{DebitParMinute: 100}, nil, ev)
	servis := func(quand time.Time, demandes int) (n int) {
		for range demandes {
			if g.Admettre("amc", "ES1", vigie.Questions, quand) == nil {
				n++
			}
		}
		return n
	}
	for i, c := range []struct {
		quand    float64
		demandes int
		want     int
	}{
		{0, 250, 100}, // the limit, then nothing
		{0.9, 10, 0},
		{1.5, 100, 50}, // half of the previous minute still weighs
		{10, 150, 100}, // long after
	} {
		if got := servis(a(c.quand), c.demandes); got != c.want {
			t.Errorf("étape %d: got %d servies, want %d", i, got, c.want)
		}
	}
	if got := len(ev.Tous()); got != 3 {
		t.Errorf("got %d événements, want un par minute dépassée: %v", got, codes(ev))
	}
}

func TestEssaisSurUnAdherent(t *testing.T) {
	ev := &vigietest.Evenements{}
	g := vigie.NewGarde(vigie.Parametres{}, nil, ev)
	for i := range 10 { // several sealers, ten in all
		if err := identifier(t, g, "amc", fmt.Sprint("ES", i%3), pseudonyme(1), "I103", a(float64(i))); err != nil {
			t.Fatalf("essai %d: %v", i, err)
		}
	}
	var refus *vigie.Refus
	if err := identifier(t, g, "amc", "ES7", pseudonyme(1), roc.Accepte, a(10)); !errors.As(err, &refus) || refus.Code != roc.Quota {
		t.Fatalf("onzième: got %v, want S506", err)
	}
	if err := identifier(t, g, "amc", "ES7", pseudonyme(2), roc.Accepte, a(10)); err != nil {
		t.Errorf("autre adhérent: %v", err)
	}
	if err := identifier(t, g, "amc2", "ES7", pseudonyme(1), roc.Accepte, a(10)); err != nil {
		t.Errorf("autre tenant: %v", err)
	}
	for i := range 9 {
		if err := identifier(t, g, "amc", "ES7", pseudonyme(1), "I103", a(70)); err != nil {
			t.Errorf("une heure après, essai %d: %v", i, err)
		}
	}
	if d := cmp.Diff([]string{"ESSAIS_ADHERENT amc ES0"}, codes(ev)); d != "" {
		t.Error(d)
	}
	if e := ev.Tous()[0]; !strings.Contains(e.Detail, pseudonyme(1).String()) {
		t.Errorf("got %q", e.Detail)
	}
}

// One sealer that fails, however long it insists, closes an adherent to itself
// only; failures of several close it to all.
func TestEssaisDUnSeulEmetteur(t *testing.T) {
	ev := &vigietest.Evenements{}
	g := vigie.NewGarde(vigie.Parametres{}, nil, ev)
	faits := 0
	for i := range 200 {
		if identifier(t, g, "amc", "ES1", pseudonyme(1), "I103", a(float64(i)/100)) == nil {
			faits++
		}
	}
	if faits != 10 {
		t.Errorf("%d essais d'un seul émetteur, 10 attendus", faits)
	}
	for _, es := range []string{"ES2", "ES3"} {
		if err := identifier(t, g, "amc", es, pseudonyme(1), roc.Accepte, a(3)); err != nil {
			t.Errorf("%s, qui n'a pas échoué: %v", es, err)
		}
	}
	if err := identifier(t, g, "amc", "ES1", pseudonyme(2), roc.Accepte, a(3)); err != nil {
		t.Errorf("un autre adhérent: %v", err)
	}
	if err := identifier(t, g, "amc", "ES2", pseudonyme(1), "I103", a(4)); err != nil {
		t.Fatal(err)
	}
	if err := identifier(t, g, "amc", "ES3", pseudonyme(1), "I103", a(5)); err != nil {
		t.Fatalf("un seul échec d'un autre ferme à tous: %v", err)
	}
	for _, es := range []string{"ES2", "ES4"} { // now they are three
		if err := identifier(t, g, "amc", es, pseudonyme(1), roc.Accepte, a(6)); !errors.Is(err, vigie.ErrQuota) {
			t.Errorf("%s: got %v, want S506", es, err)
		}
	}
	if d := cmp.Diff([]string{"ESSAIS_ADHERENT amc ES1", "ESSAIS_ADHERENT amc ES3"}, codes(ev)); d != "" {
		t.Fatal(d)
	}
	for i, portee := range []string{"portee=emetteur", "portee=tous"} {
		if e := ev.Tous()[i]; !strings.HasPrefix(e.Detail, "adherent="+pseudonyme(1).String()+" essais=10 ") || !strings.HasSuffix(e.Detail, portee) {
			t.Errorf("got %q, want %s", e.Detail, portee)
		}
	}
}

// Attempts that one sealer leaves open do not keep the others out.
func TestEssaisOuvertsDUnSeulEmetteur(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{}, nil, nil)
	ouverts := 0
	for range 50 {
		if _, err := g.Tenter("amc", "ES1", vigie.Questions, pseudonyme(1), a(0)); err == nil {
			ouverts++
		}
	}
	if ouverts != 10 {
		t.Errorf("%d essais ouverts, 10 attendus", ouverts)
	}
	if err := identifier(t, g, "amc", "ES2", pseudonyme(1), roc.Accepte, a(0)); err != nil {
		t.Errorf("un autre émetteur: %v", err)
	}
}

// A thousand attempts started at once before any has failed: ten go through.
func TestEssaisSimultanes(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{}, nil, nil)
	var fini sync.WaitGroup
	var mu sync.Mutex
	var essais []*vigie.Tentative
	for i := range 1000 {
		fini.Go(func() {
			essai, err := g.Tenter("amc", fmt.Sprint("ES", i), vigie.Questions, pseudonyme(1), a(0))
			if err != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			essais = append(essais, essai)
		})
	}
	fini.Wait()
	if len(essais) != 10 {
		t.Fatalf("got %d essais ouverts, want 10", len(essais))
	}
	for _, e := range essais { // given back, twice: nothing is counted
		e.Rendre()
		e.Conclure("I101", a(0))
		e.Rendre()
	}
	if _, err := g.Tenter("amc", "ES1", vigie.Questions, pseudonyme(1), a(0)); err != nil {
		t.Errorf("après restitution: %v", err)
	}
}

func TestSansAdherent(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{}, nil, nil)
	for i := range 49 {
		if err := identifier(t, g, "amc", "ES1", vigie.Pseudonyme{}, "I101", a(0)); err != nil {
			t.Fatalf("n° %d: %v", i, err)
		}
	}
	identifier(t, g, "amc", "ES1", vigie.Pseudonyme{}, "I101", a(0))
	if err := g.Admettre("amc", "ES1", vigie.Questions, a(0)); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("l’émetteur n’est pas compté: %v", err)
	}
}

// The memory is bounded: a flood of names forgets the oldest, breaks nothing, and
// frees no one who is stopped.
func TestMemoireBornee(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{Memoire: 1600}, vigietest.NewCompteurs(), nil)
	for i := range 50 {
		identifier(t, g, "amc", "devineur", pseudonyme(i), "I101", a(0))
	}
	for i := range 10000 {
		if err := identifier(t, g, "amc", fmt.Sprint("ES", i), pseudonyme(i), "I101", a(0)); err != nil {
			t.Fatal(err)
		}
	}
	if n := g.Suivis(); n > 2*1600 {
		t.Errorf("got %d sujets suivis, want au plus 3200", n)
	}
	if err := g.Admettre("amc", "devineur", vigie.Questions, a(1)); !errors.Is(err, vigie.ErrQuota) {
		t.Errorf("le devineur est oublié: %v", err)
	}
}

func TestRefus(t *testing.T) {
	if errors.Is(vigie.ErrQuota, vigie.ErrSaturation) {
		t.Error("S506 pris pour T030")
	}
	g := vigie.NewGarde(vigie.Parametres{DebitParMinute: 1}, nil, nil)
	g.Admettre("amc", "ES1", vigie.Questions, a(0))
	err := g.Admettre("amc", "ES1", vigie.Questions, a(0))
	if got, want := err.Error(), "vigie: débit d’un émetteur au-delà de sa limite (S506, revenir dans 15s)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPseudonymes(t *testing.T) {
	if _, err := vigie.NewPseudonymes(make([]byte, 31)); !errors.Is(err, vigie.ErrCle) {
		t.Errorf("clé courte: got %v", err)
	}
	p, err := vigie.NewPseudonymes([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	q, err := vigie.NewPseudonymes([]byte(strings.Repeat("q", 32)))
	if err != nil {
		t.Fatal(err)
	}
	vus := map[vigie.Pseudonyme]string{}
	for nom, v := range map[string]vigie.Pseudonyme{
		"un": p.Adherent("123", "45678"), "coupé ailleurs": p.Adherent("1234", "5678"), "autre clé": q.Adherent("123", "45678"),
		"autre AMC": p.Adherent("124", "45678"), "sans numéro": p.Adherent("123", "")} {
		if autre, ok := vus[v]; ok {
			t.Errorf("%s et %s ont le même pseudonyme", nom, autre)
		}
		vus[v] = nom
	}
	if encore := p.Adherent("123", "45678"); vus[vigie.Pseudonyme{}] != "sans numéro" || vus[encore] != "un" {
		t.Error("pseudonyme instable, ou zéro pour un adhérent")
	}
	if s := p.Adherent("123", "45678").String(); strings.Contains(s, "45678") || len(s) != 22 {
		t.Errorf("got %q", s)
	}
}

func BenchmarkIdentification(b *testing.B) {
	for _, structures := range []int{10, 100_000} {
		b.Run(fmt.Sprint(structures), func(b *testing.B) {
			g := vigie.NewGarde(vigie.Parametres{DebitParMinute: 1 << 30}, nil, nil)
			noms := make([]string, structures)
			for i := range noms {
				noms[i] = fmt.Sprintf("%09d", i)
				g.Admettre("amc", noms[i], vigie.Questions, debut)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				i++
				if err := identifier(b, g, "amc", noms[i%structures], pseudonyme(i%100_000), roc.Accepte, debut); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A batch of invoices whose persons are unknown stops what comes next of the invoices,
// not the desk; and the contrary. What stops them is told.
func TestPartSuspecteParVoie(t *testing.T) {
	for _, c := range []struct {
		fautive, autre vigie.Voie
		raison, detail string
	}{
		{vigie.Factures, vigie.Questions, "factures sans engagement", " voie=factures"},
		{vigie.Questions, vigie.Factures, "questions d’un émetteur", "periode=15m0s"},
	} {
		ev := &vigietest.Evenements{}
		g := vigie.NewGarde(vigie.Parametres{}, nil, ev)
		for i := range 60 {
			essai, err := g.Tenter("amc", "ES1", c.fautive, pseudonyme(i), a(0))
			if err != nil {
				t.Fatal(err)
			}
			essai.Conclure("I101", a(0))
		}
		err := g.Admettre("amc", "ES1", c.fautive, a(1))
		if !errors.Is(err, vigie.ErrQuota) || !strings.Contains(err.Error(), c.raison) {
			t.Errorf("voie %q : %v, S506 attendu qui dise « %s »", c.fautive, err, c.raison)
		}
		if err := g.Admettre("amc", "ES1", c.autre, a(1)); err != nil {
			t.Errorf("voie %q arrêtée avec l'autre : %v", c.autre, err)
		}
		if d := cmp.Diff([]string{"IDENTIFICATION_SUSPECTE amc ES1"}, codes(ev)); d != "" {
			t.Fatal(d)
		}
		if e := ev.Tous()[0]; !strings.HasSuffix(e.Detail, c.detail) {
			t.Errorf("événement %q, attendu « %s »", e.Detail, c.detail)
		}
	}
}

// What one adherent was tried counts together, whatever the way.
func TestEssaisDesDeuxVoies(t *testing.T) {
	g := vigie.NewGarde(vigie.Parametres{}, nil, nil)
	for i, v := range []vigie.Voie{vigie.Questions, vigie.Factures} {
		for range 5 {
			essai, err := g.Tenter("amc", "ES1", v, pseudonyme(1), a(float64(i)))
			if err != nil {
				t.Fatal(err)
			}
			essai.Conclure("I101", a(float64(i)))
		}
	}
	for _, v := range []vigie.Voie{vigie.Questions, vigie.Factures} {
		if _, err := g.Tenter("amc", "ES1", v, pseudonyme(1), a(3)); !errors.Is(err, vigie.ErrQuota) {
			t.Errorf("voie %q : %v, S506 attendu", v, err)
		}
	}
}

// Rights asked outside the hospital have a limit of their own, which nothing else spends.
func TestDebitDesDroits(t *testing.T) {
	ev := &vigietest.Evenements{}
	g := vigie.NewGarde(vigie.Parametres{DroitsParMinute: 5}, nil, ev)
	servies := 0
	for range 20 {
		if g.Admettre("amc", "@192.0.2.1", vigie.Droits, a(0)) == nil {
			servies++
		}
	}
	if servies != 5 {
		t.Errorf("%d demandes de droits servies, 5 attendues", servies)
	}
	for qui, v := range map[string]vigie.Voie{"@192.0.2.1": vigie.Questions, "@192.0.2.2": vigie.Droits} {
		if err := g.Admettre("amc", qui, v, a(0)); err != nil {
			t.Errorf("%s, voie %q : %v", qui, v, err)
		}
	}
	if d := cmp.Diff([]string{"DEBIT_DEPASSE amc @192.0.2.1"}, codes(ev)); d != "" {
		t.Error(d)
	}
}
