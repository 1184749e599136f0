package vigie_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/vigie"
	"github.com/ecluse-sante/ecluse/internal/vigie/vigietest"
	"github.com/ecluse-sante/ecluse/roc"
)

// Real goroutines, no stopwatch: a flood never takes more than its places, never
// starves the others, and what is refused is the flood.
func TestAdmissionReelle(t *testing.T) {
	const places = 4
	ev := &vigietest.Evenements{}
	a := vigie.NewAdmission(vigie.ParametresAdmission{EnService: places, AttenteParPartenaire: 8}, ev, time.Now)
	var enService, pointe, refusees atomic.Int64
	servir := func(sortir func()) {
		n := enService.Add(1)
		for p := pointe.Load(); n > p && !pointe.CompareAndSwap(p, n); p = pointe.Load() {
		}
		runtime.Gosched()
		enService.Add(-1)
		sortir()
	}
	ctx, arreter := context.WithCancel(context.Background())
	var inondation, voisins sync.WaitGroup
	for range 60 {
		inondation.Go(func() {
			for ctx.Err() == nil {
				sortir, err := a.Entrer(ctx, "inondeur", 1)
				if err == nil {
					servir(sortir)
				} else if errors.Is(err, vigie.ErrSaturation) {
					refusees.Add(1)
					runtime.Gosched()
				}
			}
		})
	}
	for _, nom := range []string{"v1", "v2", "v3"} {
		voisins.Go(func() {
			for range 300 {
				sortir, err := a.Entrer(context.Background(), nom, 1)
				if err != nil {
					t.Errorf("%s: %v", nom, err)
					return
				}
				servir(sortir)
			}
		})
	}
	voisins.Wait()
	for refusees.Load() == 0 { // sixty at once for eight places of waiting
		runtime.Gosched()
	}
	arreter()
	inondation.Wait()
	if p := pointe.Load(); p > places {
		t.Errorf("got %d en service à la fois, want au plus %d", p, places)
	}
	if c := a.Charge(); c.EnService != 0 || c.EnAttente != 0 {
		t.Errorf("got %+v à la fin", c)
	}
	for _, e := range ev.Tous() {
		if e.Code != vigie.PartenaireSature || e.Structure != "inondeur" {
			t.Errorf("got %+v", e)
		}
	}
	if n := len(ev.Tous()); n != 1 {
		t.Errorf("got %d événements, want un seul par minute", n)
	}
}

func TestEntrerAbandonne(t *testing.T) {
	a := vigie.NewAdmission(vigie.ParametresAdmission{EnService: 1}, nil, func() time.Time { return debut })
	sortir, err := a.Entrer(context.Background(), "a", 1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, arreter := context.WithCancel(context.Background())
	arreter()
	if _, err := a.Entrer(ctx, "b", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if c := a.Charge(); c.EnAttente != 0 || c.EnService != 1 {
		t.Errorf("got %+v", c)
	}
	sortir()
	sortir() // twice: once
	if c := a.Charge(); c.EnService != 0 {
		t.Errorf("got %+v", c)
	}
	if _, err := a.Entrer(context.Background(), "b", 1); err != nil {
		t.Errorf("la place n’est pas rendue: %v", err)
	}
}

func TestSaturation(t *testing.T) {
	a := vigie.NewAdmission(vigie.ParametresAdmission{EnService: 1, AttenteParPartenaire: 1}, nil, func() time.Time { return debut })
	if _, err := a.Entrer(context.Background(), "a", 1); err != nil {
		t.Fatal(err)
	}
	ctx, arreter := context.WithCancel(context.Background())
	attend := make(chan error, 1)
	go func() { _, err := a.Entrer(ctx, "a", 1); attend <- err }()
	for a.Charge().EnAttente == 0 {
		runtime.Gosched()
	}
	var refus *vigie.Refus
	if _, err := a.Entrer(context.Background(), "a", 1); !errors.As(err, &refus) || refus.Code != roc.Saturation || refus.Attendre < time.Second {
		t.Errorf("got %v, want T030 avec un délai", err)
	}
	arreter()
	if err := <-attend; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkEntrer(b *testing.B) {
	a := vigie.NewAdmission(vigie.ParametresAdmission{}, nil, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		sortir, err := a.Entrer(context.Background(), "a", 1)
		if err != nil {
			b.Fatal(err)
		}
		sortir()
	}
}

// Those who may take any name are one for events, however many they are.
func TestEvenementsSousUnNom(t *testing.T) {
	ev := &vigietest.Evenements{}
	a := vigie.NewAdmission(vigie.ParametresAdmission{EnService: 1, AttenteTotale: 1, Nom: "sans certificat"}, ev, func() time.Time { return debut })
	ctx, arreter := context.WithCancel(context.Background())
	attend := make(chan error)
	for _, qui := range []string{"@192.0.2.1", "@192.0.2.2"} { // one served, one waiting
		go func() { _, err := a.Entrer(ctx, qui, 1); attend <- err }()
		for c := a.Charge(); c.EnService+c.EnAttente == 0 || qui == "@192.0.2.2" && c.EnAttente == 0; c = a.Charge() {
			runtime.Gosched()
		}
	}
	for _, qui := range []string{"@192.0.2.3", "@192.0.2.4", "@192.0.2.5"} {
		if _, err := a.Entrer(ctx, qui, 1); !errors.Is(err, vigie.ErrSaturation) {
			t.Errorf("%s : %v", qui, err)
		}
	}
	arreter()
	<-attend
	<-attend
	if l := codes(ev); len(l) != 1 || l[0] != "PARTENAIRE_SATURE  sans certificat" {
		t.Errorf("%q", l)
	}
}
