// Package roc holds what a hospital and a complementary insurer say to each
// other: the messages of the Annuaire AMC, IDB, SIM, CLC and DEL, their codes
// and their numbers, and a client that asks these questions over mutual TLS and
// checks the seal of each answer.
//
// The wire profile is ours and is named "ecluse-roc/1": the official formats of
// ROC and HospiAMC are not public, and nothing here claims to conform to them.
// ref: DEC 6
//
// A message is a [Message]: an [Enveloppe] that relays can read, and a body, the
// Corps, in clear or encrypted for the recipient. Both are sealed together by
// the initial emitter. The same types make both faces, SOAP and REST, through
// package trame: same names, same codes.
package roc
