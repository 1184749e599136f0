package lexique

import (
	"encoding/binary"
	"slices"
)

// Voisin is a word near the asked one.
type Voisin struct {
	Rang     uint32
	Distance uint8
}

// Tolerance is how many mistakes are sought in a word of n bytes: none under 3
// letters, one under 6, two beyond. ref: DEC 36 // hyp: TOLERANCE
func Tolerance(n int) int {
	switch {
	case n < 3:
		return 0
	case n < 6:
		return 1
	}
	return 2
}

// Proches are the words at most max mistakes (0 to 2) away from mot, nearest first,
// then heaviest, limite at most. The slice is t's, valid until its next use. Without
// [Index.Fautes] the word itself alone is found. Words of less than 2 bytes or more
// than [MotMax] have no neighbours, and two letters guessed at once are sought among
// A to Z. When more than [CandidatsMax] words come near, those seen first are kept.
func (l *Lexique) Proches(t *Travail, mot []byte, max, limite int) []Voisin {
	t.voisins, t.tris = t.voisins[:0], t.tris[:0]
	if len(mot) == 0 || limite <= 0 {
		return t.voisins
	}
	if rang, ok := l.Exact(mot); max <= 0 || l.decalage == 0 || len(mot) < 2 || len(mot) > MotMax {
		if ok {
			t.voisins = append(t.voisins, Voisin{Rang: rang})
		}
		return t.voisins
	}
	t.tourner()
	t.preparer(mot)
	s := sonde{l: l, t: t, q: mot, max: min(max, 2)}
	s.suppressions(mot)
	if s.max == 2 {
		s.deuxFautes()
	}
	t.effacer(mot)
	slices.Sort(t.tris)
	for _, x := range t.tris[:min(limite, len(t.tris))] {
		t.voisins = append(t.voisins, Voisin{Rang: uint32(x), Distance: uint8(x >> 62)})
	}
	return t.voisins
}

// sonde asks the table of mistakes about one word.
type sonde struct {
	l   *Lexique
	t   *Travail
	q   []byte
	max int
}

// poidsTri is the greatest weight that orders neighbours.
const poidsTri = 1<<30 - 1

// garder measures a word that shares a key with the asked one.
func (s *sonde) garder(rang uint32) {
	if !s.t.voir(rang) {
		return
	}
	w := s.l.Mot(rang)
	if len(w) == 0 || len(w) > len(s.q)+s.max || len(w)+s.max < len(s.q) {
		return
	}
	if d := s.t.osa(len(s.q), w); d <= s.max {
		s.t.tris = append(s.t.tris, uint64(d)<<62|uint64(poidsTri-min(s.l.Poids(rang), poidsTri))<<32|uint64(rang))
	}
}

// sonder follows one key.
func (s *sonde) sonder(h uint64) {
	h = meler(h)
	m := masque(h >> (s.l.decalage - 10))
	if binary.LittleEndian.Uint64(s.l.s[sFiltre][h>>s.l.decalage>>6<<3:])&m == m {
		s.suivre(h)
	}
}

// lettres follows the 26 keys of a word where one letter is guessed.
func (s *sonde) lettres(h, puissance uint64) {
	filtre, decalage := s.l.s[sFiltre], s.l.decalage
	h += 'A' * puissance
	for range 26 {
		x := meler(h)
		m := masque(x >> ((decalage - 10) & 63))
		if binary.LittleEndian.Uint64(filtre[x>>(decalage&63)>>6<<3:])&m == m {
			s.suivre(x)
		}
		h += puissance
	}
}

// suivre reads the entries of a block that bear the mark of a key.
func (s *sonde) suivre(h uint64) {
	bloc := uint32(h >> s.l.decalage >> 6)
	de, a := u32(s.l.s[sDebuts], bloc), u32(s.l.s[sDebuts], bloc+1)
	if de > a || a > s.l.nbFiches {
		return
	}
	m := marque(h, s.l.decalage)
	marques := s.l.s[sMarques][2*int(de) : 2*int(a)]
	for i := 0; i+1 < len(marques); i += 2 {
		if binary.LittleEndian.Uint16(marques[i:]) == m {
			s.garder(u32(s.l.s[sFiches], de+uint32(i/2)))
		}
	}
}

// cles fills the keys of the beginnings and of the ends of a word; an end counts its
// letters at the powers they have in the whole.
func (s *sonde) cles(x []byte) {
	t, n := s.t, len(x)
	t.puissances[0], t.prefixes[0], t.suffixes[n] = 1, 0, 0
	for i, c := range x {
		t.prefixes[i+1] = t.prefixes[i]*base + uint64(c)
		t.puissances[i+1] = t.puissances[i] * base
	}
	t.puissances[n+1] = t.puissances[n] * base
	for i := n - 1; i >= 0; i-- {
		t.suffixes[i] = t.suffixes[i+1] + uint64(x[i])*t.puissances[n-1-i]
	}
}

// suppressions follows x and x less each of its letters.
func (s *sonde) suppressions(x []byte) {
	s.cles(x)
	n := len(x)
	s.sonder(s.t.suffixes[0])
	for j := range x {
		if j == 0 || x[j] != x[j-1] {
			s.sonder(s.t.prefixes[j]*s.t.puissances[n-1-j] + s.t.suffixes[j+1])
		}
	}
}

// deuxFautes makes one mistake on the asked word in each way that does not end in a
// word already followed. The second one is that of the table.
func (s *sonde) deuxFautes() {
	n := len(s.q)
	x := s.t.tampon[:n]
	for i := 0; i+1 < n; i++ {
		if s.q[i] != s.q[i+1] {
			copy(x, s.q)
			x[i], x[i+1] = x[i+1], x[i]
			s.suppressions(x)
		}
	}
	for j := range s.q {
		if j == 0 || s.q[j] != s.q[j-1] {
			x = append(append(x[:0], s.q[:j]...), s.q[j+1:]...)
			s.suppressions(x)
		}
	}
	s.cles(s.q)
	s.deviner()
}

// deviner adds a letter, or puts one for another, alone or with a letter taken out
// further on: the pairs of mistakes that the table does not hold.
func (s *sonde) deviner() {
	t, n := s.t, len(s.q)
	for i := 0; i <= n; i++ {
		s.lettres(t.prefixes[i]*t.puissances[n-i+1]+t.suffixes[i], t.puissances[n-i])
	}
	for i, c := range s.q {
		p := t.puissances[n-1-i]
		s.lettres(t.suffixes[0]-uint64(c)*p, p)
	}
	for j := 1; j < n; j++ {
		moins := t.prefixes[j]*t.puissances[n-1-j] + t.suffixes[j+1]
		for i := 0; i < j; i++ {
			p := t.puissances[n-2-i]
			s.lettres(moins-uint64(s.q[i])*p, p)
		}
	}
}
