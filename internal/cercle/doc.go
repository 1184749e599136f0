// Package cercle is the circle of trust: who may speak under which identifier,
// and who may carry messages for whom.
//
// A certificate proves a structure (the Struct_IdNat of its OU); a message claims
// an emitter (a FINESS, an AMC number, a relay's name). The circle holds the dated
// table that links the two, as a list of facts that are only ever added:
//
//	structure 1990000127 is ETABLISSEMENT 990000127, admis from 2026-03-01
//	structure 2999123458 is RELAIS oct-labo, admis, then suspendu on…, then admis
//	relay 2999123458 may carry for 1990000127, admis from 2026-03-01
//
// [Cercle.Verifier] answers from an immutable snapshot, which [Cercle.Rafraichir]
// brings up to date when the store has new facts: a partner is admitted or
// suspended by a command, on any node, without restart. The tenant is part of
// every key. Mandates of operators are the Annuaire's: see [Mandats].
package cercle
