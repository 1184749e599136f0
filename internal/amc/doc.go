// Package amc is the insurer's side of ROC: it recognises a beneficiary, tells
// his rights, computes the insurer's share, commits it, and cancels it.
//
// # The path of a question
//
//	idb.go         who is he (identifier.go), what are his rights (droits.go), what does his contract say (contrat.go)
//	sim.go         an estimate for a stay; nothing is committed
//	clc.go         the exact share (calcul.go), a number, the counters
//	del.go         the engagement ends, the counters get back what it took
//	engagement.go  its owner looks at an engagement; those not invoiced in time end
//	etat.go        what is open, and when the rest opens
//
// Each rule takes a message whose seal was verified, asks its ports, decides with
// pure functions of values, writes by its ports, and answers. A business refusal
// is an answer with its code; a *roc.Refus of family T or S is an error; any other
// error is an internal one. CLC and DEL run in the transaction of the exchange,
// which may be run again.
//
// # What is kept
//
// An answer to IDB keeps the digest of the version of contract it was made from.
// CLC never asks the portfolio: it computes from that version, over the days that
// the answer made certain. So what was said is honoured, and what was computed
// can be computed again. ref: ROC §9.3 rule 6, DEC 24
//
// An engagement is never deleted. Two live ones never share a day of care for the
// same hospital and dossier: the dossier is a row that CLC locks. Counters belong
// to a person, and are locked with her. ref: DEC 21, 22
//
// # Around the rules
//
// store holds the books in SQL; local brings a portfolio in and out; distant finds
// the rights in the insurer's own system; amctest is the suite they all pass.
package amc
