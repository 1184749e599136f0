package image

import (
	"math/bits"
	"slices"
)

// fin says that there is no more record.
const fin = ^uint32(0)

// parcours gives the records that satisfy a criterion, in the order of the image or
// against it: one parcours goes one way.
type parcours interface {
	// aller gives the first record at o or after it, fin when there is none.
	aller(o uint32) uint32
	// retour gives the last record at o or before it, fin when there is none.
	retour(o uint32) uint32
	// borne is how many records there may be at most.
	borne() int
}

// tout are all the records of a segment.
type tout struct{ n uint32 }

func (t tout) aller(o uint32) uint32 {
	if o < t.n {
		return o
	}
	return fin
}

func (t tout) retour(o uint32) uint32 {
	if t.n == 0 {
		return fin
	}
	return min(o, t.n-1)
}

func (t tout) borne() int { return int(t.n) }

// liste are records given one by one, sorted. It looks near where it was.
type liste struct {
	l []uint32
	i int
}

func (p *liste) aller(o uint32) uint32 {
	l := p.l
	i := min(p.i, len(l))
	if i == len(l) || l[i] >= o {
		if i == 0 || l[i-1] < o {
			return p.a(i)
		}
		i, _ = slices.BinarySearch(l, o)
		return p.a(i)
	}
	pas := 1
	for i+pas < len(l) && l[i+pas] < o {
		i += pas
		pas *= 2
	}
	j, _ := slices.BinarySearch(l[i:min(i+pas+1, len(l))], o)
	return p.a(i + j)
}

func (p *liste) a(i int) uint32 {
	p.i = i
	if i == len(p.l) {
		return fin
	}
	return p.l[i]
}

func (p *liste) retour(o uint32) uint32 {
	i, trouve := slices.BinarySearch(p.l, o)
	if trouve {
		return o
	}
	if i == 0 {
		return fin
	}
	return p.l[i-1]
}

func (p *liste) borne() int { return len(p.l) }

// ensemble are records as a bit each, when they are many.
type ensemble struct {
	mots []uint64
	n    int
}

func nouvelEnsemble(nombre int) *ensemble { return &ensemble{mots: make([]uint64, (nombre+63)/64)} }

func (e *ensemble) ajouter(l []uint32) {
	for _, o := range l {
		if int(o>>6) < len(e.mots) {
			e.mots[o>>6] |= 1 << (o & 63)
		}
	}
}

func (e *ensemble) compter() *ensemble {
	e.n = 0
	for _, m := range e.mots {
		e.n += bits.OnesCount64(m)
	}
	return e
}

func (e *ensemble) aller(o uint32) uint32 {
	i := int(o >> 6)
	if i >= len(e.mots) {
		return fin
	}
	m := e.mots[i] >> (o & 63) << (o & 63)
	for m == 0 {
		if i++; i == len(e.mots) {
			return fin
		}
		m = e.mots[i]
	}
	return uint32(i<<6 + bits.TrailingZeros64(m))
}

func (e *ensemble) retour(o uint32) uint32 {
	if len(e.mots) == 0 {
		return fin
	}
	i := int(o >> 6)
	var m uint64
	if i >= len(e.mots) {
		i = len(e.mots) - 1
		m = e.mots[i]
	} else {
		m = e.mots[i] << (63 - o&63) >> (63 - o&63)
	}
	for m == 0 {
		if i--; i < 0 {
			return fin
		}
		m = e.mots[i]
	}
	return uint32(i<<6 + 63 - bits.LeadingZeros64(m))
}

func (e *ensemble) borne() int { return e.n }

// et are the records of all its parts, the rarest first.
type et []parcours

func (p et) aller(o uint32) uint32 {
	for i := 0; i < len(p) && o != fin; {
		q := p[i].aller(o)
		if q == o {
			i++
			continue
		}
		if o = q; i > 0 {
			i = 0
		} else {
			i = 1
		}
	}
	return o
}

func (p et) retour(o uint32) uint32 {
	for i := 0; i < len(p) && o != fin; {
		q := p[i].retour(o)
		if q == o {
			i++
			continue
		}
		if o = q; i > 0 {
			i = 0
		} else {
			i = 1
		}
	}
	return o
}

func (p et) borne() int { return p[0].borne() }

// ou are the records of any of its parts, few.
type ou []parcours

func (p ou) aller(o uint32) uint32 {
	r := uint32(fin)
	for _, x := range p {
		if r = min(r, x.aller(o)); r == o {
			break
		}
	}
	return r
}

func (p ou) retour(o uint32) uint32 {
	r := uint32(fin)
	for _, x := range p {
		if q := x.retour(o); q != fin && (r == fin || q > r) {
			r = q
		}
	}
	return r
}

func (p ou) borne() (n int) {
	for _, x := range p {
		n += x.borne()
	}
	return n
}

// sauf are the records of a segment but some.
type sauf struct {
	tout tout
	p    parcours
}

func (s sauf) aller(o uint32) uint32 {
	for o = s.tout.aller(o); o != fin && s.p.aller(o) == o; o = s.tout.aller(o + 1) {
	}
	return o
}

func (s sauf) retour(o uint32) uint32 {
	for o = s.tout.retour(o); o != fin && s.p.retour(o) == o; {
		if o == 0 {
			return fin
		}
		o--
	}
	return o
}

func (s sauf) borne() int { return s.tout.borne() }

// filtre are the records that pass a test, which costs more than a list. reste bounds
// how many times it may fail in one search; below zero it gives up.
type filtre struct {
	p     parcours
	passe func(uint32) bool
	reste *int
}

func (f filtre) aller(o uint32) uint32 {
	for o = f.p.aller(o); o != fin && !f.passe(o); o = f.p.aller(o + 1) {
		if *f.reste--; *f.reste < 0 {
			return fin
		}
	}
	return o
}

func (f filtre) retour(o uint32) uint32 {
	for o = f.p.retour(o); o != fin && !f.passe(o); o = f.p.retour(o - 1) {
		if *f.reste--; *f.reste < 0 || o == 0 {
			return fin
		}
	}
	return o
}

func (f filtre) borne() int { return f.p.borne() }
