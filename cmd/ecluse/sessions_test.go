package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The commands are tested as sessions of a terminal: testdata/sessions/*.txt.
//
//	# what this shows
//	$ ecluse numero verifier E00990001017Q2MZ4WX8T3C6
//	E0099… : refusé — …
//	= 1
//
// After a command come the lines of its standard output (blank lines at its
// end left out), then those of its error output, each after "! ", then "= N" when its status is not 0. "…" stands for any
// text in a line, or any lines when alone; <NOM> too, and keeps it: $NOM in a
// later command. Files follow, each after a line "-- name --". The program is this
// test binary, run again. Beside ecluse a session knows a few commands: see
// commandes. -update writes the sessions that differ again, to be reviewed.
func TestSessions(t *testing.T) {
	fichiers, err := filepath.Glob("testdata/sessions/*.txt")
	if err != nil || len(fichiers) == 0 {
		t.Fatalf("aucune session : %v", err)
	}
	for _, f := range fichiers {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			t.Parallel()
			jouerSession(t, f)
		})
	}
}

const enSession = "ECLUSE_SESSION"

// TestMain is the program itself when a session runs it.
func TestMain(m *testing.M) {
	if os.Getenv(enSession) == "1" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// session is a terminal: a directory, what was kept of outputs, what runs.
type session struct {
	t         *testing.T
	dir       string
	variables map[string]string
	serveur   *exec.Cmd
	erreurs   tampon // of the server
}

// tampon is read while the server writes in it.
type tampon struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *tampon) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(b)
}

func (t *tampon) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// pas is a command and what it should say.
type pas struct {
	commande string
	attendu  []string
}

// lireSession splits a file in its steps, with the lines before each, and its files.
func lireSession(texte string) (entete []string, l []pas, fichiers map[string]string, fin string) {
	fichiers = map[string]string{}
	if i := strings.Index(texte, "\n-- "); i >= 0 {
		texte, fin = texte[:i+1], texte[i+1:]
		for _, x := range strings.Split("\n"+fin, "\n-- ")[1:] {
			nom, contenu, _ := strings.Cut(x, " --\n")
			fichiers[nom] = contenu + "\n"
		}
	}
	for s := range strings.Lines(texte) {
		s = strings.TrimRight(s, "\n")
		switch {
		case strings.HasPrefix(s, "$ "):
			l = append(l, pas{commande: s[2:]})
		case len(l) == 0:
			entete = append(entete, s)
		default:
			l[len(l)-1].attendu = append(l[len(l)-1].attendu, s)
		}
	}
	return entete, l, fichiers, fin
}

func jouerSession(t *testing.T, fichier string) {
	brut, err := os.ReadFile(fichier)
	if err != nil {
		t.Fatal(err)
	}
	entete, l, fichiers, fin := lireSession(string(brut))
	s := &session{t: t, dir: t.TempDir(), variables: map[string]string{}}
	for nom, d := range map[string]string{"ROC": "../../roc/testdata", "CALCUL": "../../calcul/testdata"} {
		if s.variables[nom], err = filepath.Abs(d); err != nil {
			t.Fatal(err)
		}
	}
	for nom, contenu := range fichiers {
		s.ecrire(nom, []byte(contenu))
	}
	defer s.arreter()
	b := strings.Builder{}
	for _, x := range entete {
		fmt.Fprintln(&b, x)
	}
	for _, p := range l {
		fmt.Fprintln(&b, "$ "+p.commande)
		// Comments and blank lines belong to the reader.
		suite := len(p.attendu)
		for suite > 0 && (p.attendu[suite-1] == "" || strings.HasPrefix(p.attendu[suite-1], "# ")) {
			suite--
		}
		obtenu := s.executer(p.commande)
		ecrit := p.attendu[:suite]
		if err := s.comparer(ecrit, obtenu); err != nil {
			if ecrit = obtenu; !*actualiser {
				t.Errorf("$ %s\n%v\nobtenu :\n%s", p.commande, err, strings.Join(obtenu, "\n"))
			}
		}
		for _, x := range append(slices.Clone(ecrit), p.attendu[suite:]...) {
			fmt.Fprintln(&b, x)
		}
	}
	if *actualiser {
		if err := os.WriteFile(fichier, []byte(b.String()+fin), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// executer runs a command and gives what it said, as a session writes it.
func (s *session) executer(ligne string) []string {
	mots := s.decouper(ligne)
	var sortie, erreur bytes.Buffer
	code := 0
	if f := s.commandes()[mots[0]]; f != nil {
		if err := f(&sortie, mots[1:]); err != nil {
			fmt.Fprintln(&erreur, err)
			code = 1
		}
	} else if mots[0] == "ecluse" {
		code = s.ecluse(&sortie, &erreur, mots[1:])
	} else {
		s.t.Fatalf("commande inconnue : %s", ligne)
	}
	l := s.lignes(sortie.String(), "")
	l = append(l, s.lignes(erreur.String(), "! ")...)
	if code != 0 {
		l = append(l, fmt.Sprintf("= %d", code))
	}
	return l
}

func (s *session) lignes(texte, marque string) (l []string) {
	texte = strings.TrimRight(strings.ReplaceAll(texte, s.dir+"/", ""), "\n")
	for x := range strings.Lines(texte) {
		l = append(l, marque+strings.TrimRight(x, " \n"))
	}
	return l
}

// ecluse runs the program; "> file" and "< file" redirect, "&" leaves it running.
func (s *session) ecluse(sortie, erreur *bytes.Buffer, mots []string) int {
	executable, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	fond := mots[len(mots)-1] == "&"
	var args []string
	var entree []byte
	vers := ""
	for i := 0; i < len(mots); i++ {
		switch mots[i] {
		case "&":
		case "<":
			i++
			entree = s.lire(mots[i])
		case ">":
			i++
			vers = mots[i]
		default:
			args = append(args, mots[i])
		}
	}
	c := exec.Command(executable, args...)
	c.Dir, c.Stdin, c.Stdout, c.Stderr = s.dir, bytes.NewReader(entree), sortie, erreur
	c.Env = append(os.Environ(), enSession+"=1", "NO_COLOR=1", "TZ=UTC")
	if fond {
		c.Stdout, c.Stderr, s.serveur = &s.erreurs, &s.erreurs, c
		if err := c.Start(); err != nil {
			s.t.Fatal(err)
		}
		return 0
	}
	if err := c.Run(); err != nil && c.ProcessState == nil {
		s.t.Fatal(err)
	}
	if vers != "" {
		s.ecrire(vers, sortie.Bytes())
		sortie.Reset()
	}
	return c.ProcessState.ExitCode()
}

// arreter ends the server that runs, and gives its status.
func (s *session) arreter() (err error) {
	if s.serveur == nil {
		return nil
	}
	s.serveur.Process.Signal(syscall.SIGTERM)
	attente := time.AfterFunc(20*time.Second, func() { s.serveur.Process.Kill() })
	err = s.serveur.Wait()
	attente.Stop()
	s.serveur = nil
	if err != nil {
		s.t.Errorf("le serveur : %v\n%s", err, s.erreurs.String())
	}
	return err
}

// commandes are those of a session beside ecluse.
func (s *session) commandes() map[string]func(*bytes.Buffer, []string) error {
	return map[string]func(*bytes.Buffer, []string) error{
		// remplacer FICHIER ANCIEN NOUVEAU, where \n is a new line
		"remplacer": func(_ *bytes.Buffer, a []string) error {
			b := s.lire(a[0])
			if !bytes.Contains(b, []byte(a[1])) {
				return fmt.Errorf("%s : « %s » n'y est pas", a[0], a[1])
			}
			s.ecrire(a[0], bytes.Replace(b, []byte(a[1]), []byte(strings.ReplaceAll(a[2], `\n`, "\n")), 1))
			return nil
		},
		// alterer FICHIER: changes one bit in its middle
		"alterer": func(_ *bytes.Buffer, a []string) error {
			b := s.lire(a[0])
			b[len(b)/2] ^= 1
			s.ecrire(a[0], b)
			return nil
		},
		"copier":    func(_ *bytes.Buffer, a []string) error { s.ecrire(a[1], s.lire(a[0])); return nil },
		"supprimer": func(_ *bytes.Buffer, a []string) error { return os.RemoveAll(s.chemin(a[0])) },
		"montrer":   func(w *bytes.Buffer, a []string) error { w.Write(s.lire(a[0])); return nil },
		// lister MOTIF
		"lister": func(w *bytes.Buffer, a []string) error {
			l, err := filepath.Glob(s.chemin(a[0]))
			for _, x := range l {
				fmt.Fprintln(w, x)
			}
			return err
		},
		// demander URL [JETON]: waits for the server to answer; poster URL JETON FILE
		"demander": func(w *bytes.Buffer, a []string) error { return s.demander(w, a) },
		"poster":   func(w *bytes.Buffer, a []string) error { return s.poster(w, a) },
		"arreter":  func(*bytes.Buffer, []string) error { return s.arreter() },
	}
}

func (s *session) demander(w *bytes.Buffer, a []string) error {
	limite := time.Now().Add(20 * time.Second)
	for {
		err := s.appeler(w, http.MethodGet, a, nil)
		if err == nil || time.Now().After(limite) {
			return err
		}
		time.Sleep(30 * time.Millisecond)
	}
}

func (s *session) poster(w *bytes.Buffer, a []string) error {
	return s.appeler(w, http.MethodPost, a, bytes.ReplaceAll(s.lire(a[2]), []byte("@JOUR@"), []byte(time.Now().UTC().Format(time.DateOnly))))
}

// appeler makes one request and writes its status, where what was made is, and
// the body.
func (s *session) appeler(w *bytes.Buffer, methode string, a []string, corps []byte) error {
	ctx, fin := context.WithTimeout(context.Background(), 10*time.Second)
	defer fin()
	r, err := http.NewRequestWithContext(ctx, methode, a[0], bytes.NewReader(corps))
	if err != nil {
		return err
	}
	if len(a) > 1 {
		r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(s.lire(a[1]))))
		r.Header.Set("Content-Type", "application/json")
	}
	rep, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, s.erreurs.String())
	}
	defer rep.Body.Close()
	if rep.StatusCode == http.StatusServiceUnavailable {
		return fmt.Errorf("%s", rep.Status)
	}
	fmt.Fprintln(w, rep.Status)
	if l := rep.Header.Get("Location"); l != "" {
		fmt.Fprintln(w, "Location:", l)
	}
	if _, err := w.ReadFrom(rep.Body); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return nil
}

func (s *session) chemin(nom string) string {
	if filepath.IsAbs(nom) {
		return nom
	}
	return filepath.Join(s.dir, nom)
}

func (s *session) lire(nom string) []byte {
	b, err := os.ReadFile(s.chemin(nom))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *session) ecrire(nom string, b []byte) {
	if err := os.MkdirAll(filepath.Dir(s.chemin(nom)), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.chemin(nom), b, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

var motDeSession = regexp.MustCompile(`'[^']*'|[^\s']+`)

// decouper splits a command in words, 'quoted' or not, its variables replaced.
func (s *session) decouper(ligne string) (mots []string) {
	for _, m := range motDeSession.FindAllString(ligne, -1) {
		if strings.HasPrefix(m, "'") {
			mots = append(mots, strings.Trim(m, "'"))
			continue
		}
		mots = append(mots, os.Expand(m, func(nom string) string {
			v, ok := s.variables[nom]
			if !ok {
				s.t.Fatalf("%s : $%s n'a pas été gardé", ligne, nom)
			}
			return v
		}))
	}
	return mots
}

var trouDeSession = regexp.MustCompile(`…|<[A-Z_]+>`)

// comparer matches lines with those expected, and keeps what <NOM> stands for.
func (s *session) comparer(attendu, obtenu []string) error {
	for i, a := range attendu {
		if a == "…" || a == "! …" {
			for j := 0; j <= len(obtenu); j++ {
				if s.comparer(attendu[i+1:], obtenu[j:]) == nil {
					return nil
				}
			}
			return fmt.Errorf("rien ne suit « … » comme attendu :\n%s", strings.Join(attendu[i+1:], "\n"))
		}
		if len(obtenu) == 0 {
			return fmt.Errorf("manque : %s", a)
		}
		if !s.ligne(a, obtenu[0]) {
			return fmt.Errorf("attendu : %s\nobtenu  : %s", a, obtenu[0])
		}
		obtenu = obtenu[1:]
	}
	if len(obtenu) > 0 {
		return fmt.Errorf("de trop : %s", obtenu[0])
	}
	return nil
}

func (s *session) ligne(attendu, obtenu string) bool {
	var motif strings.Builder
	reste, noms := attendu, []string{}
	for {
		i := trouDeSession.FindStringIndex(reste)
		if i == nil {
			break
		}
		motif.WriteString(regexp.QuoteMeta(reste[:i[0]]))
		if trou := reste[i[0]:i[1]]; trou == "…" {
			motif.WriteString(".*")
		} else {
			noms = append(noms, strings.Trim(trou, "<>"))
			motif.WriteString(`([^\s"]+)`)
		}
		reste = reste[i[1]:]
	}
	m := regexp.MustCompile("^" + motif.String() + regexp.QuoteMeta(reste) + "$").FindStringSubmatch(obtenu)
	if m == nil {
		return false
	}
	for i, nom := range noms {
		s.variables[nom] = m[i+1]
	}
	return true
}
