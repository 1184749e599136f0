// Package tiers is the trusted third party: the only one able to match an identity
// with what was delivered, and which therefore keeps as little of both as it can.
//
// A message goes through it so. The workstation exchanges the token of its rights for
// a file number ([Service.Ouvrir]); it sends lines under that number, encrypted
// ([Service.Tarifer]); they are opened in memory, priced by a [Tarificateur] under a
// one-time reference, a shared grid and a pseudonym drawn for the file, and forgotten.
// A commitment leaves the digest of its amounts, under a key of the third party. An
// operator then asks whether an invoice says the same ([Service.Controler]), and is
// answered yes or no. ref: VISIO §10, §11, §13 F708, DEC 31, 32
//
// Each rule may be run again with the same question and gives the same answer, so that
// no answer need be remembered: those of pricing are amounts, which may not be kept.
//
// What is kept of a file is encrypted under its own number, which only the pharmacy
// has: the store, stolen whole, says of no row whose it is.
package tiers
