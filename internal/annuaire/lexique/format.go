package lexique

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"math/bits"
)

// The bytes of a dictionary, all numbers little-endian:
//
//	0   "ECLEXIQ1"
//	8   u32 version, u32 CRC-32C of all that follows byte 16
//	16  u32 number of words, u32 log2 of the bits of the filter (0: none)
//	24  for each section u64 offset, u64 length
//	…   the sections, each at a multiple of 8
const (
	signature = "ECLEXIQ1"
	version   = 1
)

// The sections.
const (
	sTextes     = iota // the words end to end
	sBornes            // u32 × n+1: where each begins
	sPoids             // u32 × n
	sMaxima            // u32: the greatest weight of each group of 16, then of 16 groups, …
	sFiltre            // u64 × blocks: which keys of deletion exist
	sDebuts            // u32 × blocks+1: where the entries of each block begin
	sMarques           // u16 × entries: place in the block and 10 more bits of the key
	sFiches            // u32 × entries: the word
	sSons              // u32 × n: phonetic keys, hashed, in order
	sSonsMots          // u32 × n: their words, heaviest first in one key
	sTrigrammes        // u32 × t: the trigrams, in order
	sListes            // u32 × t+1: where the list of each begins
	sListesMots        // the lists: differences between ranks, as varints
	nSections
)

const tailleEntete = 24 + 16*nSections

// Bounds of a dictionary.
const (
	maxNombre = 1 << 26
	maxTextes = 1 << 31
)

// ErrForme is what [Ouvrir] answers of bytes that are not a dictionary.
var ErrForme = errors.New("lexique: ce fichier n'est pas un dictionnaire valide, le reconstruire par un chargement")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Lexique is a dictionary opened in place: it reads the bytes it was given and keeps
// nothing else. A word is its rank in the order of bytes. All is safe to call from
// several goroutines, each with its own [Travail].
type Lexique struct {
	n         uint32
	decalage  uint8 // 64 - log2 of the bits of the filter, 0 when there is none
	s         [nSections][]byte
	etages    [8][]byte // levels of sMaxima
	nbEtages  int
	nbFiches  uint32
	trigramme int
}

// Ouvrir reads the header and the checksum of a dictionary and says whether the
// pieces hold together. b must not change while the dictionary is used.
func Ouvrir(b []byte) (*Lexique, error) {
	l, err := ouvrir(b)
	if err != nil {
		return nil, err
	}
	if crc32.Checksum(b[16:], castagnoli) != binary.LittleEndian.Uint32(b[12:]) {
		return nil, fmt.Errorf("%w: somme de contrôle", ErrForme)
	}
	return l, nil
}

// OuvrirSansSomme is [Ouvrir] for bytes whose checksum the caller verified within
// another: false bytes give false answers, never a panic.
func OuvrirSansSomme(b []byte) (*Lexique, error) { return ouvrir(b) }

func ouvrir(b []byte) (*Lexique, error) {
	if len(b) < tailleEntete || string(b[:8]) != signature {
		return nil, fmt.Errorf("%w: signature", ErrForme)
	}
	if v := binary.LittleEndian.Uint32(b[8:]); v != version {
		return nil, fmt.Errorf("%w: version %d, attendue %d", ErrForme, v, version)
	}
	l := &Lexique{n: binary.LittleEndian.Uint32(b[16:])}
	for i := range l.s {
		de := binary.LittleEndian.Uint64(b[24+16*i:])
		n := binary.LittleEndian.Uint64(b[32+16*i:])
		if de%8 != 0 || de < tailleEntete || de > uint64(len(b)) || n > uint64(len(b))-de {
			return nil, fmt.Errorf("%w: partie %d hors du fichier", ErrForme, i)
		}
		l.s[i] = b[de : de+n : de+n]
	}
	if err := l.mesurer(binary.LittleEndian.Uint32(b[20:])); err != nil {
		return nil, err
	}
	return l, nil
}

// mesurer checks that the sections have the lengths that go together.
func (l *Lexique) mesurer(log2 uint32) error {
	n := int(l.n)
	if l.n >= maxNombre || len(l.s[sBornes]) != 4*(n+1) || len(l.s[sPoids]) != 4*n {
		return fmt.Errorf("%w: nombre de mots", ErrForme)
	}
	if !l.etager() {
		return fmt.Errorf("%w: poids", ErrForme)
	}
	if log2 != 0 {
		if log2 < 6 || log2 > 40 || len(l.s[sFiltre]) != 1<<(log2-3) ||
			len(l.s[sDebuts]) != 4*(1<<(log2-6)+1) || len(l.s[sMarques])*2 != len(l.s[sFiches]) || len(l.s[sFiches])%4 != 0 {
			return fmt.Errorf("%w: table des fautes", ErrForme)
		}
		l.decalage = uint8(64 - log2)
		l.nbFiches = uint32(min(len(l.s[sFiches])/4, math.MaxUint32))
	}
	if s := len(l.s[sSons]); s != 0 && s != 4*n || len(l.s[sSonsMots]) != s {
		return fmt.Errorf("%w: table des sons", ErrForme)
	}
	l.trigramme = len(l.s[sTrigrammes]) / 4
	if t := l.trigramme; len(l.s[sTrigrammes]) != 4*t || t > 0 && len(l.s[sListes]) != 4*(t+1) {
		return fmt.Errorf("%w: table des trigrammes", ErrForme)
	}
	return nil
}

// eventail is how many weights one maximum covers.
const eventail = 16

// etager cuts sMaxima in its levels.
func (l *Lexique) etager() bool {
	reste, n := l.s[sMaxima], int(l.n)
	l.etages[0], l.nbEtages = l.s[sPoids], 1
	for n > eventail {
		n = (n + eventail - 1) / eventail
		if len(reste) < 4*n || l.nbEtages == len(l.etages) {
			return false
		}
		l.etages[l.nbEtages] = reste[:4*n]
		reste = reste[4*n:]
		l.nbEtages++
	}
	return len(reste) == 0
}

// u32 is the number at place i of a section, 0 outside.
func u32(b []byte, i uint32) uint32 {
	if uint64(i)*4+4 > uint64(len(b)) {
		return 0
	}
	return binary.LittleEndian.Uint32(b[uint64(i)*4:])
}

// The key of deletion of a word is a polynomial of its letters, so that taking one
// out or putting another costs one multiplication.
const base uint64 = 0x9E3779B97F4A7C15

func cle(mot []byte) uint64 {
	var h uint64
	for _, c := range mot {
		h = h*base + uint64(c)
	}
	return h
}

// meler spreads a key over the filter: its top bits choose the block, the 16 next
// are the mark.
func meler(h uint64) uint64 {
	h ^= h >> 32
	return h * 0xD6E8FEB86659FD93
}

// masque are the three bits that a mark sets in its block: two keys in a hundred that
// no word has pass for one that a word has.
func masque(marque uint64) uint64 {
	return 1<<(marque&63) | 1<<(marque>>5&63) | 1<<(marque>>10&63)
}

// log2Filtre is 8 to 16 bits of filter for each entry.
func log2Filtre(fiches int) uint32 {
	return uint32(max(6, bits.Len64(uint64(fiches)*8)))
}
