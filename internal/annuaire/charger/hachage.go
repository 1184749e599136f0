package charger

import (
	"encoding/binary"
	"math/bits"
)

// hacher spreads texts over 64 bits, the same on every machine and at every run: the
// drawers on disk, and so the order in which records are made, follow from it. Where
// two texts of one number could do harm the texts themselves are compared.
func hacher[T string | []byte](s T) uint64 {
	const a, b, c = 0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6a3
	h := uint64(len(s)) ^ a
	i := 0
	for ; i+8 <= len(s); i += 8 {
		h = meler(h^huit(s, i), b)
	}
	var fin [8]byte
	copy(fin[:], s[i:])
	return meler(meler(h^binary.LittleEndian.Uint64(fin[:]), c)^a, b)
}

func huit[T string | []byte](s T, i int) uint64 {
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

func meler(x, y uint64) uint64 {
	haut, bas := bits.Mul64(x, y)
	return haut ^ bas
}

// table gives a number to each of many hashes, in 12 bytes a place and without a
// pointer: a map of as many strings would cost ten times that, and each collection
// would walk it.
type table struct {
	cles    []uint64 // 0 is free
	valeurs []uint32
	n       int
}

// trouver gives the number of a hash.
func (t *table) trouver(h uint64) (uint32, bool) {
	if t.n == 0 {
		return 0, false
	}
	i := t.place(h)
	return t.valeurs[i], t.cles[i] != 0
}

// poser sets the number of a hash unless it has one, and tells the one that stands.
func (t *table) poser(h uint64, v uint32) (uint32, bool) {
	if t.n*10 >= len(t.cles)*7 {
		t.grandir()
	}
	i := t.place(h)
	if t.cles[i] != 0 {
		return t.valeurs[i], false
	}
	t.cles[i], t.valeurs[i] = jamaisNul(h), v
	t.n++
	return v, true
}

// changer sets the number of a hash that has one.
func (t *table) changer(h uint64, v uint32) { t.valeurs[t.place(h)] = v }

func (t *table) place(h uint64) int {
	h = jamaisNul(h)
	masque := uint64(len(t.cles) - 1)
	i := meler(h, 0x9e3779b97f4a7c15) & masque
	for t.cles[i] != 0 && t.cles[i] != h {
		i = (i + 1) & masque
	}
	return int(i)
}

func (t *table) grandir() {
	cles, valeurs := t.cles, t.valeurs
	n := max(1024, 2*len(cles))
	t.cles, t.valeurs = make([]uint64, n), make([]uint32, n)
	for i, h := range cles {
		if h != 0 {
			j := t.place(h)
			t.cles[j], t.valeurs[j] = h, valeurs[i]
		}
	}
}

// ensemble is the set of many hashes, in 8 bytes a place.
type ensemble struct {
	cles []uint64
	n    int
}

// ajouter tells whether the hash was not there yet.
func (e *ensemble) ajouter(h uint64) bool {
	if e.n*10 >= len(e.cles)*7 {
		e.grandir()
	}
	h = jamaisNul(h)
	i := e.place(h)
	if e.cles[i] == h {
		return false
	}
	e.cles[i] = h
	e.n++
	return true
}

func (e *ensemble) place(h uint64) int {
	masque := uint64(len(e.cles) - 1)
	i := meler(h, 0x9e3779b97f4a7c15) & masque
	for e.cles[i] != 0 && e.cles[i] != h {
		i = (i + 1) & masque
	}
	return int(i)
}

func (e *ensemble) grandir() {
	cles := e.cles
	e.cles = make([]uint64, max(1024, 2*len(cles)))
	for _, h := range cles {
		if h != 0 {
			e.cles[e.place(h)] = h
		}
	}
}

func jamaisNul(h uint64) uint64 {
	if h == 0 {
		return 1
	}
	return h
}
