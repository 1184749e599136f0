// Package bareme holds the amounts and rates that change with time: daily
// charge, fixed participations, rates of the compulsory insurer, limits and
// switches of the calculation.
//
// They live in CSV files that a spreadsheet opens, one row for each period of
// each key, with the source of the figure:
//
//	cle;debut;fin;valeur;source;incertain;note
//	fj.MCO;2026-03-01;;23.00;ref: ROC §13.4 [S23];;
//
// A source begins with "ref:" (a text says it) or "hyp:" (we suppose it);
// "oui" under incertain makes every result that used the row carry a caution.
// The files built in the program are the defaults; [Load] lays a directory
// over them, key by key, and refuses gaps, overlaps, unknown keys, unreadable
// values and missing sources, each with its file and line.
package bareme
