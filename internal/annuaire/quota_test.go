package annuaire

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"
)

var midi = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A bucket never lets through more than its size and what flowed since, whatever the
// clock does, and a reader who waits as he is told is answered.
func TestDebit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quota{ParMinute: rapid.Int64Range(1, 2000).Draw(t, "débit"), Rafale: rapid.Int64Range(1, 50).Draw(t, "rafale")}
		e, ms, haut, debut, passees := &etatQuota{}, midi.UnixMilli(), int64(0), int64(0), int64(0)
		for _, pas := range rapid.SliceOfN(rapid.Int64Range(-2000, 5000), 1, 200).Draw(t, "pas") {
			ms += pas
			haut = max(haut, ms)
			if debut == 0 {
				debut = ms
			}
			r := q.juger(e, ms)
			if !r.Refuse {
				passees++
			}
			permis := q.Rafale*1000 + (haut-debut)*q.ParMinute/60
			if passees*1000 > permis {
				t.Fatalf("%d passées, %d permises", passees, permis/1000)
			}
			if r.Reste < 0 || r.Reste > r.Limite || r.Refuse != (r.Code == QuotaDebit) || r.Refuse != (r.Attente > 0) {
				t.Fatalf("%+v", r)
			}
			if r.Refuse {
				copie := *e
				if s := q.juger(&copie, haut+r.Attente.Milliseconds()); s.Refuse {
					t.Fatalf("refusé après l'attente dite : %+v", r)
				}
				if s := e.manque; s > q.Rafale*1000 {
					t.Fatalf("un refus a coûté : %d", s)
				}
			}
		}
	})
}

// The sketch counts within 10 %, and what nodes counted put together is what one would
// have.
func TestCroquis(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60_000).Draw(t, "nombre")
		var un, a, b Croquis
		k := nouveauCompteur()
		for i := range n {
			h := empreinte(0, fmt.Sprint("fiche", i))
			un.Ajouter(h)
			k.ajouter(h)
			if i%3 != 0 {
				a.Ajouter(h)
			}
			if i%3 != 1 {
				b.Ajouter(h)
			}
		}
		a.Fondre(&b)
		if a != un || k.c != un || k.nombre() != un.Nombre() {
			t.Fatal("fondre")
		}
		if got := un.Nombre(); got < int64(n)*87/100-2 || got > int64(n)*113/100+2 {
			t.Fatalf("%d comptées pour %d", got, n)
		}
	})
}

// A scraper is slowed more and more, told of once, then refused; the same records read
// again and again cost nothing; the next hour is another.
func TestLargeur(t *testing.T) {
	g := NouvelleGarde(Quotas{"*": {Ralenti: 1000, Refus: 5000, DelaiMax: 4 * time.Second}}, 0)
	l := g.Lecteur("aspirateur", "anonyme")
	dernier, ralenti, refuse := time.Duration(0), 0, 0
	for i := range 8000 {
		r := l.Entrer(midi.Add(time.Duration(i) * time.Millisecond))
		switch {
		case r.Refuse:
			if refuse == 0 {
				refuse = i
			}
			if r.Code != QuotaLargeur || r.Attente > time.Hour || r.Attente < 59*time.Minute {
				t.Fatalf("%+v", r)
			}
			continue
		case refuse > 0:
			t.Fatal("répondu après un refus")
		case r.Delai > 0 && ralenti == 0:
			ralenti = i
		}
		if r.Delai < dernier-time.Millisecond*200 {
			t.Fatalf("%d : délai %s après %s", i, r.Delai, dernier)
		}
		dernier = r.Delai
		l.Lire(fmt.Sprint("p", i))
	}
	if ralenti < 870 || ralenti > 1130 || refuse < 4350 || refuse > 5650 {
		t.Errorf("ralenti à %d, refusé à %d", ralenti, refuse)
	}
	signales := 0
	for range 3 {
		for _, x := range g.Lever(midi.Add(time.Minute)) {
			if x.Distinctes > 0 {
				signales++
			}
		}
	}
	if signales != 1 {
		t.Errorf("signalé %d fois", signales)
	}
	if r := l.Entrer(midi.Add(time.Hour)); r.Refuse || r.Delai > 0 {
		t.Errorf("heure suivante : %+v", r)
	}
	sage := g.Lecteur("sage", "anonyme")
	for i := range 20000 {
		if r := sage.Entrer(midi); r.Code != "" {
			t.Fatalf("%d : %+v", i, r)
		}
		sage.Lire(fmt.Sprint("p", i%50))
	}
}

// What was read through another node counts here; what cannot be kept is levied again.
func TestGardeNoeuds(t *testing.T) {
	q := Quotas{"*": {Ralenti: 100, Refus: 300, DelaiMax: time.Second}}
	g, h := NouvelleGarde(q, 0), NouvelleGarde(q, 0)
	l, m := g.Lecteur("x", "f"), h.Lecteur("x", "f")
	l.Entrer(midi)
	m.Entrer(midi)
	for i := range 250 {
		l.Lire(fmt.Sprint("a", i))
		m.Lire(fmt.Sprint("b", i))
	}
	faites := g.Lever(midi.Add(time.Second))
	if len(faites) != 1 || faites[0].Lectures != 1 || faites[0].Heure != midi {
		t.Fatalf("%+v", faites)
	}
	if r := m.Entrer(midi); r.Refuse {
		t.Error("refusé pour 250")
	}
	h.Fondre([]Ailleurs{{"x", "f", midi, faites[0].Croquis}, {"inconnu", "f", midi, faites[0].Croquis}})
	if r := m.Entrer(midi); !r.Refuse {
		t.Errorf("500 par deux nœuds : %+v", r)
	}
	h.Fondre([]Ailleurs{{"x", "f", midi.Add(-time.Hour), faites[0].Croquis}})
	g.Rendre(faites)
	l.Entrer(midi.Add(time.Hour + time.Minute))
	encore := g.Lever(midi.Add(time.Hour + time.Minute))
	if len(encore) != 3 || encore[0].Heure != midi || encore[0].Distinctes == 0 || encore[2].Heure != midi.Add(time.Hour) {
		t.Errorf("%d levées", len(encore))
	}
	if g.Lever(midi.Add(90 * time.Minute)); len(g.Noms()) != 1 {
		t.Errorf("%v", g.Noms())
	}
	if x := g.Lever(midi.Add(5 * time.Hour)); len(g.Noms()) != 0 || len(x) != 1 {
		t.Errorf("lecteur parti gardé : %v", g.Noms())
	}
}

// Who changes name at each request gains nothing.
func TestGardeBornee(t *testing.T) {
	g := NouvelleGarde(Quotas{"*": {ParMinute: 60, Rafale: 5}}, 10)
	passees := 0
	for i := range 1000 {
		if r := g.Lecteur(fmt.Sprint("nom", i), "anonyme").Entrer(midi); !r.Refuse {
			passees++
		}
	}
	if passees != 10+5 || len(g.Noms()) != 11 {
		t.Errorf("%d passées, %d lecteurs", passees, len(g.Noms()))
	}
}

// Many goroutines read and levy at once: nothing is lost.
func TestGardeConcurrente(t *testing.T) {
	g := NouvelleGarde(Quotas{"*": {Ralenti: 10, Refus: 1 << 30, DelaiMax: time.Second}}, 0)
	var w sync.WaitGroup
	var mu sync.Mutex
	levees := map[time.Time]int64{}
	lever := func(t time.Time) {
		for _, x := range g.Lever(t) {
			mu.Lock()
			levees[x.Heure] = max(levees[x.Heure], x.Lectures)
			mu.Unlock()
		}
	}
	for i := range 4 {
		w.Go(func() {
			for j := range 500 {
				l := g.Lecteur("x", "f")
				l.Entrer(midi.Add(time.Duration(j) * 10 * time.Second))
				l.Lire(fmt.Sprint(i, j))
				if j%100 == 0 {
					lever(midi)
				}
			}
		})
	}
	w.Wait()
	lever(midi.Add(2 * time.Hour))
	total := int64(0)
	for n := range maps.Values(levees) {
		total += n
	}
	if total != 2000 {
		t.Errorf("%d demandes comptées : %v", total, levees)
	}
}

// Headers say what is left, and how long to wait.
func TestEntetesQuota(t *testing.T) {
	q := Quota{ParMinute: 60, Rafale: 2}
	e := &etatQuota{}
	var dits []string
	for range 3 {
		r := q.juger(e, midi.UnixMilli())
		var s []string
		for nom, v := range r.Entetes() {
			s = append(s, nom+"="+v)
		}
		dits = append(dits, strings.Join(s, " "))
	}
	if want := "RateLimit-Limit=2 RateLimit-Remaining=1 RateLimit-Reset=1|RateLimit-Limit=2 RateLimit-Remaining=0 RateLimit-Reset=2|" +
		"RateLimit-Limit=2 RateLimit-Remaining=0 RateLimit-Reset=2 Retry-After=2"; strings.Join(dits, "|") != want {
		t.Error(dits)
	}
	libre := (&Quota{}).juger(&etatQuota{}, 1)
	for nom := range libre.Entetes() {
		t.Errorf("sans limite : %s", nom)
	}
	for _, c := range []CodeQuota{QuotaDebit, QuotaLargeur} {
		if c.Texte() == "" {
			t.Error(c)
		}
	}
}

// Every family has a quota; nonsense is refused.
func TestQuotasTable(t *testing.T) {
	d := donnees(t, nil)
	for _, f := range d.Regards.Familles() {
		if q := d.Quotas.De(f); q.Famille != f {
			t.Errorf("%s a le quota de %s", f, q.Famille)
		}
	}
	if q := d.Quotas.De("autre"); q.Famille != "*" {
		t.Error(q)
	}
	tete := "famille;par_minute;rafale;ralenti;refus;delai_max;source\n"
	for _, l := range []string{"x;1;0;0;0;0;s", "x;1;1;10;5;0;s", "x;-1;1;0;0;0;s", "x;un;1;0;0;0;s"} {
		var e *ErreurDonnees
		if _, err := Charger(fstest.MapFS{"quotas.csv": {Data: []byte(tete + l + "\n")}}); !errors.As(err, &e) {
			t.Errorf("%s : %v", l, err)
		}
	}
}

func BenchmarkGarde(b *testing.B) {
	l := NouvelleGarde(Quotas{"*": {ParMinute: 1 << 30, Rafale: 1 << 30, Ralenti: 1 << 30}}, 0).Lecteur("x", "f")
	b.ReportAllocs()
	for b.Loop() {
		l.Entrer(midi)
		l.Lire("p0123456789abcdef")
	}
}
