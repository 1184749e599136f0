package xmlflux

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Motif is the reason of a refusal. It is an error itself, so that callers can
// map a reason to a code with errors.Is(err, xmlflux.MotifDTD).
type Motif string

// Reasons for which a document is refused.
const (
	MotifTaille     Motif = "taille"      // more bytes than Limites.Octets
	MotifProfondeur Motif = "profondeur"  // deeper than Limites.Profondeur
	MotifAttributs  Motif = "attributs"   // more attributes or declarations in scope than allowed
	MotifNomLong    Motif = "nom-long"    // a name longer than Limites.TailleNom
	MotifEncodage   Motif = "encodage"    // not UTF-8, or another encoding announced
	MotifDTD        Motif = "dtd"         // a DOCTYPE declaration
	MotifPI         Motif = "instruction" // a processing instruction
	MotifEntite     Motif = "entite"      // an entity besides the five predefined ones, or a bad reference
	MotifCaractere  Motif = "caractere"   // a character XML 1.0 forbids
	MotifSyntaxe    Motif = "syntaxe"     // markup that is not well formed
	MotifNom        Motif = "nom"         // an illegal name
	MotifBalise     Motif = "balise"      // an end tag that closes another element
	MotifRacine     Motif = "racine"      // no root element, two, or text outside of it
	MotifDoublon    Motif = "doublon"     // an attribute or declaration given twice
	MotifPrefixe    Motif = "prefixe"     // an undeclared or misused namespace prefix
	MotifTronque    Motif = "tronque"     // the document ends too early
)

// Error makes a Motif usable as a target of errors.Is.
func (m Motif) Error() string { return "xml refusé : " + string(m) }

// Erreur says why and where a document was refused. Its text never quotes the
// document: it may be logged.
type Erreur struct {
	Motif    Motif
	Position int // byte offset, from 0
	Ligne    int // from 1
	Colonne  int // in characters, from 1
	Message  string
}

// Error gives the reason in French with its line and column.
func (e *Erreur) Error() string {
	return fmt.Sprintf("XML ligne %d, colonne %d : %s", e.Ligne, e.Colonne, e.Message)
}

// Unwrap lets errors.Is find the Motif.
func (e *Erreur) Unwrap() error { return e.Motif }

// Place gives the line and column, both from 1, of a byte offset of the
// document being read.
func (l *Lecteur) Place(position int) (ligne, colonne int) {
	avant := l.b[:min(max(position, 0), len(l.b))]
	debutLigne := bytes.LastIndexByte(avant, '\n') + 1
	return bytes.Count(avant, []byte{'\n'}) + 1, utf8.RuneCount(avant[debutLigne:]) + 1
}

// refuser records the refusal: every later call of Suivant repeats it.
func (l *Lecteur) refuser(m Motif, position int, message string) error {
	ligne, colonne := l.Place(position)
	l.err = &Erreur{Motif: m, Position: position, Ligne: ligne, Colonne: colonne, Message: message}
	return l.err
}

// refuserFin is for what stops at the end of the document.
func (l *Lecteur) refuserFin(dans string) error {
	return l.refuser(MotifTronque, len(l.b), "le document s'arrête dans "+dans)
}
