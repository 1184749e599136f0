package rass

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

const (
	ligneMaxDefaut = 64 << 10
	ligneMaxLimite = 1 << 20
	tampon         = 256 << 10
)

// Reglage bounds a reading and says to whom anomalies are told. The zero value works.
type Reglage struct {
	LigneMax int            // bytes of a line; 0: 64 KiB; never more than 1 MiB
	Entete   *Entete        // the columns, when not those of the program
	Signaler func(Anomalie) // told of each anomaly; nil: they are only counted
}

// Lecteur reads a file line by line, in constant memory and without allocating. It is
// not safe for concurrent use.
type Lecteur struct {
	src        io.Reader
	signaler   func(Anomalie)
	max        int
	buf        []byte
	debut, fin int // what is read and not yet given
	srcErr     error
	err        error
	ligne      Ligne
	copie      []byte // a line whose bytes were replaced
	forme      Forme
	premiere   bool // the first line was seen
	comptes    [nombreMotifs]int64
}

// NewLecteur reads a file from r, whose end the caller closes. The header is read and
// judged: the error is an [*Erreur].
func NewLecteur(r io.Reader, f Fichier) (*Lecteur, error) { return Reglage{}.Lecteur(r, f) }

// Lecteur is [NewLecteur] with these settings.
func (g Reglage) Lecteur(r io.Reader, f Fichier) (*Lecteur, error) {
	l := &Lecteur{src: r, signaler: g.Signaler, max: ligneMaxDefaut}
	if g.LigneMax > 0 {
		l.max = min(g.LigneMax, ligneMaxLimite)
	}
	l.buf = make([]byte, max(tampon, l.max+4))
	e := f.Entete()
	if g.Entete != nil {
		e = *g.Entete
	}
	if err := l.lireEntete(e); err != nil {
		return nil, err
	}
	return l, nil
}

// lireEntete reads the first line and finds the columns.
func (l *Lecteur) lireEntete(e Entete) error {
	for l.fin < 4 && l.remplir() {
	}
	if b := l.buf[:l.fin]; bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) {
		return &Erreur{Motif: MotifEncodage, Ligne: 1}
	} else if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		l.forme.BOM, l.debut = true, 3
	}
	b, etat := l.suivante()
	switch {
	case etat == finie && l.srcErr != nil && l.srcErr != io.EOF:
		return &Erreur{Motif: MotifLecture, Cause: l.srcErr}
	case etat == finie:
		return &Erreur{Motif: MotifVide}
	case etat == longue || len(b) == 0:
		return &Erreur{Motif: MotifEntete, Ligne: 1}
	case !valide(b):
		return &Erreur{Motif: MotifEncodage, Ligne: 1}
	}
	noms := strings.Split(string(b), "|")
	if n := len(noms) - 1; n > 0 && noms[n] == "" {
		l.forme.Barre, noms = true, noms[:n]
	}
	return l.placer(e, noms)
}

// placer judges the names of a header.
func (l *Lecteur) placer(e Entete, noms []string) error {
	if len(noms) > colonnesMax {
		return &Erreur{Motif: MotifEntete, Ligne: 1}
	}
	l.forme.colonnes, l.forme.places = noms, e.places(noms)
	l.ligne.operation, l.ligne.place = -1, make([]int16, e.Len())
	l.ligne.fins = append(make([]int32, 0, len(noms)+3), -1)[:len(noms)+2] // one more: the last bar
	for i := range l.ligne.place {
		l.ligne.place[i] = -1
	}
	var manque, double []string
	for i, p := range l.forme.places {
		switch {
		case p == placeOperation && l.ligne.operation < 0:
			l.ligne.operation, l.forme.Delta = i, true
		case p == placeOperation:
			double = append(double, colonneOperation)
		case p >= 0 && l.ligne.place[p] >= 0:
			double = append(double, e.colonnes[p].nom)
		case p >= 0:
			l.ligne.place[p] = int16(i)
		}
	}
	for i, c := range e.colonnes {
		if c.obligatoire && l.ligne.place[i] < 0 {
			manque = append(manque, c.nom)
		}
	}
	switch {
	case len(double) > 0:
		return &Erreur{Motif: MotifDouble, Ligne: 1, Colonnes: double}
	case len(manque) > 0 && l.inconnues() == len(noms):
		return &Erreur{Motif: MotifEntete, Ligne: 1}
	case len(manque) > 0:
		return &Erreur{Motif: MotifManque, Ligne: 1, Colonnes: manque}
	}
	for i, p := range l.forme.places {
		if p == placeInconnue { // told once the header is known to be one: its words are no data
			l.dire(Anomalie{Motif: MotifInconnue, Ligne: 1, Colonne: strings.ToValidUTF8(noms[i][:min(len(noms[i]), 64)], "")})
		}
	}
	return nil
}

func (l *Lecteur) inconnues() (n int) {
	for _, p := range l.forme.places {
		if p == placeInconnue {
			n++
		}
	}
	return n
}

func (l *Lecteur) dire(a Anomalie) {
	l.comptes[a.Motif]++
	if l.signaler != nil {
		l.signaler(a)
	}
}

// Ligne is the line that the last Next read, valid until the following one.
func (l *Lecteur) Ligne() *Ligne { return &l.ligne }

// Err is why the reading ended: nil at the end of a whole file, otherwise an [*Erreur].
func (l *Lecteur) Err() error { return l.err }

// Forme is how the file is written; complete once the reading is over.
func (l *Lecteur) Forme() Forme { return l.forme }

// Compte is how many times a reason was met.
func (l *Lecteur) Compte(m Motif) int64 { return l.comptes[m.connu()] }

// Lus is how many lines were read, the header and those left out included.
func (l *Lecteur) Lus() int64 { return l.ligne.Numero }

// Next reads the next line that can be read. It returns false at the end, or when the
// file must be given up: see Err.
func (l *Lecteur) Next() bool {
	for l.err == nil {
		b, etat := l.suivante()
		switch {
		case etat == finie:
			if l.srcErr != io.EOF {
				l.err = &Erreur{Motif: MotifLecture, Ligne: l.ligne.Numero, Cause: l.srcErr}
			}
			return false
		case etat == longue:
			l.dire(Anomalie{Motif: MotifLongue, Ligne: l.ligne.Numero})
			if l.forme.SansFin {
				l.err = &Erreur{Motif: MotifCoupe, Ligne: l.ligne.Numero}
			}
		case len(b) == 0:
			l.dire(Anomalie{Motif: MotifLigneVide, Ligne: l.ligne.Numero})
		case l.accepter(b):
			return true
		}
	}
	return false
}

// accepter cuts a line into fields, and tells whether it may be given.
func (l *Lecteur) accepter(b []byte) bool {
	n := l.ligne.Numero
	if !l.ligne.decouper(b) && !valide(b) {
		l.dire(Anomalie{Motif: MotifUTF8, Ligne: n})
		l.copie = remplacer(l.copie[:0], b)
		l.ligne.decouper(l.copie)
	}
	attendus := len(l.forme.colonnes)
	barre := l.ligne.champs == attendus+1 && len(l.ligne.a(attendus)) == 0
	bon := barre || l.ligne.champs == attendus
	if l.forme.SansFin && (!bon || l.premiere && barre != l.forme.BarreLignes) {
		l.err = &Erreur{Motif: MotifCoupe, Ligne: n}
		return false
	}
	switch {
	case !bon:
		l.dire(Anomalie{Motif: MotifChamps, Ligne: n, Attendus: attendus, Lus: l.ligne.champs})
		return false
	case l.ligne.operation >= 0 && l.ligne.Operation() != Ajout && l.ligne.Operation() != Retrait:
		l.dire(Anomalie{Motif: MotifOperation, Ligne: n})
		return false
	}
	if l.forme.SansFin {
		l.dire(Anomalie{Motif: MotifSansFin, Ligne: n})
	}
	if !l.premiere {
		l.premiere, l.forme.BarreLignes = true, barre
	}
	return true
}

// What suivante found.
type etatLigne uint8

const (
	entiere etatLigne = iota
	longue
	finie
)

// suivante gives the next line without its end. A line that is too long is gone over
// to its end without being kept.
func (l *Lecteur) suivante() ([]byte, etatLigne) {
	vu, etat := 0, entiere
	for {
		if i := bytes.IndexByte(l.buf[l.debut+vu:l.fin], '\n'); i >= 0 {
			b := l.buf[l.debut : l.debut+vu+i]
			l.debut += vu + i + 1
			return l.rogner(b, etat)
		}
		if vu = l.fin - l.debut; vu > l.max+1 { // one more for a carriage return
			l.debut, vu, etat = l.fin, 0, longue
		}
		if l.remplir() {
			continue
		}
		if vu == 0 && etat == entiere || !errors.Is(l.srcErr, io.EOF) {
			return nil, finie // after a failure, a part of a line is no line
		}
		b := l.buf[l.debut:l.fin]
		l.debut, l.forme.SansFin = l.fin, true
		return l.rogner(b, etat)
	}
}

// rogner takes the carriage return away, and judges the length.
func (l *Lecteur) rogner(b []byte, etat etatLigne) ([]byte, etatLigne) {
	l.ligne.Numero++
	if n := len(b) - 1; n >= 0 && b[n] == '\r' && etat == entiere {
		b = b[:n]
		if l.ligne.Numero == 1 {
			l.forme.CRLF = true
		}
	}
	if len(b) > l.max {
		etat = longue
	}
	return b, etat
}

// remplir reads more of the source; false when there is nothing more.
func (l *Lecteur) remplir() bool {
	if l.srcErr != nil {
		return false
	}
	if l.debut > 0 {
		l.fin = copy(l.buf, l.buf[l.debut:l.fin])
		l.debut = 0
	}
	for range 100 {
		n, err := l.src.Read(l.buf[l.fin:])
		l.fin += n
		l.srcErr = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	l.srcErr = io.ErrNoProgress
	return false
}
