package journal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/ecluse-sante/ecluse/internal/journal"
	"github.com/ecluse-sante/ecluse/internal/journal/journaltest"
	"github.com/ecluse-sante/ecluse/preuve"
)

func sequencerTout(t testing.TB, s *journal.Sequenceur) {
	t.Helper()
	for {
		n, err := s.Sequencer(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

func ecrire(t testing.TB, j *journal.Journal, n int, c journal.Contenu) journal.Feuille {
	t.Helper()
	f, err := j.Ecrire(context.Background(), journaltest.Trace(n), c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// From the write to the proof, checked by our package and by another's.
func TestDeLaTraceALaPreuve(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		var feuilles []journal.Feuille
		var wg sync.WaitGroup
		var porte sync.Mutex
		for n := range 700 {
			wg.Go(func() {
				f := ecrire(t, j, n, journal.Contenu{Question: []byte("q"), Reponse: fmt.Append(nil, "r", n)})
				porte.Lock()
				feuilles = append(feuilles, f)
				porte.Unlock()
			})
		}
		wg.Wait()
		sequencerTout(t, s)
		p, err := j.Point(ctx)
		if err != nil || p.Taille != 700 {
			t.Fatalf("checkpoint of %d leaves, %v; want 700", p.Taille, err)
		}
		h := rfc6962.DefaultHasher
		for _, f := range feuilles[:50] {
			l, err := j.Trouver(ctx, journal.Critere{Feuille: &f.Hash})
			if err != nil || len(l) != 1 || l[0].ID != f.ID {
				t.Fatalf("search by leaf: %v, %d found", err, len(l))
			}
			i, err := j.Inclusion(ctx, l[0])
			if err != nil {
				t.Fatal(err)
			}
			pc, err := i.Verifier(j.Cle())
			if err != nil {
				t.Fatal(err)
			}
			var chemin [][]byte
			for _, x := range i.Chemin {
				chemin = append(chemin, x[:])
			}
			if err := proof.VerifyInclusion(h, uint64(i.Rang), uint64(pc.Taille), h.HashLeaf(f.Hash[:]), chemin, pc.Racine[:]); err != nil {
				t.Errorf("merkle: %v", err)
			}
		}
		bilans, err := j.Verifier(ctx)
		if err != nil || len(bilans) != 1 || bilans[0].Feuilles != 700 {
			t.Errorf("full verification: %v, %+v", err, bilans)
		}
	})
}

func TestCoherence(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		var points []preuve.PointControle
		for _, n := range []int{1, 2, 253, 1, 300, 512} { // 1, 3, 256, 257, 557, 1069
			for k := range n {
				ecrire(t, j, k, journal.Contenu{})
			}
			sequencerTout(t, s)
			p, err := j.Point(ctx)
			if err != nil {
				t.Fatal(err)
			}
			points = append(points, p)
		}
		dernier := points[len(points)-1]
		for _, p := range points {
			_, chemin, err := j.Coherence(ctx, p.Taille)
			if err != nil {
				t.Fatal(err)
			}
			if err := preuve.VerifierCoherence(p, dernier, chemin); err != nil {
				t.Error(err)
			}
			var brut [][]byte
			for _, x := range chemin {
				brut = append(brut, x[:])
			}
			if err := proof.VerifyConsistency(rfc6962.DefaultHasher, uint64(p.Taille), uint64(dernier.Taille), brut, p.Racine[:], dernier.Racine[:]); err != nil {
				t.Errorf("merkle: %v", err)
			}
			p.Racine[0] ^= 1
			if err := preuve.VerifierCoherence(p, dernier, chemin); err == nil {
				t.Errorf("size %d: a false root was accepted", p.Taille)
			}
		}
	})
}

// The trace shares the fate of the business write, and a refusal written apart
// survives it.
func TestEcrireDansLaTransaction(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		refus := errors.New("règle")
		var perdue, gardee journal.Feuille
		err := b.Base.Grouper(ctx, func(ctx context.Context) (err error) {
			perdue, err = j.Ecrire(ctx, journaltest.Trace(1), journaltest.Contenu(100))
			return errors.Join(err, refus)
		})
		if !errors.Is(err, refus) {
			t.Fatal(err)
		}
		err = b.Base.Grouper(ctx, func(ctx context.Context) (err error) {
			gardee, err = j.Ecrire(ctx, journaltest.Trace(2), journaltest.Contenu(100))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for f, want := range map[journal.Feuille]int{perdue: 0, gardee: 1} {
			if l, err := j.Trouver(ctx, journal.Critere{ID: f.ID}); err != nil || len(l) != want {
				t.Errorf("got %d rows, %v; want %d", len(l), err, want)
			}
		}
	})
}

func TestTrouver(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		maintenant := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
		b.Horloge = func() time.Time { return maintenant }
		j := b.Journal(t, "amc-1")
		autre := b.Journal(t, "amc-2")
		for n := range 6 { // a leaf a day, over six days
			maintenant = maintenant.AddDate(0, 0, 1)
			ecrire(t, j, n, journal.Contenu{})
			ecrire(t, j, n, journal.Contenu{})
		}
		want := journaltest.Trace(3)
		want.Version = 1
		for nom, c := range map[string]journal.Critere{
			"message":    {IDMessage: want.IDMessage},
			"échange":    {IDEchange: want.IDEchange},
			"engagement": {Engagement: want.Engagement},
		} {
			l, err := j.Trouver(ctx, c)
			if err != nil || len(l) != 2 {
				t.Fatalf("%s: got %d, %v; want 2", nom, len(l), err)
			}
			if d := cmp.Diff(want, l[0].Trace); d != "" {
				t.Errorf("%s: %s", nom, d)
			}
			// One tenant never sees another.
			if l, err := autre.Trouver(ctx, c); err != nil || len(l) != 0 {
				t.Errorf("%s: the other tenant got %d, %v", nom, len(l), err)
			}
		}
		for _, c := range []journal.Critere{{}, {IDMessage: "inconnu"}} {
			if l, err := j.Trouver(ctx, c); err != nil || len(l) != 0 {
				t.Errorf("%+v: got %d, %v", c, len(l), err)
			}
		}
	})
}

func TestEchangeEtPieces(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		crl := bytes.Repeat([]byte("crl"), 1000)
		var empreintes []preuve.Hash
		for range 3 {
			h, err := j.Deposer(ctx, crl)
			if err != nil {
				t.Fatal(err)
			}
			empreintes = append(empreintes, h)
		}
		cert, _ := j.Deposer(ctx, []byte("certificat"))
		tr := journaltest.Trace(1)
		c := journal.Contenu{Question: []byte("question <&> scellée"), Reponse: []byte("réponse"),
			ChaineQuestion: []preuve.Hash{cert}, Revocations: empreintes[:1]}
		tr.EmpreinteQuestion, tr.EmpreinteReponse = sha(c.Question), sha(c.Reponse)
		tr.Canal.Autorite = "CN=<AC & fils>"
		f, err := j.Ecrire(ctx, tr, c)
		if err != nil {
			t.Fatal(err)
		}
		l, _ := j.Trouver(ctx, journal.Critere{ID: f.ID})
		if _, err := j.Echange(ctx, l[0]); !errors.Is(err, journal.ErrAbsent) {
			t.Errorf("before the rank: got %v, want ErrAbsent", err)
		}
		sequencerTout(t, s)
		l, _ = j.Trouver(ctx, journal.Critere{ID: f.ID})
		x, err := j.Echange(ctx, l[0])
		if err != nil {
			t.Fatal(err)
		}
		texte, _ := json.Marshal(x)
		var relu preuve.Echange
		if err := json.Unmarshal(texte, &relu); err != nil {
			t.Fatal(err)
		}
		// Here a message seals all its octets.
		sceau := func(s preuve.SceauDe) (preuve.Sceau, error) { return preuve.Sceau{Empreinte: sha(s.Message)}, nil }
		constat, err := relu.Verifier(j.Cle(), sceau)
		if err != nil || constat.Trace.Canal.Autorite != tr.Canal.Autorite || !constat.Question.Presente {
			t.Errorf("got %+v, %v", constat, err)
		}
		if d := cmp.Diff([][]byte{crl}, relu.Revocations); d != "" {
			t.Error(d)
		}
		relu.Reponse = append(relu.Reponse, '!')
		if _, err := relu.Verifier(j.Cle(), sceau); !errors.Is(err, preuve.ErrEchange) {
			t.Errorf("altered answer: got %v", err)
		}
	})
}

func sha(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// Two nodes, their sequencers fighting, and writers: consecutive ranks, each
// leaf once, within two seconds.
func TestDeuxNoeuds(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx, arreter := context.WithCancel(context.Background())
		var fin sync.WaitGroup
		var journaux []*journal.Journal
		var sequenceurs []*journal.Sequenceur
		for n := range 2 {
			b.Ouvrir(t)
			j := b.Journal(t, "amc-1")
			s := b.Sequenceur(t, fmt.Sprint("noeud", n), j, b.Journal(t, "amc-2"))
			journaux, sequenceurs = append(journaux, j), append(sequenceurs, s)
			fin.Go(func() { s.Tourner(ctx) })
		}
		var ecrivains sync.WaitGroup
		for k := range 16 {
			ecrivains.Go(func() {
				j, s := journaux[k%2], sequenceurs[k%2]
				for n := range 20 {
					f, err := j.Ecrire(ctx, journaltest.Trace(k*100+n), journal.Contenu{})
					if err != nil {
						t.Error(err)
						return
					}
					debut := time.Now()
					if err := s.Attendre(ctx, j, f.ID); err != nil {
						t.Error(err)
					}
					if d := time.Since(debut); d > 2*time.Second {
						t.Errorf("leaf signed after %v", d)
					}
				}
			})
		}
		ecrivains.Wait()
		arreter()
		fin.Wait()
		bilans, err := journaux[0].Verifier(context.Background())
		if err != nil || bilans[0].Feuilles != 320 {
			t.Errorf("got %+v, %v; want 320 leaves", bilans, err)
		}
	})
}

func TestReconstruire(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		for n := range 600 {
			ecrire(t, j, n, journal.Contenu{})
		}
		sequencerTout(t, s)
		s.Rendre(ctx)
		sql := func(query string) {
			if _, err := b.Base.Ecrivain(ctx).ExecContext(ctx, query); err != nil {
				t.Fatal(err)
			}
		}
		sql(`DELETE FROM journal_tuile WHERE niveau = 0`)
		if err := j.VerifierFin(ctx); !errors.Is(err, journal.ErrIncoherent) {
			t.Errorf("tiles lost: got %v", err)
		}
		if _, err := b.TenterJournal(t, "amc-1"); !errors.Is(err, journal.ErrIncoherent) {
			t.Errorf("opening without tiles: got %v", err)
		}
		if err := j.Reconstruire(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Verifier(ctx); err != nil {
			t.Fatal(err)
		}
		// Rows swapped: the tree cannot be made to look right again.
		sql(`UPDATE journal_trace SET rang = rang + 100000 WHERE rang < 2`)
		sql(`UPDATE journal_trace SET rang = 100001 - rang WHERE rang >= 100000`)
		if _, err := j.Verifier(ctx); !errors.Is(err, journal.ErrIncoherent) {
			t.Errorf("rows swapped: got %v", err)
		}
		if err := j.Reconstruire(ctx); !errors.Is(err, journal.ErrIncoherent) {
			t.Errorf("rebuilding on swapped rows: got %v", err)
		}
	})
}

// A row changed by hand is seen, whatever was changed.
func TestLigneAlteree(t *testing.T) {
	for nom, query := range map[string]string{
		"secret":            `UPDATE journal_trace SET secret = (SELECT secret FROM journal_trace WHERE rang = 1) WHERE rang = 0`,
		"feuille":           `UPDATE journal_trace SET feuille = (SELECT feuille FROM journal_trace WHERE rang = 1) WHERE rang = 0`,
		"ligne ôtée":        `DELETE FROM journal_trace WHERE rang = 2`,
		"point d'un autre":  `UPDATE journal_log SET point = (SELECT point FROM journal_log WHERE tenant = 'amc-2') WHERE tenant = 'amc-1'`,
		"taille raccourcie": `UPDATE journal_log SET taille = 2 WHERE tenant = 'amc-1'`,
	} {
		t.Run(nom, func(t *testing.T) {
			b := journaltest.Nouveau(t, "sqlite")
			j := b.Journal(t, "amc-1")
			s := b.Sequenceur(t, "essai", j, b.Journal(t, "amc-2"))
			for n := range 3 {
				ecrire(t, j, n, journal.Contenu{})
			}
			sequencerTout(t, s)
			ctx := context.Background()
			if _, err := j.Verifier(ctx); err != nil {
				t.Fatal(err)
			}
			if _, err := b.Base.Ecrivain(ctx).ExecContext(ctx, query); err != nil {
				t.Fatal(err)
			}
			if _, err := j.Verifier(ctx); !errors.Is(err, journal.ErrIncoherent) && !errors.Is(err, journal.ErrChiffre) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A copied database is verified with the public key only; altered, it is not.
func TestConsulterUneCopie(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		for n := range 20 {
			ecrire(t, j, n, journal.Contenu{})
		}
		sequencerTout(t, s)
		c, err := journal.Consulter(ctx, journal.Options{Tenant: "amc-1", Cle: j.Cle(), Magasin: b.Store})
		if err != nil {
			t.Fatal(err)
		}
		bilans, err := c.Verifier(ctx)
		if err != nil || bilans[0].Feuilles != 20 || bilans[0].Scellees != 20 {
			t.Errorf("got %+v, %v", bilans, err)
		}
		if _, err := c.Ecrire(ctx, journaltest.Trace(1), journal.Contenu{}); !errors.Is(err, journal.ErrLectureSeule) {
			t.Errorf("writing: got %v", err)
		}
		l, err := c.Trouver(ctx, journal.Critere{IDMessage: journaltest.Trace(3).IDMessage})
		if err != nil || len(l) != 1 || !l[0].Scelle {
			t.Fatalf("got %+v, %v", l, err)
		}
		if _, err := c.Echange(ctx, l[0]); !errors.Is(err, journal.ErrScelle) {
			t.Errorf("sealed record: got %v", err)
		}
		if _, err := c.Inclusion(ctx, l[0]); err != nil {
			t.Errorf("proof without keys: %v", err)
		}
		autre := b.Journal(t, "amc-2")
		if _, err := journal.Consulter(ctx, journal.Options{Tenant: "amc-1", Cle: autre.Cle(), Magasin: b.Store}); !errors.Is(err, journal.ErrIncoherent) {
			t.Errorf("another key: got %v", err)
		}
		if _, err := b.Base.Ecrivain(ctx).ExecContext(ctx, `DELETE FROM journal_trace WHERE rang = 19`); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Verifier(ctx); !errors.Is(err, journal.ErrIncoherent) {
			t.Errorf("a leaf removed: got %v", err)
		}
	})
}

func TestExporter(t *testing.T) {
	journaltest.Moteurs(t, func(t *testing.T, b *journaltest.Banc) {
		ctx := context.Background()
		j := b.Journal(t, "amc-1")
		s := b.Sequenceur(t, "essai", j)
		for n := range 300 {
			ecrire(t, j, n, journal.Contenu{})
		}
		sequencerTout(t, s)
		dir := filepath.Join(t.TempDir(), "copie")
		if err := j.Exporter(ctx, dir); err != nil {
			t.Fatal(err)
		}
		bilan, err := preuve.VerifierRepertoire(os.DirFS(filepath.Join(dir, "1")), j.Cle(), nil)
		if err != nil || bilan.Feuilles != 300 {
			t.Fatalf("got %v, %v", bilan, err)
		}
		if !strings.Contains(bilan.String(), "300 feuilles vérifiées") {
			t.Error(bilan)
		}
		for nom, octets := range map[string][2]string{
			"traces.ndjson":   {`"codeRetour":"I000"`, `"codeRetour":"I001"`},
			"checkpoint":      {"\n300\n", "\n299\n"},
			"tile/0/000":      {"", ""},
			"tile/0/001.p/44": {"", ""},
			"tile/1/000.p/1":  {"", ""},

			"tile/entries/000":      {"", ""},
			"tile/entries/001.p/44": {"", ""},
			"cle.pub":               {"", ""},
		} {
			chemin := filepath.Join(dir, "1", nom)
			bon, err := os.ReadFile(chemin)
			if err != nil {
				t.Fatal(err)
			}
			faux := bytes.Replace(bon, []byte(octets[0]), []byte(octets[1]), 1)
			if octets[0] == "" {
				faux = bytes.Clone(bon)
				faux[5] ^= 1
			}
			os.WriteFile(chemin, faux, 0o600)
			if _, err := preuve.VerifierRepertoire(os.DirFS(filepath.Join(dir, "1")), j.Cle(), nil); err == nil {
				t.Errorf("%s altered: accepted", nom)
			}
			os.Remove(chemin)
			if _, err := preuve.VerifierRepertoire(os.DirFS(filepath.Join(dir, "1")), j.Cle(), nil); err == nil {
				t.Errorf("%s deleted: accepted", nom)
			}
			os.WriteFile(chemin, bon, 0o600)
		}
		if err := j.Exporter(ctx, dir); err == nil {
			t.Error("a second export over the first was accepted")
		}
	})
}
