// Package rass reads and writes the extraction files of the national directory of
// health professionals: one line per activity of a professional, per diploma, per
// savoir-faire, per mailbox, per structure…, fields between bars, a header line.
//
//	r, err := rass.NewLecteur(f, rass.PersonneActivite)
//	for r.Next() {
//		l := r.Ligne()
//		nom := l.Champ(rass.PANom)
//	}
//	err = r.Err()
//
// A column is found by its name in the header, never by its place: columns that are
// swapped are read the same, one that is unknown is told and left aside, one that is
// missing and without which the file means something else is a refusal. ref: RASS §5.6
//
// What is wrong with one line is an [Anomalie], told with the number of the line and
// nothing of what it says, and the reading goes on; what makes the file doubtful as a
// whole is an [*Erreur] and ends it: a file in another encoding, a header that lacks a
// column, a file cut before its end. Memory is constant, whatever the lines.
//
// A [Lecteur] gives a line in its own buffer, without allocating. An [Ecrivain] writes
// with the same form ([Forme]) the file that was read, byte for byte. [OuvrirArchive]
// reads the zip in which three of the files are published.
//
// Four headers are the official ones. The others are ours, in entetes/*.csv, and may be
// given anew to a reader without a new version of the program ([LireEntete]); so is the
// file of differences, the same file with one more column ([Operation]).
package rass
