// Package releve reads the lines of a bank: from CSV, whose columns are configured,
// and from ISO 20022 camt.053 (versions 001.02 to 001.14).
//
// Both readers are streams: they keep one line at a time, whatever the file. They
// bound what they read, never quote it in a refusal, and decompress nothing: a
// compressed file is refused for what it is. A line that cannot be read is told
// with its number and its reason, and the next one is read; a file that is not what
// it should be stops there.
//
// # CSV
//
// The first line that names a day and an amount is the heading; what a bank writes
// before is skipped. The default names are in [Colonnes]. Fields are separated by a
// semicolon, a comma or a tabulation, whichever the heading has most of; days are
// 01/03/2026 or 2026-03-01; amounts have a decimal comma or point. The text is
// UTF-8, or Windows-1252 if the first letter outside ASCII is not UTF-8: one or the
// other for the whole file.
//
// # camt.053
//
// No library was taken. github.com/moov-io/iso20022 (v0.2.1, January 2022, the last
// one) does not have version 001.02, reads a whole document in memory, and brings
// a web server, OAuth and 39 MB of types with it. Some thirty elements are needed:
// they are read with encoding/xml, token by token. Versions differ by where a few
// of them stand, and all places are accepted: the status of an entry is a text, then
// a choice (001.07); a party has a name, then is a party or a bank (001.08); the
// amount of a detail is that of the order (AmtDtls), then its own (001.03), which
// comes first since the other may be in another currency. hyp: CAMT-VERSIONS
//
// An entry whose details have their own amounts, which add up to it, is as many
// lines; else it is one line, with the references of all its details.
package releve
