package image

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"unsafe"

	"github.com/ecluse-sante/ecluse/internal/annuaire"
)

// Format is the version of the file and of the records in it. An image of another
// format is not read: it is made again from its feeds.
const Format = 1

const magique = "ECLANNU\x01"

// ErrImage says that a file is not an image, or is damaged.
var ErrImage = errors.New("annuaire: ce fichier n'est pas une image d'annuaire, ou il est abîmé")

// cleSection names a section: what it holds, of which nature and field.
type cleSection struct {
	Quoi   uint8
	Nature annuaire.Nature
	Champ  annuaire.Champ
	_      uint8
}

// What sections hold.
const (
	secCodes      = 1 + iota // pairs of code and label
	secFiches                // records, one after the other
	secPositions             // u64: where each record begins, and the end
	secTri                   // u64: the first eight octets of the sort key
	secMaj                   // i64: last change
	secMajOrdre              // u32: ordinals by last change
	secEmpreintes            // u64: what Empreinte says of each record
	secTermes                // a dictionary of terms, with their postings
	secHaches                // values by 64 bits, with their postings
	secLexique               // words as they may be mistyped
	secPoids                 // u8: how much a record weighs in an answer, see poidsDe
)

// section is a line of the table at the end of the file.
type section struct {
	cleSection
	CRC      uint32
	Position uint64
	Longueur uint64
}

const tailleSection = int(unsafe.Sizeof(section{}))

// ecrivain writes the sections of a file, each on a multiple of eight octets, then
// the table of them, then where the table is.
type ecrivain struct {
	f     *os.File
	w     *bufio.Writer
	pos   uint64
	table []section
	err   error
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func nouvelEcrivain(f *os.File) *ecrivain {
	e := &ecrivain{f: f, w: bufio.NewWriterSize(f, 1<<20)}
	e.ecrire([]byte(magique))
	return e
}

func (e *ecrivain) ecrire(b []byte) {
	if e.err != nil {
		return
	}
	n, err := e.w.Write(b)
	e.pos += uint64(n)
	e.err = err
}

func (e *ecrivain) aligner() {
	if r := e.pos % 8; r != 0 {
		e.ecrire(make([]byte, 8-r))
	}
}

// section writes the parts of one section, one after the other.
func (e *ecrivain) section(k cleSection, parts ...[]byte) {
	e.aligner()
	s := section{cleSection: k, Position: e.pos}
	for _, p := range parts {
		s.CRC = crc32.Update(s.CRC, castagnoli, p)
		e.ecrire(p)
	}
	s.Longueur = e.pos - s.Position
	e.table = append(e.table, s)
}

// fermer writes the table and gives the file to the disk.
func (e *ecrivain) fermer() error {
	e.aligner()
	t := octetsDe(e.table)
	pied := binary.LittleEndian.AppendUint64(nil, e.pos)
	pied = binary.LittleEndian.AppendUint32(pied, uint32(len(e.table)))
	pied = binary.LittleEndian.AppendUint32(pied, crc32.Checksum(t, castagnoli))
	e.ecrire(t)
	e.ecrire(append(pied, magique...))
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err == nil {
		e.err = e.f.Sync()
	}
	return e.err
}

const taillePied = 8 + 4 + 4 + len(magique)

// lireTable finds the sections of a file. Only the table is checked: an image of two
// million professionals must be ready at once. [Verifier] checks the rest.
func lireTable(b []byte) ([]section, error) {
	if len(b) < taillePied+len(magique) || string(b[:len(magique)]) != magique || string(b[len(b)-len(magique):]) != magique {
		return nil, ErrImage
	}
	pied := b[len(b)-taillePied:]
	pos, n := binary.LittleEndian.Uint64(pied), int(binary.LittleEndian.Uint32(pied[8:]))
	fin := uint64(len(b) - taillePied)
	if pos%8 != 0 || pos > fin || fin-pos != uint64(n)*uint64(tailleSection) {
		return nil, ErrImage
	}
	t := b[pos:fin]
	if crc32.Checksum(t, castagnoli) != binary.LittleEndian.Uint32(pied[12:]) {
		return nil, ErrImage
	}
	l := vueDe[section](t)
	for _, s := range l {
		if s.Position%8 != 0 || s.Position > pos || s.Longueur > pos-s.Position {
			return nil, ErrImage
		}
	}
	return l, nil
}

// Verifier reads a whole image and checks every section.
func Verifier(fichier string) error {
	f, err := os.Open(fichier)
	if err != nil {
		return fmt.Errorf("vérifier une image: %w", err)
	}
	defer f.Close()
	p, err := projeter(f)
	if err != nil {
		return fmt.Errorf("vérifier une image: %w", err)
	}
	defer p.fermer()
	l, err := lireTable(p.b)
	if err != nil {
		return err
	}
	for _, s := range l {
		if crc32.Checksum(p.b[s.Position:s.Position+s.Longueur], castagnoli) != s.CRC {
			return fmt.Errorf("%w: section %d", ErrImage, s.Quoi)
		}
	}
	return nil
}

// entiers are what columns are made of.
type entiers interface {
	~uint32 | ~uint64 | ~int64 | section
}

// octetsDe sees a column as the octets that it is. Images are read on the kind of
// machine that wrote them: little-endian, as all that we build for.
func octetsDe[T entiers](l []T) []byte {
	if len(l) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&l[0])), len(l)*int(unsafe.Sizeof(l[0])))
}

// vueDe sees octets as the column that they are; the octets begin on a multiple of
// eight.
func vueDe[T entiers](b []byte) []T {
	var z T
	n := len(b) / int(unsafe.Sizeof(z))
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[0])), n)
}
