package rass

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Ligne is one line, in the buffer of its reader: valid until the next one.
type Ligne struct {
	// Numero is the number of the line in its file, from 1, the header being the first.
	Numero    int64
	b         []byte
	fins      []int32 // of each field in b, after a first -1
	champs    int
	place     []int16 // of each column, -1 when the file has it not
	operation int     // place of the operation, -1 when there is none
}

// Champ is what a column says, without allocating; nil when the file has not this
// column. The bytes are those of the file: nothing is trimmed.
func (l *Ligne) Champ(c Colonne) []byte {
	if int(c) >= len(l.place) || l.place[c] < 0 {
		return nil
	}
	return l.a(int(l.place[c]))
}

// a is the field at a place.
func (l *Ligne) a(i int) []byte {
	d, f := l.fins[i]+1, l.fins[i+1]
	return l.b[d:f:f]
}

// Operation is what the line does, zero in a whole file.
func (l *Ligne) Operation() Operation {
	if l.operation < 0 {
		return 0
	}
	if c := l.a(l.operation); len(c) == 1 {
		return Operation(c[0])
	}
	return '?'
}

// Octets is the whole line as read, without its end.
func (l *Ligne) Octets() []byte { return l.b }

const (
	uns    = 0x0101010101010101
	hauts  = 0x80 * uns
	barres = '|' * uns
)

// decouper finds the fields, and tells whether all bytes are ASCII. Fields beyond those
// of the header are counted and not kept. Eight bytes are looked at at once.
func (l *Ligne) decouper(b []byte) (ascii bool) {
	l.b = b
	fins, n := l.fins, 0
	var haut uint64
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		haut |= w
		x := w ^ barres
		m := ^((x&^hauts + ^uint64(hauts)) | x | ^uint64(hauts)) // the high bit of each byte that is a bar
		for ; m != 0; m &= m - 1 {
			if n++; n < len(fins) {
				fins[n] = int32(i + bits.TrailingZeros64(m)>>3)
			}
		}
	}
	for ; i < len(b); i++ {
		haut |= uint64(b[i])
		if b[i] == '|' {
			if n++; n < len(fins) {
				fins[n] = int32(i)
			}
		}
	}
	if n++; n < len(fins) {
		fins[n] = int32(len(b))
	}
	l.champs = n
	return haut&hauts == 0
}

// valide tells whether bytes are UTF-8: those that are ASCII are skipped by eight
// wherever they stand, as in a French text most are.
func valide(b []byte) bool {
	for len(b) > 0 {
		for len(b) >= 8 && binary.LittleEndian.Uint64(b)&hauts == 0 {
			b = b[8:]
		}
		if len(b) == 0 {
			return true
		}
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 {
			return false
		}
		b = b[n:]
	}
	return true
}

// remplacer appends b to dst, with one replacement character for each byte that is not
// of UTF-8.
func remplacer(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		dst = utf8.AppendRune(dst, r)
		b = b[n:]
	}
	return dst
}
