package bdd

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// essaisMax bounds the attempts of a transaction in conflict.
const essaisMax = 8

// cleTx finds the transaction of one Base in a context: a process may hold
// several databases, and each has its own transactions.
type cleTx struct{ b *Base }

// transaction is what a ctx carries between EnTransaction and its end.
type transaction struct {
	tx         *sql.Tx
	profondeur int
	differees  []Insertion
	lecture    bool
}

func (b *Base) courante(ctx context.Context) *transaction {
	t, _ := ctx.Value(cleTx{b}).(*transaction)
	return t
}

func (b *Base) avec(ctx context.Context, t *transaction) context.Context {
	return context.WithValue(ctx, cleTx{b}, t)
}

// DansTransaction says whether ctx carries a transaction of b.
func (b *Base) DansTransaction(ctx context.Context) bool { return b.courante(ctx) != nil }

// Ecrivain gives the transaction of ctx, else the writer's pool, where each
// statement is a transaction of its own.
func (b *Base) Ecrivain(ctx context.Context) Executant {
	if t := b.courante(ctx); t != nil {
		return t.tx
	}
	return b.ecriture
}

// Lecteur gives the transaction of ctx, else the readers' pool, which refuses
// to write on SQLite.
func (b *Base) Lecteur(ctx context.Context) Executant {
	if t := b.courante(ctx); t != nil {
		return t.tx
	}
	return b.lecture
}

// EnTransaction runs f in a transaction, committed if f returns nil and undone
// otherwise. On a conflict ([Reprenable]) f is run again, a bounded number of
// times: it must be repeatable. When ctx already carries a transaction, f joins
// it behind a savepoint: its error undoes what it wrote and nothing else.
//
// The end of ctx before the commit undoes the transaction. Once the commit is
// asked for, its outcome is waited for: nil means committed.
func (b *Base) EnTransaction(ctx context.Context, f func(ctx context.Context) error) error {
	if t := b.courante(ctx); t != nil {
		return t.imbriquer(ctx, func() error { return f(ctx) })
	}
	return b.reprendre(ctx, func() error { return b.executer(ctx, f) })
}

// EnLecture runs f in a read-only snapshot: all its reads see one instant.
// When ctx already carries a transaction, f simply reads in it.
func (b *Base) EnLecture(ctx context.Context, f func(ctx context.Context) error) error {
	if b.courante(ctx) != nil {
		return f(ctx)
	}
	opts := &sql.TxOptions{}
	if b.moteur == PostgreSQL {
		opts = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return b.reprendre(ctx, func() error {
		tx, err := b.lecture.BeginTx(ctx, opts)
		if err != nil {
			return fmt.Errorf("bdd: ouvrir la lecture: %w", err)
		}
		defer tx.Rollback() // nothing to undo; releases the connection
		return f(b.avec(ctx, &transaction{tx: tx, lecture: true}))
	})
}

// reprendre runs a whole transaction again while it is in conflict.
func (b *Base) reprendre(ctx context.Context, une func() error) error {
	for essai := 0; ; essai++ {
		err := une()
		if err == nil || !Reprenable(err) || essai+1 >= essaisMax {
			return err
		}
		attente := time.Duration(rand.Int64N(int64(time.Millisecond) << essai))
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(attente):
		}
	}
}

// executer runs f in one transaction, once.
func (b *Base) executer(ctx context.Context, f func(context.Context) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, liberer, err := b.commencer(ctx)
	if err != nil {
		return err
	}
	defer liberer()
	t := &transaction{tx: tx}
	valide := false
	defer func() {
		if !valide {
			tx.Rollback() // the first error is the one to tell; also on panic
		}
	}()
	if err := f(b.avec(ctx, t)); err != nil {
		return err
	}
	if err := b.vider(ctx, t); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	valide = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("bdd: valider la transaction: %w", err)
	}
	return nil
}

// commencer waits for a connection under ctx, then opens a transaction that
// the end of ctx does not break in the middle of its commit. liberer is called
// once the transaction is over.
func (b *Base) commencer(ctx context.Context) (tx *sql.Tx, liberer func(), err error) {
	propre, annuler := context.WithCancel(context.WithoutCancel(ctx))
	cesser := context.AfterFunc(ctx, annuler)
	tx, err = b.ecriture.BeginTx(propre, nil)
	cesser()
	if err != nil {
		annuler()
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, nil, fmt.Errorf("bdd: ouvrir la transaction: %w", err)
	}
	return tx, annuler, nil
}

// imbriquer runs f behind a savepoint of t. A savepoint that cannot be dropped,
// because f hid a failed statement, is gone back to: what surrounds it is whole.
func (t *transaction) imbriquer(ctx context.Context, f func() error) error {
	t.profondeur++
	defer func() { t.profondeur-- }()
	point, deja := "ecluse_"+strconv.Itoa(t.profondeur), len(t.differees)
	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT "+point); err != nil {
		return fmt.Errorf("bdd: poser un point de reprise: %w", err)
	}
	err := f()
	if err == nil {
		if _, err = t.tx.ExecContext(ctx, "RELEASE SAVEPOINT "+point); err == nil {
			return nil
		}
		err = fmt.Errorf("bdd: lever le point de reprise: %w", err)
	}
	t.differees = t.differees[:deja]
	if _, e := t.tx.ExecContext(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT "+point); e != nil {
		return errors.Join(err, fmt.Errorf("bdd: revenir au point de reprise: %w", e))
	}
	return err
}
