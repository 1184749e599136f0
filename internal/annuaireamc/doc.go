// Package annuaireamc is the directory of insurers: it turns what is printed on a
// card into the addresses of the services of an insurer, or of the operator that
// answers for it.
//
// An [Entree] says, for an insurer, a convention and a criterion of routing, for
// a period and some domains, where its services are, whose seal answers, or which
// insurer replaced it. [Resoudre] is the rule: the most specific entry wins, and
// two entries of equal rank are an ambiguity, never a choice. ref: ROC §6
//
// Answers come from memory: an immutable picture of the store, taken again within
// a second of a change, on every node.
package annuaireamc
