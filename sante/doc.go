// Package sante holds the identifiers, amounts and days of French health
// exchanges as types whose values were checked when they were made.
//
// A function that receives a [FINESS] or a [NIR] need not check it again: only
// the Parse functions make one. The zero value of each type means "not said";
// IsZero tells. Every type reads and writes itself as text, so that the same
// value goes on a wire, in a file and in a table without a converter.
//
// Amounts are whole cents ([Montant]), rates are hundredths of a percent
// ([Taux]) and days are counted ([Jour]): there is no float and no local time.
//
// Identifiers of persons ([NIR], [NumeroAdherent], [DateNaissance]) hide
// themselves from log/slog.
package sante
