package noemie

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// Default bounds of what is read.
const (
	LongueurDefaut = 1024 // bytes of an entity; the longest that is public has 153
	ErreursDefaut  = 1000
	LignesDefaut   = 1000
)

// Limites bounds what is read. The zero value is a working default.
type Limites struct {
	Longueur int // bytes of an entity; 0: LongueurDefaut; never more than a quarter of the buffer
	Erreurs  int // errors after which the reading is given up; 0: ErreursDefaut
	Lignes   int // lines, movements and rejections of an invoice, each; 0: LignesDefaut
}

const (
	tampon      = 256 << 10
	separateur  = '@'
	longueurFix = 128 // bytes of the header and of the end entity, which have no separator
)

func (l Limites) appliquees() Limites {
	if l.Longueur <= 0 {
		l.Longueur = LongueurDefaut
	}
	l.Longueur = max(longueurFix, min(l.Longueur, tampon/4))
	if l.Erreurs <= 0 {
		l.Erreurs = ErreursDefaut
	}
	if l.Lignes <= 0 {
		l.Lignes = LignesDefaut
	}
	return l
}

// Entite is one entity. It is reused by the next call of [Lecteur.Suivante].
type Entite struct {
	Type    Type
	Niveau  int    // 0 for the header and the end, which have none
	Donnees []byte // the whole entity, its number included, without the separator
	Ligne   int    // from 1
	Numero  int    // rank in the file, from 1
}

// Lecteur reads a file entity by entity, in constant memory and without
// allocating. It is not safe for concurrent use.
type Lecteur struct {
	src        io.Reader
	lim        Limites
	buf        []byte
	debut, fin int // what is read and not yet given
	srcErr     error
	err        error // sticky
	ligne      int
	entite     Entite
	erreurs    int
	fini       bool
}

// NouveauLecteur reads from r, whose end the caller closes.
func NouveauLecteur(r io.Reader, lim Limites) *Lecteur {
	return &Lecteur{src: r, lim: lim.appliquees(), buf: make([]byte, tampon), ligne: 1}
}

// Suivante gives the next entity, valid until the next call, or io.EOF after
// the end entity. An *[Erreur] that is not fatal concerns one entity, which is
// then given too: the next call goes on.
func (l *Lecteur) Suivante() (*Entite, error) {
	if l.err != nil {
		return nil, l.err
	}
	if l.fini {
		return nil, l.finir()
	}
	b, err := l.decouper()
	if err != nil {
		return nil, l.arreter(err)
	}
	e := &l.entite
	e.Donnees, e.Ligne = b, l.ligne
	e.Numero++
	if err := e.identifier(); err != nil {
		l.ligne += bytes.Count(b, []byte{'\n'})
		if l.erreurs++; l.erreurs >= l.lim.Erreurs {
			err.Motif = MotifErreurs
			return nil, l.arreter(err)
		}
		return e, err
	}
	l.fini = e.Type == TypeFin
	return e, nil
}

// arreter makes an error the last word.
func (l *Lecteur) arreter(err *Erreur) error { l.err = err; return err }

// ici is an error at the place reached.
func (l *Lecteur) ici(m Motif, t Type) *Erreur {
	return &Erreur{Motif: m, Ligne: l.ligne, Numero: l.entite.Numero + 1, Entite: t}
}

// finir accepts some line ends and spaces, and nothing else, after the end entity.
func (l *Lecteur) finir() error {
	for suite := 0; ; {
		avant := l.debut
		l.passer(" \r\n\x1a")
		if suite += l.debut - avant; l.debut < l.fin || suite > tampon {
			return l.arreter(l.ici(MotifApresFin, aucunType))
		}
		if !l.remplir() {
			break
		}
	}
	if l.err = io.EOF; !errors.Is(l.srcErr, io.EOF) {
		return l.arreter(l.panne())
	}
	return l.err
}

func (l *Lecteur) panne() *Erreur {
	e := l.ici(MotifLecture, aucunType)
	e.Cause = l.srcErr
	return e
}

// decouper gives the bytes of the next entity.
func (l *Lecteur) decouper() ([]byte, *Erreur) {
	premiere := l.entite.Numero == 0
	if premiere {
		for l.fin < longueurFix+8 && l.remplir() {
		}
		if l.fin == 0 && l.srcErr != nil && !errors.Is(l.srcErr, io.EOF) {
			return nil, l.panne()
		}
		if err := reconnaitre(l.buf[:l.fin]); err != nil {
			return nil, err
		}
		tete := bytes.Clone(l.fixe())
		separee := l.buf[l.debut-1] == separateur
		if l.passer("\r\n"); !separee && enBlocs(l.buf[l.debut:l.fin]) {
			l.debloquer()
		}
		return tete, nil
	}
	for {
		l.passer("\r\n")
		reste := l.buf[l.debut:l.fin]
		fin := estFin(reste)
		switch i := bytes.IndexByte(reste[:min(len(reste), l.lim.Longueur+1)], separateur); {
		case fin && (len(reste) > longueurFix || errors.Is(l.srcErr, io.EOF)):
			return l.fixe(), nil
		case !fin && i >= 0:
			l.debut += i + 1
			return reste[:i], nil
		case len(reste) > l.lim.Longueur:
			return nil, l.ici(MotifLongueur, aucunType)
		case l.remplir(): // reste is no longer valid
		case !errors.Is(l.srcErr, io.EOF):
			return nil, l.panne()
		case !fin:
			return nil, l.ici(MotifTronque, aucunType)
		}
	}
}

func estFin(b []byte) bool { return len(b) >= 3 && b[0] == '9' && b[1] == '9' && b[2] == '9' }

// fixe takes the header or the end, which stop at 128 bytes, at a separator or
// at a line end, whichever comes first. hyp: NOEMIE-ENTETE-128
func (l *Lecteur) fixe() []byte {
	b := l.buf[l.debut:l.fin]
	n := min(len(b), longueurFix)
	if i := bytes.IndexAny(b[:n], "@\r\n"); i >= 0 {
		n = i
	}
	l.debut += n
	if l.debut < l.fin && l.buf[l.debut] == separateur {
		l.debut++
	}
	return b[:n]
}

// passer skips characters and counts the lines.
func (l *Lecteur) passer(blancs string) {
	for l.debut < l.fin {
		c := l.buf[l.debut]
		if c > ' ' || bytes.IndexByte([]byte(blancs), c) < 0 {
			return
		}
		if c == '\n' {
			l.ligne++
		}
		l.debut++
	}
}

// remplir reads more, and is false at the end of the source or on its failure.
func (l *Lecteur) remplir() bool {
	if l.srcErr != nil {
		return false
	}
	if l.debut > 0 {
		l.fin = copy(l.buf, l.buf[l.debut:l.fin])
		l.debut = 0
	}
	for vides := 0; l.srcErr == nil; vides++ {
		n, err := l.src.Read(l.buf[l.fin:])
		l.fin, l.srcErr = l.fin+n, err
		if n > 0 {
			return true
		}
		if vides == 100 {
			l.srcErr = io.ErrNoProgress
		}
	}
	return false
}

// identifier reads the number and the level of an entity, and its characters.
func (e *Entite) identifier() *Erreur {
	d := e.Donnees
	e.Type, e.Niveau = aucunType, 0
	if len(d) < 3 || d[0]-'0' > 9 || d[1]-'0' > 9 || d[2]-'0' > 9 {
		return e.refus(MotifType)
	}
	e.Type = Type(d[0]-'0')*100 + Type(d[1]-'0')*10 + Type(d[2]-'0')
	if e.Type != TypeEntete && e.Type != TypeFin {
		if len(d) < 5 || d[3]-'0' > 9 || d[4]-'0' > 9 {
			return e.refus(MotifNiveau)
		}
		e.Niveau = int(d[3]-'0')*10 + int(d[4]-'0')
	}
	if !imprimable(d) {
		return e.refus(MotifCaractere)
	}
	return nil
}

func (e *Entite) refus(m Motif) *Erreur {
	return &Erreur{Motif: m, Ligne: e.Ligne, Numero: e.Numero, Entite: e.Type}
}

// imprimable tells whether all the bytes are between space and tilde, eight at
// a time: a byte has its high bit set when it is 0x7f or more, or less than 0x20.
func imprimable(b []byte) bool {
	const un, haut = 0x0101010101010101, 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		if (x|(x+un)|(x-0x20*un))&haut != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}
