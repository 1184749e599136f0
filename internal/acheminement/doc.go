// Package acheminement carries sealed messages to partners that may be slow,
// absent or dead, and receives theirs: store-and-forward, at-least-once delivery,
// exactly-once effect, order kept per invoice. ref: ROC §17.6
//
// The path of a message, in the order of the files:
//
//	envoi.go        a rule posts an Envoi in its own transaction: it leaves if and
//	                only if that transaction commits (port Poste)
//	tournee.go      a Tournee takes what is due, under a lease, in turn between
//	                recipients (partage.go), sparing those that fail (partenaire.go)
//	livraison.go    a Transport delivers the bytes outside of any transaction
//	issue.go        the outcome is judged: delivered with its receipt, put back for
//	                later (1, 5, 30 min, 2 h, 12 h), or a dead letter; it is written
//	                under the fence of the lease
//	detour.go       a dead letter refused for itself is put aside, with what speaks
//	                of the same things; the others go on
//	rebut.go        a person looks at a dead letter, mends it, sends it again or
//	                abandons it
//	reception.go    the other side: a message has its effect once, whatever the
//	                number of times it comes
//	vie.go          the states a flux went through, each once
//
// # Order
//
// Messages that share an Ordre leave one after the other, in the order in which
// they were posted; the next waits until the previous is delivered, or abandoned
// by a person. A dead letter holds its Ordre when what it met would meet the others
// too: a silent partner, a door that is closed. One refused for itself alone is put
// aside: only what speaks of the same things waits for it, see Sujets.
//
// # Leases
//
// A message taken is due again when its lease ends: a node that dies loses
// nothing, another delivers the same bytes. Each take raises the number of the
// lease, and an outcome is written only under the number it was taken with: a
// worker that slept through its lease cannot speak over its successor. What a
// recipient may then see twice it knows by its key.
//
// # Why our own table
//
// River is the house's queue (dependencies.md) where its cost and its state of
// completion fit; here its SQLite driver calls itself in early testing, it keeps
// no order between jobs of one key and no fairness between recipients, and a
// message posted would cost its rows beside ours. What is needed is one table,
// written in the caller's transaction, taken by a partial index, with leases.
//
// # Clock
//
// Instants come from the clock of the caller. Deadlines are written with the
// instant at which they were set: one set in the future, by a clock that has gone
// back since, is not believed, and the message is due at once.
package acheminement
