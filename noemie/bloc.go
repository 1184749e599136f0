package noemie

import (
	"bytes"
	"io"
)

// Some files carry the chain of entities in blocks of 128 bytes, between the
// header and the end entity, which are blocks too. The first byte of a block is
// "0", or "1" for the last one, which is completed with spaces. ref: VIS // hyp: NOEMIE-BLOCS

// enBlocs tells, from what follows the header, whether the file is in blocks:
// a mark, then the number and the level of an entity. Read as if there were no
// mark, the same bytes give no number, or a level of 00 or of 20.
func enBlocs(b []byte) bool {
	return len(b) >= 6 && (b[0] == '0' || b[0] == '1') && connue(b[1:]) && !connue(b)
}

// connue tells whether bytes begin an entity that stands after the header.
func connue(b []byte) bool {
	e := Entite{Donnees: b[:5]}
	return e.identifier() == nil && e.Niveau > 0 && e.Niveau < 10 && e.Type.Libelle() != ""
}

// debloqueur gives the chain of entities of a file in blocks.
type debloqueur struct {
	src  io.Reader
	bloc [longueurFix]byte
	pret []byte // of the block, still to be given
	fini bool   // the last block was read: the rest is given as it is
}

func (d *debloqueur) Read(p []byte) (int, error) {
	for len(d.pret) == 0 {
		if d.fini {
			return d.src.Read(p)
		}
		if err := d.lire(); err != nil {
			return 0, err
		}
	}
	n := copy(p, d.pret)
	d.pret = d.pret[n:]
	return n, nil
}

// lire reads a block; line ends before it are dropped.
func (d *debloqueur) lire() error {
	for d.bloc[0] = '\n'; d.bloc[0] == '\r' || d.bloc[0] == '\n'; {
		if _, err := io.ReadFull(d.src, d.bloc[:1]); err != nil {
			return err
		}
	}
	n, err := io.ReadFull(d.src, d.bloc[1:])
	if d.pret = d.bloc[1 : 1+n]; err == io.ErrUnexpectedEOF {
		d.fini = true // cut short: what is missing will be said of the chain
		return nil
	}
	switch d.bloc[0] {
	case '0':
	case '1':
		d.fini, d.pret = true, bytes.TrimRight(d.pret, " ")
	default: // no mark: the blocks are lost, and the chain will say where
		d.fini, d.pret = true, d.bloc[:1+n]
	}
	return err
}

// debloquer puts a debloqueur before the source, for what is read already too.
func (l *Lecteur) debloquer() {
	suite := l.src
	if l.srcErr != nil {
		suite = enPanne{l.srcErr}
	}
	l.src = &debloqueur{src: io.MultiReader(bytes.NewReader(bytes.Clone(l.buf[l.debut:l.fin])), suite)}
	l.debut, l.fin, l.srcErr = 0, 0, nil
}

// enPanne is a source that has already said its last word.
type enPanne struct{ err error }

func (p enPanne) Read([]byte) (int, error) { return 0, p.err }
