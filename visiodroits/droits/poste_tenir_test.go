package droits_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ecluse-sante/ecluse/internal/gate/gatetest"
	"github.com/ecluse-sante/ecluse/internal/igc/igctest"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// veillee is a workstation under a false clock, without any socket: its mirrors are a
// function, and nothing else can be joined.
type veillee struct {
	*ville
	mu       sync.Mutex
	muet     bool // the mirrors do not answer
	termeLAR time.Duration
	terme    time.Duration // of the list of services
	numero   int64
	retenue  [][]byte // what the mirrors give again and again; nil to publish anew
	lues     map[string][]time.Time
	caches   int // asked past them
	crl      time.Time
	appels   []time.Time
}

func nouvelleVeillee(t *testing.T) *veillee {
	v := &veillee{ville: &ville{Labo: gatetest.New(t), t: t, coupes: map[string]error{}, cleMutuelle: cleP256(t), cleOTP: cleP256(t), cleLAR: cleP256(t)},
		termeLAR: 20 * time.Minute, terme: 24 * time.Hour, lues: map[string][]time.Time{}}
	v.mutuelle, v.otp = v.Partie(t, structureMutuelle, "MUTUELLE D'ESSAI"), v.Partie(t, structureOperateur, "OPÉRATEUR D'ESSAI")
	v.service, v.miroir = &guichet{adresse: "https://amc.exemple"}, &guichet{adresse: "https://listes.exemple"}
	return v
}

// publier seals the lists of now: services, keys, revoked accreditations.
func (v *veillee) publier() [][]byte {
	if a := v.Horloge(); a.Sub(v.crl) > 12*time.Hour {
		igctest.Publier(v.t, v.IGC, v.Magasin, a)
		v.crl = a
	}
	v.numero++
	lar := v.entree(func(e *visiodroits.EntreeService) {
		e.Service, e.Adresse, e.Structures = visiodroits.LAR, "https://lar.exemple", nil
	})
	l := v.listesJusque(v.numero, v.terme, v.entree(), lar)
	editeur := &droits.EditeurLAR{Emetteur: numeroAMC(v.t, mutuelleNo), Kid: "l1", Cle: v.cleLAR, Duree: v.termeLAR}
	complete, _, err := editeur.Complete(v.numero, v.Horloge(), slices.Values([]droits.EntreeLAR(nil)))
	if err != nil {
		v.t.Error(err)
	}
	return append(l, complete)
}

func (v *veillee) RoundTrip(r *http.Request) (*http.Response, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for i, s := range []string{"/listes/services/", "/listes/certificats/", "/lar/"} {
		courante := strings.HasSuffix(r.URL.Path, "/courante")
		if !strings.Contains(r.URL.Path, s) || !courante && !v.muet {
			continue
		}
		v.lues[s] = append(v.lues[s], v.Horloge())
		if r.Header.Get("Cache-Control") == "no-cache" {
			v.caches++
		}
		if v.muet {
			return nil, sansRoute
		}
		pieces := v.retenue
		if pieces == nil {
			pieces = v.publier()
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(pieces[i]))}, nil
	}
	return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody}, nil
}

// tenir runs a workstation that has rights of the insurer, until stop.
func (v *veillee) tenir() (p *droits.Poste, stop func()) {
	o := v.options(v.classeur())
	o.HTTP = &http.Client{Transport: v}
	o.Transport.Composer(func(_ context.Context, _, adresse string) (net.Conn, error) {
		v.mu.Lock()
		defer v.mu.Unlock()
		if strings.HasPrefix(adresse, "amc.exemple") {
			v.appels = append(v.appels, v.Horloge())
		}
		return nil, sansRoute
	})
	jour := sante.JourA(v.Horloge(), sante.Paris())
	n := obtenirT[droits.NumeroAccreditation](v.t)(droits.TirerNumeroAccreditation(numeroAMC(v.t, mutuelleNo), droits.Normale, nil))
	patient, carte := v.patient(1)
	err := o.Magasin.GarderDroits(droits.Personne{NumeroAdherent: patient.NumeroAdherent, DateNaissance: patient.DateNaissance, RangGemellaire: 1},
		droits.DroitsGardes{AMC: carte.NumeroAMC, Numero: n, DroitsDebut: jour, DroitsFin: jour + 60, DateMAJ: v.Horloge(), Octets: []byte("{}")})
	if err != nil {
		v.t.Fatal(err)
	}
	p = v.poste(o)
	ctx, fin := context.WithCancel(context.Background())
	var fond sync.WaitGroup
	fond.Go(func() { p.Tenir(ctx, nil) })
	return p, func() { fin(); fond.Wait() }
}

// prises are the instants at which a list was asked, and forgets them.
func (v *veillee) prises(quoi string) []time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	l := v.lues[quoi]
	delete(v.lues, quoi)
	return l
}

func (v *veillee) regler(f func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	f()
}

// ecarts are the delays between instants, the shortest and the longest.
func ecarts(l []time.Time) (court, long time.Duration) {
	court = 1 << 62
	for i := 1; i < len(l); i++ {
		d := l[i].Sub(l[i-1])
		court, long = min(court, d), max(long, d)
	}
	return court, long
}

// Each list is read by its own next issue, and spread: services hourly, revoked
// accreditations before the twenty minutes that the issuer promised; and nothing between.
func TestTenirSuitChaqueListe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := nouvelleVeillee(t)
		_, stop := v.tenir()
		time.Sleep(12 * time.Hour)
		stop()
		services, lar := v.prises("/listes/services/"), v.prises("/lar/")
		court, long := ecarts(services)
		if len(services) < 12 || len(services) > 16 || court < 47*time.Minute || long > 61*time.Minute {
			t.Errorf("services lus %d fois, de %v à %v", len(services), court, long)
		}
		lar = slices.CompactFunc(lar, func(a, b time.Time) bool { return a.Equal(b) }) // HEAD, then GET
		court, long = ecarts(lar)
		if len(lar) < 35 || len(lar) > 47 || court < 15*time.Minute || long > 20*time.Minute+2*time.Second || long-court < time.Minute {
			t.Errorf("LAR lue %d fois, de %v à %v", len(lar), court, long)
		}
	})
}

// A workstation found at the counter that a list is stale: it is read at once, past the
// caches, and not when its next try was due; then less and less often while nobody has it.
func TestTenirSEveille(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := nouvelleVeillee(t)
		v.retenue = v.publier()
		p, stop := v.tenir()
		defer stop()
		time.Sleep(30 * time.Hour) // the mirrors give yesterday's for a day: tries are far apart now
		v.prises("/listes/services/")
		v.regler(func() { v.retenue, v.caches = nil, 0 })
		patient, carte := v.patient(2)
		vendre := func() time.Time {
			a := v.Horloge()
			if _, err := p.Droits(context.Background(), patient, carte, 0); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return a
		}
		a := vendre()
		time.Sleep(31 * time.Second)
		if l := v.prises("/listes/services/"); len(l) != 1 || l[0].Sub(a) > 31*time.Second || v.caches == 0 {
			t.Errorf("éveillé à %v, lu %v, caches contournés %d fois", a, l, v.caches)
		}
		// The list is fresh now: sales do not have it read again.
		for range 20 {
			vendre()
			time.Sleep(10 * time.Second)
		}
		if l := v.prises("/listes/services/"); len(l) != 0 {
			t.Errorf("relu sans raison : %v", l)
		}
		// Stale again, and nobody gives it: many sales do not make it insist.
		v.regler(func() { v.muet = true })
		time.Sleep(30 * time.Hour)
		v.prises("/listes/services/")
		for range 60 {
			vendre()
			time.Sleep(5 * time.Second)
		}
		l := v.prises("/listes/services/")
		if court, long := ecarts(l); len(l) < 3 || len(l) > 5 || court < 30*time.Second || long < 2*court {
			t.Errorf("%d lectures en cinq minutes de ventes : %v", len(l), l)
		}
	})
}

// What waits is asked again less and less often while nobody answers, and at once when a
// list could be read again: the link is back.
func TestTenirRelance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := nouvelleVeillee(t)
		p, stop := v.tenir()
		defer stop()
		time.Sleep(time.Minute)
		patient, carte := v.patient(2)
		if r, err := p.Droits(context.Background(), patient, carte, 0); err != nil || !r.Code.Degrade() {
			t.Fatal(r, err)
		}
		v.regler(func() { v.muet, v.appels = true, nil })
		time.Sleep(8 * time.Hour)
		v.regler(func() {
			tours := slices.CompactFunc(slices.Clone(v.appels), func(a, b time.Time) bool { return a.Sub(b).Abs() < 10*time.Second })
			if _, long := ecarts(tours); len(tours) < 25 || len(tours) > 45 || long > 19*time.Minute {
				t.Errorf("%d relances en huit heures, la plus longue attente %v", len(tours), long)
			}
			v.muet, v.appels, v.lues = false, nil, map[string][]time.Time{}
		})
		for range 90 { // until any list is read
			time.Sleep(time.Minute)
			v.mu.Lock()
			lues := slices.Concat(v.lues["/listes/services/"], v.lues["/listes/certificats/"], v.lues["/lar/"])
			appels := slices.Clone(v.appels)
			v.mu.Unlock()
			if len(lues) == 0 {
				continue
			}
			premiere := slices.MinFunc(lues, time.Time.Compare)
			if !slices.ContainsFunc(appels, func(a time.Time) bool { return !a.Before(premiere) && a.Sub(premiere) < 2*time.Second }) {
				t.Errorf("liste lue à %v, relances à %v", premiere, appels)
			}
			return
		}
		t.Error("aucune liste lue en une heure et demie")
	})
}

// A sale that is answered says that the link is back: what waited is asked again then, and
// not when its next try was due.
func TestRelanceDesQueLaVenteRepond(t *testing.T) {
	v := nouvelleVille(t)
	p := v.poste(v.options(v.classeur(v.listes(1, v.entree())...)))
	ctx, fin := context.WithCancel(context.Background())
	relances := make(chan droits.Relance, 4)
	var fond sync.WaitGroup
	fond.Go(func() {
		p.Tenir(ctx, func(b droits.Battement) {
			for _, r := range b.Relances {
				relances <- r
			}
		})
	})
	defer fond.Wait()
	defer fin()
	v.couper(refusee, v.service)
	if r := v.droits(p, 1); !r.Code.Degrade() {
		t.Fatal(r.Code)
	}
	time.Sleep(500 * time.Millisecond) // it sleeps again, for a minute
	v.couper(nil)
	v.droits(p, 2)
	select {
	case r := <-relances:
		if r.Premier != visiodroits.ServiceIndisponible || r.Vente.Code != visiodroits.Fournis {
			t.Errorf("%+v", r)
		}
	case <-time.After(20 * time.Second):
		t.Error("rien n'est relancé avant la minute")
	}
}
