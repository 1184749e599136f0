// Package local writes, on this machine, what the comptable shows for the
// certification of accounts: the balance of a period, the titres it is made of, and
// each movement of each titre with its chain of evidence (payment, line of the bank
// and file that brought it, announce of the insurer with its sealed message and its
// leaf of the journal, reason of the match, agent).
//
// Three CSV files, or one of JSON lines, written in one snapshot of the book. Each
// level adds up to the one above, to the cent; an export that would not is an
// error, not a file. A manifest gives the number of rows, the totals and the
// SHA-256 of each file.
//
// The amount of a movement has no sign: a counter entry says so in its own column.
// A figure of the balance is negative only when what closed accounts held was undone
// in the period. A text that a spreadsheet would take for a formula is preceded by
// an apostrophe.
package local
