package lexique

import (
	"encoding/binary"
	"math"
)

// trigrammes makes the lists of the words that hold each group of three bytes: a
// first reading measures them, a second one writes them in their place. Bytes are
// numbered so that the tables are those of the bytes met.
func (c *chantier) trigrammes() {
	var present [256]bool
	for _, o := range c.textes {
		present[o] = true
	}
	var numero [256]int
	var octet []byte
	for o, p := range present {
		if p {
			numero[o] = len(octet)
			octet = append(octet, byte(o))
		}
	}
	k := len(octet)
	tailles, derniers := make([]uint32, k*k*k), make([]uint32, k*k*k)
	var total uint64
	c.parcourir(func(rang uint32, m []byte) {
		g := (numero[m[0]]*k+numero[m[1]])*k + numero[m[2]]
		if d := rang + 1 - derniers[g]; d != 0 {
			n := tailleVarint(d)
			tailles[g] += n
			total += uint64(n)
			derniers[g] = rang + 1
		}
	})
	if total > math.MaxUint32 {
		return // without lists, all the words are read
	}
	var cles, debuts []uint32
	place := uint32(0)
	for g, n := range tailles {
		if n > 0 {
			cles = append(cles, uint32(octet[g/k/k])<<16|uint32(octet[g/k%k])<<8|uint32(octet[g%k]))
			debuts = append(debuts, place)
			tailles[g], place = place, place+n
		}
	}
	clear(derniers)
	listes := make([]byte, place)
	c.parcourir(func(rang uint32, m []byte) {
		g := (numero[m[0]]*k+numero[m[1]])*k + numero[m[2]]
		if d := rang + 1 - derniers[g]; d != 0 {
			tailles[g] += uint32(binary.PutUvarint(listes[tailles[g]:], uint64(d)))
			derniers[g] = rang + 1
		}
	})
	c.s[sTrigrammes], c.s[sListes], c.s[sListesMots] = octetsDe(cles), octetsDe(append(debuts, place)), listes
}

// parcourir gives each group of three bytes of each word.
func (c *chantier) parcourir(f func(rang uint32, m []byte)) {
	for i := range c.l.n {
		m := c.l.Mot(i)
		for j := 0; j+3 <= len(m); j++ {
			f(i, m[j:j+3])
		}
	}
}

func tailleVarint(d uint32) (n uint32) {
	for n = 1; d >= 0x80; n++ {
		d >>= 7
	}
	return n
}
