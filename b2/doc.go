// Package b2 writes B2-style invoice files, those that a hospital sends to an
// insurer that is not yet on line, and reads them back.
//
// A file is a chain of records of 128 characters, without line ends: 000 opens
// it; 1 opens a batch; 2 (and 2S) opens an invoice; 3 (3S, 3F, 3H) is a hospital
// service, with its prescription, its devices and its medicines; 4 (4M, 4H) is
// an act, with its CCAM code or the medicines handed over; 5 closes the invoice
// with its totals, 6 the batch, 999 the file.
//
// [Ecrire] gives an [Ecrivain], which numbers, adds up and closes by itself, in
// constant memory. [Lire] gives a [Lecteur] and [Verifier] judges a whole file:
// length and order of the records, totals of 5, 6 and 999.
//
// The specification is not public beyond its cover. Positions come from the
// public tables of a viewer, and most of them are confirmed by the layouts of
// the hospital statistics that quote the same records; where sources are silent
// or differ the choice is ours, marked "hyp" and listed in docs/ecarts.md. This
// package claims conformity to nothing. ref: ROC §17.5
//
// Every error is an [*Erreur]: a reason with a code, the record, the field and
// the length of the value, never the value.
package b2
