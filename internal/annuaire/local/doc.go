// Package local makes a national directory that does not exist: as many professionals
// as asked, with their structures, their mailboxes, cards and networks, written in the
// files of the real one (package rass). It is the sandbox that the national directory
// does not offer. ref: RASS §7.1, §14
//
// Nobody in it exists. Numbers are those that no authority gives (RPPS 999…, FINESS
// 99…, SIREN 999…), telephones are those reserved for fiction, mailboxes end in
// .example. What is true is the country: communes, postal codes, and the shape of things:
// how many bear the same name, how many work in one place, how mailboxes share domains.
//
// # How it is made
//
// Nothing is kept: professional number i of a seed is a function of the seed and of i,
// so is the structure where he works, and so is what has become of him by a given day.
// A directory of two millions is therefore written line after line in constant memory,
// any file before any other, and the difference between two days without making both.
//
// A rank gives a professional in the order of the numbers; a permutation of it gives his
// place among all those who work, and places are laid out kind by kind and structure by
// structure (tables/lieux.csv). So the colleagues of a structure, and
// the professional who holds a cabinet, are found by arithmetic.
package local
