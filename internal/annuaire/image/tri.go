package image

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

func majCRC(c uint32, b []byte) uint32 { return crc32.Update(c, castagnoli, b) }

// huitOctets are the first octets of a key, so that comparing them as a number
// compares the keys.
func huitOctets(cle []byte) uint64 {
	var h [8]byte
	copy(h[:], cle)
	return binary.BigEndian.Uint64(h[:])
}

// trier gives the order of the image: the numbers of the records as they came, by
// sort key.
func (a *amas) trier(b []byte) []uint32 {
	l := make([]paire, len(a.debuts))
	for i := range l {
		l[i] = paire{a.tri[i], uint32(i)}
	}
	trierPaires(l, func(x, y paire) int {
		cx, _ := a.fiche(b, x.valeur)
		cy, _ := a.fiche(b, y.valeur)
		return cmp.Or(bytes.Compare(cx, cy), cmp.Compare(x.valeur, y.valeur))
	})
	ordre := make([]uint32, len(l))
	for i := range l {
		ordre[i] = l[i].valeur
	}
	return ordre
}

// paire is a number to sort by, and what it is the number of.
type paire struct {
	cle    uint64
	valeur uint32
}

// trierPaires sorts by key, then as egales says.
func trierPaires(l []paire, egales func(x, y paire) int) {
	slices.SortFunc(l, func(x, y paire) int {
		if x.cle != y.cle {
			return cmp.Compare(x.cle, y.cle)
		}
		return egales(x, y)
	})
}

func parValeur(x, y paire) int { return cmp.Compare(x.valeur, y.valeur) }

// ordreDe gives the ordinals by value, then by ordinal.
func ordreDe(valeurs []int64) []uint32 {
	l := make([]paire, len(valeurs))
	for i, v := range valeurs {
		l[i] = paire{uint64(v) ^ 1<<63, uint32(i)}
	}
	trierPaires(l, parValeur)
	o := make([]uint32, len(l))
	for i := range l {
		o[i] = l[i].valeur
	}
	return o
}

func reordonner[T any](l []T, ordre []uint32) []T {
	r := make([]T, len(l))
	for i, o := range ordre {
		r[i] = l[o]
	}
	return r
}
