package lexique

import (
	"bytes"
	"encoding/binary"
	"math"
)

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
	debut, verifies := len(dst), len(dst)
	for suite := true; suite; {
		for suite && len(dst)-verifies < paquet {
			if suite = croiser(rares); suite {
				dst = append(dst, rares[0].mot)
				suite = rares[0].suivant()
			}
		}
		dst = l.verifier(t, dst, verifies, motif)
		if verifies = len(dst); verifies-debut >= limite {
			return dst[:debut+limite]
		}
	}
	return dst
}

// paquet is how many words are called from memory together before they are read one
// by one: they are far from one another.
const paquet = 64

// verifier keeps of the words of dst, from a place on, those that hold motif.
func (l *Lexique) verifier(t *Travail, dst []uint32, de int, motif []byte) []uint32 {
	if len(motif) == 3 {
		return dst
	}
	for _, rang := range dst[de:] {
		if place := u32(l.s[sBornes], rang); uint64(place) < uint64(len(l.s[sTextes])) {
			t.appel += l.s[sTextes][place]
		}
	}
	garde := dst[:de]
	for _, rang := range dst[de:] {
		if contient(l.Mot(rang), motif) {
			garde = append(garde, rang)
		}
	}
	return garde
}

// contient is bytes.Contains for words and a motif of four bytes or more: words are so
// short that preparing a search costs more than looking at each place.
func contient(mot, motif []byte) bool {
	if bytes.HasSuffix(mot, motif) { // the domain of an address
		return true
	}
	debut := binary.LittleEndian.Uint32(motif)
	for ; len(mot) >= len(motif); mot = mot[1:] {
		if binary.LittleEndian.Uint32(mot) == debut && bytes.HasPrefix(mot, motif) {
			return true
		}
	}
	return false
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
