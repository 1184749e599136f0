//go:build linux

package epreuves

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/calcul"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/config"
	"github.com/ecluse-sante/ecluse/internal/monde"
	"github.com/ecluse-sante/ecluse/sante"
)

// labo is a laboratory whose parties are processes of their own.
type labo struct {
	t       *testing.T
	dir     string
	horloge string // file of the shared clock
	avance  time.Duration
	monde   *monde.Monde
	moteur  calcul.Moteur
	parties map[string]*partie
	ports   int // tried by portLibre
}

// partie is one process: its directory, its configuration, and what runs.
type partie struct {
	l    *labo
	nom  string
	dir  string
	f    *config.Fichier
	args []string

	cmd   *exec.Cmd
	fin   chan struct{} // closed once the process is over
	etat  error         // of its end
	sigle bool          // we asked it to stop
}

// fonder lays out a laboratory of separate parties; moteur is that of one insurer
// and of two hospitals.
func fonder(t *testing.T, moteur bdd.Moteur) *labo {
	t.Helper()
	return fonderLe(t, moteur, time.Now())
}

// fonderLe lays it out as it would have been at an instant.
func fonderLe(t *testing.T, moteur bdd.Moteur, instant time.Time) *labo {
	t.Helper()
	args := []string{"--separees"}
	if moteur == bdd.PostgreSQL {
		for _, cle := range []string{monde.CleMoulin, monde.CleHopital, monde.CleNonLucratif} {
			args = append(args, "--base", cle+"="+adressePG(t))
		}
	}
	return fonderAvec(t, instant, args...)
}

// enUn is the one process of a laboratory that holds every party.
const enUn = "tout"

// fonderEnUn lays out a laboratory whose one process carries every party.
func fonderEnUn(t *testing.T) (*labo, *partie) {
	t.Helper()
	l := fonderAvec(t, time.Now())
	p := &partie{l: l, nom: enUn, dir: l.dir, args: []string{"--horloge", l.horloge}}
	p.relire()
	l.parties[enUn] = p
	return l, p
}

func fonderAvec(t *testing.T, instant time.Time, args ...string) *labo {
	t.Helper()
	longue(t)
	dir, err := os.MkdirTemp("", "ecluse-labo-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() && os.Getenv("ECLUSE_GARDER") == "1" {
			t.Logf("laboratoire gardé dans %s", dir)
			return
		}
		os.RemoveAll(dir)
	})
	l := &labo{t: t, dir: filepath.Join(dir, "labo"), horloge: filepath.Join(dir, "horloge"), parties: map[string]*partie{}}
	l.regler(time.Until(instant).Round(time.Second))
	l.ecluse(append(append([]string{"quickstart", "--ports-libres", "--horloge", l.horloge}, args...), l.dir)...)
	if l.monde, err = monde.New(sante.JourA(l.maintenant(), sante.Paris())); err != nil {
		t.Fatal(err)
	}
	if l.moteur, err = calcul.New(nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.fermer)
	return l
}

// adressePG gives a schema of its own on the server of ECLUSE_PG, for a process.
func adressePG(t *testing.T) string {
	t.Helper()
	serveur := exigerPG(t)
	u, err := url.Parse(serveur)
	if err != nil {
		t.Fatal("ECLUSE_PG illisible")
	}
	db, err := sql.Open("pgx", serveur)
	if err != nil {
		t.Fatal(err)
	}
	var alea [8]byte
	rand.Read(alea[:])
	nom := "epreuve_" + hex.EncodeToString(alea[:])
	if _, err := db.Exec("CREATE SCHEMA " + nom); err != nil {
		t.Fatalf("PostgreSQL : %v", err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + nom + " CASCADE"); err != nil {
			t.Errorf("PostgreSQL : retirer le schéma : %v", err)
		}
		db.Close()
	})
	q := u.Query()
	q.Set("search_path", nom)
	u.RawQuery = q.Encode()
	return u.String()
}

func exigerPG(t *testing.T) string {
	t.Helper()
	serveur := os.Getenv("ECLUSE_PG")
	if serveur == "" && os.Getenv("ECLUSE_CI") == "1" {
		t.Fatal("PostgreSQL absent : ECLUSE_PG est vide alors que ECLUSE_CI=1")
	}
	if serveur == "" {
		t.Skip("PostgreSQL absent : ECLUSE_PG est vide (voir .ci/postgres.sh)")
	}
	return serveur
}

// moteurs plays a trial on each engine.
func moteurs(t *testing.T, f func(t *testing.T, m bdd.Moteur)) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			if m == bdd.PostgreSQL {
				exigerPG(t)
			}
			f(t, m)
		})
	}
}

// ecluse runs a command of the binary to its end, and gives what it wrote.
func (l *labo) ecluse(args ...string) string {
	l.t.Helper()
	s, err := commander(args...)
	if err != nil {
		l.t.Fatal(err)
	}
	return s
}

func commander(args ...string) (string, error) {
	c := exec.Command(binaire, args...)
	var erreurs bytes.Buffer
	c.Stderr = &erreurs
	b, err := c.Output()
	if err != nil {
		return string(b), fmt.Errorf("ecluse %s : %w\n%s", strings.Join(args, " "), err, erreurs.String())
	}
	return string(b), nil
}

// regler shifts the clock of the whole laboratory.
func (l *labo) regler(avance time.Duration) {
	l.t.Helper()
	l.avance = avance
	ecrireHorloge(l.t, l.horloge, avance)
}

func ecrireHorloge(t *testing.T, chemin string, avance time.Duration) {
	t.Helper()
	// Whole or not at all: processes read it each second.
	if err := os.WriteFile(chemin+".neuf", []byte(avance.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(chemin+".neuf", chemin); err != nil {
		t.Fatal(err)
	}
}

func (l *labo) maintenant() time.Time { return time.Now().Add(l.avance) }

// partie prepares a party to be run, once.
func (l *labo) partie(cle string) *partie {
	l.t.Helper()
	if p := l.parties[cle]; p != nil {
		return p
	}
	p := &partie{l: l, nom: cle, dir: filepath.Join(l.dir, cle)}
	p.relire()
	p.args = []string{"--horloge", l.horloge}
	l.parties[cle] = p
	return p
}

func (p *partie) relire() {
	p.l.t.Helper()
	f, err := config.Lire(filepath.Join(p.dir, "ecluse.toml"))
	if err != nil {
		p.l.t.Fatal(err)
	}
	p.f = f
}

// config adds a key under a table of the configuration of a party, before it
// runs; the table "" is the top.
func (p *partie) config(table, cle, valeur string) *partie {
	p.l.t.Helper()
	chemin := filepath.Join(p.dir, "ecluse.toml")
	b, err := os.ReadFile(chemin)
	if err != nil {
		p.l.t.Fatal(err)
	}
	s, ligne := string(b), cle+" = "+valeur+"\n"
	re := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(cle) + ` = .*\n`)
	switch {
	case table == "" && re.MatchString(s):
		s = re.ReplaceAllLiteralString(s, ligne)
	case table == "":
		s = ligne + s
	case strings.Contains(s, "\n["+table+"]\n"):
		s = strings.Replace(s, "\n["+table+"]\n", "\n["+table+"]\n"+ligne, 1)
	default:
		s += "\n[" + table + "]\n" + ligne
	}
	if err := os.WriteFile(chemin, []byte(s), 0o600); err != nil {
		p.l.t.Fatal(err)
	}
	p.relire()
	return p
}

// lancer starts parties, in the order given, and waits until each is ready.
func (l *labo) lancer(cles ...string) {
	l.t.Helper()
	for _, cle := range cles {
		l.partie(cle).lancer()
	}
}

// lancer starts the process. It is tried again while its port is still taken by
// what the killed process left.
func (p *partie) lancer() {
	p.l.t.Helper()
	for limite := time.Now().Add(45 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		p.partir()
		err := p.attendrePret(limite)
		if err == nil {
			return
		}
		if time.Now().After(limite) || !p.fini() || !strings.Contains(p.queue(2000), "cette adresse est déjà prise") {
			p.l.t.Fatalf("%s : %v\n%s", p.nom, err, p.queue(4000))
		}
	}
}

func (p *partie) partir() {
	p.l.t.Helper()
	f, err := os.OpenFile(p.trace(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		p.l.t.Fatal(err)
	}
	c := exec.Command(binaire, append([]string{"serve", "--config", filepath.Join(p.dir, "ecluse.toml")}, p.args...)...)
	c.Stdout, c.Stderr = f, f
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		p.l.t.Fatal(err)
	}
	p.cmd, p.fin, p.sigle = c, make(chan struct{}), false
	fin := p.fin
	go func() {
		p.etat = c.Wait()
		f.Close()
		close(fin)
	}()
}

func (p *partie) trace() string { return filepath.Join(p.l.dir, p.nom+".log") }

// queue is the end of the technical log.
func (p *partie) queue(n int) string {
	b, err := os.ReadFile(p.trace())
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-n):])
}

func (p *partie) fini() bool {
	select {
	case <-p.fin:
		return true
	default:
		return false
	}
}

func (p *partie) attendrePret(limite time.Time) error {
	var dernier error
	for time.Now().Before(limite) {
		if p.fini() {
			return fmt.Errorf("arrêté avant d'être prêt : %v", p.etat)
		}
		code, corps, err := obtenir("http://" + p.f.Surveillance.Adresse + "/pret")
		if err == nil && code == http.StatusOK {
			return nil
		}
		dernier = fmt.Errorf("pas prêt : %d %s %v", code, corps, err)
		time.Sleep(20 * time.Millisecond)
	}
	return dernier
}

func obtenir(adresse string) (int, string, error) {
	c := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := c.Get(adresse)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	return r.StatusCode, string(b), err
}

// tuer is kill -9.
func (p *partie) tuer() {
	p.l.t.Helper()
	p.sigle = true
	if err := p.cmd.Process.Kill(); err != nil {
		p.l.t.Fatalf("%s : %v", p.nom, err)
	}
	<-p.fin
}

// arreter is SIGTERM; the process must end well, in time.
func (p *partie) arreter() {
	p.l.t.Helper()
	p.sigle = true
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.l.t.Fatalf("%s : %v", p.nom, err)
	}
	select {
	case <-p.fin:
		if p.etat != nil {
			p.l.t.Errorf("%s : arrêt par SIGTERM : %v\n%s", p.nom, p.etat, p.queue(3000))
		}
	case <-time.After(40 * time.Second):
		p.cmd.Process.Kill()
		p.l.t.Errorf("%s ne s'arrête pas", p.nom)
	}
}

// vivante fails when a process ended by itself.
func (p *partie) vivante() {
	p.l.t.Helper()
	if p.fini() && !p.sigle {
		p.l.t.Errorf("%s est mort : %v\n%s", p.nom, p.etat, p.queue(4000))
	}
}

// fermer ends every process still there. A process that died by itself, a panic
// or a data race in its log fail the trial.
func (l *labo) fermer() {
	for _, p := range l.parties {
		if p.cmd == nil {
			continue
		}
		p.vivante()
		if !p.fini() {
			p.sigle = true
			p.cmd.Process.Kill()
			<-p.fin
		}
		b, err := os.ReadFile(p.trace())
		if err != nil {
			l.t.Error(err)
		}
		for _, mauvais := range []string{"panic:", "panique", "DATA RACE", "fatal error"} {
			if i := bytes.Index(b, []byte(mauvais)); i >= 0 {
				l.t.Errorf("%s : %s", p.nom, b[max(0, i-300):min(len(b), i+3000)])
			}
		}
	}
}

// ouvrirBase opens the database of a party as an auditor would.
func (p *partie) ouvrirBase() *sql.DB {
	p.l.t.Helper()
	adresse := p.f.AdresseBase()
	pilote := "pgx"
	if chemin, ok := strings.CutPrefix(adresse, "sqlite:"); ok {
		pilote, adresse = "sqlite", "file:"+chemin+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(pilote, adresse)
	if err != nil {
		p.l.t.Fatal(err)
	}
	p.l.t.Cleanup(func() { db.Close() })
	return db
}

// compter runs a query whose answer is one number.
func (p *partie) compter(requete string, args ...any) int {
	p.l.t.Helper()
	db := p.ouvrirBase()
	defer db.Close()
	var n int
	if err := db.QueryRow(requete, args...).Scan(&n); err != nil {
		p.l.t.Fatalf("%s : %v", requete, err)
	}
	return n
}

// mesure reads one figure that a process tells of itself.
func (p *partie) mesure(nom string) int {
	p.l.t.Helper()
	_, corps, err := obtenir("http://" + p.f.Surveillance.Adresse + "/mesures")
	if err != nil {
		p.l.t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal([]byte(corps), &m); err != nil {
		p.l.t.Fatalf("/mesures : %v", err)
	}
	x, ok := m[nom].(float64)
	if !ok {
		p.l.t.Fatalf("/mesures ne dit pas %q : %s", nom, corps)
	}
	return int(x)
}

// memoire is the anonymous resident memory of the process, in bytes.
func (p *partie) memoire() int {
	p.l.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.l.t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^RssAnon:\s+(\d+) kB`).FindSubmatch(b)
	if m == nil {
		p.l.t.Fatal("/proc/…/status sans RssAnon")
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n << 10
}

// jusqua waits until a condition holds.
func jusqua(ctx context.Context, d time.Duration, f func() bool) bool {
	for limite := time.Now().Add(d); ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if f() {
			return true
		}
		if time.Now().After(limite) {
			return false
		}
	}
	return false
}

// portLibre is a free port below those of outgoing connections.
func (l *labo) portLibre() string {
	l.t.Helper()
	for l.ports < 1000 {
		n := 19000 + l.ports
		l.ports++
		if e, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", n)); err == nil {
			defer e.Close()
			return e.Addr().String()
		}
	}
	l.t.Fatal("aucun port libre")
	return ""
}
