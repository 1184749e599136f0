//go:build linux

package epreuves

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/etablissement"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/roc"
)

// mauvaisReseau stands before a party, on the port where others seek it: it drops
// connections, delays what goes through, and cuts answers, so that their questions
// come again.
type mauvaisReseau struct {
	ecoute net.Listener
	cible  string
	mu     sync.Mutex
	h      *rand.Rand
	calme  bool
	cassee int // connections dropped or cut
}

// derriere puts a bad network before a party, which listens elsewhere.
func (p *partie) derriere(h *rand.Rand) *mauvaisReseau {
	p.l.t.Helper()
	avant := p.f.Ecoute.Adresse
	chemin := filepath.Join(p.dir, "ecluse.toml")
	b, err := os.ReadFile(chemin)
	if err != nil {
		p.l.t.Fatal(err)
	}
	r := &mauvaisReseau{cible: p.l.portLibre(), h: rand.New(rand.NewPCG(h.Uint64(), h.Uint64()))}
	b = bytes.Replace(b, []byte(`adresse = "`+avant+`"`), []byte(`adresse = "`+r.cible+`"`), 1)
	if err := os.WriteFile(chemin, b, 0o600); err != nil {
		p.l.t.Fatal(err)
	}
	if p.relire(); p.f.Ecoute.Adresse != r.cible {
		p.l.t.Fatalf("%s écoute sur %s", p.nom, p.f.Ecoute.Adresse)
	}
	if r.ecoute, err = net.Listen("tcp", avant); err != nil {
		p.l.t.Fatal(err)
	}
	p.l.t.Cleanup(func() { r.ecoute.Close() })
	go r.servir()
	return r
}

func (r *mauvaisReseau) servir() {
	for {
		c, err := r.ecoute.Accept()
		if err != nil {
			return
		}
		go r.passer(c)
	}
}

// tirer gives a number below n, and tells whether the network is quiet.
func (r *mauvaisReseau) tirer(n int) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.h.IntN(n), r.calme
}

func (r *mauvaisReseau) casser() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cassee++
}

func (r *mauvaisReseau) calmer() (cassees int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calme = true
	cassees, r.cassee = r.cassee, 0
	return cassees
}

// agiter breaks the network again.
func (r *mauvaisReseau) agiter() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calme = false
}

func (r *mauvaisReseau) passer(c net.Conn) {
	defer c.Close()
	if k, calme := r.tirer(5); k == 0 && !calme {
		r.casser()
		return
	}
	s, err := net.Dial("tcp", r.cible)
	if err != nil {
		return
	}
	defer s.Close()
	var fin sync.WaitGroup
	fin.Go(func() { defer s.Close(); r.copier(s, c, 40) })
	fin.Go(func() { defer c.Close(); r.copier(c, s, 6) }) // answers are cut more often
	fin.Wait()
}

// copier carries bytes, late, and cuts one time in so many.
func (r *mauvaisReseau) copier(vers, de net.Conn, chance int) {
	b := make([]byte, 16<<10)
	for {
		n, err := de.Read(b)
		if n > 0 {
			if k, calme := r.tirer(chance * 100); !calme {
				time.Sleep(time.Duration(k%100) * time.Millisecond)
				if k < 100 {
					r.casser()
					return
				}
			}
			if _, err := vers.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// TestFacturationMauvaisReseau drops, delays, cuts and so repeats what both parties
// say, and lets a return overtake the acknowledgement of its batch: in the end each
// invoice is paid once, and both books and journals agree.
func TestFacturationMauvaisReseau(t *testing.T) {
	moteurs(t, func(t *testing.T, m bdd.Moteur) {
		h := hasard(t)
		l := fonder(t, m)
		f := facturerSur(t, l)
		f.pannes = true
		ids := make([]string, selon(10, 200))
		if err := tous(len(ids), func(i int) (err error) { ids[i], err = f.engager(9300 + i); return err }); err != nil {
			t.Fatal(err)
		}
		f.amc.arreter()
		f.es.arreter()
		reseaux := []*mauvaisReseau{f.amc.derriere(h), f.es.derriere(h)}
		l.lancer(monde.CleMoulin, monde.CleHopital)
		for i, id := range ids {
			f.demander(id, "/factures", fmt.Sprintf("FR-%d", i))
			if i%3 == 2 {
				time.Sleep(6 * time.Second) // a batch leaves
			}
		}
		// The broken network outlasts some of the waits, never all: a letter that dies is
		// another trial's.
		cassees := 0
		mauvais := func() {
			for range 3 {
				time.Sleep(4 * time.Second)
				f.regler(f.avance + 31*time.Minute)
			}
			for _, r := range reseaux {
				cassees += r.calmer()
			}
		}
		mauvais()
		f.attendreToutes("LIQUIDE", len(ids))
		f.livrer()
		for _, r := range reseaux {
			r.agiter()
		}
		f.factures("payer", "--reference", "VIR-R1", "--numero", "FR-0", "--montant", "10.00")
		f.factures("payer", "--reference", "VIR-R2")
		mauvais()
		if t.Logf("%d connexions cassées", cassees); cassees == 0 {
			t.Error("le réseau n'a rien cassé")
		}
		for _, id := range ids {
			if s := f.attendre(id, etablissement.Payee, roc.FacturePayee); s.Paye != s.Demande {
				t.Errorf("%+v", s)
			}
		}
		f.equilibrer(tenantMoulin)
	})
}

// TestFacturationDeuxNoeuds runs each party on two nodes that take from one queue:
// each message has its effect once, and no batch leaves twice.
func TestFacturationDeuxNoeuds(t *testing.T) {
	exigerPG(t)
	h := hasard(t)
	f := facturer(t, bdd.PostgreSQL)
	f.pannes = true
	jumelles := []*partie{f.jumeler(monde.CleMoulin), f.jumeler(monde.CleHopital)}
	for _, p := range jumelles {
		p.lancer()
	}
	ids := make([]string, selon(16, 400))
	if err := tous(len(ids), func(i int) (err error) { ids[i], err = f.engager(9400 + i); return err }); err != nil {
		t.Fatal(err)
	}
	facturees := make(chan error, 1)
	go func() {
		facturees <- tous(len(ids), func(i int) error { return f.facturerUne(ids[i], fmt.Sprintf("FN-%d", i)) })
	}()
	for range selon(2, 10) {
		p := jumelles[h.IntN(2)]
		time.Sleep(time.Duration(h.IntN(2000)) * time.Millisecond)
		p.tuer()
		p.lancer()
	}
	if err := <-facturees; err != nil {
		t.Fatal(err)
	}
	f.attendreToutes("LIQUIDE", len(ids))
	f.factures("payer", "--reference", "VIR-N")
	for _, id := range ids {
		if s := f.attendre(id, etablissement.Payee, roc.FacturePayee); s.Paye != s.Demande {
			t.Errorf("%+v", s)
		}
	}
	if n := f.amc.compter(`SELECT COUNT(*) FROM liq_lot WHERE tenant = $1`, tenantMoulin); n != f.es.compter(`SELECT COUNT(*) FROM etab_lot WHERE tenant <> $1`, "") {
		t.Errorf("%d lots chez l'AMC, un autre nombre chez l'établissement", n)
	}
	f.equilibrer(tenantMoulin)
	f.comparerEchanges()
}

// combler fills what is left of the disk of a party.
func (p *partie) combler() (leste string) {
	p.l.t.Helper()
	leste = filepath.Join(p.dir, "leste")
	f, err := os.Create(leste)
	if err != nil {
		p.l.t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 4<<10); ; {
		if _, err := f.Write(b); errors.Is(err, syscall.ENOSPC) {
			return leste
		} else if err != nil && !errors.Is(err, io.ErrShortWrite) {
			p.l.t.Fatal(err)
		}
	}
}

// TestFacturationDisquePlein fills the disk of either party while invoices travel:
// nothing is lost, and all goes on once there is room.
func TestFacturationDisquePlein(t *testing.T) {
	for _, cle := range []string{monde.CleMoulin, monde.CleHopital} {
		t.Run(cle, func(t *testing.T) {
			l := fonder(t, bdd.SQLite)
			plein := l.partie(cle)
			plein.surPetitDisque(t, "40m")
			f := facturerSur(t, l)
			f.pannes = true
			var ids []string
			for i := range 6 {
				ids = append(ids, f.engagee(9500+i))
			}
			facturer := func(i int) { f.demander(ids[i], "/factures", fmt.Sprintf("FD-%d", i)) }
			for i := range 3 {
				facturer(i)
			}
			leste := plein.combler()
			refusee := false
			for i := 3; i < 6; i++ {
				if cle == monde.CleMoulin {
					facturer(i)
					continue
				}
				_, err := f.g.venue(f.ctx, "POST", "/v1/venues/"+ids[i]+"/factures", fmt.Appendf(nil, `{"rang":1,"numeroFacture":"FD-%d"}`, i))
				refusee = refusee || err != nil
			}
			if cle == monde.CleHopital && !refusee {
				t.Error("aucune facture refusée sur un disque plein")
			}
			time.Sleep(7 * time.Second) // batches leave, and find no room
			plein.vivante()
			if err := os.Remove(leste); err != nil {
				t.Fatal(err)
			}
			for i := 3; i < 6 && cle == monde.CleHopital; i++ {
				if err := f.facturerUne(ids[i], fmt.Sprintf("FD-%d", i)); err != nil {
					t.Fatal(err)
				}
			}
			f.attendreToutes("LIQUIDE", len(ids))
			f.factures("payer", "--reference", "VIR-D")
			for _, id := range ids {
				if s := f.attendre(id, etablissement.Payee, roc.FacturePayee); s.Paye != s.Demande {
					t.Errorf("%+v", s)
				}
			}
			f.equilibrer(tenantMoulin)
			f.comparerEchanges()
		})
	}
}

// TestFacturationDates moves the shared clock through the night of 1 March 2026,
// when tariffs change, and through the two nights when the hour does: an invoice
// engaged before and sent after is accepted, a wait lasts what it must, and the
// promise of payment counts calendar days. ref: DEC 5, DEC 30
func TestFacturationDates(t *testing.T) {
	for nom, c := range map[string]struct {
		avant, apres string // instants on each side of the change
		echeance     string
	}{
		"1er mars":      {"2026-02-28T23:40:00+01:00", "2026-03-01T00:20:00+01:00", "2026-03-13"},
		"heure d'été":   {"2026-03-29T01:40:00+01:00", "2026-03-29T03:20:00+02:00", "2026-04-10"},
		"heure d'hiver": {"2026-10-25T02:40:00+02:00", "2026-10-25T02:20:00+01:00", "2026-11-06"},
	} {
		t.Run(nom, func(t *testing.T) {
			avant, err1 := time.Parse(time.RFC3339, c.avant)
			apres, err2 := time.Parse(time.RFC3339, c.apres)
			if err := errors.Join(err1, err2); err != nil {
				t.Fatal(err)
			}
			f := facturerSur(t, fonderLe(t, bdd.SQLite, avant))
			ids := []string{f.engagee(9600), f.engagee(9601)}
			f.amc.arreter()
			f.demander(ids[0], "/factures", "FT-0") // sent before, received after
			if !jusqua(f.ctx, 30*time.Second, func() bool { return f.es.compter(`SELECT COUNT(*) FROM ach_envoi WHERE essais > $1`, 0) == 1 }) {
				t.Fatal("le lot n'a pas essayé de partir")
			}
			f.regler(f.avance + apres.Sub(avant))
			time.Sleep(1100 * time.Millisecond)
			f.amc.lancer()
			f.demander(ids[1], "/factures", "FT-1") // engaged before, invoiced after
			f.regler(f.avance + 6*time.Minute)      // past the wait that follows a second try, too early
			f.attendreToutes("LIQUIDE", 2)
			for _, id := range ids {
				f.attendre(id, etablissement.Accusee, roc.FactureLiquidee)
			}
			if n := f.amc.compter(`SELECT COUNT(*) FROM liq_facture WHERE echeance = $1`, c.echeance); n != 2 {
				t.Errorf("%d factures à payer pour le %s", n, c.echeance)
			}
			f.factures("payer", "--reference", "VIR-T")
			for _, id := range ids {
				if s := f.attendre(id, etablissement.Payee, roc.FacturePayee); s.Mandatee.String() != apres.Format(time.DateOnly) {
					t.Errorf("mandatée le %s", s.Mandatee)
				}
			}
			f.equilibrer(tenantMoulin)
			f.comparerEchanges()
		})
	}
}
