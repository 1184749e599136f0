//go:build linux && (amd64 || arm64)

package laboratoire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/cmd/ecluse/internal/serveur"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
	"github.com/ecluse-sante/ecluse/visiodroits"
	"github.com/ecluse-sante/ecluse/visiodroits/droits"
)

// reseau is a network of namespaces: each party is alone in its own, behind a link that the
// test cuts. Only a switch joins them.
type reseau struct {
	t       *testing.T
	prefixe string // of the names, so that two runs do not meet
	sous    string // "10.77.n."
	rangs   map[string]int
}

func ip(t *testing.T, args ...string) {
	t.Helper()
	if b, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s : %v\n%s", strings.Join(args, " "), err, b)
	}
}

// espaceDEssai makes a namespace with a link, and takes it away.
func espaceDEssai() ([]byte, error) {
	nom := fmt.Sprintf("ec%d-essai", os.Getpid()%100000)
	if b, err := exec.Command("ip", "netns", "add", nom).CombinedOutput(); err != nil {
		return b, err
	}
	defer exec.Command("ip", "netns", "del", nom).Run()
	if b, err := exec.Command("ip", "-n", nom, "link", "add", "br0", "type", "bridge").CombinedOutput(); err != nil {
		return b, err
	}
	return exec.Command("ip", "-n", nom, "link", "add", "v0", "type", "veth", "peer", "name", "v1").CombinedOutput()
}

func nouveauReseau(t *testing.T, espaces ...string) *reseau {
	t.Helper()
	manque := ""
	if _, err := exec.LookPath("ip"); err != nil {
		manque = "ip absent"
	} else if os.Getuid() != 0 {
		manque = "il faut être root pour faire des espaces réseau"
	} else if b, err := espaceDEssai(); err != nil { // root, but confined
		manque = fmt.Sprintf("pas d'espace réseau ici : %v %s", err, b)
	}
	if manque != "" && os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal(manque)
	}
	if manque != "" {
		t.Skip("ESSAI NON FAIT, chaque lien coupé dans son espace réseau : " + manque)
	}
	n := os.Getpid() % 250
	r := &reseau{t: t, prefixe: fmt.Sprintf("ec%d", os.Getpid()%100000), sous: fmt.Sprintf("10.77.%d.", n), rangs: map[string]int{}}
	pont := r.nom("pont")
	ip(t, "netns", "add", pont)
	t.Cleanup(func() { exec.Command("ip", "netns", "del", pont).Run() })
	ip(t, "-n", pont, "link", "add", "br0", "type", "bridge")
	ip(t, "-n", pont, "link", "set", "br0", "up")
	for i, e := range espaces {
		r.rangs[e] = i + 2
		x := r.nom(e)
		ip(t, "netns", "add", x)
		t.Cleanup(func() { exec.Command("ip", "netns", "del", x).Run() })
		ip(t, "-n", pont, "link", "add", "v-"+e, "type", "veth", "peer", "name", "eth0", "netns", x)
		ip(t, "-n", pont, "link", "set", "v-"+e, "master", "br0", "up")
		ip(t, "-n", x, "addr", "add", r.adresse(e)+"/24", "dev", "eth0")
		ip(t, "-n", x, "link", "set", "eth0", "up")
		ip(t, "-n", x, "link", "set", "lo", "up")
	}
	return r
}

func (r *reseau) nom(e string) string     { return r.prefixe + "-" + e }
func (r *reseau) adresse(e string) string { return r.sous + fmt.Sprint(r.rangs[e]) }

// lien raises or cuts the link of a namespace.
func (r *reseau) lien(e, etat string) {
	r.t.Helper()
	ip(r.t, "-n", r.nom("pont"), "link", "set", "v-"+e, etat)
}

// setns is the number of the system call, which package syscall does not have.
var setns = map[string]uintptr{"amd64": 308, "arm64": 268}[runtime.GOARCH]

// composer opens connections from a namespace: a socket stays where it was made.
func (r *reseau) composer(e string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, reseau, adresse string) (c net.Conn, err error) {
		var fin sync.WaitGroup
		fin.Go(func() {
			runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
			f, e := os.Open("/run/netns/" + r.nom(e))
			if e != nil {
				err = e
				return
			}
			defer f.Close()
			if _, _, no := syscall.RawSyscall(setns, f.Fd(), syscall.CLONE_NEWNET, 0); no != 0 {
				err = no
				return
			}
			c, err = (&net.Dialer{Timeout: 1500 * time.Millisecond}).DialContext(ctx, reseau, adresse)
		})
		fin.Wait()
		return c, err
	}
}

// lancer runs a party of the laboratory in its namespace.
func (r *reseau) lancer(e, dir string) {
	t := r.t
	t.Helper()
	executable, err := programme()
	if err != nil {
		t.Fatal(err)
	}
	journal, err := os.Create(filepath.Join(dir, "sortie.txt"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command("ip", "netns", "exec", r.nom(e), executable, "serve", "--config", filepath.Join(dir, "ecluse.toml"))
	c.Stdout, c.Stderr = journal, journal
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Signal(os.Interrupt)
		arret := time.AfterFunc(5*time.Second, func() { c.Process.Kill() })
		c.Wait()
		arret.Stop()
		journal.Close()
		if b, err := os.ReadFile(journal.Name()); err == nil && t.Failed() {
			t.Logf("%s :\n%s", dir, b[max(0, len(b)-1500):])
		}
	})
}

// Each link in turn, each party in its own network namespace and its own process: what the
// workstation says is where the link is cut, and 200 is never one of them.
func TestChaqueLienCoupe(t *testing.T) {
	if testing.Short() {
		t.Skip("laboratoire entier, un processus par partie")
	}
	ou := map[string]string{"igc": "reste", monde.CleAnnuaire: "reste", monde.ClePhare: "reste", monde.CleRelais: "oct", monde.CleOperateur: "otp", monde.CleMoulin: "amc"}
	r := nouveauReseau(t, "ps", "oct", "otp", "amc", "reste")
	ctx, port := context.Background(), 8442
	l, err := Fonder(ctx, t.TempDir(), time.Now, func(nom string) (string, error) {
		port++
		cle := strings.TrimPrefix(nom, "ouverte-")
		switch {
		case strings.HasPrefix(nom, "surveillance-"): // on the loopback of its namespace
			return fmt.Sprintf("127.0.0.1:%d", port), nil
		case ou[cle] == "": // not of this trial: nobody is there
			return fmt.Sprintf("%s99:%d", r.sous, port), nil
		}
		return fmt.Sprintf("%s:%d", r.adresse(ou[cle]), port), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &Scene{Laboratoire: l, log: slog.New(slog.NewTextHandler(io.Discard, nil)), parties: map[string]*serveur.Processus{}, observes: map[string]*observateur{}}
	plans, err := s.planifier(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var moulin *serveur.Processus
	for _, p := range plans {
		if ou[p.cle] == "" {
			continue
		}
		f, err := s.ecrire(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		if p.cle == monde.CleMoulin { // for the trust, which each party has in its directory
			ici := *f
			ici.Ecoute.Adresse, ici.Ecoute.Ouverte, ici.Surveillance.Adresse = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
			if moulin, err = serveur.Ouvrir(ctx, &ici, serveur.Options{Log: s.log, Horloge: time.Now}); err != nil {
				t.Fatal(err)
			}
			if err := moulin.Fermer(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, p := range plans {
		if ou[p.cle] != "" {
			r.lancer(ou[p.cle], s.repertoire(p.cle))
		}
	}
	s.parties[monde.CleMoulin] = moulin
	c := nouveauComptoir(t, s)
	essayerLesLiens(t, r, c)
}

// essayerLesLiens asks for two persons, the one whom the insurer knows and whose rights the
// pharmacy has, and one whom nobody knows.
func essayerLesLiens(t *testing.T, r *reseau, c *comptoir) {
	ouvrir := func(oct, repli bool) *droits.Poste {
		return c.poste(func(o *droits.OptionsPoste) {
			o.Transport.Composer(r.composer("ps"))
			o.HTTP = &http.Client{Transport: o.Transport, Timeout: 10 * time.Second}
			o.Delai, o.Essais = 8*time.Second, 1
			if oct {
				c.parOCT(o)
			}
			o.Repli = repli
		})
	}
	connu := c.o.question(c.o.assure(monde.CleMoulin))
	rang := 0
	inconnu := func() *droits.DemandeDroits { // another each time: who guesses is stopped
		d := *connu
		rang++
		d.Patient.NumeroAdherent = lireOuEchouer(t, sante.ParseNumeroAdherent, fmt.Sprintf("MB%07d", 9990000+rang))
		return &d
	}
	nonOuvert := c.o.question(c.o.assure(monde.ClePhare))
	attendre := func(quoi string, bon func() bool) {
		t.Helper()
		for fin := time.Now().Add(20 * time.Second); !bon(); {
			if time.Now().After(fin) {
				t.Fatal(quoi)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}
	demander := func(p *droits.Poste, d *droits.DemandeDroits) *droits.Vente {
		v, err := p.Droits(context.Background(), d.Patient, d.Carte, 0)
		if err != nil {
			t.Error(err)
			return &droits.Vente{}
		}
		return v
	}
	attendre("les listes ne viennent pas", func() bool {
		if _, err := ouvrir(false, false).Actualiser(context.Background()); err != nil {
			t.Fatal(err)
		}
		jour := sante.JourA(time.Now(), sante.Paris())
		_, err := c.options.Classeur.Service(visiodroits.Recherche{NumeroAMC: connu.Carte.NumeroAMC, Service: visiodroits.DLD, Date: jour}, time.Now())
		_, dit := c.options.Classeur.Service(visiodroits.Recherche{NumeroAMC: nonOuvert.Carte.NumeroAMC, Service: visiodroits.DLD, Date: jour}, time.Now())
		var n *visiodroits.NonTrouve
		return err == nil && errors.As(dit, &n) && n.Situation == visiodroits.NonOuverte
	})
	normal := func() {
		t.Helper()
		for _, oct := range []bool{false, true} {
			attendre("le service ne revient pas", func() bool {
				p := ouvrir(oct, false)
				v := demander(p, connu)
				return v.Code.Accord() && v.Recu.Type == droits.Normale && demander(p, inconnu()).Code == visiodroits.BeneficiaireInconnu
			})
		}
	}
	for _, x := range []struct {
		lien       string
		oct, repli bool
		connu      visiodroits.Code
		inconnu    visiodroits.Code
		type_      droits.TypeAccreditation
	}{
		{"ps", false, false, "204", "204", droits.Normale},
		{"ps", true, true, "204", "204", droits.Normale},
		{"oct", true, false, "203", "203", droits.Normale},
		{"oct", true, true, "001", "100", droits.Normale},
		{"otp", false, false, "202", "202", droits.Normale},
		{"otp", true, false, "202", "202", droits.Normale},
		{"amc", false, false, "000", "201", droits.Depannage},
		{"amc", true, false, "000", "201", droits.Depannage},
	} {
		normal()
		r.lien(x.lien, "down")
		debut := time.Now()
		p, inconnu := ouvrir(x.oct, x.repli), inconnu()
		var v, w, z *droits.Vente
		var tous sync.WaitGroup
		tous.Go(func() { v = demander(p, connu) })
		tous.Go(func() { w = demander(p, inconnu) })
		tous.Go(func() { z = demander(p, nonOuvert) })
		tous.Wait()
		t.Logf("%s coupé, par l'OCT %v : %s et %s en %s", x.lien, x.oct, v.Code, w.Code, time.Since(debut).Round(time.Millisecond))
		r.lien(x.lien, "up")
		if v.Code != x.connu || w.Code != x.inconnu || v.Recu == nil || v.Recu.Type != x.type_ || !v.TiersPayant || w.TiersPayant {
			t.Errorf("%s coupé, par l'OCT %v : %s et %s, want %s et %s ; %v, %v", x.lien, x.oct, v.Code, w.Code, x.connu, x.inconnu, v.Diagnostic, w.Diagnostic)
		}
		if v.Code.Degrade() != (v.Degrade != nil) {
			t.Errorf("%s coupé : %+v", x.lien, v.Degrade)
		}
		if v.Code == visiodroits.ServiceNonOuvert || w.Code == visiodroits.ServiceNonOuvert {
			t.Errorf("%s coupé : 200", x.lien)
		}
		if z.Code != visiodroits.ServiceNonOuvert || z.TiersPayant || z.Degrade != nil { // its list says so, whatever is cut
			t.Errorf("%s coupé, service non ouvert : %s, tiers payant %v, dégradé %+v", x.lien, z.Code, z.TiersPayant, z.Degrade)
		}
	}
}
