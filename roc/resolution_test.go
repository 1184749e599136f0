package roc_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// annuaireFaux is a directory that tests make silent or hostile.
type annuaireFaux struct {
	mu         sync.Mutex
	maintenant time.Time
	demandes   atomic.Int64
	panne      error
	reponse    *roc.ReponseAnnuaire
	attendre   chan struct{}
}

func (a *annuaireFaux) horloge() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.maintenant
}

func (a *annuaireFaux) avancer(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.maintenant = a.maintenant.Add(d)
}

func (a *annuaireFaux) demander(context.Context, *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
	a.demandes.Add(1)
	if a.attendre != nil {
		<-a.attendre
	}
	return a.reponse, a.panne
}

// cacheFaux is a memory that outlives a resolver.
type cacheFaux struct {
	l     map[string]*roc.ReponseAnnuaire
	lues  map[string]time.Time
	panne error
}

func (c *cacheFaux) Lire(_ context.Context, cle string) (*roc.ReponseAnnuaire, time.Time, bool, error) {
	r, ok := c.l[cle]
	return r, c.lues[cle], ok, c.panne
}

func (c *cacheFaux) Ecrire(_ context.Context, cle string, r *roc.ReponseAnnuaire, lue time.Time) error {
	if c.l == nil {
		c.l, c.lues = map[string]*roc.ReponseAnnuaire{}, map[string]time.Time{}
	}
	c.l[cle], c.lues[cle] = r, lue
	return c.panne
}

func nouvelAnnuaire() *annuaireFaux {
	return &annuaireFaux{maintenant: instant, reponse: &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.Accepte, ""), NumeroAMCCible: amc("99000101"), DureeValiditeReponse: 600}}
}

func questionAnnuaire() *roc.DemandeAnnuaire {
	return &roc.DemandeAnnuaire{NumeroAMC: amc("99000101"), DateReference: le(2, 3), Domaine: roc.HospitalACE, Services: []roc.Service{roc.IDB}}
}

// Each row is a life of the resolver: what time passes, in what state the
// directory is, and what is then expected.
func TestResolveur(t *testing.T) {
	silence, hostile := errors.New("annuaire muet"), roc.Refuser(roc.SceauInvalide, "")
	type pas struct {
		attente  time.Duration
		panne    error
		demandes int64
		cache    bool
		perime   bool
		echec    bool
	}
	for nom, vie := range map[string][]pas{
		"gardée pendant sa durée, puis redemandée":     {{demandes: 1}, {attente: 9 * time.Minute, demandes: 1, cache: true}, {attente: 2 * time.Minute, demandes: 2}},
		"annuaire muet : la dernière réponse sert":     {{demandes: 1}, {attente: time.Hour, panne: silence, demandes: 2, cache: true, perime: true}, {attente: time.Hour, demandes: 3}},
		"muet trop longtemps : refus":                  {{demandes: 1}, {attente: 73 * time.Hour, panne: silence, demandes: 2, echec: true}},
		"annuaire hostile : jamais la vieille réponse": {{demandes: 1}, {attente: time.Hour, panne: hostile, demandes: 2, echec: true}},
		"muet dès le début":                            {{panne: silence, demandes: 1, echec: true}, {demandes: 2}},
	} {
		t.Run(nom, func(t *testing.T) {
			a := nouvelAnnuaire()
			r := &roc.Resolveur{Demander: a.demander, Horloge: a.horloge}
			for i, p := range vie {
				a.avancer(p.attente)
				a.panne = p.panne
				rep, f, err := r.Resoudre(context.Background(), questionAnnuaire())
				if (err != nil) != p.echec || a.demandes.Load() != p.demandes || !p.echec && (rep != a.reponse || f.Cache != p.cache || f.Perime != p.perime) {
					t.Fatalf("pas %d : %+v, %d demandes, %v", i+1, f, a.demandes.Load(), err)
				}
				if p.perime && !errors.Is(f.Cause, silence) {
					t.Errorf("pas %d : la cause du silence est perdue : %v", i+1, f.Cause)
				}
			}
		})
	}
}

// What the directory says of its own answer is believed up to the bound of the
// client, in memory and after a restart.
func TestResolveurDureeBornee(t *testing.T) {
	for _, x := range []struct {
		annonce        int // seconds
		bornee, gardee time.Duration
	}{
		{31_536_000, 0, 24 * time.Hour},
		{31_536_000, 2 * time.Hour, 2 * time.Hour},
		{600, 0, 10 * time.Minute},
		{600, 5 * time.Minute, 5 * time.Minute},
		{0, 0, time.Hour},
		{0, time.Minute, time.Minute},
	} {
		a, c := nouvelAnnuaire(), &cacheFaux{}
		a.reponse.DureeValiditeReponse = x.annonce
		neuf := func() *roc.Resolveur {
			return &roc.Resolveur{Demander: a.demander, Horloge: a.horloge, Cache: c, DureeMax: x.bornee}
		}
		r := neuf()
		demandees := func(r *roc.Resolveur) int64 {
			if _, _, err := r.Resoudre(context.Background(), questionAnnuaire()); err != nil {
				t.Fatal(err)
			}
			return a.demandes.Load()
		}
		demandees(r)
		a.avancer(x.gardee - time.Second)
		if n := demandees(r); n != 1 {
			t.Errorf("%+v : redemandée trop tôt", x)
		}
		if n := demandees(neuf()); n != 1 {
			t.Errorf("%+v : redemandée trop tôt après un redémarrage", x)
		}
		a.avancer(time.Second)
		a.panne = errors.New("muet")
		if _, f, err := neuf().Resoudre(context.Background(), questionAnnuaire()); err != nil || !f.Perime {
			t.Errorf("%+v : %+v, %v, périmée attendue après un redémarrage", x, f, err)
		}
		a.panne = nil
		if n := demandees(r); n != 3 {
			t.Errorf("%+v : %d demandes, la borne passée", x, n)
		}
	}
}

// A refusal of the directory is an answer, kept half a minute only.
func TestResolveurRefusGarde(t *testing.T) {
	a := nouvelAnnuaire()
	a.reponse = &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCInconnue, "")}
	r := &roc.Resolveur{Demander: a.demander, Horloge: a.horloge, Cache: &cacheFaux{}}
	for _, x := range []struct {
		attente  time.Duration
		demandes int64
	}{{0, 1}, {29 * time.Second, 1}, {2 * time.Second, 2}} {
		a.avancer(x.attente)
		rep, _, err := r.Resoudre(context.Background(), questionAnnuaire())
		if err != nil || rep.CodeRetour != roc.AMCInconnue || a.demandes.Load() != x.demandes {
			t.Errorf("%+v, %d demandes, %v", rep, a.demandes.Load(), err)
		}
	}
	a.panne = errors.New("muet")
	a.avancer(time.Minute)
	if _, _, err := r.Resoudre(context.Background(), questionAnnuaire()); err == nil {
		t.Error("un vieux refus a servi de réponse")
	}
}

// An answer kept by one resolver serves another after a restart, fresh or stale.
func TestResolveurRedemarrage(t *testing.T) {
	a, c := nouvelAnnuaire(), &cacheFaux{}
	if _, _, err := (&roc.Resolveur{Demander: a.demander, Horloge: a.horloge, Cache: c}).Resoudre(context.Background(), questionAnnuaire()); err != nil {
		t.Fatal(err)
	}
	a.panne = errors.New("muet")
	_, f, err := (&roc.Resolveur{Demander: a.demander, Horloge: a.horloge, Cache: c}).Resoudre(context.Background(), questionAnnuaire())
	if err != nil || !f.Cache || f.Perime || !f.Lue.Equal(instant) || a.demandes.Load() != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	a.avancer(time.Hour)
	_, f, err = (&roc.Resolveur{Demander: a.demander, Horloge: a.horloge, Cache: c}).Resoudre(context.Background(), questionAnnuaire())
	if err != nil || !f.Perime {
		t.Errorf("%+v, %v", f, err)
	}
}

// Many callers at once ask the directory once; one that gives up does not wait.
func TestResolveurEnMemeTemps(t *testing.T) {
	a := nouvelAnnuaire()
	a.attendre = make(chan struct{})
	r := &roc.Resolveur{Demander: a.demander, Horloge: a.horloge}
	var tous sync.WaitGroup
	for i := range 20 {
		tous.Go(func() {
			d := questionAnnuaire()
			if i%2 == 1 {
				d.Services = nil // the services are no part of what is kept
			}
			if _, _, err := r.Resoudre(context.Background(), d); err != nil {
				t.Error(err)
			}
		})
	}
	for a.demandes.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	presse, fin := context.WithTimeout(context.Background(), 5*time.Millisecond)
	defer fin()
	if _, _, err := r.Resoudre(presse, questionAnnuaire()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("n'a pas renoncé : %v", err)
	}
	close(a.attendre)
	tous.Wait()
	if n := a.demandes.Load(); n != 1 {
		t.Errorf("%d demandes", n)
	}
}

// One caller that gives up does not make the others fail.
func TestResolveurAbandon(t *testing.T) {
	a := nouvelAnnuaire()
	parti := make(chan struct{})
	r := &roc.Resolveur{Horloge: a.horloge, Demander: func(ctx context.Context, _ *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		if a.demandes.Add(1) == 1 {
			close(parti)
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return a.reponse, nil
	}}
	premier, abandonner := context.WithCancel(context.Background())
	fini := make(chan error, 2)
	go func() { _, _, err := r.Resoudre(premier, questionAnnuaire()); fini <- err }()
	<-parti
	go func() { _, _, err := r.Resoudre(context.Background(), questionAnnuaire()); fini <- err }()
	time.Sleep(20 * time.Millisecond)
	abandonner()
	echecs := 0
	for range 2 {
		if err := <-fini; err != nil {
			echecs++
		}
	}
	if echecs != 1 {
		t.Errorf("%d échecs, un seul attendu : celui qui a renoncé", echecs)
	}
}

// An admitted caller that asks for unknown numbers drives no known address out,
// and many answers drive out old ones, one at a time.
func TestResolveurInondation(t *testing.T) {
	a := nouvelAnnuaire()
	demandees := map[string]int{}
	inconnues := true
	r := &roc.Resolveur{Horloge: a.horloge, Demander: func(_ context.Context, d *roc.DemandeAnnuaire) (*roc.ReponseAnnuaire, error) {
		demandees[d.CSR]++
		if d.CSR != "" && inconnues {
			return &roc.ReponseAnnuaire{Retour: roc.RetourDe(roc.AMCInconnue, "")}, nil
		}
		return a.reponse, nil
	}}
	resoudre := func(csr string) roc.Fraicheur {
		d := questionAnnuaire()
		d.CSR = csr
		_, f, err := r.Resoudre(context.Background(), d)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	resoudre("")
	for i := range 12_000 {
		resoudre(strconv.Itoa(i))
	}
	if f := resoudre(""); !f.Cache || demandees[""] != 1 {
		t.Errorf("l'adresse connue a été oubliée : %+v", f)
	}
	resoudre("recent") // the newest is never the one driven out by the next
	if f := resoudre("recent"); !f.Cache {
		t.Error("le dernier refus n'est pas gardé")
	}
	inconnues = false
	for i := range 12_000 {
		a.avancer(time.Millisecond)
		resoudre("accord" + strconv.Itoa(i))
	}
	perdues := 0
	for i := 11_000; i < 12_000; i++ {
		if !resoudre("accord" + strconv.Itoa(i)).Cache {
			perdues++
		}
	}
	if perdues > 50 {
		t.Errorf("%d des 1 000 dernières réponses perdues", perdues)
	}
}

// What the directory says serves even when it cannot be kept.
func TestCacheQuiNEcritPas(t *testing.T) {
	a, plein := nouvelAnnuaire(), errors.New("disque plein")
	r := &roc.Resolveur{Demander: a.demander, Horloge: a.horloge, Cache: &cacheFaux{panne: plein}}
	rep, f, err := r.Resoudre(context.Background(), questionAnnuaire())
	if err != nil || rep == nil || !errors.Is(f.Cause, plein) {
		t.Fatalf("got %v, %+v, %v", rep, f, err)
	}
}
