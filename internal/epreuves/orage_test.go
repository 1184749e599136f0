//go:build linux

package epreuves

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/etablissement/front"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

const (
	tenantMoulin = "amc-99000101"
	tenantCombe  = "es-990001018"
)

// orage is many visits at once, each carried to its guarantee, whatever happens
// to the processes meanwhile.
type orage struct {
	*labo
	g        *logiciel
	patients []*monde.Patient
	hopital  string

	ctx    context.Context
	numero atomic.Int64
	fin    atomic.Bool  // no new visit
	faits  atomic.Int64 // visits carried to their end, or cancelled
	mu     sync.Mutex
	venues map[string]string // id by dossier
	fautes []error
	essais map[string]error // last error of the visits under way, by dossier
	groupe sync.WaitGroup
}

func (l *labo) orage(hopital string) *orage {
	l.t.Helper()
	o := &orage{labo: l, g: l.partie(hopital).logiciel(), hopital: hopital, patients: l.assures(monde.CleMoulin, "MB-TRANQUILLE"), venues: map[string]string{}, essais: map[string]error{}}
	ctx, arreter := context.WithCancel(context.Background())
	o.ctx = ctx
	l.t.Cleanup(arreter)
	return o
}

// souffler starts workers; max bounds the visits.
func (o *orage) souffler(ouvriers, max int) {
	for range ouvriers {
		o.groupe.Go(func() {
			for !o.fin.Load() && o.ctx.Err() == nil {
				n := int(o.numero.Add(1))
				if n > max {
					return
				}
				o.mener(n)
			}
		})
	}
}

// calmer stops the storm: visits under way are carried to their end. Questions
// left without answer may be sent again after a minute of the shared clock.
func (o *orage) calmer() {
	o.t.Helper()
	o.fin.Store(true)
	fini := make(chan struct{})
	go func() { o.groupe.Wait(); close(fini) }()
	for limite := time.Now().Add(90 * time.Second); ; {
		select {
		case <-fini:
			for _, err := range o.fautes {
				o.t.Error(err)
			}
			return
		case <-time.After(3 * time.Second):
			o.regler(o.avance + 70*time.Second)
		}
		if time.Now().After(limite) {
			o.t.Fatalf("des venues n'arrivent pas à leur fin\n%s", o.decrire())
		}
	}
}

// decrire asks every process what its goroutines do, by SIGQUIT which ends it, and
// says where that is written.
func (o *orage) decrire() string {
	var b strings.Builder
	o.mu.Lock()
	defer o.mu.Unlock()
	for dossier, err := range o.essais {
		fmt.Fprintf(&b, "%s : %v\n", dossier, err)
	}
	for _, p := range o.parties {
		if p.cmd == nil || p.fini() {
			continue
		}
		p.sigle = true
		p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.fin
		fmt.Fprintf(&b, "%s : %s\n", p.nom, p.trace())
	}
	return b.String()
}

// mener carries one visit to its guarantee, as a billing software that never
// gives up would.
func (o *orage) mener(n int) {
	h, e := o.sejour(o.patients[n%len(o.patients)], o.hopital, n)
	id := ""
	for o.ctx.Err() == nil {
		var err error
		if id == "" {
			if id, err = o.g.ouvrir(o.ctx, h); err == nil {
				o.mu.Lock()
				o.venues[h.Dossier] = id
				o.mu.Unlock()
			} else {
				id = ""
			}
		} else {
			var fini bool
			if fini, err = o.avancer(id, h, e); fini {
				o.faits.Add(1)
				o.noter(h.Dossier, nil)
				return
			}
		}
		o.noter(h.Dossier, err)
		if err != nil && !passager(err) {
			o.mu.Lock()
			o.fautes = append(o.fautes, fmt.Errorf("%s : %w", h.Dossier, err))
			o.mu.Unlock()
			return
		}
		if err != nil {
			select {
			case <-o.ctx.Done():
			case <-time.After(150 * time.Millisecond):
			}
		}
	}
}

func (o *orage) noter(dossier string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.essais[dossier] = err
	if err == nil {
		delete(o.essais, dossier)
	}
}

// passager tells whether a software tries again: no answer, or one to come.
func passager(err error) bool {
	var e *echec
	return !errors.As(err, &e) || e.statut == 409 || e.statut == 425 || e.statut >= 500
}

// avancer does the next step of a visit, as its state says.
func (o *orage) avancer(id string, h *monde.Histoire, e *monde.Etape) (fini bool, err error) {
	v, err := o.g.lire(o.ctx, id)
	if err != nil {
		return false, err
	}
	switch c := &v.Couvertures[0]; c.Etat {
	case etablissement.Nouvelle:
		_, err = o.g.droits(o.ctx, id)
	case etablissement.DroitsAccordes:
		_, err = o.g.calculer(o.ctx, id, h, e)
	case etablissement.DroitsDemandes, etablissement.CalculDemande, etablissement.AnnulationDemandee:
		return false, o.reprendre(id)
	case etablissement.Engagee:
		return true, nil
	default:
		return true, fmt.Errorf("état %s, code %s : une garantie était attendue", c.Etat, c.Code)
	}
	return false, err
}

// reprendre sends the open question of a visit again; it may have found its end
// since the visit was read.
func (o *orage) reprendre(id string) error {
	_, err := o.g.reprendre(o.ctx, id)
	var e *echec
	if errors.As(err, &e) && e.statut == 404 {
		return nil
	}
	return err
}

// relever reads every visit of the storm.
func (o *orage) relever() map[string]*front.VenueVue {
	o.t.Helper()
	m := map[string]*front.VenueVue{}
	for dossier, id := range o.venues {
		v, err := o.g.lire(o.ctx, id)
		if err != nil {
			o.t.Fatalf("%s : %v", dossier, err)
		}
		m[dossier] = v
	}
	return m
}

// TestMortsSubites kills the processes of both parties, by SIGKILL, at random
// moments of a storm of calculations then of cancellations. Afterwards no
// engagement is lost, none is doubled, counters are exact, and both books and both
// journals agree. ref: DEC 13, 17, 21, 22
func TestMortsSubites(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		h := hasard(t)
		l := fonder(t, m)
		l.lancer("igc", monde.CleAnnuaire, monde.CleMoulin, monde.CleHopital)
		amc, es := l.partie(monde.CleMoulin), l.partie(monde.CleHopital)
		o := l.orage(monde.CleHopital)
		morts := selon(3, 50)
		o.souffler(12, selon(150, 2500))
		o.frapper(h, morts, amc, es)
		o.calmer()
		livres := amc.engagements(tenantMoulin)
		engages := comparerLivres(t, o.relever(), livres)
		amc.comparerCompteurs(t, tenantMoulin, livres)
		t.Logf("%d morts, %d venues, %d engagements", morts, len(o.venues), engages)
		if engages < 20 {
			t.Errorf("%d engagements : l'orage était trop faible pour prouver", engages)
		}
		o.consulter(t, h, 10)
		o.annulerTout(t, h, amc, es)
		comparerRegistres(t, amc, es)
	})
}

// frapper kills at random, and starts again. Between two deaths the storm goes on
// a little, however slow the machine.
func (o *orage) frapper(h *rand.Rand, morts int, amc, es *partie) {
	l := o.labo
	for i := range morts {
		deja := o.faits.Load()
		jusqua(o.ctx, 10*time.Second, func() bool { return o.faits.Load() >= deja+10 })
		time.Sleep(time.Duration(h.IntN(900)) * time.Millisecond)
		victimes := [][]*partie{{amc}, {es}, {amc, es}}[(i+h.IntN(3))%3]
		for _, p := range victimes {
			p.tuer()
		}
		time.Sleep(time.Duration(h.IntN(150)) * time.Millisecond)
		// A question without answer may be sent again after a minute: by the
		// hospital when it starts, by its software once the insurer is there.
		l.regler(l.avance + 70*time.Second)
		for _, p := range victimes {
			p.lancer()
		}
		l.regler(l.avance + 70*time.Second)
	}
}

// consulter asks the insurer, through the exchange, about some engagements.
func (o *orage) consulter(t *testing.T, h *rand.Rand, n int) {
	t.Helper()
	for dossier, id := range o.venues {
		if n--; n < 0 {
			return
		}
		r, err := o.g.engagement(o.ctx, id)
		if err != nil {
			t.Errorf("%s : %v", dossier, err)
			continue
		}
		if r.CodeRetour != roc.Accepte || r.EtatEngagement != roc.EngagementEnCours || r.IDDossier != dossier {
			t.Errorf("%s : l'AMC répond %+v", dossier, r)
		}
	}
}

// annulerTout cancels two visits in three, with deaths meanwhile, and again once
// they are cancelled: counters are given back once.
func (o *orage) annulerTout(t *testing.T, h *rand.Rand, amc, es *partie) {
	t.Helper()
	o.fin.Store(false)
	ids := make(chan string)
	for range 6 {
		o.groupe.Go(func() {
			for id := range ids {
				if err := o.annuler(id); err != nil {
					o.mu.Lock()
					o.fautes = append(o.fautes, err)
					o.mu.Unlock()
				}
			}
		})
	}
	var annules []string
	i := 0
	for dossier := range o.venues {
		if i++; i%3 != 0 {
			annules = append(annules, dossier)
		}
	}
	o.groupe.Go(func() {
		defer close(ids)
		for _, d := range annules {
			ids <- o.venues[d]
		}
	})
	o.frapper(h, selon(1, 8), amc, es)
	o.calmer()
	venues, livres := o.relever(), amc.engagements(tenantMoulin)
	comparerLivres(t, venues, livres)
	for _, d := range annules {
		if e := venues[d].Couvertures[0].Etat; e != etablissement.Annulee {
			t.Errorf("%s : %s après son annulation", d, e)
		}
	}
	amc.comparerCompteurs(t, tenantMoulin, livres)
	o.redire(t, annules, livres)
	amc.comparerCompteurs(t, tenantMoulin, amc.engagements(tenantMoulin))
}

func (o *orage) annuler(id string) error {
	for o.ctx.Err() == nil {
		v, err := o.g.lire(o.ctx, id)
		if err == nil {
			switch v.Couvertures[0].Etat {
			case etablissement.Engagee:
				_, err = o.g.annuler(o.ctx, id)
			case etablissement.AnnulationDemandee:
				err = o.reprendre(id)
			case etablissement.Annulee:
				o.faits.Add(1)
				return nil
			default:
				return fmt.Errorf("%s : état %s en annulant", id, v.Couvertures[0].Etat)
			}
		}
		if err != nil && !passager(err) {
			return err
		}
		if err != nil {
			time.Sleep(150 * time.Millisecond)
		}
	}
	return o.ctx.Err()
}

// redire cancels again, under other idMessages, what is cancelled.
func (o *orage) redire(t *testing.T, annules []string, livres map[string][]ecriture) {
	t.Helper()
	d := o.demandeur(o.hopital, o.partie(monde.CleMoulin), o.monde.Assureur(monde.CleMoulin))
	for i, dossier := range annules {
		if i == 5 {
			return
		}
		n, err := roc.ParseNumeroEngagement(livres[dossier][0].numero)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.DEL(o.ctx, dossier, d.routage(), &roc.DemandeDEL{NumeroEngagement: n, Motif: roc.Doublon})
		if err != nil {
			t.Errorf("annuler de nouveau %s : %v", dossier, err)
		} else if r.Corps.CodeRetour != roc.Accepte || r.Corps.EtatEngagement != roc.EtatDejaAnnule {
			t.Errorf("annuler de nouveau %s : %+v", dossier, r.Corps)
		}
	}
}

// comparerRegistres verifies both journals and pairs them; the cancellations that
// the test sealed itself with the hospital's keys are not the hospital's.
func comparerRegistres(t *testing.T, amc, es *partie) {
	t.Helper()
	jes, jamc := es.journal(tenantCombe), amc.journal(tenantMoulin)
	paires := comparerJournaux(t, roc.CLC, jes, jamc)
	t.Logf("journaux : %d feuilles à l'établissement, %d à l'AMC, %d CLC appariés", len(jes), len(jamc), paires)
	if paires == 0 {
		t.Error("aucun CLC apparié")
	}
}
