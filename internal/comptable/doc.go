// Package comptable keeps the books of the comptable public of a public hospital,
// who recovers what the insurers owe. One tenant is one hospital; a private clinic
// has none. ref: ROC §2, §17.1, DEC 27, 30
//
// # Vocabulary
//
// A [Titre] is what an insurer owes for one invoice. It is never deleted: an
// annulment, a reject or a loss reduces it by an entry. An [Annonce] is the return
// by which an insurer says what it has just paid. A [LigneReleve] is what the bank
// says came in or went out. An [Ecriture] moves one amount from an account to
// another, and belongs to a [Piece]: who did it, when, and why.
//
// # The path of the money
//
//	Emettre           a titre                     redevables ← produits
//	Accuser           the promise of payment runs (nothing moves)
//	AnnoncerPaiement  an announce                 (nothing moves)
//	Importer          bank lines                  banque ← attente
//	Rapprocher        line ↔ announce ↔ titre     attente ← redevables
//
// [Service.Rapprocher] pairs what is certain: by reference, then by amount, then by
// amount and date. What is doubtful waits for a person, with the reason. Whoever
// pairs, nothing is paired beyond its amount: the rules look first, the schema
// refuses what they would have missed. All is undone by a counter entry.
//
// # Two dates
//
// An entry counts from its day (Jour) and is known from the day it was written
// (Connu). The balance at a day can be had as it is known now, or as it was known
// at another day. A counter entry has the day of what it undoes, so that no titre
// is ever, at any day, below zero.
//
// # One writer at a time
//
// Every rule that writes takes the book first ([Journal.Prendre]): pieces are
// numbered without a gap, and two nodes that match the same lines take turns.
package comptable
