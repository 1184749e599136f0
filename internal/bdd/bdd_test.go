package bdd_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

func fichiers(nomTexte ...string) bdd.Migrations {
	fs := fstest.MapFS{}
	for i := 0; i < len(nomTexte); i += 2 {
		fs[nomTexte[i]] = &fstest.MapFile{Data: []byte(nomTexte[i+1])}
	}
	return bdd.Migrations{FS: fs}
}

var schema = fichiers("0001_essai.sql",
	"CREATE TABLE essai (id BIGINT PRIMARY KEY, nom TEXT, octets BYTEA);\nCREATE INDEX essai_nom ON essai (nom);")

func ecrire(b *bdd.Base, id int64) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := b.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO essai (id, nom, octets) VALUES ($1, $2, $3)",
			id, fmt.Sprint("n", id), []byte{byte(id)})
		return err
	}
}

func compter(t *testing.T, b *bdd.Base) (n int) {
	t.Helper()
	ctx := context.Background()
	if err := b.Lecteur(ctx).QueryRowContext(ctx, "SELECT COUNT(*) FROM essai").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTransaction(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		refus := errors.New("refus")
		err := b.EnTransaction(ctx, func(ctx context.Context) error {
			if err := ecrire(b, 1)(ctx); err != nil {
				return err
			}
			err := b.EnTransaction(ctx, func(ctx context.Context) error {
				if err := ecrire(b, 2)(ctx); err != nil {
					return err
				}
				return refus
			})
			if !errors.Is(err, refus) {
				return fmt.Errorf("imbriquée: got %v, want refus", err)
			}
			return b.Grouper(ctx, ecrire(b, 3))
		})
		if err != nil || compter(t, b) != 2 {
			t.Fatalf("got %v and %d rows, want 1 and 3 written", err, compter(t, b))
		}
		if err := b.EnTransaction(ctx, ecrire(b, 3)); !bdd.EstDoublon(err) {
			t.Fatalf("got %v, want a duplicate", err)
		}
		err = b.EnTransaction(ctx, func(ctx context.Context) error { ecrire(b, 4)(ctx); return refus })
		if !errors.Is(err, refus) || compter(t, b) != 2 {
			t.Fatalf("got %v and %d rows, want it undone", err, compter(t, b))
		}
	}, schema)
}

func TestTransactionPanique(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		for nom, f := range map[string]func(context.Context, func(context.Context) error) error{
			"EnTransaction": b.EnTransaction, "Grouper": b.Grouper,
		} {
			func() {
				defer func() {
					if p := recover(); p != "aïe" {
						t.Errorf("%s: got panic %v", nom, p)
					}
				}()
				f(ctx, func(ctx context.Context) error { ecrire(b, 1)(ctx); panic("aïe") })
			}()
		}
		if n := compter(t, b); n != 0 {
			t.Errorf("got %d rows after panics, want 0", n)
		}
		if err := b.Grouper(ctx, ecrire(b, 1)); err != nil {
			t.Errorf("the writer did not survive: %v", err)
		}
	}, schema)
}

// Sixty-four callers, one in four refused by its own rule, one in four by the
// database: only the others are written.
func TestGrouperIsole(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		refus := errors.New("refus")
		if err := b.EnTransaction(ctx, ecrire(b, -1)); err != nil {
			t.Fatal(err)
		}
		var fin sync.WaitGroup
		for i := range int64(64) {
			fin.Go(func() {
				for k := range int64(10) {
					id := i*100 + k
					var err error
					switch i % 4 {
					case 0:
						err = b.Grouper(ctx, func(ctx context.Context) error { ecrire(b, id)(ctx); return refus })
						if !errors.Is(err, refus) {
							t.Errorf("got %v, want refus", err)
						}
					case 1:
						if err = b.Grouper(ctx, ecrire(b, -1)); !bdd.EstDoublon(err) {
							t.Errorf("got %v, want a duplicate", err)
						}
					case 2:
						err = b.Grouper(ctx, ecrire(b, id))
					default:
						err = inserer(ctx, b, id)
					}
					if i%4 > 1 && err != nil {
						t.Errorf("%d: %v", id, err)
					}
				}
			})
		}
		fin.Wait()
		if n := compter(t, b); n != 321 {
			t.Errorf("got %d rows, want 321", n)
		}
	}, schema)
}

func inserer(ctx context.Context, b *bdd.Base, ids ...int64) error {
	i := bdd.Insertion{Debut: "INSERT INTO essai (id, nom, octets) VALUES", Colonnes: 3}
	for _, id := range ids {
		i.Valeurs = append(i.Valeurs, id, "x", []byte("yz"))
	}
	return b.Inserer(ctx, i)
}

func TestInserer(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		var fin sync.WaitGroup
		var doublons atomic.Int32
		for i := range int64(64) {
			fin.Go(func() {
				for k := range int64(20) {
					// Two callers in each pair fight for the same key.
					if err := inserer(ctx, b, (i/2)*1000+k, -(i*1000 + k + 1)); bdd.EstDoublon(err) {
						doublons.Add(1)
					} else if err != nil {
						t.Error(err)
					}
				}
			})
		}
		fin.Wait()
		if n, d := compter(t, b), doublons.Load(); n != 32*20*2 || d != 32*20 {
			t.Errorf("got %d rows and %d refused, want 1280 and 640", n, d)
		}
		if err := b.Inserer(ctx, bdd.Insertion{Debut: "x", Colonnes: 2, Valeurs: []any{1}}); !errors.Is(err, bdd.ErrInsertion) {
			t.Errorf("got %v, want ErrInsertion", err)
		}
	}, schema)
}

// Rows left for the end follow the fate of the savepoint they were left in.
func TestDifferer(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		differer := func(ctx context.Context, id int64) error {
			return b.Differer(ctx, bdd.Insertion{Debut: "INSERT INTO essai (id, nom) VALUES", Colonnes: 2, Valeurs: []any{id, "d"}})
		}
		var fin sync.WaitGroup
		for i := range int64(32) {
			fin.Go(func() {
				err := b.Grouper(ctx, func(ctx context.Context) error {
					if err := differer(ctx, i%16); err != nil { // half of them are duplicates
						return err
					}
					b.EnTransaction(ctx, func(ctx context.Context) error {
						differer(ctx, 1000+i)
						return errors.New("refus")
					})
					return ecrire(b, 100+i)(ctx)
				})
				if err != nil && !bdd.EstDoublon(err) {
					t.Error(err)
				}
			})
		}
		fin.Wait()
		if n := compter(t, b); n != 32 {
			t.Errorf("got %d rows, want 16 left and 16 written", n)
		}
	}, schema)
}

// A caller who hides a failed statement spoils a PostgreSQL transaction: its
// neighbours do not hear of it.
func TestGrouperErreurCachee(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		var fin sync.WaitGroup
		for i := range int64(64) {
			fin.Go(func() {
				for k := range int64(5) {
					if i%8 == 0 {
						b.Grouper(ctx, func(ctx context.Context) error {
							b.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO nulle_part (x) VALUES (1)")
							return nil
						})
						continue
					}
					if err := b.Grouper(ctx, ecrire(b, i*100+k)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		fin.Wait()
		if n := compter(t, b); n != 56*5 {
			t.Errorf("got %d rows, want 280", n)
		}
	}, schema)
}

// Whatever the place in the shared transaction of the caller who hides a failed
// statement, each is told nil if and only if its row is there, and the others
// are told nil.
func TestGrouperErreurCacheeRang(t *testing.T) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		for rang := range int64(3) {
			t.Run(fmt.Sprint(m, rang), func(t *testing.T) {
				b := bddtest.OuvrirAdresse(t, bddtest.Adresse(t, m), bdd.Options{Groupes: 1}, schema)
				coupable, erreurs := cacher(b, rang)
				if len(erreurs) != 3 || coupable < 0 {
					t.Fatalf("got %d outcomes, guilty %d", len(erreurs), coupable)
				}
				for id, err := range erreurs {
					var n int
					if e := b.Lecteur(t.Context()).QueryRowContext(t.Context(), "SELECT COUNT(*) FROM essai WHERE id = $1", id).Scan(&n); e != nil {
						t.Fatal(e)
					}
					if (n == 1) != (err == nil) {
						t.Errorf("%d: told %v with %d rows", id, err, n)
					}
					if id != coupable && err != nil {
						t.Errorf("%d: a neighbour heard of it: %v", id, err)
					}
					if id == coupable && m == bdd.PostgreSQL && err == nil {
						t.Error("the guilty was told nothing")
					}
				}
			})
		}
	}
}

// cacher has three callers wait behind a fourth, so that they share the next
// transaction; the one who runs there at the given rank hides a failed
// statement, and does so again each time it is run.
func cacher(b *bdd.Base, rang int64) (int64, map[int64]error) {
	ctx := context.Background()
	entre, sortir := make(chan struct{}), make(chan struct{})
	var garde sync.Once
	var coupable, tours atomic.Int64
	coupable.Store(-1)
	var fin sync.WaitGroup
	fin.Go(func() {
		b.Grouper(ctx, func(context.Context) error { garde.Do(func() { close(entre); <-sortir }); return nil })
	})
	<-entre
	var verrou sync.Mutex
	erreurs := make(map[int64]error)
	for id := range int64(3) {
		fin.Go(func() {
			err := b.Grouper(ctx, func(ctx context.Context) error {
				if err := ecrire(b, id)(ctx); err != nil {
					return err
				}
				if tours.Add(1) == rang+1 {
					coupable.Store(id)
				}
				if coupable.Load() == id {
					b.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO nulle_part (x) VALUES (1)")
				}
				return nil
			})
			verrou.Lock()
			defer verrou.Unlock()
			erreurs[id] = err
		})
	}
	time.Sleep(20 * time.Millisecond) // they queue; were they late, the outcome would be the same
	close(sortir)
	fin.Wait()
	return coupable.Load(), erreurs
}

// An error hidden inside a nested transaction undoes that one only.
func TestTransactionErreurCachee(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		ctx := context.Background()
		for id, mener := range []func(context.Context, func(context.Context) error) error{b.EnTransaction, b.Grouper} {
			err := mener(ctx, func(ctx context.Context) error {
				b.EnTransaction(ctx, func(ctx context.Context) error {
					b.Ecrivain(ctx).ExecContext(ctx, "INSERT INTO nulle_part (x) VALUES (1)")
					return nil
				})
				return ecrire(b, int64(id))(ctx)
			})
			if err != nil {
				t.Errorf("%d: %v", id, err)
			}
		}
		if n := compter(t, b); n != 2 {
			t.Errorf("got %d rows, want 2", n)
		}
	}, schema)
}

// A full disk refuses what does not fit, to those it concerns, and nothing is
// half written; with room again, writing goes on.
func TestBasePleine(t *testing.T) {
	b := bddtest.Ouvrir(t, schema)
	ctx := context.Background()
	limiter := func(pages int) {
		t.Helper()
		var n int
		if err := b.Ecrivain(ctx).QueryRowContext(ctx, fmt.Sprintf("PRAGMA max_page_count=%d", pages)).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	limiter(60)
	var ecrits, pleins atomic.Int32
	var fin sync.WaitGroup
	for i := range int64(16) {
		fin.Go(func() {
			for k := range int64(20) {
				gros := bdd.Insertion{Debut: "INSERT INTO essai (id, octets) VALUES", Colonnes: 2, Valeurs: []any{i*100 + k, make([]byte, 3000)}}
				switch err := b.Inserer(ctx, gros); {
				case err == nil:
					ecrits.Add(1)
				case bdd.EstPleine(err):
					pleins.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	fin.Wait()
	if n := compter(t, b); n != int(ecrits.Load()) || pleins.Load() == 0 || n == 0 {
		t.Errorf("%d rows, %d acknowledged, %d refused", n, ecrits.Load(), pleins.Load())
	}
	limiter(100_000)
	if err := b.Grouper(ctx, ecrire(b, -5)); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// Rows asked for before the transaction wait in the Lot, and are written once
// with it, or not at all.
func TestLot(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		avec, l := b.AvecLot(context.Background())
		i := bdd.Insertion{Debut: "INSERT INTO essai (id, nom) VALUES", Colonnes: 2, Valeurs: []any{int64(1), "l"}}
		if err := b.Differer(avec, i); err != nil {
			t.Fatal(err)
		}
		if n := compter(t, b); n != 0 {
			t.Fatalf("got %d rows before the transaction", n)
		}
		refus := errors.New("refus")
		for _, want := range []error{refus, nil} {
			err := b.Grouper(context.Background(), func(ctx context.Context) error {
				if err := b.Verser(ctx, l); err != nil {
					return err
				}
				return want
			})
			if !errors.Is(err, want) {
				t.Fatal(err)
			}
		}
		if n := compter(t, b); n != 1 {
			t.Errorf("got %d rows, want 1", n)
		}
	}, schema)
}

func TestGrouperAnnulation(t *testing.T) {
	b := bddtest.OuvrirAdresse(t, bddtest.Adresse(t, bdd.SQLite), bdd.Options{}, schema)
	entre, sortir := make(chan struct{}), make(chan struct{})
	var fin sync.WaitGroup
	fin.Go(func() {
		b.Grouper(context.Background(), func(context.Context) error { close(entre); <-sortir; return nil })
	})
	<-entre
	ctx, annuler := context.WithCancel(context.Background())
	recu := make(chan error)
	go func() { recu <- b.Grouper(ctx, ecrire(b, 1)) }()
	time.Sleep(10 * time.Millisecond)
	annuler()
	if err := <-recu; !errors.Is(err, context.Canceled) {
		t.Errorf("waiting caller: got %v, want Canceled", err)
	}
	close(sortir)
	fin.Wait()

	ctx, annuler = context.WithCancel(context.Background())
	err := b.Grouper(ctx, func(ctx context.Context) error { annuler(); return ecrire(b, 2)(ctx) })
	if err != nil || compter(t, b) != 1 {
		t.Errorf("started caller: got %v and %d rows, want it written", err, compter(t, b))
	}
}

func TestFermerVide(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, _ *bdd.Base) {}, schema)
	adresse := bddtest.Adresse(t, bdd.SQLite)
	b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, schema)
	var ecrits atomic.Int32
	var fin sync.WaitGroup
	for i := range int64(50) {
		fin.Go(func() {
			switch err := inserer(context.Background(), b, i); {
			case err == nil:
				ecrits.Add(1)
			case !errors.Is(err, bdd.ErrFermee):
				t.Error(err)
			}
		})
	}
	b.Fermer()
	fin.Wait()
	b = bddtest.OuvrirAdresse(t, adresse, bdd.Options{}, schema)
	if n := compter(t, b); n != int(ecrits.Load()) {
		t.Errorf("got %d rows, want the %d acknowledged", n, ecrits.Load())
	}
}

func TestLecteurRefuseDEcrire(t *testing.T) {
	bddtest.Moteurs(t, func(t *testing.T, b *bdd.Base) {
		err := b.EnLecture(context.Background(), func(ctx context.Context) error { return ecrire(b, 1)(ctx) })
		if err == nil || compter(t, b) != 0 {
			t.Errorf("got %v and %d rows, want a refusal", err, compter(t, b))
		}
	}, schema)
}

func TestMigrations(t *testing.T) {
	ctx := context.Background()
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		t.Run(string(m), func(t *testing.T) {
			adresse := bddtest.Adresse(t, m)
			deux := fichiers("0002_suite.sqlite.sql", "ALTER TABLE essai ADD COLUMN a BIGINT",
				"0002_suite.postgres.sql", "ALTER TABLE essai ADD COLUMN a BIGINT")
			var fin sync.WaitGroup
			for range 4 { // four nodes start together
				b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{})
				fin.Go(func() {
					l, err := bdd.Assembler(deux, schema)
					if err != nil {
						t.Error(err)
					}
					if err := b.Migrer(ctx, l); err != nil {
						t.Error(err)
					}
				})
			}
			fin.Wait()
			b := bddtest.OuvrirAdresse(t, adresse, bdd.Options{})
			ancienne, _ := bdd.Assembler(schema)
			if err := b.Migrer(ctx, ancienne); !errors.Is(err, bdd.ErrBasePlusRecente) {
				t.Errorf("older program: got %v", err)
			}
			autre, _ := bdd.Assembler(fichiers("0001_essai.sql", "SELECT 1"))
			if err := b.Migrer(ctx, autre); !errors.Is(err, bdd.ErrMigrationChangee) {
				t.Errorf("changed text: got %v", err)
			}
		})
	}
}

func TestAssemblerRefuse(t *testing.T) {
	for nom, parts := range map[string][]bdd.Migrations{
		"numéro pris deux fois":   {schema, fichiers("0001_autre.sql", "x")},
		"deux fois le même":       {schema, schema},
		"nom sans numéro":         {fichiers("essai.sql", "x")},
		"un seul moteur":          {fichiers("0001_a.sqlite.sql", "x")},
		"deux noms, deux moteurs": {fichiers("0001_a.sqlite.sql", "x", "0001_b.postgres.sql", "x")},
	} {
		if _, err := bdd.Assembler(parts...); !errors.Is(err, bdd.ErrMigrations) {
			t.Errorf("%s: got %v", nom, err)
		}
	}
}

func TestAdresseRefusee(t *testing.T) {
	for _, a := range []string{"", "essai.db", "sqlite:", "sqlite::memory:", "sqlite:a.db?x=1", "mysql://x", "postgres://u:secret@h:bad/x"} {
		if _, err := bdd.Ouvrir(context.Background(), a, bdd.Options{}); !errors.Is(err, bdd.ErrAdresse) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %v, want ErrAdresse", a, err)
		}
	}
}
