package lexique

import (
	"bytes"
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

// Contient appends to dst the ranks of the words that hold motif inside, in order,
// limite at most when it is positive. A motif of three bytes or more reads the lists
// of its rarest groups; a shorter one reads the words one after the other.
func (l *Lexique) Contient(t *Travail, dst []uint32, motif []byte, limite int) []uint32 {
	if limite <= 0 {
		limite = math.MaxInt
	}
	if len(motif) < 3 || l.trigramme == 0 {
		return l.lire(dst, motif, limite)
	}
	rares, ok := l.rares(t, motif)
	if !ok {
		return dst
	}
	debut := len(dst)
	for len(dst)-debut < limite && croiser(rares) {
		rang := rares[0].mot
		if len(motif) == 3 || bytes.Contains(l.Mot(rang), motif) {
			dst = append(dst, rang)
		}
		if !rares[0].suivant() {
			break
		}
	}
	return dst
}

// liste is a list of words being read.
type liste struct {
	octets []byte
	mot    uint32
	passe  uint32 // one more than the last word read
}

func (x *liste) suivant() bool {
	d, n := binary.Uvarint(x.octets)
	if n <= 0 || d == 0 || d > maxNombre {
		return false
	}
	x.octets = x.octets[n:]
	x.passe += uint32(d)
	x.mot = x.passe - 1
	return x.passe <= maxNombre
}

// croiser moves the lists, which each stand on a word, to the next word they share.
func croiser(l []liste) bool {
	for i := 1; i < len(l); {
		for l[i].mot < l[0].mot {
			if !l[i].suivant() {
				return false
			}
		}
		if l[i].mot == l[0].mot {
			i++
			continue
		}
		for l[0].mot < l[i].mot {
			if !l[0].suivant() {
				return false
			}
		}
		i = 1
	}
	return true
}

// rares opens the shortest lists of the groups of motif, those much longer than the
// first being left: reading a word costs less than reading them.
func (l *Lexique) rares(t *Travail, motif []byte) ([]liste, bool) {
	n := 0
	for j := 0; j+3 <= len(motif); j++ {
		x, ok := l.liste(motif[j : j+3])
		if !ok {
			return nil, false
		}
		k := n
		for k > 0 && len(t.listes[k-1].octets) > len(x.octets) {
			k--
		}
		if k == len(t.listes) {
			continue
		}
		n = min(n+1, len(t.listes))
		copy(t.listes[k+1:n], t.listes[k:])
		t.listes[k] = x
	}
	rares := t.listes[:n]
	for i := range rares {
		if i > 0 && len(rares[i].octets) > 4*len(rares[0].octets) {
			rares = rares[:i]
			break
		}
	}
	for i := range rares {
		if !rares[i].suivant() {
			return nil, false
		}
	}
	return rares, true
}

// liste finds the list of a group.
func (l *Lexique) liste(g []byte) (liste, bool) {
	c := uint32(g[0])<<16 | uint32(g[1])<<8 | uint32(g[2])
	lo, hi := uint32(0), uint32(l.trigramme)
	for lo < hi {
		if m := lo + (hi-lo)/2; u32(l.s[sTrigrammes], m) < c {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if int(lo) == l.trigramme || u32(l.s[sTrigrammes], lo) != c {
		return liste{}, false
	}
	de, a := u32(l.s[sListes], lo), u32(l.s[sListes], lo+1)
	if de > a || uint64(a) > uint64(len(l.s[sListesMots])) {
		return liste{}, false
	}
	return liste{octets: l.s[sListesMots][de:a]}, true
}

// lire seeks motif in the words end to end.
func (l *Lexique) lire(dst []uint32, motif []byte, limite int) []uint32 {
	if len(motif) == 0 {
		return dst
	}
	debut, textes := len(dst), l.s[sTextes]
	for rang := uint32(0); rang < l.n && len(dst)-debut < limite; rang++ {
		place := int(min(uint64(u32(l.s[sBornes], rang)), uint64(len(textes))))
		k := bytes.Index(textes[place:], motif)
		if k < 0 {
			break
		}
		rang = l.porteur(rang, uint32(place+k))
		if bytes.Contains(l.Mot(rang), motif) {
			dst = append(dst, rang)
		}
	}
	return dst
}

// porteur is the word, from one that begins before it, where a byte of the texts is.
func (l *Lexique) porteur(de, place uint32) uint32 {
	pas := uint32(1)
	for de+pas < l.n && u32(l.s[sBornes], de+pas) <= place {
		de += pas
		pas *= 2
	}
	lo, hi := de, min(de+pas, l.n)
	for lo+1 < hi {
		if m := lo + (hi-lo)/2; u32(l.s[sBornes], m) <= place {
			lo = m
		} else {
			hi = m
		}
	}
	return lo
}
