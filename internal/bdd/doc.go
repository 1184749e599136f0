// Package bdd is the house's one way to a database: SQLite in a file (the
// default) or PostgreSQL, behind the same SQL text.
//
// A room's store receives a *Base and asks it where to speak:
//
//	b.Ecrivain(ctx)   the transaction found in ctx, else the writer's pool
//	b.Lecteur(ctx)    the transaction found in ctx, else the readers' pool
//
// so that a store never knows whether it is alone or part of a larger write.
// Transactions are opened by the caller of the rules:
//
//	b.EnTransaction(ctx, f)  its own transaction, tried again on conflict
//	b.Grouper(ctx, f)        the same promise, the commit shared with others
//	b.Inserer(ctx, i)        pure inserts, rows and commit shared with others
//	b.EnLecture(ctx, f)      a read-only snapshot
//
// # What a store may write
//
// Placeholders are $1, $2…; types are TEXT, BIGINT and BYTEA; instants are
// integer milliseconds, booleans 0/1. Where one engine needs other words, the
// store asks [Base.Moteur] and writes both queries side by side. A row lock is
// "SELECT … " + b.Verrou(): PostgreSQL gets FOR UPDATE, SQLite nothing, since
// its only writer already holds the whole database.
//
// Statements are prepared once per connection and kept, on both engines: the
// text of a query should therefore be a constant, never built around a value.
//
// # What not to do
//
// Inside a transaction, always pass the ctx received by the closure: on SQLite
// there is one writer, and asking for it a second time waits for oneself. A
// closure may be run more than once (conflict, neighbour's failure): it must
// touch nothing but the database and variables it assigns anew. It runs in
// another goroutine in Grouper: no testing.T.Fatal there. It must not share
// its ctx between goroutines. Rows must be closed before the next statement of
// the same transaction (PostgreSQL has one conversation per connection).
package bdd
