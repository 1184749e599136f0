package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ecluse-sante/ecluse/internal/acheminement"
	"github.com/ecluse-sante/ecluse/internal/acheminement/acheminementtest"
	"github.com/ecluse-sante/ecluse/internal/acheminement/store"
	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// marche is a clock that runs a thousand times as fast as the machine's: days of
// waits pass in a test.
func marche() func() time.Time {
	debut := time.Now()
	return func() time.Time { return acheminementtest.Midi.Add(time.Since(debut) * 1000) }
}

// Two nodes and four posters on one database, a transport that loses, repeats and
// delays: every message has its effect once, those of an Ordre in the order of
// their commits.
func TestDeuxNoeuds(t *testing.T) {
	moteurs(t, func(t *testing.T, adresse string, b *bdd.Base) {
		const total, ordres = 200, 8
		horloge := marche()
		vers := &effetsUniques{vers: partenaire(b, rien)}
		ferme, fermer := context.WithCancel(ctx)
		var noeuds sync.WaitGroup
		for i := range 2 {
			autre := b
			if i > 0 {
				autre = bddtest.OuvrirAdresse(t, adresse, bdd.Options{})
			}
			hostile := &acheminementtest.Hostile{Vers: vers, Alea: rand.New(rand.NewPCG(uint64(i), 3))}
			x := acheminement.NewTournee(acheminement.Options{File: store.New(autre, emetteur), Horloge: horloge,
				Transports: map[string]acheminement.Transport{"essai": hostile},
				Reglages:   acheminement.Reglages{Cadence: 2 * time.Millisecond, Bail: time.Hour, Delai: 10 * time.Second}})
			noeuds.Go(func() { x.Tourner(ferme) })
		}
		s := store.New(b, emetteur)
		var posters sync.WaitGroup
		for p := range 4 { // each holds its own Ordres, as an invoice is changed by one at a time
			posters.Go(func() {
				for i := range total {
					if i%ordres%4 != p {
						continue
					}
					e := acheminementtest.Message(fmt.Sprint("A", i%3), fmt.Sprintf("m%03d", i), fmt.Sprint("F", i%ordres))
					e.Instant = horloge()
					if err := s.Poster(ctx, e); err != nil {
						t.Error(err)
					}
				}
			})
		}
		posters.Wait()
		// A lost message is put back for minutes; a dead letter is sent again.
		for debut := time.Now(); time.Since(debut) < 60*time.Second && !t.Failed(); time.Sleep(20 * time.Millisecond) {
			morts, err := s.Morts(ctx, acheminement.Filtre{})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range morts {
				if err := s.Relancer(ctx, m.Envoi.Cle, acheminement.Geste{Auteur: "a", Motif: "encore", Instant: horloge()}); err != nil {
					t.Error(err)
				}
			}
			// What is put off comes at once.
			if _, err := b.Ecrivain(ctx).ExecContext(ctx, `UPDATE ach_envoi SET echeance = pose WHERE etat = 'PRET' AND code <> '' AND echeance > pose + 61000`); err != nil {
				t.Fatal(err)
			}
			var reste int
			if err := b.Lecteur(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM ach_envoi WHERE etat <> 'LIVRE'`).Scan(&reste); err != nil {
				t.Fatal(err)
			}
			if reste == 0 {
				break
			}
		}
		fermer()
		noeuds.Wait()
		verifierSuites(t, b, total, ordres)
	})
}

// effetsUniques gives the partner's conflicts another chance: rows of effet are
// numbered by max + 1, which PostgreSQL does not serialize.
type effetsUniques struct {
	mu   sync.Mutex
	vers acheminement.Transport
}

func (x *effetsUniques) Livrer(ctx context.Context, e *acheminement.Envoi, c io.Reader) (acheminement.Recu, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.vers.Livrer(ctx, e, c)
}

// Concurrent posters of one Ordre wait for each other: none is refused, none is
// lost, and the queue goes to its end.
func TestPostersDUnOrdre(t *testing.T) {
	moteurs(t, func(t *testing.T, adresse string, b *bdd.Base) {
		autre := bddtest.OuvrirAdresse(t, adresse, bdd.Options{})
		var fin sync.WaitGroup
		for i := range 60 {
			fin.Go(func() {
				s := store.New([]*bdd.Base{b, autre}[i%2], emetteur)
				// Each key is posted by two, at once.
				if err := s.Poster(ctx, acheminementtest.Message("A1", fmt.Sprint("m", i/2), "F")); err != nil {
					t.Error(err)
				}
			})
		}
		x := tournee(b, &acheminementtest.Boite{}, acheminementtest.NewHorloge().Lire)
		for range 20 { // deliveries meanwhile
			if _, err := x.Tour(ctx); err != nil {
				t.Error(err)
			}
		}
		fin.Wait()
		for range 40 {
			if _, err := x.Tour(ctx); err != nil {
				t.Error(err)
			}
		}
		var livres, tete, dernier int
		if err := b.Lecteur(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM ach_envoi WHERE etat = 'LIVRE'`).Scan(&livres); err != nil {
			t.Fatal(err)
		}
		if err := b.Lecteur(ctx).QueryRowContext(ctx, `SELECT tete, dernier FROM ach_ordre`).Scan(&tete, &dernier); err != nil {
			t.Fatal(err)
		}
		if livres != 30 || tete != 31 || dernier != 30 {
			t.Errorf("%d livrés, tête %d, dernier %d", livres, tete, dernier)
		}
	})
}

// A message leaves if and only if the transaction that posted it commits.
func TestTransaction(t *testing.T) {
	moteurs(t, func(t *testing.T, _ string, b *bdd.Base) {
		s := store.New(b, emetteur)
		non := errors.New("la règle refuse")
		for nom, dans := range map[string]func(context.Context, func(context.Context) error) error{"en": b.EnTransaction, "gr": b.Grouper} {
			for _, refus := range []error{non, nil} {
				err := dans(ctx, func(ctx context.Context) error {
					cle := nom + map[bool]string{true: "-oui", false: "-non"}[refus == nil]
					j := acheminement.Jalon{Flux: cle, Etat: acheminement.Envoye, Auteur: emetteur, Instant: acheminementtest.Midi}
					return errors.Join(s.Poster(ctx, acheminementtest.Message("A1", cle, "F"+nom)), s.Noter(ctx, j), refus)
				})
				if !errors.Is(err, refus) {
					t.Errorf("%v, want %v", err, refus)
				}
			}
		}
		for _, cle := range []string{"en-oui", "gr-oui", "en-non", "gr-non"} {
			l, err := s.Jalons(ctx, cle)
			_, err2 := s.Regarder(ctx, cle)
			if oui := strings.HasSuffix(cle, "oui"); err != nil || oui != (len(l) == 1) || oui != (err2 == nil) {
				t.Errorf("%s : %d jalons, %v, %v", cle, len(l), err, err2)
			}
		}
		boite := &acheminementtest.Boite{}
		x := tournee(b, boite, acheminementtest.NewHorloge().Lire)
		for range 2 {
			if _, err := x.Tour(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if l := boite.Arrives(); len(l) != 2 {
			t.Errorf("arrivés %v", l)
		}
	})
}

// A message is posted while the one before it is concluded, and the other way
// round: whoever waits for the other, it becomes due.
func TestPosteEtIssueEnsemble(t *testing.T) {
	moteurs(t, func(t *testing.T, _ string, b *bdd.Base) {
		s := store.New(b, emetteur)
		for _, premier := range []string{"poste", "issue"} {
			m1, m2 := acheminementtest.Message(premier, premier+"-1", premier), acheminementtest.Message(premier, premier+"-2", premier)
			if err := s.Poster(ctx, m1); err != nil {
				t.Fatal(err)
			}
			l, err := s.Prendre(ctx, []acheminement.Part{{Destinataire: premier, N: 1}}, acheminementtest.Midi, time.Minute)
			if err != nil || len(l) != 1 {
				t.Fatalf("%d pris, %v", len(l), err)
			}
			poster := func(ctx context.Context) error { return s.Poster(ctx, m2) }
			conclure := func(ctx context.Context) error {
				return s.Conclure(ctx, &acheminement.Issue{Cle: m1.Cle, Bail: l[0].Bail, Sort: acheminement.Acquis, Instant: acheminementtest.Midi, Echeance: acheminementtest.Midi},
					func(context.Context) error { return nil })
			}
			avant, apres := poster, conclure
			if premier == "issue" {
				avant, apres = conclure, poster
			}
			ensemble(t, b, avant, apres)
			if l, err := s.Regarder(ctx, m2.Cle); err != nil || l.Etat != acheminement.Pret {
				t.Errorf("%s d'abord : %+v, %v", premier, l, err)
			}
		}
	})
}

// ensemble runs avant in a transaction that stays open while apres begins.
func ensemble(t *testing.T, b *bdd.Base, avant, apres func(context.Context) error) {
	t.Helper()
	fait, fin := make(chan struct{}), make(chan error, 1)
	go func() {
		<-fait
		fin <- apres(ctx)
	}()
	err := b.EnTransaction(ctx, func(ctx context.Context) error {
		err := avant(ctx)
		close(fait)
		time.Sleep(50 * time.Millisecond) // apres reaches the lock
		return err
	})
	if err := errors.Join(err, <-fin); err != nil {
		t.Error(err)
	}
}
