package acheminement

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/ecluse-sante/ecluse/sante"
)

// Reglages tunes a Tournee; its zero value is a working default.
type Reglages struct {
	Ouvriers int             // messages under way at once. Default: 64
	Plafond  int             // of one partner. Default: 8
	Bail     time.Duration   // lease. Default: 2 min
	Delai    time.Duration   // of one delivery. Default: three quarters of the lease, which bound it
	Cadence  time.Duration   // between two looks at an idle queue. Default: 500 ms
	Delais   []time.Duration // waits before each new try. Default: 1, 5, 30 min, 2 h, 12 h
	Echecs   int             // failures in a row before a partner is left alone. Default: 5
	Pause    time.Duration   // how long, at first. Default: 30 s; doubled each time
	PauseMax time.Duration   // at most. Default: 10 min
	Recul    time.Duration   // how far clocks may disagree. Default: 1 min
}

func (r Reglages) avecDefauts() Reglages {
	duree := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	nombre := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	nombre(&r.Ouvriers, 64)
	nombre(&r.Plafond, 8)
	nombre(&r.Echecs, 5)
	duree(&r.Bail, 2*time.Minute)
	duree(&r.Delai, r.Bail*3/4)
	duree(&r.Cadence, 500*time.Millisecond)
	duree(&r.Pause, 30*time.Second)
	duree(&r.PauseMax, 10*time.Minute)
	duree(&r.Recul, time.Minute)
	r.Delai = min(r.Delai, r.Bail*3/4)
	if len(r.Delais) == 0 {
		r.Delais = delaisDefaut()
	}
	return r
}

// Options is what a Tournee works with.
type Options struct {
	File       File
	Transports map[string]Transport
	Contenus   Contenus // may be nil when no message has a Reference
	Suite      Suite    // may be nil
	Sujets     Sujets   // may be nil: a dead letter then holds its whole Ordre
	Horloge    sante.Horloge
	Reglages   Reglages
	Journal    *slog.Logger   // for the operator; may be nil
	Alea       func() float64 // in [0, 1[; default: the machine's
}

// Tournee delivers the messages of a queue. Several may work on one queue, on
// several nodes; what it knows of the partners is its own.
type Tournee struct {
	o      Options
	reveil chan struct{}

	mu          sync.Mutex
	partenaires map[string]*partenaire
	enCours     int
	curseur     string    // last partner served
	vu          time.Time // latest instant seen
}

// NewTournee makes a Tournee, which starts nothing.
func NewTournee(o Options) *Tournee {
	o.Reglages = o.Reglages.avecDefauts()
	if o.Journal == nil {
		o.Journal = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if o.Alea == nil {
		o.Alea = rand.Float64
	}
	return &Tournee{o: o, reveil: make(chan struct{}, 1), partenaires: make(map[string]*partenaire)}
}

// Reveiller tells that something was posted, so that it leaves without waiting
// for the next look at the queue. Call it after the commit.
func (t *Tournee) Reveiller() {
	select {
	case t.reveil <- struct{}{}:
	default:
	}
}

// Tourner delivers until ctx ends, then waits for the deliveries under way, which
// are given up and put back.
func (t *Tournee) Tourner(ctx context.Context) {
	var fin sync.WaitGroup
	defer fin.Wait()
	for ctx.Err() == nil {
		pris, err := t.prendre(ctx)
		if err != nil && ctx.Err() == nil {
			t.o.Journal.Error("acheminement : la file ne répond pas", "erreur", err)
		}
		for _, p := range pris {
			fin.Go(func() {
				t.livrer(ctx, p)
				t.Reveiller()
			})
		}
		if len(pris) == 0 {
			t.attendre(ctx)
		}
	}
}

func (t *Tournee) attendre(ctx context.Context) {
	minuterie := time.NewTimer(t.o.Reglages.Cadence)
	defer minuterie.Stop()
	select {
	case <-ctx.Done():
	case <-t.reveil:
	case <-minuterie.C:
	}
}

// Tour delivers what is due now, once each, waits for the end and tells how many
// messages left.
func (t *Tournee) Tour(ctx context.Context) (int, error) {
	pris, err := t.prendre(ctx)
	var fin sync.WaitGroup
	for _, p := range pris {
		fin.Go(func() { t.livrer(ctx, p) })
	}
	fin.Wait()
	return len(pris), err
}

// prendre takes what is due, in turn between partners.
func (t *Tournee) prendre(ctx context.Context) ([]*Pris, error) {
	maintenant := t.o.Horloge()
	if err := t.redresser(ctx, maintenant); err != nil {
		return nil, err
	}
	if t.libres() == 0 {
		return nil, nil
	}
	dus, err := t.o.File.Dus(ctx, maintenant)
	if err != nil || len(dus) == 0 {
		return nil, err
	}
	parts := t.partager(dus, maintenant)
	if len(parts) == 0 {
		return nil, nil
	}
	pris, err := t.o.File.Prendre(ctx, parts, maintenant, t.o.Reglages.Bail)
	t.compter(parts, pris)
	return pris, err
}

// redresser runs when the clock has gone back, and at the start, since it may
// have done so while the house was shut.
func (t *Tournee) redresser(ctx context.Context, maintenant time.Time) error {
	t.mu.Lock()
	vu, recul := t.vu, t.o.Reglages.Recul
	t.mu.Unlock()
	if vu.IsZero() || maintenant.Before(vu.Add(-recul)) {
		n, err := t.o.File.Redresser(ctx, maintenant, recul)
		if err != nil {
			return err
		}
		if n > 0 {
			t.o.Journal.Warn("acheminement : l'horloge a reculé, des envois remis à plus tard sont dus", "envois", n)
		}
		vu = maintenant
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.vu = vu; maintenant.After(vu) {
		t.vu = maintenant
	}
	return nil
}

func (t *Tournee) libres() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.o.Reglages.Ouvriers - t.enCours
}

// partager books the places it gives.
func (t *Tournee) partager(dus []string, maintenant time.Time) []Part {
	t.mu.Lock()
	defer t.mu.Unlock()
	var parts []Part
	parts, t.curseur = Partager(dus, func(d string) int {
		if p := t.partenaires[d]; p != nil {
			return p.places(maintenant, &t.o.Reglages)
		}
		return min(fenetreDebut, t.o.Reglages.Plafond)
	}, t.o.Reglages.Ouvriers-t.enCours, t.curseur)
	for _, p := range parts {
		t.partenaire(p.Destinataire).enCours += p.N
		t.enCours += p.N
	}
	return parts
}

// compter gives back the places booked for what another node took.
func (t *Tournee) compter(parts []Part, pris []*Pris) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range parts {
		t.partenaires[p.Destinataire].enCours -= p.N
		t.enCours -= p.N
	}
	for _, p := range pris {
		t.partenaires[p.Destinataire].enCours++
		t.enCours++
	}
	for _, p := range parts {
		t.oublier(p.Destinataire)
	}
}

func (t *Tournee) partenaire(d string) *partenaire {
	p := t.partenaires[d]
	if p == nil {
		p = nouveauPartenaire()
		t.partenaires[d] = p
	}
	return p
}

// partenairesMax is how many partners are remembered before those of whom
// nothing would be lost are forgotten.
const partenairesMax = 4096

func (t *Tournee) oublier(d string) {
	if len(t.partenaires) > partenairesMax && t.partenaires[d].oubliable() {
		delete(t.partenaires, d)
	}
}

// noter learns from the end of a delivery.
func (t *Tournee) noter(p *Pris, err error) {
	maintenant := t.o.Horloge()
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.partenaire(p.Destinataire)
	x.enCours--
	t.enCours--
	switch attente, avis := avis(err); avis {
	case silence:
		if x.echouer(maintenant, attente, &t.o.Reglages) {
			t.o.Journal.Warn("acheminement : destinataire laissé en repos", "destinataire", p.Destinataire, "jusqua", x.reprise)
		}
	case reponse:
		x.repondre(&t.o.Reglages)
	}
	t.oublier(p.Destinataire)
}
