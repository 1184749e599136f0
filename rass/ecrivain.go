package rass

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Forme is how a file is written beside what it says. The zero value is the form of a
// file of ours: all columns in the published order, a line feed after each line.
type Forme struct {
	BOM         bool // a byte order mark stands first
	CRLF        bool
	Barre       bool // a bar ends the header
	BarreLignes bool // a bar ends each line
	Delta       bool // a file of differences: the column of operations
	SansFin     bool // the last line has no line end
	colonnes    []string
	places      []int
}

// FormePubliee is the form in which we take the public files to be written. hyp: RASS-FORME
func FormePubliee() Forme { return Forme{Barre: true, BarreLignes: true} }

// Ecrivain writes a file. Nothing is sure before [Ecrivain.Close].
type Ecrivain struct {
	w     *bufio.Writer
	forme Forme
	ligne []byte
	rang  int // columns of the file
	n     int64
	err   error
}

var (
	errNombre    = errors.New("une valeur par colonne est attendue")
	errOperation = errors.New("une opération, A ou R, est attendue dans un fichier de différences et nulle part ailleurs")
	errCaractere = errors.New("une valeur contient une barre ou une fin de ligne")
	errForme     = errors.New("la ligne ne vient pas d'un fichier de cette forme")
	errLongueur  = errors.New("la ligne est trop longue")
)

// NewEcrivain writes a file of this form to w, which the caller closes after
// [Ecrivain.Close]. With the form that a [Lecteur] ended with, its lines are written
// again byte for byte.
func NewEcrivain(w io.Writer, f Fichier, forme Forme) *Ecrivain { return f.Entete().Ecrivain(w, forme) }

// Ecrivain is [NewEcrivain] with the columns of this header.
func (h Entete) Ecrivain(w io.Writer, forme Forme) *Ecrivain {
	if forme.colonnes == nil {
		if forme.Delta {
			forme.colonnes, forme.places = []string{colonneOperation}, []int{placeOperation}
		}
		for i, c := range h.colonnes {
			forme.colonnes, forme.places = append(forme.colonnes, c.nom), append(forme.places, i)
		}
	}
	e := &Ecrivain{w: bufio.NewWriterSize(w, 64<<10), forme: forme, rang: h.Len()}
	if forme.BOM {
		e.ligne = append(e.ligne, "\ufeff"...)
	}
	for i, c := range forme.colonnes {
		if i > 0 {
			e.ligne = append(e.ligne, '|')
		}
		e.ligne = append(e.ligne, c...)
	}
	if forme.Barre {
		e.ligne = append(e.ligne, '|')
	}
	e.poser()
	return e
}

// poser writes the line, after the end of the one before.
func (e *Ecrivain) poser() {
	if e.n++; e.n > 1 {
		e.finir()
	}
	if _, err := e.w.Write(e.ligne); err != nil && e.err == nil {
		e.err = &Erreur{Motif: MotifEcriture, Ligne: e.n, Cause: err}
	}
}

func (e *Ecrivain) finir() {
	if e.forme.CRLF {
		e.w.WriteByte('\r') // a failure is met again at the next write
	}
	e.w.WriteByte('\n')
}

// refuser leaves the line out.
func (e *Ecrivain) refuser(cause error) error {
	return &Erreur{Motif: MotifEcriture, Ligne: e.n + 1, Cause: cause}
}

// Ecrire writes one line: a value per column, in the published order. A value that the
// file cannot carry is refused, and the line is not written.
func (e *Ecrivain) Ecrire(valeurs [][]byte) error { return e.ecrire(0, valeurs) }

// EcrireDelta writes one line of a file of differences.
func (e *Ecrivain) EcrireDelta(o Operation, valeurs [][]byte) error {
	if o != Ajout && o != Retrait {
		return e.refuser(errOperation)
	}
	return e.ecrire(o, valeurs)
}

func (e *Ecrivain) ecrire(o Operation, valeurs [][]byte) error {
	switch {
	case e.err != nil:
		return e.err
	case len(valeurs) != e.rang:
		return e.refuser(errNombre)
	case (o != 0) != e.forme.Delta:
		return e.refuser(errOperation)
	}
	e.ligne = e.ligne[:0]
	for i, p := range e.forme.places {
		if i > 0 {
			e.ligne = append(e.ligne, '|')
		}
		if p >= 0 {
			e.ligne = append(e.ligne, valeurs[p]...)
		} else if p == placeOperation {
			e.ligne = append(e.ligne, byte(o))
		}
	}
	barres := len(e.forme.places) - 1
	if e.forme.BarreLignes {
		e.ligne, barres = append(e.ligne, '|'), barres+1
	}
	switch {
	case len(e.ligne) > ligneMaxDefaut:
		return e.refuser(errLongueur)
	case bytes.Count(e.ligne, []byte{'|'}) != barres || bytes.IndexByte(e.ligne, '\n') >= 0 || bytes.IndexByte(e.ligne, '\r') >= 0:
		return e.refuser(errCaractere)
	}
	e.poser()
	return e.err
}

// Copier writes a line as it was read, the columns that are not known included. It must
// come from a file with the same columns in the same order.
func (e *Ecrivain) Copier(l *Ligne) error {
	if e.err != nil {
		return e.err
	}
	n := len(e.forme.places)
	if l.champs != n && !(l.champs == n+1 && len(l.a(n)) == 0) || len(l.fins) != n+2 {
		return e.refuser(errForme)
	}
	e.ligne = append(e.ligne[:0], l.b[:l.fins[n]]...)
	if e.forme.BarreLignes {
		e.ligne = append(e.ligne, '|')
	}
	e.poser()
	return e.err
}

// Lignes is how many lines were written, the header included.
func (e *Ecrivain) Lignes() int64 { return e.n }

// Close ends the file. It does not close what is below.
func (e *Ecrivain) Close() error {
	if e.err != nil {
		return e.err
	}
	if !e.forme.SansFin {
		e.finir()
	}
	if err := e.w.Flush(); err != nil {
		e.err = &Erreur{Motif: MotifEcriture, Ligne: e.n, Cause: err}
		return e.err
	}
	return nil
}
