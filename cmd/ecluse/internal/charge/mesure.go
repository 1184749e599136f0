package charge

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ecluse-sante/ecluse/roc"
)

// banc measures one server.
type banc struct {
	t          *terrain
	o          Options
	connexions []connexionCharge
	modeles    []modele
	suivant    atomic.Int64
	mesure     mesureCharge
	delais     []time.Duration
	profil     chan error
	servi      time.Time // when the connections were last used
}

// monterBanc prepares a server to be measured: questions written, connections
// open, every emitter seen once.
func monterBanc(ctx context.Context, o Options) (*banc, error) {
	b := &banc{o: o}
	var err error
	if o.Config != "" {
		b.t, err = terrainExistant(ctx, &o)
	} else if b.t, err = laboratoireDeCharge(ctx, &o); err == nil {
		if err = b.t.demarrer(ctx); err != nil {
			err = errors.Join(err, b.t.fermer())
		}
	}
	if err != nil {
		return nil, err
	}
	return b, b.preparer(ctx)
}

// preparer writes the questions, opens the connections and asks once.
func (b *banc) preparer(ctx context.Context) error {
	o := &b.o
	b.mesure = mesureCharge{Service: o.Service, Face: string(o.Face), Base: b.t.moteur(), HTTP: "HTTP/1.1", Connexions: o.Connexions,
		Emetteurs: len(b.t.emetteurs), Beneficiaires: o.Beneficiaires, Cles: string(o.Cles), Relais: b.t.relais != "",
		Codes: map[string]int{}, MemoireRepos: memoire(b.t.pid)}
	if o.HTTP2 {
		b.mesure.HTTP = "HTTP/2"
	}
	return b.armer(ctx)
}

// passages is how often each emitter is seen before the measure: the journal files
// the certificates of a sealer at its second message.
const passages = 3

func (b *banc) armer(ctx context.Context) error {
	c, err := nouveauCarnet(b.t, &b.o)
	if err != nil {
		return err
	}
	idb, err := c.idb(max(b.o.Questions, len(b.t.emetteurs)))
	if err != nil {
		return err
	}
	suivreCharge("%d questions prêtes ; premier passage", len(idb))
	demande := b.o
	demande.Service = roc.IDB
	if err := b.ouvrir(&demande); err != nil {
		return err
	}
	if b.o.Service == roc.IDB {
		b.modeles = idb
		return b.chauffer(ctx, &demande, max(min(2000, len(idb)), passages*len(b.t.emetteurs)))
	}
	return b.armerCLC(ctx, c, idb, &demande)
}

func (b *banc) ouvrir(o *Options) error {
	for range o.Connexions {
		c, err := b.t.connecter(o)
		if err != nil {
			return fmt.Errorf("ouvrir une connexion: %w", err)
		}
		b.connexions = append(b.connexions, c)
	}
	return nil
}

// chauffer sends n questions that are not counted.
func (b *banc) chauffer(ctx context.Context, o *Options, n int) error {
	x := &tir{t: b.t, o: o, lire: lecteurDe(o.Service), modeles: b.modeles, suivant: &b.suivant, max: int64(n)}
	r := x.tirer(ctx, b.connexions)
	if r.faute != nil {
		return fmt.Errorf("premier passage : %w", r.faute)
	}
	b.suivant.Store(int64(n))
	b.mesure.MemoireChaude = memoire(b.t.pid)
	return ctx.Err()
}

// armerCLC asks the rights first: a calculation quotes their answer.
func (b *banc) armerCLC(ctx context.Context, c *carnet, idb []modele, demande *Options) error {
	references := make([]string, len(idb))
	var debut atomic.Int64
	x := &tir{t: b.t, o: demande, lire: lecteurDe(roc.IDB), modeles: idb, unique: true, suivant: &debut,
		recevez: func(i int, r *renduCharge) { references[i] = r.reference }}
	if r := x.tirer(ctx, b.connexions); r.faute != nil {
		return fmt.Errorf("droits avant calcul : %w", r.faute)
	}
	var err error
	if b.modeles, err = c.clc(idb, references); err != nil {
		return err
	}
	if len(b.modeles) < len(idb)/2 {
		return fmt.Errorf("%d questions de calcul pour %d droits demandés", len(b.modeles), len(idb))
	}
	if b.o.Face == "REST" { // the address names the service
		b.lacher()
		if err := b.ouvrir(&b.o); err != nil {
			return err
		}
	}
	return b.chauffer(ctx, &b.o, min(1000, len(b.modeles)/10))
}

func (b *banc) lacher() {
	for _, c := range b.connexions {
		c.fermer()
	}
	b.connexions = nil
}

func (b *banc) fermer() error {
	b.lacher()
	return b.t.fermer()
}

// temps is the processor time of those who share the machine.
type tempsCPU struct{ client, serveur, base time.Duration }

func (b *banc) temps() tempsCPU {
	return tempsCPU{client: monTemps(), serveur: tempsDe(b.t.pid), base: tempsDescendants(b.o.PIDBase)}
}

// tour is the ceiling, a round, the ceiling again.
func (b *banc) tour(ctx context.Context, n int) error {
	if err := b.rouvrir(); err != nil {
		return err
	}
	avant, coutAvant := plafond(300 * time.Millisecond)
	if b.o.Profil != "" && n == 0 {
		b.profiler()
	}
	x := b.tir(b.o.Debit, b.o.Duree)
	t0 := b.temps()
	x.debut = time.Now()
	x.fin = x.debut.Add(b.o.Duree)
	r := x.tirer(ctx, b.connexions)
	duree, t1 := time.Since(x.debut), b.temps()
	b.servi = time.Now()
	apres, coutApres := plafond(300 * time.Millisecond)
	if err := errors.Join(ctx.Err(), r.faute); err != nil {
		return err
	}
	nb := len(r.delais)
	if nb == 0 {
		return errors.New("plus de question : en préparer davantage (--questions)")
	}
	par := func(d time.Duration) float64 { return float64(d.Microseconds()) / float64(nb) }
	t := tourCharge{Echanges: nb, Debit: float64(nb) / duree.Seconds(), Plafond: (avant + apres) / 2,
		CPUClient: par(t1.client - t0.client), CPUServeur: par(t1.serveur - t0.serveur), CPUBase: par(t1.base - t0.base),
		Crypto: (coutAvant + coutApres) / 2}
	t.Rapport = t.Debit / t.Plafond
	t.RapportCPU = t.Crypto / (t.CPUClient + t.CPUServeur + t.CPUBase)
	b.mesure.Tours = append(b.mesure.Tours, t)
	for c, k := range r.codes {
		b.mesure.Codes[c] += k
	}
	b.delais = append(b.delais, r.delais...)
	return nil
}

// rouvrir opens the connections again when the server may have closed them: the
// other server was measured, or prepared, for a while.
func (b *banc) rouvrir() error {
	if time.Since(b.servi) < 30*time.Second {
		return nil
	}
	b.lacher()
	return b.ouvrir(&b.o)
}

func (b *banc) tir(debit float64, duree time.Duration) *tir {
	x := &tir{t: b.t, o: &b.o, lire: lecteurDe(b.o.Service), modeles: b.modeles, unique: b.o.Service == roc.CLC, suivant: &b.suivant}
	if debit > 0 {
		x.offert = arrivees(debit, duree)
		x.suivant = new(atomic.Int64)
		if fait := int(b.suivant.Load()); x.unique {
			x.modeles = x.modeles[min(fait, len(x.modeles)):]
		}
	}
	return x
}

// conclure sums the rounds up, and measures delays at half of the peak.
func (b *banc) conclure(ctx context.Context) error {
	m := &b.mesure
	m.resumer(b.delais)
	m.MemoireCharge = memoire(b.t.pid)
	if b.o.Demi {
		if err := b.rouvrir(); err != nil {
			return err
		}
		x := b.tir(m.Debit/2, b.o.Duree*time.Duration(min(3, b.o.Tours)))
		x.debut = time.Now()
		r := x.tirer(ctx, b.connexions)
		if r.faute != nil {
			return r.faute
		}
		if len(r.delais) == 0 {
			return errors.New("plus de questions neuves pour mesurer la demi-charge : en préparer davantage (--questions)")
		}
		p := percentiles(r.delais)
		m.Demi = &demiCharge{Offert: m.Debit / 2, Servi: float64(len(r.delais)) / time.Since(x.debut).Seconds(), Delais: p}
	}
	if b.profil != nil {
		return <-b.profil
	}
	return nil
}

// profiler asks the server for its profile, from the laboratory's page of
// supervision.
func (b *banc) profiler() {
	b.profil = make(chan error, 1)
	secondes := min(45, max(1, int((b.o.Duree*time.Duration(b.o.Tours)).Seconds())))
	go func() {
		b.profil <- func() error {
			r, err := http.Get(fmt.Sprintf("http://%s/profil?secondes=%d", b.t.f.Surveillance.Adresse, secondes))
			if err != nil {
				return err
			}
			defer r.Body.Close()
			if r.StatusCode != http.StatusOK {
				return fmt.Errorf("profil refusé : état HTTP %d", r.StatusCode)
			}
			f, err := os.Create(b.o.Profil)
			if err != nil {
				return err
			}
			_, err = io.Copy(f, r.Body)
			return errors.Join(err, f.Close())
		}()
	}()
}

// plafond is how many exchanges a second this machine could seal and verify if
// there was nothing else to do, on every core: for each, two signatures and two
// verifications of P-256. cout is the processor time of one, in microseconds.
func plafond(duree time.Duration) (parSeconde, cout float64) {
	cle, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return 0, 0
	}
	d := sha256.Sum256([]byte("plafond"))
	var n atomic.Int64
	var attente sync.WaitGroup
	debut, temps := time.Now(), monTemps()
	for range runtime.GOMAXPROCS(0) {
		attente.Go(func() {
			for time.Since(debut) < duree {
				for range 2 {
					s, err := ecdsa.SignASN1(rand.Reader, cle, d[:])
					if err != nil || !ecdsa.VerifyASN1(&cle.PublicKey, d[:], s) {
						return
					}
				}
				n.Add(1)
			}
		})
	}
	attente.Wait()
	fait := float64(n.Load())
	return fait / time.Since(debut).Seconds(), float64((monTemps() - temps).Microseconds()) / fait
}

// tempsDe is the processor time of a process, 0 when it cannot be read.
func tempsDe(pid int) time.Duration {
	t, _, _ := statDe(pid)
	return t
}

// battements is how many ticks a second /proc counts, on every Linux.
const battements = 100

func statDe(pid int) (temps, enfants time.Duration, pere int) {
	if pid <= 0 {
		return 0, 0, 0
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, 0
	}
	_, suite, _ := strings.Cut(string(b), ") ") // the name may hold spaces
	champs := strings.Fields(suite)
	if len(champs) < 15 {
		return 0, 0, 0
	}
	n := func(i int) int { v, _ := strconv.Atoi(champs[i]); return v }
	duree := func(k int) time.Duration { return time.Duration(k) * time.Second / battements }
	return duree(n(11) + n(12)), duree(n(13) + n(14)), n(1)
}

// tempsDescendants is the processor time of a process, of its children, and of
// those that it has lost.
func tempsDescendants(pid int) time.Duration {
	if pid <= 0 {
		return 0
	}
	total, perdus, _ := statDe(pid)
	total += perdus
	l, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return total
	}
	for _, chemin := range l {
		enfant, err := strconv.Atoi(filepath.Base(filepath.Dir(chemin)))
		if err != nil {
			continue
		}
		if t, _, pere := statDe(enfant); pere == pid {
			total += t
		}
	}
	return total
}

// memoire is the memory of a process, in bytes.
func memoire(pid int) (m memoireCharge) {
	if pid <= 0 {
		return m
	}
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return m
	}
	for l := range strings.Lines(string(b)) {
		champs := strings.Fields(l)
		if len(champs) < 2 {
			continue
		}
		ko, _ := strconv.ParseInt(champs[1], 10, 64)
		switch champs[0] {
		case "VmRSS:":
			m.Residente = ko << 10
		case "RssAnon:":
			m.Anonyme = ko << 10
		}
	}
	return m
}

// processeur names the machine.
func processeur() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for l := range strings.Lines(string(b)) {
		if nom, v, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(nom) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return runtime.GOARCH
}

// delaisCharge are in milliseconds.
type delaisCharge struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

func percentiles(l []time.Duration) (d delaisCharge) {
	if len(l) == 0 {
		return d
	}
	l = slices.Clone(l)
	slices.Sort(l)
	ms := func(p float64) float64 {
		return float64(l[min(len(l)-1, int(p*float64(len(l))))].Microseconds()) / 1000
	}
	return delaisCharge{ms(.50), ms(.95), ms(.99), ms(1)}
}

func mediane(l []float64) float64 {
	l = slices.Sorted(slices.Values(l))
	if n := len(l); n%2 == 0 {
		return (l[n/2-1] + l[n/2]) / 2
	}
	return l[len(l)/2]
}

func (m *mesureCharge) resumer(delais []time.Duration) {
	de := func(f func(*tourCharge) float64) float64 {
		var l []float64
		for i := range m.Tours {
			l = append(l, f(&m.Tours[i]))
		}
		return mediane(l)
	}
	m.Debit = de(func(t *tourCharge) float64 { return t.Debit })
	m.Plafond = de(func(t *tourCharge) float64 { return t.Plafond })
	m.Rapport = de(func(t *tourCharge) float64 { return t.Rapport })
	m.RapportCPU = de(func(t *tourCharge) float64 { return t.RapportCPU })
	m.Crypto = de(func(t *tourCharge) float64 { return t.Crypto })
	m.CPUClient = de(func(t *tourCharge) float64 { return t.CPUClient })
	m.CPUServeur = de(func(t *tourCharge) float64 { return t.CPUServeur })
	m.CPUBase = de(func(t *tourCharge) float64 { return t.CPUBase })
	l := slices.Collect(func(suivre func(float64) bool) {
		for i := range m.Tours {
			if !suivre(m.Tours[i].Rapport) {
				return
			}
		}
	})
	m.Etendue = slices.Max(l) - slices.Min(l)
	m.Delais = percentiles(delais)
	m.Codes = maps.Clone(m.Codes)
}
