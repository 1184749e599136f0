package rass

import (
	"strconv"
	"strings"
)

// Motif is why a line, or a file, is doubtful. The zero value is "not said".
type Motif uint8

// The reasons. Those down to MotifEcriture end the reading or the writing; the others
// are about one line, or one column.
const (
	MotifVide      Motif = iota + 1 // nothing in the file
	MotifEncodage                   // not UTF-8
	MotifEntete                     // no header line, or one that is too long
	MotifManque                     // a column without which the file means something else
	MotifDouble                     // a column that stands twice
	MotifCoupe                      // the file stops before its end
	MotifLecture                    // the source failed
	MotifArchive                    // not a zip of the directory, or one too large
	MotifEcriture                   // a value that the file cannot carry, or a failure to write
	MotifInconnue                   // a column that is not known
	MotifUTF8                       // bytes that are not UTF-8, replaced
	MotifLongue                     // a line longer than permitted, left out
	MotifChamps                     // not the number of fields of the header: line left out
	MotifLigneVide                  // an empty line, left out
	MotifOperation                  // neither added nor taken away: line left out
	MotifSansFin                    // the last line has all its fields and no line end
	nombreMotifs
)

var motifs = [nombreMotifs]struct{ code, texte string }{
	0:              {"RASS-00", "motif non précisé"},
	MotifVide:      {"RASS-01", "le fichier est vide : reprendre le téléchargement"},
	MotifEncodage:  {"RASS-02", "le fichier n'est pas en UTF-8 : le demander à l'émetteur dans cet encodage"},
	MotifEntete:    {"RASS-03", "la première ligne n'est pas un en-tête de ce fichier"},
	MotifManque:    {"RASS-04", "il manque une colonne obligatoire"},
	MotifDouble:    {"RASS-05", "une colonne est deux fois dans l'en-tête"},
	MotifCoupe:     {"RASS-06", "le fichier est coupé avant sa fin : reprendre le téléchargement"},
	MotifLecture:   {"RASS-07", "la lecture du fichier est interrompue"},
	MotifArchive:   {"RASS-08", "l'archive n'est pas lisible"},
	MotifEcriture:  {"RASS-09", "la ligne ne peut pas être écrite"},
	MotifInconnue:  {"RASS-10", "colonne inconnue, laissée de côté"},
	MotifUTF8:      {"RASS-11", "octets qui ne sont pas de l'UTF-8, remplacés"},
	MotifLongue:    {"RASS-12", "ligne trop longue, laissée de côté"},
	MotifChamps:    {"RASS-13", "nombre de champs autre que celui de l'en-tête, ligne laissée de côté"},
	MotifLigneVide: {"RASS-14", "ligne vide"},
	MotifOperation: {"RASS-15", "opération autre que A (ajout) et R (retrait), ligne laissée de côté"},
	MotifSansFin:   {"RASS-16", "la dernière ligne n'a pas de fin de ligne"},
}

func (m Motif) connu() Motif {
	if m < nombreMotifs {
		return m
	}
	return 0
}

// String is the reason in French, without anything of the file.
func (m Motif) String() string { return motifs[m.connu()].texte }

// Code is the stable code of the reason, as RASS-06.
func (m Motif) Code() string { return motifs[m.connu()].code }

// Fatal tells whether the file is given up.
func (m Motif) Fatal() bool { return m >= MotifVide && m <= MotifEcriture }

// Anomalie is what is wrong with a line, or with a column of the header. It says
// nothing of what the line says.
type Anomalie struct {
	Motif         Motif
	Ligne         int64  // from 1, the header being the first
	Attendus, Lus int    // for MotifChamps, the fields
	Colonne       string // for MotifInconnue, the name, of 64 bytes at most
}

// Erreur is why a file is given up.
type Erreur struct {
	Motif    Motif
	Ligne    int64    // from 1, 0 when none is concerned
	Colonnes []string // the published names of the columns that miss, or stand twice
	Cause    error    // failure of the source
}

// Error is the French sentence shown to people.
func (e *Erreur) Error() string {
	s := "rass: " + e.Motif.Code() + " " + e.Motif.String()
	if e.Ligne > 0 {
		s += " (ligne " + strconv.FormatInt(e.Ligne, 10) + ")"
	}
	if len(e.Colonnes) > 0 {
		s += " : « " + strings.Join(e.Colonnes, " », « ") + " »"
	}
	if e.Cause != nil {
		s += " : " + e.Cause.Error()
	}
	return s
}

// Unwrap is the failure of the source.
func (e *Erreur) Unwrap() error { return e.Cause }
