package annuaire

import (
	"math"
	"math/bits"
)

// Croquis counts the different records that somebody read, within some 3 %, in one
// kibibyte whatever their number, and remembers none: a HyperLogLog. Those of several
// nodes put together count what was read through all.
type Croquis [tailleCroquis]byte

const (
	bitsCroquis   = 10
	tailleCroquis = 1 << bitsCroquis
)

// place is the register of a fingerprint, and what it would hold.
func place(h uint64) (i int, rang byte) {
	return int(h >> (64 - bitsCroquis)), byte(bits.LeadingZeros64(h<<bitsCroquis|1<<(bitsCroquis-1))) + 1
}

// Ajouter counts a record by its fingerprint.
func (c *Croquis) Ajouter(h uint64) {
	i, rang := place(h)
	c[i] = max(c[i], rang)
}

// Fondre adds what another counted.
func (c *Croquis) Fondre(o *Croquis) {
	for i, r := range o {
		c[i] = max(c[i], r)
	}
}

// Nombre is how many different records were counted.
func (c *Croquis) Nombre() int64 {
	somme, vides := 0.0, 0
	for _, r := range c {
		somme += inverses[r&63]
		if r == 0 {
			vides++
		}
	}
	return estimer(somme, vides)
}

// inverses are the powers of one half.
var inverses = func() (l [64]float64) {
	for i := range l {
		l[i] = 1 / float64(uint64(1)<<i)
	}
	return l
}()

func estimer(somme float64, vides int) int64 {
	const m = float64(tailleCroquis)
	n := 0.7213 / (1 + 1.079/m) * m * m / somme
	if n <= 2.5*m && vides > 0 {
		n = m * math.Log(m/float64(vides)) // few records: the empty places say more
	}
	return int64(n + 0.5)
}

// compteur is a Croquis that knows its number at any time.
type compteur struct {
	c     Croquis
	somme float64
	vides int
}

func nouveauCompteur() *compteur { return &compteur{somme: tailleCroquis, vides: tailleCroquis} }

func (k *compteur) ajouter(h uint64) { i, rang := place(h); k.monter(i, rang) }

func (k *compteur) monter(i int, rang byte) {
	avant := k.c[i]
	if rang <= avant {
		return
	}
	k.c[i] = rang
	k.somme += inverses[rang&63] - inverses[avant&63]
	if avant == 0 {
		k.vides--
	}
}

func (k *compteur) fondre(o *Croquis) {
	for i, r := range o {
		k.monter(i, r)
	}
}

func (k *compteur) nombre() int64 { return estimer(k.somme, k.vides) }
