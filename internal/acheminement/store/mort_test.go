package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

var ctx = context.Background()

const (
	emetteur     = "750712184"
	destinataire = "775671993"
)

// The test binary, run again with ACH_ROLE, is a node that will be killed.
func TestMain(m *testing.M) {
	if role := os.Getenv("ACH_ROLE"); role != "" {
		if err := noeud(role, os.Getenv("ACH_BASE")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// noeud works until it is killed; it says on its output how far it is.
func noeud(role, adresse string) error {
	b, err := bdd.Ouvrir(ctx, adresse, bdd.Options{})
	if err != nil {
		return err
	}
	s := store.New(b, emetteur)
	// The clock is that of the test: a node that comes back comes after the leases.
	depuis, err := time.Parse(time.RFC3339Nano, os.Getenv("ACH_INSTANT"))
	if err != nil {
		return err
	}
	debut := time.Now()
	o := acheminement.Options{File: s, Horloge: func() time.Time { return depuis.Add(time.Since(debut)) },
		Reglages: acheminement.Reglages{Cadence: time.Millisecond}}
	switch role {
	case "ecrire": // dies with a transaction open, and another committed
		if err := s.Poster(ctx, acheminementtest.Message(destinataire, "ecrit", "F")); err != nil {
			return err
		}
		return b.EnTransaction(ctx, func(ctx context.Context) error {
			if err := s.Poster(ctx, acheminementtest.Message(destinataire, "defait", "F")); err != nil {
				return err
			}
			return attendre("ouverte")
		})
	case "livrer": // dies once the partner has had the effect
		o.Transports = map[string]acheminement.Transport{"essai": partenaire(b, func() error { return attendre("livre") })}
	case "travailler": // dies anywhere
		o.Transports = map[string]acheminement.Transport{"essai": partenaire(b, func() error { fmt.Println("livre"); return nil })}
	}
	acheminement.NewTournee(o).Tourner(ctx)
	return nil
}

func attendre(ou string) error {
	fmt.Println(ou)
	time.Sleep(time.Minute)
	return errors.New("personne n'est venu")
}

// partenaire receives in the same database, as another tenant: its effect is a row.
func partenaire(b *bdd.Base, apres func() error) acheminement.Transport {
	s := store.New(b, destinataire)
	return acheminementtest.TransportFunc(func(ctx context.Context, e *acheminement.Envoi, contenu []byte) (acheminement.Recu, error) {
		a := acheminement.Arrivee{Expediteur: e.Tenant, Cle: e.Cle, Empreinte: e.Empreinte, Instant: acheminementtest.Midi}
		recu, err := s.Recevoir(ctx, a, func(ctx context.Context) ([]byte, error) {
			// No conflict clause: a second effect is an error.
			_, err := b.Ecrivain(ctx).ExecContext(ctx, `INSERT INTO effet (n, cle, contenu) VALUES ((SELECT COALESCE(MAX(n), 0) + 1 FROM effet), $1, $2)`, e.Cle, string(contenu))
			return []byte("reçu " + e.Cle), err
		})
		if err != nil {
			return acheminement.Recu{}, err
		}
		return acheminement.Recu{Octets: recu}, apres()
	})
}

const effets = `CREATE TABLE effet (n BIGINT NOT NULL, cle TEXT NOT NULL PRIMARY KEY, contenu TEXT NOT NULL)`

// preparer opens an empty database that a node may open too.
func preparer(t *testing.T, m bdd.Moteur) (string, *bdd.Base) {
	t.Helper()
	adresse := bddtest.Adresse(t, m)
	b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, store.Migrations())
	if _, err := b.Ecrivain(ctx).ExecContext(ctx, effets); err != nil {
		t.Fatal(err)
	}
	return adresse, b
}

// tuer runs a node, and kills it -9 once suffit says so of what it printed.
func tuer(t *testing.T, role, adresse string, instant time.Time, suffit func(ligne string) bool) {
	t.Helper()
	moi, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(moi)
	c.Env = append(os.Environ(), "ACH_ROLE="+role, "ACH_BASE="+adresse, "ACH_INSTANT="+instant.Format(time.RFC3339Nano))
	c.Stderr = os.Stderr
	sortie, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	garde := time.AfterFunc(30*time.Second, func() { c.Process.Kill() })
	vu := false
	for l := bufio.NewScanner(sortie); !vu && l.Scan(); {
		vu = suffit(l.Text())
	}
	garde.Stop()
	c.Process.Kill() // SIGKILL
	io.Copy(io.Discard, sortie)
	c.Wait()
	if !vu {
		t.Fatalf("le nœud %s est mort avant", role)
	}
}

func moteurs(t *testing.T, f func(t *testing.T, adresse string, b *bdd.Base)) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			adresse, b := preparer(t, m)
			f(t, adresse, b)
		})
	}
}

func tournee(b *bdd.Base, tr acheminement.Transport, h func() time.Time) *acheminement.Tournee {
	return acheminement.NewTournee(acheminement.Options{File: store.New(b, emetteur), Horloge: h,
		Transports: map[string]acheminement.Transport{"essai": tr}})
}

func rien() error { return nil }

func veutEffets(t *testing.T, b *bdd.Base, want string) {
	t.Helper()
	rows, err := b.Lecteur(ctx).QueryContext(ctx, `SELECT cle FROM effet ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var l []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		l = append(l, s)
	}
	if got := strings.Join(l, " "); got != want || rows.Err() != nil {
		t.Errorf("effets %q, %v, want %q", got, rows.Err(), want)
	}
}

// Killed between the insert and the delivery: what was committed leaves, what was
// not does not, and neither holds the Ordre.
func TestMortAvantLivraison(t *testing.T) {
	moteurs(t, func(t *testing.T, adresse string, b *bdd.Base) {
		tuer(t, "ecrire", adresse, acheminementtest.Midi, func(l string) bool { return l == "ouverte" })
		s := store.New(b, emetteur)
		if err := s.Poster(ctx, acheminementtest.Message(destinataire, "apres", "F")); err != nil {
			t.Fatal(err)
		}
		x := tournee(b, partenaire(b, rien), acheminementtest.NewHorloge().Lire)
		for range 3 {
			if _, err := x.Tour(ctx); err != nil {
				t.Fatal(err)
			}
		}
		veutEffets(t, b, "ecrit apres")
	})
}

// Killed between the delivery and the outcome: another node delivers the same bytes
// once the lease is over, the partner gives the same receipt.
func TestMortAvantIssue(t *testing.T) {
	moteurs(t, func(t *testing.T, adresse string, b *bdd.Base) {
		s := store.New(b, emetteur)
		if err := s.Poster(ctx, acheminementtest.Message(destinataire, "m1", "F"), acheminementtest.Message(destinataire, "m2", "F")); err != nil {
			t.Fatal(err)
		}
		tuer(t, "livrer", adresse, acheminementtest.Midi, func(l string) bool { return l == "livre" })
		veutEffets(t, b, "m1")
		h := acheminementtest.NewHorloge()
		x := tournee(b, partenaire(b, rien), h.Lire)
		if n, err := x.Tour(ctx); n != 0 || err != nil {
			t.Fatalf("pris sous le bail d'un mort : %d, %v", n, err)
		}
		h.Avancer(3 * time.Minute)
		for range 2 {
			if n, err := x.Tour(ctx); n != 1 || err != nil {
				t.Fatalf("%d, %v", n, err)
			}
		}
		veutEffets(t, b, "m1 m2")
		if r, err := s.Recu(ctx, "m1"); err != nil || string(r) != "reçu m1" {
			t.Errorf("reçu %q, %v", r, err)
		}
	})
}

// Killed anywhere, again and again: every message has its effect once, in order.
func TestMortsAuHasard(t *testing.T) {
	moteurs(t, func(t *testing.T, adresse string, b *bdd.Base) {
		alea := rand.New(rand.NewPCG(2026, 11))
		s, total := store.New(b, emetteur), 200
		for i := range total {
			if err := s.Poster(ctx, acheminementtest.Message(destinataire, fmt.Sprintf("m%03d", i), fmt.Sprint("F", i%7))); err != nil {
				t.Fatal(err)
			}
		}
		quand := acheminementtest.Midi
		for range 5 {
			reste := 1 + alea.IntN(30)
			tuer(t, "travailler", adresse, quand, func(string) bool { reste--; return reste <= 0 })
			quand = quand.Add(10 * time.Minute)
		}
		x := tournee(b, partenaire(b, rien), func() time.Time { return quand })
		for tours := 0; ; tours++ {
			n, err := x.Tour(ctx)
			if err != nil || tours > 2*total {
				t.Fatalf("tour %d : %v", tours, err)
			}
			if n == 0 {
				break
			}
		}
		verifierSuites(t, b, total, 7)
		for i := range total {
			cle := fmt.Sprintf("m%03d", i)
			if l, err := s.Regarder(ctx, cle); err != nil || l.Etat != acheminement.Livre {
				t.Errorf("%s : %+v, %v", cle, l, err)
			}
		}
	})
}

// verifierSuites wants the effect of every message, and those of an Ordre in order.
func verifierSuites(t *testing.T, b *bdd.Base, total, ordres int) {
	t.Helper()
	rows, err := b.Lecteur(ctx).QueryContext(ctx, `SELECT cle, contenu FROM effet ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n, dernier := 0, map[int]int{}
	for rows.Next() {
		var cle, contenu string
		if err := rows.Scan(&cle, &contenu); err != nil {
			t.Fatal(err)
		}
		var i int
		if _, err := fmt.Sscanf(cle, "m%d", &i); err != nil || contenu != "scellé "+cle {
			t.Fatalf("%s : %q, %v", cle, contenu, err)
		}
		if d, vu := dernier[i%ordres]; vu && d >= i {
			t.Errorf("m%03d arrive après m%03d, de la même suite", i, d)
		}
		dernier[i%ordres] = i
		n++
	}
	if n != total || rows.Err() != nil {
		t.Errorf("%d effets, %v, want %d", n, rows.Err(), total)
	}
}
