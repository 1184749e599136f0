package bdd_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/ecluse-sante/ecluse/internal/bdd"
	"github.com/ecluse-sante/ecluse/internal/bdd/bddtest"
)

// BenchmarkEcriture compares, for the same rows and indices, 64 callers in
// group commit with the floor of bare statements: one goroutine, prepared
// statement, 64 rows a transaction, same durability (DEC 38).
func BenchmarkEcriture(b *testing.B) {
	for _, m := range []bdd.Moteur{bdd.SQLite, bdd.PostgreSQL} {
		b.Run(fmt.Sprint(m, "/plancher"), func(b *testing.B) { plancher(b, m, 1) })
		b.Run(fmt.Sprint(m, "/plancher-multi"), func(b *testing.B) { plancher(b, m, 64) })
		for nom, f := range map[string]func(*bdd.Base, context.Context, int64) error{
			"Inserer": func(x *bdd.Base, ctx context.Context, id int64) error { return inserer(ctx, x, id) },
			"Grouper": func(x *bdd.Base, ctx context.Context, id int64) error { return x.Grouper(ctx, ecrire(x, id)) },
			"EnTransaction": func(x *bdd.Base, ctx context.Context, id int64) error {
				return x.EnTransaction(ctx, ecrire(x, id))
			},
		} {
			b.Run(fmt.Sprint(m, "/", nom), func(b *testing.B) {
				x := bddtest.OuvrirAdresse(b, bddtest.Adresse(b, m), bdd.Options{}, schema)
				mesurer(b, 64, func(id int64) error { return f(x, context.Background(), id) })
			})
		}
	}
}

func mesurer(b *testing.B, appelants int, f func(int64) error) {
	var suivant atomic.Int64
	var fin sync.WaitGroup
	cpu, debut := temps(), time.Now()
	b.ResetTimer()
	for range appelants {
		fin.Go(func() {
			for id := suivant.Add(1); id <= int64(b.N); id = suivant.Add(1) {
				if err := f(id); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	fin.Wait()
	b.ReportMetric(float64(b.N)/time.Since(debut).Seconds(), "lignes/s")
	b.ReportMetric(float64((temps()-cpu).Microseconds())/float64(b.N), "µs-cpu/op")
}

// temps is the CPU of this process, without that of a PostgreSQL server.
func temps() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func plancher(b *testing.B, m bdd.Moteur, multi int) {
	adresse := bddtest.Adresse(b, m)
	bddtest.OuvrirAdresse(b, adresse, bdd.Options{}, schema).Fermer()
	pilote := "pgx"
	if m == bdd.SQLite {
		pilote = "sqlite"
		adresse = "file:" + strings.TrimPrefix(adresse, "sqlite:") + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"
	}
	db, err := sql.Open(pilote, adresse)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	texte := "INSERT INTO essai (id, nom, octets) VALUES ($1, $2, $3)"
	for k := 1; k < multi; k++ {
		texte += fmt.Sprintf(", ($%d, $%d, $%d)", 3*k+1, 3*k+2, 3*k+3)
	}
	st, err := db.Prepare(texte)
	if err != nil {
		b.Fatal(err)
	}
	n := int64(0)
	lot := func(int64) error {
		tx, err := db.Begin()
		if err != nil {
			return err
		}
		s := tx.Stmt(st)
		for range 64 / multi {
			var args []any
			for range multi {
				n++
				args = append(args, n, "x", []byte("yz"))
			}
			if _, err := s.Exec(args...); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
	mesurer(b, 1, lot)
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "lignes/s")
}
