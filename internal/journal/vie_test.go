package journal_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
)

// Information is erased after a year, what commits stays; the proofs of both
// hold, and a backup made before the erasure opens nothing.
func TestEffacer(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		maintenant := time.Date(2025, 1, 15, 8, 0, 0, 0, time.UTC)
		b.Horloge = func() time.Time { return maintenant }
		j := b.Journal(t, "amc-1")
		autre := b.Journal(t, "amc-2")
		s := b.Sequenceur(t, "essai", j, autre)
		ecrire := func(j *journal.Journal, service string) journal.Feuille {
			tr := journaltest.Trace(1)
			tr.Service = service
			f, err := j.Ecrire(ctx, tr, journaltest.Contenu(200))
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		idb, clc, voisin := ecrire(j, "IDB"), ecrire(j, "CLC"), ecrire(autre, "IDB")
		maintenant = maintenant.AddDate(0, 1, 0)
		fevrier := ecrire(j, "IDB")
		sequencerTout(t, s)
		var copie bytes.Buffer
		if err := b.Base.Sauvegarder(ctx, &copie, journal.TableCles); err != nil {
			t.Fatal(err)
		}
		chercher := func(j *journal.Journal, f journal.Feuille) journal.Element {
			l, err := j.Trouver(ctx, journal.Critere{ID: f.ID})
			if err != nil || len(l) != 1 {
				t.Fatalf("got %d, %v", len(l), err)
			}
			return l[0]
		}
		maintenant = time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)
		faits, err := j.Effacer(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faits { // the empty months of the technical class
			if f.Lignes != 0 || f.Classe != journal.ClasseTechnique {
				t.Errorf("before the term of January: got %+v", f)
			}
		}
		maintenant = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
		faits, err = j.Effacer(ctx, nil)
		if err != nil || len(faits) != 1 || faits[0] != (journal.Effacement{Mois: "2025-01", Classe: journal.ClasseInformation, Lignes: 1}) {
			t.Fatalf("got %+v, %v", faits, err)
		}
		e := chercher(j, idb)
		if !e.Efface || e.Sel != nil || e.Trace.IDMessage != "" {
			t.Errorf("not erased: %+v", e)
		}
		if _, err := j.LireContenu(ctx, e); !errors.Is(err, journal.ErrEfface) {
			t.Errorf("content: got %v, want ErrEfface", err)
		}
		if _, err := j.Inclusion(ctx, e); err != nil {
			t.Errorf("the erased leaf no longer proves: %v", err)
		}
		for nom, x := range map[string]journal.Element{"CLC": chercher(j, clc), "février": chercher(j, fevrier), "voisin": chercher(autre, voisin)} {
			if x.Efface {
				t.Errorf("%s was erased", nom)
			}
		}
		if _, err := j.Inclusion(ctx, chercher(j, clc)); err != nil {
			t.Error(err)
		}
		if bilans, err := j.Verifier(ctx); err != nil || bilans[0].Effacees != 1 {
			t.Errorf("got %+v, %v; want one erased", bilans, err)
		}
		// The backup, with the keys that are left.
		var cles bytes.Buffer
		if err := journal.SauvegarderCles(ctx, b.Store, &cles); err != nil {
			t.Fatal(err)
		}
		b.Adresse = bddtest.Adresse(t, b.Base.Moteur())
		b.Ouvrir(t)
		if err := b.Base.Restaurer(ctx, &copie); err != nil {
			t.Fatal(err)
		}
		if err := journal.RestaurerCles(ctx, b.Store, &cles); err != nil {
			t.Fatal(err)
		}
		j = b.Journal(t, "amc-1")
		if x := chercher(j, idb); !x.Efface || x.Record != nil {
			t.Errorf("the backup still opens the erased record: %+v", x)
		}
		if x := chercher(j, clc); x.Efface || x.Trace.Service != "CLC" {
			t.Errorf("the backup lost what was to be kept: %+v", x)
		}
	})
}

// A database restored behind a published checkpoint goes on in a new log that
// names the end of the old; what it still holds of the old log still proves.
func TestRestaurationEnArriere(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		for n := range 10 {
			ecrire(t, j, n, journal.Contenu{})
		}
		sequencerTout(t, s)
		var copie, cles bytes.Buffer
		if err := b.Base.Sauvegarder(ctx, &copie, journal.TableCles); err != nil {
			t.Fatal(err)
		}
		if err := journal.SauvegarderCles(ctx, b.Store, &cles); err != nil {
			t.Fatal(err)
		}
		octets := copie.Bytes()
		restaurer := func() *journal.Journal {
			b.Adresse = bddtest.Adresse(t, b.Base.Moteur())
			b.Ouvrir(t)
			if err := b.Base.Restaurer(ctx, bytes.NewReader(octets)); err != nil {
				t.Fatal(err)
			}
			if err := journal.RestaurerCles(ctx, b.Store, bytes.NewReader(cles.Bytes())); err != nil {
				t.Fatal(err)
			}
			return b.Journal(t, "amc-1")
		}
		// Restored as it was published: the same log goes on.
		if p, err := restaurer().Point(ctx); err != nil || p.Taille != 10 || p.Precedent != nil {
			t.Fatalf("restored in time: got %+v, %v", p, err)
		}
		j = b.Journal(t, "amc-1")
		s = b.Sequenceur(t, "essai", j)
		for n := range 5 {
			ecrire(t, j, 10+n, journal.Contenu{})
		}
		sequencerTout(t, s)
		publie, err := j.Point(ctx)
		if err != nil {
			t.Fatal(err)
		}
		// Restored behind it, twice: each time a new log.
		for k, want := range []string{"/2", "/3"} {
			j = restaurer()
			p, err := j.Point(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(p.Origine, want) || p.Precedent == nil || p.Precedent.Racine != publie.Racine || p.Precedent.Taille != publie.Taille {
				t.Fatalf("got %+v, want a log %s after %d leaves", p, want, publie.Taille)
			}
			s = b.Sequenceur(t, fmt.Sprint("essai", k), j)
			time.Sleep(10 * time.Millisecond)
			f := ecrire(t, j, 100+k, journal.Contenu{})
			fin, annuler := context.WithTimeout(ctx, 10*time.Second)
			arrete := make(chan struct{})
			go func() { s.Tourner(fin); close(arrete) }()
			err = s.Attendre(fin, j, f.ID)
			annuler()
			<-arrete
			if err != nil {
				t.Fatal(err)
			}
			bilans, err := j.Verifier(ctx)
			if err != nil || len(bilans) != 2 || bilans[0].Feuilles != 10 || bilans[1].Feuilles != 1 {
				t.Errorf("got %+v, %v", bilans, err)
			}
			if publie, err = j.Point(ctx); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// variables of the child process of TestCoupure.
const (
	envAdresse = "ECLUSE_ESSAI_ADRESSE"
	envDir     = "ECLUSE_ESSAI_DIR"
)

// TestEnfant is the process that TestCoupure kills: it writes and sequences as
// fast as it can, and prints the id of each leaf acknowledged.
func TestEnfant(t *testing.T) {
	if os.Getenv(envAdresse) == "" {
		t.Skip("processus enfant de TestCoupure")
	}
	b := journaltest.Existant(t, os.Getenv(envAdresse), os.Getenv(envDir))
	j := b.Journal(t, "amc-1")
	s := b.Sequenceur(t, fmt.Sprint("enfant-", os.Getpid()), j)
	s.Cadence, s.Lot, s.Bail = time.Millisecond, 7, 100*time.Millisecond
	go s.Tourner(context.Background())
	sortie := make(chan string, 64)
	for k := range 8 {
		go func() {
			for n := 0; ; n++ {
				f, err := j.Ecrire(context.Background(), journaltest.Trace(k*1_000_000+n), journaltest.Contenu(500))
				if err != nil {
					os.Exit(3)
				}
				sortie <- f.ID
			}
		}()
	}
	w := bufio.NewWriter(os.Stdout)
	for id := range sortie {
		fmt.Fprintln(w, "feuille", id)
		w.Flush()
	}
}

// A process killed in the middle of its appends loses no acknowledged leaf and
// doubles none, time after time on the same database.
func TestCoupure(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		b.Base.Fermer()
		var acquises []string
		for k := range 5 {
			acquises = append(acquises, tuer(t, b, time.Duration(50+37*k)*time.Millisecond)...)
		}
		b.Ouvrir(t)
		j := b.Journal(t, "amc-1")
		ctx, annuler := context.WithTimeout(context.Background(), 20*time.Second)
		defer annuler()
		s := b.Sequenceur(t, "reprise", j)
		for { // the lease of the dead runs out
			var restent, rangees int64
			if _, err := s.Sequencer(ctx); err != nil {
				t.Fatal(err)
			}
			row := b.Base.Lecteur(ctx).QueryRowContext(ctx, `SELECT COUNT(*) - COUNT(rang), COUNT(rang) FROM journal_trace`)
			if err := row.Scan(&restent, &rangees); err != nil {
				t.Fatal(err)
			}
			if restent == 0 {
				t.Logf("%d acknowledged, %d in the journal", len(acquises), rangees)
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		bilans, err := j.Verifier(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(bilans) != 1 || bilans[0].Feuilles < int64(len(acquises)) || len(acquises) == 0 {
			t.Fatalf("%d leaves for %d acknowledged", bilans[0].Feuilles, len(acquises))
		}
		rangees := make(map[string]bool)
		err = b.Store.Parcourir(ctx, "amc-1", 1, 0, bilans[0].Feuilles, func(l journal.Ligne) error { rangees[l.ID] = true; return nil })
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range acquises {
			if !rangees[id] {
				t.Fatalf("leaf %s lost", id)
			}
		}
	})
}

// tuer runs the child, kills it after a while, and returns what it acknowledged.
func tuer(t *testing.T, b *journaltest.Banc, apres time.Duration) (ids []string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestEnfant$", "-test.v")
	c.Env = append(os.Environ(), envAdresse+"="+b.Adresse, envDir+"="+b.Dir)
	sortie, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	parti := false
	for l := bufio.NewScanner(sortie); l.Scan(); {
		id, ok := strings.CutPrefix(l.Text(), "feuille ")
		if !ok {
			continue
		}
		if !parti {
			parti = true
			time.AfterFunc(apres, func() { c.Process.Kill() })
		}
		if len(id) == 32 { // the last line may be cut
			ids = append(ids, id)
		}
	}
	err = c.Wait()
	if !parti || err == nil || c.ProcessState.ExitCode() != -1 {
		t.Fatalf("the child ended by itself: %v", err)
	}
	return ids
}

func TestCleMaitresse(t *testing.T) {
	b := journaltest.Nouveau(t, bdd.SQLite)
	b.Journal(t, "amc-1")
	dir := t.TempDir()
	ecrireFichier := func(nom, texte string, mode os.FileMode) string {
		chemin := filepath.Join(dir, nom)
		if err := os.WriteFile(chemin, []byte(texte), mode); err != nil {
			t.Fatal(err)
		}
		return chemin
	}
	bonne := filepath.Join(dir, "bonne")
	if err := journal.CreerCleMaitresse(bonne); err != nil {
		t.Fatal(err)
	}
	if err := journal.CreerCleMaitresse(bonne); err == nil {
		t.Error("a master key was written over another")
	}
	texte, _ := os.ReadFile(bonne)
	for nom, chemin := range map[string]string{
		"absente":          filepath.Join(dir, "rien"),
		"lisible par tous": ecrireFichier("large", string(texte), 0o644),
		"courte":           ecrireFichier("courte", "YWJj\n", 0o600),
		"pas du base64":    ecrireFichier("texte", "bonjour !", 0o600),
	} {
		if _, err := journal.OuvrirTrousseau(chemin, b.Store); !errors.Is(err, journal.ErrCleMaitresse) || strings.Contains(fmt.Sprint(err), strings.TrimSpace(string(texte))) {
			t.Errorf("%s: got %v", nom, err)
		}
	}
	// Another master key does not open the keys of this database.
	var err error
	if b.Trousseau, err = journal.OuvrirTrousseau(bonne, b.Store); err != nil {
		t.Fatal(err)
	}
	if _, err := b.TenterJournal(t, "amc-1"); !errors.Is(err, journal.ErrCleMaitresse) {
		t.Errorf("another master key: got %v", err)
	}
}

// Proofs ask for the checkpoint nearest to the leaf, not the last one.
func TestPointProche(t *testing.T) {
	b := journaltest.Nouveau(t, bdd.SQLite)
	maintenant := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	b.Horloge = func() time.Time { return maintenant }
	j := b.Journal(t, "amc-1")
	s := b.Sequenceur(t, "essai", j)
	var f journal.Feuille
	for n := range 5 {
		x := ecrire(t, j, n, journal.Contenu{})
		if n == 2 {
			f = x
		}
		sequencerTout(t, s)
		maintenant = maintenant.Add(time.Hour)
	}
	l, err := j.Trouver(context.Background(), journal.Critere{ID: f.ID})
	if err != nil {
		t.Fatal(err)
	}
	i, err := j.Inclusion(context.Background(), l[0])
	if err != nil {
		t.Fatal(err)
	}
	p, err := i.Verifier(j.Cle())
	if err != nil || p.Taille != 3 || !p.Instant.Equal(time.Date(2026, 11, 1, 14, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v, %v; want the checkpoint of 3 leaves", p, err)
	}
}
