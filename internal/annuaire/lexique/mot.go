package lexique

import "bytes"

// Nombre is how many words there are; ranks go from 0 to it, excluded.
func (l *Lexique) Nombre() int { return int(l.n) }

// Mot is the word of a rank, in the bytes of the dictionary; nil for no such rank.
func (l *Lexique) Mot(rang uint32) []byte {
	if rang >= l.n {
		return nil
	}
	de, a := u32(l.s[sBornes], rang), u32(l.s[sBornes], rang+1)
	if de > a || uint64(a) > uint64(len(l.s[sTextes])) {
		return nil
	}
	return l.s[sTextes][de:a]
}

// Poids is how many records bear the word.
func (l *Lexique) Poids(rang uint32) uint32 { return u32(l.s[sPoids], rang) }

// Exact is the rank of a word.
func (l *Lexique) Exact(mot []byte) (uint32, bool) {
	i := l.rang(mot)
	return i, i < l.n && bytes.Equal(l.Mot(i), mot)
}

// rang is where mot is or would be.
func (l *Lexique) rang(mot []byte) uint32 {
	lo, hi := uint32(0), l.n
	for lo < hi {
		m := lo + (hi-lo)/2
		if bytes.Compare(l.Mot(m), mot) < 0 {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return lo
}

// Plage are the ranks [de, a) of the words that begin with p.
func (l *Lexique) Plage(p []byte) (de, a uint32) {
	de = l.rang(p)
	lo, hi := de, l.n
	for lo < hi {
		m := lo + (hi-lo)/2
		if bytes.HasPrefix(l.Mot(m), p) {
			lo = m + 1
		} else {
			hi = m
		}
	}
	return de, lo
}

// Debuts are the heaviest words that begin with p, heaviest first, limite at most.
// The slice is t's, valid until its next use. It reads a number of weights that
// grows with limite and not with how many words begin so.
func (l *Lexique) Debuts(t *Travail, p []byte, limite int) []uint32 {
	t.rangs = t.rangs[:0]
	de, a := l.Plage(p)
	t.tas = t.tas[:0]
	l.couvrir(t, de, a)
	for len(t.tas) > 0 && len(t.rangs) < limite {
		g := t.sortir()
		if g.etage == 0 {
			t.rangs = append(t.rangs, g.place)
			continue
		}
		fin := min((g.place+1)*eventail, uint32(len(l.etages[g.etage-1])/4))
		for i := g.place * eventail; i < fin; i++ {
			t.entrer(groupe{u32(l.etages[g.etage-1], i), i, g.etage - 1})
		}
	}
	return t.rangs
}

// couvrir puts on the heap the groups that make [de, a) exactly.
func (l *Lexique) couvrir(t *Travail, de, a uint32) {
	for e := 0; de < a; e++ {
		dernier := e == l.nbEtages-1
		for ; de < a && (dernier || de%eventail != 0); de++ {
			t.entrer(groupe{u32(l.etages[e], de), de, uint8(e)})
		}
		for ; de < a && a%eventail != 0; a-- {
			t.entrer(groupe{u32(l.etages[e], a-1), a - 1, uint8(e)})
		}
		de, a = de/eventail, a/eventail
	}
}

// groupe is a run of words known by its greatest weight.
type groupe struct {
	poids, place uint32
	etage        uint8
}

// avant puts the heavier first, then what comes first in the dictionary.
func (g groupe) avant(h groupe) bool {
	return g.poids > h.poids || g.poids == h.poids && (g.etage > h.etage || g.etage == h.etage && g.place < h.place)
}

func (t *Travail) entrer(g groupe) {
	t.tas = append(t.tas, g)
	for i := len(t.tas) - 1; i > 0; {
		p := (i - 1) / 2
		if !t.tas[i].avant(t.tas[p]) {
			return
		}
		t.tas[i], t.tas[p] = t.tas[p], t.tas[i]
		i = p
	}
}

func (t *Travail) sortir() groupe {
	g, n := t.tas[0], len(t.tas)-1
	t.tas[0] = t.tas[n]
	t.tas = t.tas[:n]
	for i := 0; ; {
		f := 2*i + 1
		if f >= n {
			return g
		}
		if f+1 < n && t.tas[f+1].avant(t.tas[f]) {
			f++
		}
		if !t.tas[f].avant(t.tas[i]) {
			return g
		}
		t.tas[i], t.tas[f] = t.tas[f], t.tas[i]
		i = f
	}
}
